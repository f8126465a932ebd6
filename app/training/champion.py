"""The champion against a candidate, on the candidate's own hold-out: what is served is asked. In a child only."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from app.core.runs import Recipe, SplitKind
from app.errors import ParityFailed
from app.export.onnx_model import OnnxModel
from app.training.answers import aligned, onnx_predicted
from app.training.bench import Bench
from app.training.bootstrap import difference
from app.training.inputs import canonical_inputs
from app.training.metrics import Answers, Floats
from app.training.order import AgainstChampion, Champion, FitOrder


def against_champion(champion: Champion, order: FitOrder, bench: Bench, answers: Answers) -> AgainstChampion:
    """How much better these answers are than the champion's to the same rows, in the plan's metric."""
    if problem := _why_not(champion.recipe, order, bench):
        return AgainstChampion(champion.label, None, problem=problem)
    try:
        predicted = _predicted(champion, bench)
    except ParityFailed as error:
        return AgainstChampion(champion.label, None, problem=str(error))
    other = replace(answers, predicted=predicted, threshold=champion.threshold)
    gap = difference(order.plan.metric, answers, other, order.plan.seed)
    return AgainstChampion(champion.label, gap, may_have_seen=not divided_alike(champion.recipe, order, bench))


def _predicted(champion: Champion, bench: Bench) -> Floats:
    recipe, material = champion.recipe, bench.material
    x = canonical_inputs(recipe.inputs, material.inputs(material.split.holdout))
    predicted = onnx_predicted(OnnxModel(Path(champion.onnx_path).read_bytes()), dict(x))
    return aligned(predicted, recipe.labels, bench.labels) if recipe.task.classifies else predicted


def _why_not(recipe: Recipe, order: FitOrder, bench: Bench) -> str:
    now = {column.name: column.type for column in order.inputs}
    for spec in recipe.inputs:
        if now.get(spec.name) is not spec.type:
            return f"It takes {spec.name} as {spec.type}, which is no input here."
    strange = [label for label in recipe.labels if label not in bench.labels]
    return f"It answers {strange[0]}, which is no class here." if strange else ""


def divided_alike(recipe: Recipe, order: FitOrder, bench: Bench) -> bool:
    """Whether the champion was trained on this table divided in this way, so that it never saw the hold-out: by the
    same columns, of which each row's place is a hash, or by time."""
    same_rule = replace(recipe.split, note="") == replace(bench.material.split.rule, note="")
    same = recipe.table_sha256 == order.table_sha256 and same_rule and recipe.max_rows == order.plan.max_rows
    by_columns = {name for name, _ in recipe.divided_by} or {spec.name for spec in recipe.inputs}
    return same and (recipe.split.kind is SplitKind.TIME or by_columns == set(bench.material.raw))
