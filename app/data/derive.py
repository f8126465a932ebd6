"""A data set made of others by SQL: looked at first, then kept with the query and the versions it was made of.

Parent side: the query runs in a child (``sandbox``), which reads nothing but the tables that it names.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.data import AddResult
from app.core.origins import Origin, OriginInput, OriginKind
from app.core.progress import JobContext, Part
from app.errors import BadInput, NotAllowed

if TYPE_CHECKING:
    from app.registry.project import Project

PREVIEW = "app.data.sandbox:preview"
ANSWER = "app.data.sandbox:answer"
ANSWER_FILE = "answer.parquet"
SECONDS = 60.0
SHOWN_ROWS = 200
MEMORY_BYTES = 1 << 30
_GRACE_S = 5.0


@dataclass(frozen=True, slots=True)
class QueryTable:
    """A data version under the name that a query calls it by: ``churn`` (the newest) or ``churn@2``."""

    name: str
    version_id: str
    path: Path


@dataclass(frozen=True, slots=True)
class Query:
    """A query and what it may read."""

    sql: str
    tables: tuple[QueryTable, ...]
    seconds: float = SECONDS


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows of an answer as text (None: missing), and how many there are."""

    names: tuple[str, ...]
    types: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]
    count: int
    seconds: float
    used: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer is the file ``ANSWER_FILE``. ``used``: the names of the tables that the query read."""

    rows: int
    used: tuple[str, ...]


def preview(project: Project, sql: str, ctx: JobContext, *, seconds: float = SECONDS) -> Preview:
    """Run a query and keep nothing. BadInput in words for a query that is no single SELECT, reads anything but data
    sets, takes longer than ``seconds`` or is not understood (with the line)."""
    from app.jobs.supervise import Limits, run_in_child

    limits = Limits(MEMORY_BYTES, seconds + _GRACE_S)
    query = Query(_not_empty(sql), query_tables(project), seconds)
    with project.scratch("query") as folder:
        return run_in_child(PREVIEW, query, ctx=ctx, returns=Preview, folder=folder, limits=limits)


def derive(project: Project, name: str, sql: str, ctx: JobContext, *, seconds: float = SECONDS) -> AddResult:
    """Run a query and add its answer as the data set ``name``, or as its next version if it was derived before.

    Raises as ``preview``; NotAllowed if ``name`` belongs to data that were not derived.
    """
    from app.data.fetch.run import file_name
    from app.data.intake import Arriving, add_arriving
    from app.jobs.supervise import Limits, run_in_child

    name = name.strip()
    dataset_id = _derived_before(project, name)
    tables = query_tables(project)
    limits = Limits(MEMORY_BYTES, seconds + _GRACE_S)
    query = Query(_not_empty(sql), tables, seconds)
    with project.scratch("query") as folder:
        running = Part(ctx, 0.0, 0.5)
        answered = run_in_child(ANSWER, query, ctx=running, returns=Answered, folder=folder, limits=limits)
        used = tuple(OriginInput(t.name, t.version_id) for t in tables if t.name in answered.used)
        origin = Origin(OriginKind.QUERY, query=query.sql, inputs=used)
        file = (folder / ANSWER_FILE).rename(folder / f"{file_name(name)}.parquet")
        arriving = Arriving((file,), origin, name, called=name, dataset_id=dataset_id)
        return add_arriving(project, arriving, Part(ctx, 0.5, 1.0))


def query_tables(project: Project) -> tuple[QueryTable, ...]:
    """Everything that a query may read: each data set's newest version by its name, and each version by its label.
    What is called otherwise now is known by its earlier names too: a query is kept as it was written."""
    from app.registry import datasets

    found: list[QueryTable] = []
    before = datasets.former_names(project)
    for dataset in datasets.datasets(project):
        versions = datasets.versions(project, dataset.id)
        names = (dataset.name, *before[dataset.id])
        named = [(name, versions[-1]) for name in names]
        named += [(f"{name}@{v.number}", v) for name in names for v in versions]
        for name, version in named:
            table = project.objects.path(datasets.current_reading(project, version.id).table_sha256)
            found.append(QueryTable(name, version.id, table))
    return tuple(found)


def _derived_before(project: Project, name: str) -> str | None:
    from app.registry import datasets, origins

    if not name:
        raise BadInput("The derived data need a name.", "Type a name.")
    found = datasets.dataset_by_name(project, name)
    if found is None:
        return None
    _, origin = origins.fetched_version(project, found.id)
    if origin is None or origin.kind is not OriginKind.QUERY:
        raise NotAllowed(f"{name} is data that were not derived by a query.", "Choose another name.")
    return found.id


def _not_empty(sql: str) -> str:
    if not sql.strip():
        raise BadInput("There is no query yet.", "Write a SELECT over the data sets of this project.")
    return sql.strip()
