"""What the Train page knows of a data version before it is trained on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.data import ColumnType, Dataset, DataVersion, Reading, Use
from app.core.gate_rules import GateRule, GateSet
from app.core.gates import Gate
from app.core.progress import JobContext
from app.core.runs import Plan, Run
from app.core.search import Trial
from app.data.guess import class_rows
from app.data.looking import profile as profiles
from app.errors import BadInput, NotAllowed
from app.ui.train.live_run import LiveRun

if TYPE_CHECKING:
    from app.registry.project import Project


MOST_CLASSES = 6
"""Whose wrong answers a form can ask the cost of."""


@dataclass(frozen=True, slots=True)
class Trainable:
    """The newest version of a data set. ``plan`` None: it cannot be trained on, ``why_not`` says why. ``held``: the
    versions of its own gates, newest first. ``classes``: the target's, where they are few."""

    dataset: Dataset
    version: DataVersion
    reading: Reading
    plan: Plan | None
    metrics: tuple[str, ...]
    gates: tuple[Gate, ...]
    why_not: str = ""
    held: tuple[GateSet, ...] = ()
    classes: tuple[str, ...] = ()

    @property
    def grouping(self) -> tuple[str, ...]:
        """Columns whose groups a gate may look at, the personal ones first; free text has none."""
        able = [c for c in self.reading.columns if c.type is not ColumnType.TEXT and c.use is not Use.TARGET]
        able = [c for c in able if c.personal or c.use is Use.INPUT]
        return tuple(c.name for c in sorted(able, key=lambda c: not c.personal))

    @property
    def rules(self) -> tuple[GateRule, ...]:
        """The data set's own gates."""
        return self.held[0].rules if self.held else ()

    @property
    def rules_before(self) -> tuple[GateRule, ...]:
        """What they were before the last change."""
        return self.held[1].rules if len(self.held) > 1 else ()

    @property
    def undo_words(self) -> str:
        """What going back would do, empty if the gates were never changed."""
        return f"Take back version {self.held[0].number} of the gates." if self.held else ""


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


def trials_of(project: Project, run_id: str) -> tuple[Trial, ...]:
    """What a run's search has tried, in the order of the start."""
    from app.registry import trials

    return trials.trials_of(project, run_id)


def train(project: Project, chosen: Trainable, options: Options, ctx: JobContext, live: LiveRun) -> Run:
    """Plan with these options and train; ``live`` learns what is tried and finished."""
    from app.training.plan import make_plan

    plan = make_plan(
        project,
        chosen.version,
        chosen.reading,
        seconds=options.seconds,
        seed=options.seed,
        metric=options.metric,
        search=True,
    )
    return live.train(project, plan, ctx)


def change_gates(project: Project, dataset_id: str, rules: tuple[GateRule, ...], reason: str) -> GateSet:
    """Make these the data set's own gates, from the next run on."""
    from app.registry.gates import record_gates

    return record_gates(project, dataset_id, rules, reason)


def _trainable(project: Project, dataset: Dataset) -> Trainable:
    from app.approval.gates import gates_for
    from app.registry import datasets
    from app.registry.gates import gate_sets
    from app.training.offered import METRICS
    from app.training.plan import make_plan

    version = datasets.versions(project, dataset.id)[-1]
    reading = datasets.current_reading(project, version.id)
    gates, held = gates_for(project, reading), tuple(gate_sets(project, dataset.id))
    try:
        plan = make_plan(project, version, reading)
    except (BadInput, NotAllowed) as problem:
        return Trainable(dataset, version, reading, None, (), gates, str(problem), held)
    classes = _classes(project, reading, plan)
    return Trainable(dataset, version, reading, plan, METRICS[plan.task], gates, held=held, classes=classes)


def _classes(project: Project, reading: Reading, plan: Plan) -> tuple[str, ...]:
    """What the target can be, in order; none of a number, nor where there are too many to ask about."""
    profile = profiles.load(project, reading)
    told = next((c for c in profile.columns if c.name == plan.target), None)
    if told is None or not plan.task.classifies or told.distinct > MOST_CLASSES:
        return ()
    classes = class_rows(reading.column(plan.target), told)
    return tuple(sorted(classes)) if len(classes) == told.distinct else ()
