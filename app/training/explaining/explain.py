"""Explain a candidate: where it is weak, what its columns do, why it answered so. The parent's side.

Everything is asked of the exported model, the one that serves, in a child.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from app.core.data import Column, Use
from app.core.explanations import Dependence, Example, Reasons, WeakSpots
from app.core.fairness import Fairness
from app.core.progress import JobContext
from app.core.runs import Recipe
from app.core.thresholds import Calibration, Thresholds
from app.errors import NotAllowed
from app.jobs.supervise import Limits, run_in_child
from app.registry import datasets, runs
from app.registry.thresholds import threshold_of
from app.training import results

if TYPE_CHECKING:
    from app.registry.project import Project

T = TypeVar("T")

MEMORY_BYTES = 4 << 30
MOST_COLUMNS = 20
"""Whose effect is worked out at once, the most important ones."""
MOST_COMPARED = 60
"""Whose groups are compared at once, the personal ones first."""


@dataclass(frozen=True, slots=True)
class ExplainOrder:
    """What the child gets: paths of stored objects; it never opens the registry."""

    recipe: Recipe
    table_path: str
    onnx_path: str


@dataclass(frozen=True, slots=True)
class Marked:
    """Columns of the table whose groups are compared, the names of those marked as personal data, and the threshold
    that was chosen, if any."""

    columns: tuple[Column, ...]
    personal: tuple[str, ...]
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class AskedRow:
    """A row of the data by its number from 1, or else the raw values of a request: a JSON object."""

    number: int | None = None
    inputs: str = ""


def weak_spots_of(project: Project, candidate_id: str, ctx: JobContext) -> WeakSpots:
    """Groups of hold-out rows in which the answers are worse than elsewhere. NotAllowed if it was not exported."""
    return _asked(project, candidate_id, "find_weak_spots", (), WeakSpots, ctx)


def dependences_of(project: Project, candidate_id: str, ctx: JobContext) -> tuple[Dependence, ...]:
    """What each of the most important columns does to the answers, the most important first."""
    candidate = runs.candidate(project, candidate_id)
    ranked = [i.column for i in results.evaluation(project, candidate).importance]
    columns = ranked or [i.name for i in results.recipe(project, candidate).inputs]
    found = _asked(project, candidate_id, "find_dependences", (columns[:MOST_COLUMNS],), Dependences, ctx)
    return found.columns


def reasons_of(project: Project, candidate_id: str, asked: AskedRow, ctx: JobContext) -> Reasons:
    """Why a row is answered as it is. NotFound if the data has no such row, BadInput if a value is not of its type."""
    return _asked(project, candidate_id, "find_reasons", (asked,), Reasons, ctx)


def example_of(project: Project, candidate_id: str, number: int | None, ctx: JobContext) -> Example:
    """A row to begin from, by its number from 1, or any that was held out. NotFound if the data has no such row."""
    return _asked(project, candidate_id, "find_example", (AskedRow(number),), Example, ctx)


def thresholds_of(project: Project, candidate_id: str, ctx: JobContext) -> Thresholds:
    """What each threshold would do to the hold-out rows. For binary tasks only."""
    return _asked(project, candidate_id, "find_thresholds", (), Thresholds, ctx)


def fairness_of(project: Project, candidate_id: str, ctx: JobContext) -> Fairness:
    """How groups of rows are answered, by every column that has groups. NotAllowed if it was not exported."""
    return _asked(project, candidate_id, "find_fairness", (marked_columns(project, candidate_id),), Fairness, ctx)


def marked_columns(project: Project, candidate_id: str) -> Marked:
    """Personal columns, also those that the model does not take, then its other inputs."""
    candidate = runs.candidate(project, candidate_id)
    plan = runs.run(project, candidate.run_id).plan
    reading, now = datasets.reading(project, plan.reading_id), datasets.current_reading(project, plan.version_id)
    marked = {c.name for c in (*reading.columns, *now.columns) if c.personal}
    personal = [c for c in reading.columns if c.name in marked and c.use is not Use.TARGET]
    others = [c for c in reading.columns if c.use is Use.INPUT and c.name not in marked]
    chosen = threshold_of(project, candidate_id)
    compared, names = tuple([*personal, *others][:MOST_COMPARED]), tuple(c.name for c in personal)
    return Marked(compared, names, chosen.at if chosen is not None else None)


def calibration_of(project: Project, candidate_id: str, ctx: JobContext) -> Calibration:
    """Whether what is said to be likely comes true as often. For classes only."""
    return _asked(project, candidate_id, "find_calibration", (), Calibration, ctx)


@dataclass(frozen=True, slots=True)
class Dependences:
    """The child's answer about several columns."""

    columns: tuple[Dependence, ...]


def order_of(project: Project, candidate_id: str) -> ExplainOrder:
    """What a child is told about a candidate. NotAllowed if it was not exported."""
    candidate = runs.candidate(project, candidate_id)
    recipe = results.recipe(project, candidate)
    if not candidate.onnx_sha256:
        raise NotAllowed(f"{candidate.name} has no exported model to explain.", "Choose another candidate.")
    paths = (project.objects.path(recipe.table_sha256), project.objects.path(candidate.onnx_sha256))
    return ExplainOrder(recipe, str(paths[0]), str(paths[1]))


def _asked(
    project: Project, candidate_id: str, function: str, more: Sequence[object], returns: type[T], ctx: JobContext
) -> T:
    order = order_of(project, candidate_id)
    with project.scratch("explain") as folder:
        return run_in_child(
            f"app.training.explaining.explaining:{function}",
            order,
            *more,
            ctx=ctx,
            returns=returns,
            folder=folder,
            limits=Limits(memory_bytes=MEMORY_BYTES),
        )
