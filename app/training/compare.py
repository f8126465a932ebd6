"""Is one candidate really better than another? Paired bootstrap of the difference on the same hold-out rows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.progress import JobContext
from app.core.runs import Candidate, Run, Score, Task
from app.errors import NotAllowed
from app.jobs.child import ChildContext
from app.jobs.supervise import run_in_child
from app.registry import runs
from app.training import results

if TYPE_CHECKING:
    from app.registry.project import Project


@dataclass(frozen=True, slots=True)
class CompareOrder:
    """Two files of predictions for the same rows. ``labels``: in the order of the probabilities."""

    one: str
    other: str
    task: Task
    metric: str
    labels: tuple[str, ...]
    positive: str | None
    seed: int


def compare(project: Project, one_id: str, other_id: str, ctx: JobContext) -> Score:
    """How much better the first candidate is than the second in the first's metric, positive is better, with its
    95 % interval. NotAllowed unless both were scored on the same hold-out rows."""
    one, other = runs.candidate(project, one_id), runs.candidate(project, other_id)
    owner, other_owner = runs.run(project, one.run_id), runs.run(project, other.run_id)
    if _asked(owner) != _asked(other_owner):
        raise _unlike()
    files = [_predictions(project, each) for each in (one, other)]
    labels = results.recipe(project, one).labels
    if labels != results.recipe(project, other).labels:
        raise _unlike()
    order = CompareOrder(
        one=files[0],
        other=files[1],
        task=owner.plan.task,
        metric=owner.plan.metric,
        labels=labels,
        positive=owner.plan.positive,
        seed=owner.plan.seed,
    )
    with project.scratch("compare") as folder:
        return run_in_child(difference_of, order, ctx=ctx, returns=Score, folder=folder)


def difference_of(ctx: ChildContext, order: CompareOrder) -> Score:
    """The child's side of ``compare``. NotAllowed if the rows, or what is right of them, differ."""
    from app.training.answers import read_predictions
    from app.training.bootstrap import difference

    rows, first = read_predictions(Path(order.one), order.task, order.labels, order.positive)
    other_rows, second = read_predictions(Path(order.other), order.task, order.labels, order.positive)
    same = rows.tolist() == other_rows.tolist()
    if not same or (order.task is not Task.ANOMALY and first.actual.tolist() != second.actual.tolist()):
        raise _unlike()
    return difference(order.metric, first, second, order.seed)


def _asked(run: Run) -> tuple[str, ...]:
    """What two runs have to have in common before their files can be compared. Which rows were held out is told by
    those, not by the plans: another reading, seed or budget may hold out the same."""
    plan = run.plan
    return plan.version_id, plan.target, plan.task, plan.positive or ""


def _unlike() -> NotAllowed:
    return NotAllowed(
        "These candidates were not scored on the same hold-out.",
        "Train both on the same data version with the same target, division and seed.",
    )


def _predictions(project: Project, candidate: Candidate) -> str:
    if candidate.predictions_sha256 is None:
        raise NotAllowed(f"{candidate.name} was not scored.", candidate.note)
    return str(project.objects.path(candidate.predictions_sha256))
