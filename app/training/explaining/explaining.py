"""The child's side of *explain*: the stored table divided as it was, and the exported model."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from app.core.explanations import Contribution, Example, Neighbour, Reasons, WeakSpots
from app.core.fairness import Fairness
from app.core.runs import Recipe, Task
from app.core.thresholds import Calibration, Thresholds
from app.data import table
from app.data.plain_values import plain_values
from app.errors import BadInput, NotAllowed, NotFound
from app.export.onnx_model import OnnxModel
from app.jobs.child import ChildContext
from app.runtime.canonical import canonical
from app.training.answers import Inputs, onnx_predicted
from app.training.explaining.contributions import background_size, contributions
from app.training.explaining.effects import dependences
from app.training.explaining.explain import AskedRow, Dependences, ExplainOrder, Marked
from app.training.explaining.fairness import answered_from, fairness, groups_of
from app.training.explaining.groups import Inputs as RawInputs
from app.training.explaining.groups import words_of
from app.training.explaining.nearest import gower
from app.training.explaining.slices import weak_spots
from app.training.explaining.word_effects import word_effects
from app.training.inputs import canonical_inputs
from app.training.material import Material, load_again
from app.training.metrics import Answers, Floats, class_answers
from app.training.thresholds import calibration, thresholds

MOST_NEIGHBOURS = 5


@dataclass(frozen=True, slots=True)
class _Served:
    """The model and the rows it was made from."""

    recipe: Recipe
    material: Material
    model: OnnxModel

    @property
    def holdout(self) -> Inputs:
        return self.inputs(self.material.split.holdout)

    def inputs(self, rows: np.ndarray) -> Inputs:
        """Canonical inputs of some rows of the material."""
        return dict(canonical_inputs(self.recipe.inputs, self.material.inputs(rows)))

    def figures(self, x: Inputs, label: int) -> Floats:
        """(n,) probabilities of a class, or values."""
        told = onnx_predicted(self.model, x)
        return told if not self.recipe.task.classifies else told[:, label]

    def answers(self) -> Answers:
        """What the model says of the hold-out."""
        recipe, y = self.recipe, self.material.y[self.material.split.holdout]
        told = onnx_predicted(self.model, self.holdout)
        if recipe.task is Task.ANOMALY:
            return Answers(recipe.task, np.zeros(len(told)), told, threshold=float(json.loads(recipe.params)["cut"]))
        if not recipe.task.classifies:
            return Answers(recipe.task, np.asarray(y, np.float64), told)
        return class_answers(recipe.task, y, told, recipe.labels, recipe.positive)


def find_weak_spots(ctx: ChildContext, order: ExplainOrder) -> WeakSpots:
    """Groups of the hold-out with a higher loss than the rest. NotAllowed without a target."""
    if order.recipe.task is Task.ANOMALY:
        raise NotAllowed("Without a target nothing says where the answers are wrong.")
    served = _open(ctx, order)
    ctx.progress(0.6, "Looking for weak spots")
    return weak_spots(order.recipe.inputs, served.holdout, served.answers(), order.recipe.seed)


def find_dependences(ctx: ChildContext, order: ExplainOrder, columns: list[str]) -> Dependences:
    """Partial dependence and single rows' lines of these columns."""
    served = _open(ctx, order)
    ctx.progress(0.6, "Moving one column after the other")
    label, of = _usual_class(served)
    specs = {spec.name: spec for spec in order.recipe.inputs}
    found = dependences(
        lambda x: served.figures(dict(x), label),
        [specs[name] for name in columns if name in specs],
        served.holdout,
        of,
        np.random.default_rng(order.recipe.seed),
    )
    return Dependences(tuple(found))


def find_reasons(ctx: ChildContext, order: ExplainOrder, asked: AskedRow) -> Reasons:
    """What moved the answer to one row, and which training rows are like it."""
    served = _open(ctx, order)
    recipe, one = order.recipe, _row(served, asked)
    ctx.progress(0.6, "Comparing with other rows")
    label, of = _answered_class(served, one)
    random = np.random.default_rng(recipe.seed)
    holdout = served.material.split.holdout
    size = background_size(len(recipe.inputs), len(holdout))
    background = served.inputs(np.sort(random.choice(holdout, size, replace=False)))

    def figures(x: RawInputs) -> Floats:
        return served.figures(dict(x), label)

    base, amounts, output = contributions(figures, recipe.inputs, one, background, random)
    told = [
        Contribution(spec.name, words_of(spec, one[spec.input][0, 0]), float(amount))
        for spec, amount in zip(recipe.inputs, amounts, strict=True)
    ]
    told.sort(key=lambda c: -abs(c.amount))
    said = word_effects(figures, recipe.inputs, one)
    return Reasons(of, base, output, size, tuple(told), _neighbours(served, one, asked), said)


