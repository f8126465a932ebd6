"""The challenger against the champion on rows that neither has seen: both are asked as they are served. Child side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from app.core.challenges import Comparison
from app.core.runs import InputSpec, Recipe, Score, Task
from app.errors import ParityFailed
from app.export.numbers import Inputs
from app.export.onnx_model import OnnxModel
from app.jobs.child import ChildContext
from app.monitoring.retraining.changes import Both, both, group_changes, listed
from app.monitoring.retraining.contest_order import Contestant, ContestOrder
from app.monitoring.retraining.flag_contest import flag_answers, flag_contest, flag_groups, flags_of
from app.monitoring.retraining.unseen_rows import Unseen, unseen_rows
from app.training.answers import aligned, onnx_predicted
from app.training.bootstrap import interval, replicates
from app.training.explaining.groups import Group, given_groups, words_of
from app.training.inputs import canonical_inputs
from app.training.metrics import Answers, Floats, class_answers, sign, statistic, value

LEAST_ROWS = 20
"""Of fewer rows an interval would say nothing."""
MOST_COLUMNS, MOST_SLICED = 8, 20
"""Columns whose values stand beside a changed row, and those whose groups are looked at."""
ENOUGH_FRESH = 200
"""Rows that came since: from so many on they alone decide. What the model will be asked is like them."""
FRESH_TITLE, OLDER_TITLE = "they came since", "they came before"

Places = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class _Asked:
    """``x``: the rows as the challenger takes them."""

    champion: Answers
    challenger: Answers
    x: Inputs


def contest(ctx: ChildContext, order: ContestOrder) -> Comparison:
    """Everything that the two answer differently; a ``problem`` where they cannot be compared."""
    champion, challenger = order.champion, order.challenger
    plain = Comparison(champion.label, challenger.label, order.metric)
    ctx.progress(0.1, "Finding rows that neither has seen")
    found = unseen_rows(champion.recipe, Path(champion.table_path), challenger.recipe, Path(challenger.table_path))
    if len(found.rows) < LEAST_ROWS:
        return _without(plain, f"Only {len(found.rows)} rows are there that neither has seen: too few to compare.")
    ctx.progress(0.4, f"Asking {champion.label} and {challenger.label}")
    try:
        asked = _asked(order, found)
    except ParityFailed as error:
        return _without(plain, str(error))
    ctx.progress(0.6, "Comparing the answers")
    if asked.champion.task is Task.ANOMALY:
        return _flags(plain, order, found, asked)
    measured = _measured(order, found, asked)
    if measured is None:
        return _without(plain, "The metric has no value on the rows that neither has seen.")
    return _with_changes(measured, order, found, asked)


def _flags(plain: Comparison, order: ContestOrder, found: Unseen, asked: _Asked) -> Comparison:
    """Of models of unusual rows: what each flags, nothing about who is right."""
    counted = replace(plain, unseen=len(found.rows), fresh=int(found.fresh.sum()), left_out=found.left_out)
    two = flags_of(asked.champion, asked.challenger)
    told = flag_contest(counted, two, order.challenger.recipe.seed)
    specs = _by_importance(order)
    groups = [*_by_age(found), *given_groups(specs[:MOST_SLICED], asked.x)]
    return replace(_with_rows(told, specs, two, found, asked), groups=flag_groups(two, groups))


def _without(plain: Comparison, problem: str) -> Comparison:
    return Comparison(plain.champion, plain.challenger, plain.metric, problem=problem)


def _asked(order: ContestOrder, found: Unseen) -> _Asked:
    """Both models' answers. Classes that only one of them knows have no chance with the other."""
    champion, challenger = order.champion.recipe, order.challenger.recipe
    y = found.material.y[found.rows]
    x = dict(canonical_inputs(challenger.inputs, found.material.inputs(found.rows)))
    mine = _predicted(order.challenger, x)
    theirs = _predicted(order.champion, dict(canonical_inputs(champion.inputs, found.raw)))
    if challenger.task is Task.ANOMALY:
        return _Asked(flag_answers(champion, theirs), flag_answers(challenger, mine), x)
    if challenger.task is Task.REGRESSION:
        actual = np.asarray(y, np.float64)
        return _Asked(Answers(Task.REGRESSION, actual, theirs), Answers(Task.REGRESSION, actual, mine), x)
    labels = tuple(sorted({*champion.labels, *challenger.labels}))
    return _Asked(_classes(champion, y, theirs, labels), _classes(challenger, y, mine, labels), x)


