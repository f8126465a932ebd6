"""What the Train page knows of a data version before it is trained on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.data import Dataset, DataVersion, Reading
from app.core.gates import Gate
from app.core.progress import JobContext
from app.core.runs import Candidate, Plan, Run
from app.errors import BadInput, NotAllowed

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.registry.project import Project


@dataclass(frozen=True, slots=True)
class Trainable:
    """The newest version of a data set. ``plan`` None: it cannot be trained on, ``why_not`` says why."""

    dataset: Dataset
    version: DataVersion
    reading: Reading
    plan: Plan | None
    metrics: tuple[str, ...]
    gates: tuple[Gate, ...]
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Options:
    """What a person may choose before training."""

    seconds: float
    seed: int
    metric: str | None


def trainables(project: Project) -> list[Trainable]:
    """The newest version of every data set, the newest data set first."""
    from app.registry import datasets

    return [_trainable(project, dataset) for dataset in reversed(datasets.datasets(project))]


def train(
    project: Project, chosen: Trainable, options: Options, ctx: JobContext, on_candidate: Callable[[Candidate], None]
) -> Run:
    """Plan with these options and train."""
    from app.approval.check import train_and_check
    from app.training.plan import make_plan

    plan = make_plan(
        project, chosen.version, chosen.reading, seconds=options.seconds, seed=options.seed, metric=options.metric
    )
    return train_and_check(project, plan, ctx, on_candidate=on_candidate)


def _trainable(project: Project, dataset: Dataset) -> Trainable:
    from app.approval.gates import gates_for
    from app.registry import datasets
    from app.training.plan import METRICS, make_plan

    version = datasets.versions(project, dataset.id)[-1]
    reading = datasets.current_reading(project, version.id)
    gates = gates_for(project, reading)
    try:
        plan = make_plan(project, version, reading)
    except (BadInput, NotAllowed) as problem:
        return Trainable(dataset, version, reading, None, (), gates, str(problem))
    return Trainable(dataset, version, reading, plan, METRICS[plan.task], gates)
