"""Train and check: one verb for the window and the command line."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from app.approval.gates import evaluate
from app.core.progress import JobContext
from app.core.runs import Candidate, Plan, Run
from app.data.standing import standing_findings
from app.registry import datasets
from app.training.train import train

if TYPE_CHECKING:
    from app.registry.project import Project


def train_and_check(
    project: Project, plan: Plan, ctx: JobContext, on_candidate: Callable[[Candidate], None] | None = None
) -> Run:
    """Train, with every candidate's gates decided and recorded when it finishes (see ``training.train``)."""
    standings = standing_findings(project, datasets.reading(project, plan.reading_id))
    return train(project, plan, ctx, on_candidate=on_candidate, gates_of=partial(evaluate, plan, standings))