def _predicted(who: Contestant, x: Inputs) -> Floats:
    return onnx_predicted(OnnxModel(Path(who.onnx_path).read_bytes()), x)


def _classes(recipe: Recipe, y: npt.NDArray[np.generic], predicted: Floats, labels: tuple[str, ...]) -> Answers:
    return class_answers(recipe.task, y, aligned(predicted, recipe.labels, labels), labels, recipe.positive)


def _scores(order: ContestOrder, asked: _Asked, places: Places) -> tuple[Score, Score, Score] | None:
    """Champion, challenger and the paired difference on some of the rows, all from the same draws; None where the
    metric has no value."""
    metric, seed = order.metric, order.challenger.recipe.seed
    two = [_some(answers, places) for answers in (asked.champion, asked.challenger)]
    figures = [value(metric, answers) for answers in two]
    if not np.all(np.isfinite(figures)):
        return None
    before, now = replicates([statistic(metric, answers) for answers in two], len(places), seed)
    better = sign(metric)
    gap = interval(better * (figures[1] - figures[0]), better * (now - before))
    return interval(figures[0], before), interval(figures[1], now), gap


def _some(answers: Answers, places: Places) -> Answers:
    predicted = answers.predicted[places]
    return Answers(answers.task, answers.actual[places], predicted, answers.labels, answers.positive)


def _measured(order: ContestOrder, found: Unseen, asked: _Asked) -> Comparison | None:
    """The figures: on the rows that came since if there are enough, and besides on those from before."""
    fresh, older = np.flatnonzero(found.fresh), np.flatnonzero(~found.fresh)
    every = np.arange(len(found.rows))
    apart = len(fresh) >= ENOUGH_FRESH and len(older) > 0
    scored = _scores(order, asked, fresh) if apart else None
    places = fresh if scored is not None else every
    scored = scored or _scores(order, asked, every)
    if scored is None:
        return None
    others = _scores(order, asked, older) if len(places) < len(every) and len(older) >= LEAST_ROWS else None
    return Comparison(
        champion=order.champion.label,
        challenger=order.challenger.label,
        metric=order.metric,
        unseen=len(every),
        fresh=len(fresh),
        left_out=found.left_out,
        rows=len(places),
        champion_score=scored[0],
        challenger_score=scored[1],
        difference=scored[2],
        older_difference=others[2] if others is not None else None,
    )


def _with_changes(plain: Comparison, order: ContestOrder, found: Unseen, asked: _Asked) -> Comparison:
    two = both(asked.champion, asked.challenger, (order.champion.threshold, order.challenger.threshold))
    specs = _by_importance(order)
    groups = [*_by_age(found), *given_groups(specs[:MOST_SLICED], asked.x)]
    return replace(
        _with_rows(plain, specs, two, found, asked),
        right=int(two.right.sum()),
        wrong=int(two.wrong.sum()),
        measure="mae" if asked.champion.task is Task.REGRESSION else "log_loss",
        moved=two.moved,
        groups=group_changes(two, groups),
    )


def _with_rows(plain: Comparison, specs: Sequence[InputSpec], two: Both, found: Unseen, asked: _Asked) -> Comparison:
    """The rows that are answered differently, with the values of the columns that matter most."""
    shown = specs[:MOST_COLUMNS]
    values = [[words_of(spec, v) for v in asked.x[spec.input][:, 0].tolist()] for spec in shown]
    return replace(
        plain,
        changed=int(two.changed.sum()),
        columns=tuple(spec.name for spec in shown),
        listed=listed(two, found.material.rows[found.rows] + 1, values),
    )


def _by_importance(order: ContestOrder) -> list[InputSpec]:
    place = {name: i for i, name in enumerate(order.columns)}
    return sorted(order.challenger.recipe.inputs, key=lambda spec: place.get(spec.name, len(place)))


def _by_age(found: Unseen) -> list[Group]:
    """The rows that came since and those from before, where there are both."""
    if found.fresh.all() or not found.fresh.any():
        return []
    return [Group("", FRESH_TITLE, found.fresh), Group("", OLDER_TITLE, ~found.fresh)]
