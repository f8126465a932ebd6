"""How good a model was from window to window, by what is known today. The parent's side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.monitoring import Every, OverTime
from app.core.progress import JobContext, Part
from app.jobs.supervise import Limits, run_in_child
from app.monitoring.asked import Asked
from app.monitoring.order import CutOrder, Windows
from app.monitoring.ordering import MEMORY_BYTES, look_order

if TYPE_CHECKING:
    from app.registry.project import Project

USUAL_ROWS = 1_000


def over_time(project: Project, model: str, every: Every, ctx: JobContext, *, rows: int = USUAL_ROWS) -> OverTime:
    """The performance of a model version (``churn@3``) in each window of its predictions; of more predictions than a
    look takes the newest. ``rows``: of a window by count. Nothing is recorded: labels that come later change it."""
    from app.registry import models, runs
    from app.serving.watched import collect_home

    collect_home(project, Part(ctx, 0.0, 0.1))
    version = models.model_version_by_label(project, model)
    candidate, run = runs.candidate(project, version.candidate_id), runs.run(project, version.run_id)
    with look_order(project, version, run, candidate, Asked()) as (order, own):
        if not order.logs:
            return OverTime(version.label, order.performance, ())
        found = run_in_child(
            "app.monitoring.retraining.cutting:cut",
            CutOrder(order, every, rows),
            ctx=Part(ctx, 0.1, 1.0),
            returns=Windows,
            folder=own,
            limits=Limits(memory_bytes=MEMORY_BYTES),
        )
    return OverTime(version.label, order.performance, found.windows)