def find_example(ctx: ChildContext, order: ExplainOrder, asked: AskedRow) -> Example:
    """A row's inputs as a client would send them; of no particular row the first one held out."""
    served = _open(ctx, order)
    material = served.material
    place = material.split.holdout[:1] if asked.number is None else np.flatnonzero(material.rows == asked.number - 1)
    if not len(place):
        raise _no_such_row(order.recipe, asked)
    values = {spec.name: plain_values(material.raw[spec.name][place], spec.type)[0] for spec in order.recipe.inputs}
    return Example(int(material.rows[place[0]]) + 1, json.dumps(values))


def find_thresholds(ctx: ChildContext, order: ExplainOrder) -> Thresholds:
    """Every threshold's hits and alarms on the hold-out."""
    return thresholds(_open(ctx, order).answers())


def find_fairness(ctx: ChildContext, order: ExplainOrder, marked: Marked) -> Fairness:
    """How the groups of these columns are answered; a column need not be one that the model takes."""
    served = _open(ctx, order)
    ctx.progress(0.6, "Comparing groups")
    held = served.material.rows[served.material.split.holdout]
    answers = answered_from(served.answers(), marked.threshold)
    raw = {name: values[held] for name, values in table.load(Path(order.table_path), marked.columns).items()}
    return fairness(groups_of(marked.columns, raw), set(marked.personal), answers, order.recipe.seed)


def find_calibration(ctx: ChildContext, order: ExplainOrder) -> Calibration:
    """Predicted and observed on the hold-out."""
    return calibration(_open(ctx, order).answers(), order.recipe.seed)


def _open(ctx: ChildContext, order: ExplainOrder) -> _Served:
    ctx.progress(0.1, "Reading the data")
    return _opened(order)


@lru_cache(maxsize=1)
def _opened(order: ExplainOrder) -> _Served:
    """Kept for the next question about the same model: a child of *What if?* gets one after the other."""
    material = load_again(Path(order.table_path), order.recipe)
    return _Served(order.recipe, material, OnnxModel(Path(order.onnx_path).read_bytes()))


def _usual_class(served: _Served) -> tuple[int, str]:
    """The positive class, or the most frequent one of several; empty for a value."""
    recipe = served.recipe
    if not recipe.task.classifies:
        return 0, ""
    if recipe.task is Task.BINARY:
        return _positive(recipe)
    held = Counter(served.material.y[served.material.split.holdout].tolist())
    label = min(held, key=lambda name: (-held[name], name))
    return recipe.labels.index(label), label


def _answered_class(served: _Served, one: Inputs) -> tuple[int, str]:
    """The positive class, or the one that is answered of several; empty for a value."""
    recipe = served.recipe
    if recipe.task is not Task.MULTICLASS:
        return _usual_class(served)
    index = int(np.argmax(onnx_predicted(served.model, one)[0]))
    return index, recipe.labels[index]


def _positive(recipe: Recipe) -> tuple[int, str]:
    index = recipe.labels.index(recipe.positive) if recipe.positive in recipe.labels else 1
    return index, recipe.labels[index]


def _row(served: _Served, asked: AskedRow) -> Inputs:
    if asked.number is None:
        return _requested(served.recipe, asked.inputs)
    place = np.flatnonzero(served.material.rows == asked.number - 1)
    if not len(place):
        raise _no_such_row(served.recipe, asked)
    return served.inputs(place)


def _no_such_row(recipe: Recipe, asked: AskedRow) -> NotFound:
    with_target = " with a target" if recipe.target else ""
    return NotFound(f"The data has no row {asked.number}{with_target}.", "Rows are numbered from 1.")


def _requested(recipe: Recipe, text: str) -> Inputs:
    """A request's values as the model takes them. BadInput if one is not of its column's type."""
    values = json.loads(text)
    x: Inputs = {}
    for spec in recipe.inputs:
        try:
            x[spec.input] = canonical(spec.type.value, [values.get(spec.name)])
        except (ValueError, TypeError, OverflowError) as error:
            raise BadInput(f"{spec.name} cannot be “{values.get(spec.name)}”.", "Ask the service again.") from error
    return x


def _neighbours(served: _Served, one: Inputs, asked: AskedRow) -> tuple[Neighbour, ...]:
    """The nearest training rows, without the row itself."""
    recipe, material = served.recipe, served.material
    train = material.split.train
    if asked.number is not None:
        train = train[material.rows[train] != asked.number - 1]
    x = served.inputs(train)
    distances = gower(recipe.inputs, one, x)
    return tuple(
        Neighbour(
            int(material.rows[train[i]]) + 1,
            float(distances[i]),
            _target_words(recipe, material.y[train[i]]),
            tuple(words_of(spec, x[spec.input][i, 0]) for spec in recipe.inputs),
        )
        for i in np.argsort(distances, kind="stable")[:MOST_NEIGHBOURS]
    )


def _target_words(recipe: Recipe, value: object) -> str:
    if recipe.task is Task.ANOMALY:
        return ""
    return str(value) if recipe.task.classifies else f"{value:.6g}"
