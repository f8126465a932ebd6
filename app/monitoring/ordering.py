"""What a child is given to look at a live model with: which logs, which labels, which limit. The parent's side."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.metrics import GREATER_IS_BETTER
from app.core.monitoring import Performance
from app.core.runs import Candidate, Run
from app.monitoring.asked import Asked
from app.monitoring.order import NULLS, WatchOrder
from app.serving.segments import ID_PREFIX

if TYPE_CHECKING:
    from app.core.models import ModelVersion
    from app.core.watch import PredictionLog
    from app.registry.project import Project

MEMORY_BYTES = 6 << 30
CACHE = "cache"
"""A folder of the project that may be deleted at any time."""


@contextmanager
def look_order(
    project: Project, version: ModelVersion, run: Run, candidate: Candidate, asked: Asked
) -> Iterator[tuple[WatchOrder, Path]]:
    """The order, without ``logs`` if the version was not asked anything, and an empty folder for the child; both only
    inside the ``with``."""
    from app.registry import outcomes
    from app.training import results

    recipe, evaluation = results.recipe(project, candidate), results.evaluation(project, candidate)
    bundles = bundles_of_version(project, version.id)
    with project.scratch("monitor") as folder:
        labels, own = folder / "labels.jsonl", folder / "child"
        own.mkdir()
        with labels.open("w", encoding="utf-8") as lines:
            lines.writelines(json.dumps(pair) + "\n" for pair in outcomes.labels_of_bundles(project, bundles))
        order = WatchOrder(
            recipe=recipe,
            metric=run.plan.metric,
            table_path=str(project.objects.path(recipe.table_sha256)),
            predictions_path=str(project.objects.path(str(candidate.predictions_sha256))),
            logs=tuple(str(project.objects.path(log.sha256)) for log in logs_of(project, bundles, asked)),
            bundles=tuple(ID_PREFIX + sha256 for sha256 in bundles),
            asked=asked,
            labels_path=str(labels),
            nulls_path=str(project.path / CACHE / NULLS),
            importance=tuple((i.column, i.mean) for i in evaluation.importance),
            performance=_performance(project, run, candidate),
        )
        yield order, own


def bundles_of_version(project: Project, model_version_id: str) -> list[str]:
    """The digests of a version's bundles."""
    from app.registry import deploy

    return sorted({bundle.sha256 for bundle in deploy.bundles(project, model_version_id)})


def logs_of(project: Project, bundles: Sequence[str], asked: Asked) -> list[PredictionLog]:
    """Those that may hold the window, oldest first: newest until there are enough, and what overlaps them."""
    from app.registry import watch

    ours = watch.answered(project, bundles, asked.since)
    rows, needed = 0, len(ours)
    for number, log in enumerate(ours, start=1):
        rows += log.rows
        if rows >= asked.rows:
            needed = number
            break
    begins = min((log.first_at for log in ours[:needed]), default="")
    return [log for log in reversed(ours) if log.last_at >= begins]


def _performance(project: Project, run: Run, candidate: Candidate) -> Performance:
    """The figure of the approval and what must not be undercut: the gate's bound on this metric, or else the bad end of
    the interval that the model was approved with."""
    from app.approval.gate_rules import rules_of_plan
    from app.core.gate_rules import GateKind

    metric, approved = run.plan.metric, candidate.holdout
    for rule in rules_of_plan(project, run.plan):
        if rule.kind is GateKind.BOUND and rule.metric == metric:
            return Performance(metric, None, 0, approved, rule.amount, "gate")
    if approved is None:
        return Performance(metric, None, 0, None, None)
    limit = approved.low if GREATER_IS_BETTER[metric] else approved.high
    return Performance(metric, None, 0, approved, limit, "limit")
