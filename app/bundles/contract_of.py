"""From what was read and fitted to what a client has to send."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

from app.core.data import Column, Profile, Reading, Use
from app.core.runs import ANOMALY, NORMAL, InputSpec, Recipe, Task
from app.data.target import label_value
from app.runtime.contract import Contract, Field, Label
from app.runtime.rules import ROW_KINDS, Rule


def contract_of(
    model: str,
    recipe: Recipe,
    reading: Reading,
    profile: Profile,
    rules: Sequence[Rule] = (),
    threshold: float | None = None,
) -> Contract:
    """The contract of an approved candidate. ``model``: as ``churn@3``; ``rules``: of the data set's contract, of which
    those go along that a request can break: nothing is given away about columns that the model does not ask for.
    ``threshold``: on the score of the positive class, None: the likeliest class is answered.

    A value may be missing where one was missing anywhere in the table that the model was trained and tested on.
    """
    inputs = {spec.name: spec for spec in recipe.inputs}
    told = {column.name: column for column in reading.columns}
    missing = {column.name for column in profile.columns if column.missing}
    fitted = [_input(spec, told.get(spec.name), spec.name in missing) for spec in recipe.inputs]
    others = [_other(column, recipe.split.column) for column in reading.columns if column.name not in inputs]
    return Contract(
        model=model,
        task=recipe.task.value,
        fields=(*fitted, *others),
        target=recipe.target,
        labels=_labels(recipe),
        positive=ANOMALY if recipe.task is Task.ANOMALY else recipe.positive,
        threshold=cut_of(recipe) if recipe.task is Task.ANOMALY else threshold,
        rules=tuple(rule for rule in rules if _is_about_requests(rule, inputs.keys())),
    )


def cut_of(recipe: Recipe) -> float:
    """The score from which an anomaly is answered; it stands in the graph as well."""
    return float(json.loads(recipe.params)["cut"])


def _labels(recipe: Recipe) -> tuple[Label, ...]:
    if recipe.task is Task.ANOMALY:
        return tuple(Label(text, text) for text in (ANOMALY, NORMAL))
    return tuple(Label(text, label_value(text, recipe.target_type)) for text in recipe.labels)


def _is_about_requests(rule: Rule, inputs: Collection[str]) -> bool:
    return rule.on and rule.kind in ROW_KINDS and rule.column in inputs and (rule.other is None or rule.other in inputs)


def _input(spec: InputSpec, column: Column | None, missing: bool) -> Field:
    return Field(
        name=spec.name,
        type=spec.type.value,
        use=Use.INPUT.value,
        input=spec.input,
        missing_allowed=missing or spec.missing > 0,
        minimum=spec.minimum,
        maximum=spec.maximum,
        categories=spec.categories,
        unit=column.unit if column else "",
        description=column.description if column else "",
    )


def _other(column: Column, divided_by: str) -> Field:
    """What the model does not take. A time and a group are accepted and logged as identifiers are; of very many inputs
    those that were left out are not."""
    use = column.use
    if use not in (Use.TARGET, Use.IGNORED):
        left_out = use is Use.INPUT and column.name != divided_by
        use = Use.IGNORED if left_out else Use.IDENTIFIER
    return Field(name=column.name, type=column.type.value, use=use.value)
