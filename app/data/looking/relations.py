"""Which columns of a reading go together: the overview that the tab *Relations* shows. Parent side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.data import Column, ColumnType, Reading, Use
from app.core.progress import JobContext
from app.jobs.supervise import run_in_child

if TYPE_CHECKING:
    from app.registry.project import Project

MOST_COLUMNS = 30
SAMPLE_ROWS = 50_000
"""Above it the figures come from about so many rows, chosen by a hash of their numbers: enough that the third
decimal stays (standard error of a correlation: 1 / sqrt(n) = 0.0045)."""


@dataclass(frozen=True, slots=True)
class Pair:
    """``measure``: rank | cramer | ratio (see ``associations``). ``value``: None where undefined."""

    first: str
    second: str
    measure: str
    value: float | None
    rows: int
    pearson: float | None = None


@dataclass(frozen=True, slots=True)
class Relations:
    """``columns``: the target first, then the others by how much they say about it. ``pairs``: all of two different
    ones, the strongest first. ``rows_used`` of ``rows``; ``considered``: how many columns could have been shown."""

    columns: tuple[str, ...]
    target: str | None
    pairs: tuple[Pair, ...]
    rows: int
    rows_used: int
    considered: int

    def value(self, first: str, second: str) -> Pair | None:
        """The figures of two columns, whichever comes first."""
        return next((p for p in self.pairs if {p.first, p.second} == {first, second}), None)


def relatable(reading: Reading) -> tuple[Column, ...]:
    """The target and the inputs that hold something countable; texts of many words do not."""
    used = [c for c in reading.columns if c.use in (Use.INPUT, Use.TARGET) and c.type is not ColumnType.TEXT]
    return tuple(sorted(used, key=lambda column: column.use is not Use.TARGET))


def relations(project: Project, reading: Reading, rows: int, ctx: JobContext) -> Relations:
    """How strongly the columns of a reading go together, computed in a child. ``rows``: of the whole table."""
    columns = relatable(reading)
    if len(columns) < 2:
        return Relations(tuple(c.name for c in columns), reading.target, (), rows, 0, len(columns))
    project.objects.size(reading.table_sha256)
    places = tuple(next(i for i, c in enumerate(reading.columns) if c.name == one.name) for one in columns)
    with project.scratch("relations") as folder:
        return run_in_child(
            "app.data.looking.relating:relate",
            project.objects.path(reading.table_sha256),
            columns,
            places,
            len(reading.columns),
            rows,
            ctx=ctx,
            returns=Relations,
            folder=folder,
        )
