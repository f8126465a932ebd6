"""What the Train page knows of a data version before it is trained on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.data import ColumnType, Dataset, DataVersion, Finding, Outcome, Reading, Use
from app.core.dividing import Question, Way
from app.core.gate_rules import GateRule, GateSet
from app.core.gates import Gate
from app.core.progress import JobContext
from app.core.runs import Plan, Run
from app.core.search import Trial
from app.core.split_words import plan_words
from app.data.guess import class_rows
from app.errors import BadInput, NotAllowed
from app.ui.train.live_run import LiveRun

if TYPE_CHECKING:
    from app.registry.project import Project


MOST_CLASSES = 6
"""Whose wrong answers a form can ask the cost of."""
AUDITED = (
    "GROUP_SPLIT_SUGGESTED", "SPLIT_BY_TIME", "DUPLICATES_ACROSS_SPLIT", "TARGET_LEAK", "TARGET_LEAK_LIKELY",
    "TARGET_IN_TEXT", "LABEL_CONFLICT", "CLASS_FEW_ROWS",
)  # fmt: skip
"""What the auditor of leaks and splits says that would make a score wrong, about the split first."""


@dataclass(frozen=True, slots=True)
class Dividing:
    """How rows will be divided. ``ways``: that are offered, ``way``: the one that holds; ``words``: which rows will be
    held out, and why where nobody chose it; ``question``: about a time that does not divide; ``warnings``: of the
    auditor, that nobody has kept."""

    ways: tuple[Way, ...]
    way: Way
    words: str
    question: Question | None
    warnings: tuple[Finding, ...]


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
    dividing: Dividing | None = None

    @property
    def grouping(self) -> tuple[str, ...]:
        """Columns whose groups a gate may look at."""
        return grouping(self.reading)

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


def grouping(reading: Reading) -> tuple[str, ...]:
    """Columns whose groups a gate may look at, the personal ones first; free text has none."""
    able = [c for c in reading.columns if c.type is not ColumnType.TEXT and c.use is not Use.TARGET]
    able = [c for c in able if c.personal or c.use is Use.INPUT]
    return tuple(c.name for c in sorted(able, key=lambda c: not c.personal))


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

    version = datasets.newest_version(project, dataset.id)
    reading = datasets.current_reading(project, version.id)
    gates, held = gates_for(project, reading), tuple(gate_sets(project, dataset.id))
    try:
        plan = make_plan(project, version, reading)
    except (BadInput, NotAllowed) as problem:
        return Trainable(dataset, version, reading, None, (), gates, str(problem), held)
    classes, dividing = _classes(project, reading, plan), dividing_of(project, reading, plan)
    return Trainable(dataset, version, reading, plan, METRICS[plan.task], gates, "", held, classes, dividing)


def dividing_of(project: Project, reading: Reading, plan: Plan) -> Dividing:
    """How a plan divides the rows, and what is worth saying about it."""
    from app.data.dividing import question_of, ways_of
    from app.data.looking import profile as profiles
    from app.data.standing import standing_findings

    open_ones = [s.finding for s in standing_findings(project, reading) if s.decision is None]
    audited = [f for f in open_ones if f.code in AUDITED and f.outcome is not Outcome.ACCEPT]
    return Dividing(
        ways=ways_of(reading, profiles.load(project, reading)),
        way=Way(plan.split, plan.split_column),
        words=split_words(reading, plan),
        question=question_of(project, reading, plan.split),
        warnings=tuple(sorted(audited, key=lambda finding: AUDITED.index(finding.code))),
    )


def split_words(reading: Reading, plan: Plan) -> str:
    """Which rows will be held out, from when on, and why where nobody chose it."""
    from app.data.dividing import reasons_of

    why, since = reasons_of(reading, plan.split_column)
    return plan_words(plan.split, plan.split_column, plan.holdout, classes=plan.task.classifies, why=why, since=since)


def divide(project: Project, version_id: str, way: Way, ctx: JobContext) -> Reading:
    """Divide the rows in this way from the next run on."""
    from app.data.dividing import divide as divide_

    return divide_(project, version_id, way, ctx)


def _classes(project: Project, reading: Reading, plan: Plan) -> tuple[str, ...]:
    """What the target can be, in order; none of a number, nor where there are too many to ask about."""
    from app.data.looking import profile as profiles

    profile = profiles.load(project, reading)
    told = next((c for c in profile.columns if c.name == plan.target), None)
    if told is None or not plan.task.classifies or told.distinct > MOST_CLASSES:
        return ()
    classes = class_rows(reading.column(plan.target), told)
    return tuple(sorted(classes)) if len(classes) == told.distinct else ()
