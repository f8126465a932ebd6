"""Data sets, their versions and readings. Nothing is changed in place: an edit is a reading, a choice an event."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from app.core.data import Column, Dataset, DataVersion, Finding, ParseRecipe, Reading, Source
from app.core.ids import new_id
from app.core.naming import checked_name
from app.core.origins import Origin
from app.errors import BadInput, NotAllowed, NotFound
from app.registry import audit
from app.registry.origins import insert_origin
from app.registry.rows import from_json, need_objects, next_number, one, pieces, to_json
from app.registry.tables import data_versions, dataset_names, reading_selections, version_sources
from app.registry.tables import datasets as datasets_table
from app.registry.tables import readings as readings_table

if TYPE_CHECKING:
    from app.registry.project import Project


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A version that is about to be recorded; every digest is in the object store already.

    ``dataset_id`` None makes a new data set called ``name``; otherwise ``name`` is not used.
    """

    dataset_id: str | None
    name: str
    sources: tuple[Source, ...]
    sha256: str
    rows: int
    parent_id: str | None
    recipe: ParseRecipe
    columns: tuple[Column, ...]
    positive: str | None
    table_sha256: str
    profile_sha256: str
    findings: tuple[Finding, ...]
    why_target: str = ""
    origin: Origin | None = None


def datasets(project: Project) -> list[Dataset]:
    """All data sets, oldest first."""
    with project.database.read() as connection:
        rows = connection.execute(sa.select(datasets_table).order_by(datasets_table.c.id)).all()
        named = current_names(connection)
    return [Dataset(row.id, named[row.id], row.created_at) for row in rows]


def dataset(project: Project, dataset_id: str) -> Dataset:
    """One data set. Raises ``NotFound``."""
    found = next((d for d in datasets(project) if d.id == dataset_id), None)
    if found is None:
        raise NotFound(f"There is no data set {dataset_id} in this project.")
    return found


def dataset_by_name(project: Project, name: str) -> Dataset | None:
    """The data set of this name, or the one that was called so once; None if there is none."""
    known, before = datasets(project), former_names(project)
    return next((d for d in known if d.name == name), None) or next((d for d in known if name in before[d.id]), None)


def former_names(project: Project) -> dict[str, list[str]]:
    """By data set: what it was called before, the first name first. Queries and scripts may still say it."""
    with project.database.read() as connection:
        first = connection.execute(sa.select(datasets_table.c.id, datasets_table.c.name)).all()
        later = _names(connection)
    every = {row.id: [row.name, *later.get(row.id, ())] for row in first}
    return {id_: [name for name in names if name != names[-1]] for id_, names in every.items()}


def taken_names(project: Project) -> set[str]:
    """What no other data set may be called: every name that one has or had."""
    before = former_names(project)
    return {name for d in datasets(project) for name in (d.name, *before[d.id])}


def owners_of_file(project: Project, file_name: str) -> set[str]:
    """The ids of the data sets that have a version made of a file of this name."""
    joined = data_versions.join(version_sources, version_sources.c.version_id == data_versions.c.id)
    query = sa.select(data_versions.c.dataset_id).select_from(joined).where(version_sources.c.name == file_name)
    with project.database.read() as connection:
        return set(connection.execute(query.distinct()).scalars())


def rename_dataset(project: Project, dataset_id: str, name: str) -> Dataset:
    """Give a data set another name; audit entry ``data.rename``. Raises BadInput, NotAllowed if another one has or
    had the name, NotFound."""
    name = checked_name(name, "A data set")
    with project.database.write("renaming data") as connection:
        before = dataset(project, dataset_id)
        other = dataset_by_name(project, name)
        if other is not None and other.id != dataset_id:
            raise NotAllowed(f"{name} is or was the name of other data.", "Choose another name.")
        if name == before.name:
            return before
        connection.execute(sa.insert(dataset_names).values(
            dataset_id=dataset_id, name=name, at=project.now(), actor=project.actor,
        ))  # fmt: skip
        audit.record(connection, project, "data.rename", f"dataset:{dataset_id}", {"name": name, "was": before.name})
    return Dataset(before.id, name, before.created_at)


def versions(project: Project, dataset_id: str) -> list[DataVersion]:
    """The versions of a data set, by number."""
    return _versions(project, data_versions.c.dataset_id == dataset_id)


def version(project: Project, version_id: str) -> DataVersion:
    """One version. Raises ``NotFound``."""
    found = _versions(project, data_versions.c.id == version_id)
    if not found:
        raise NotFound(f"There is no data version {version_id} in this project.")
    return found[0]


def versions_of_ids(project: Project, version_ids: Iterable[str]) -> dict[str, DataVersion]:
    """Those of these versions that there are, by id."""
    found = (v for some in pieces(version_ids) for v in _versions(project, data_versions.c.id.in_(some)))
    return {version.id: version for version in found}


def newest_version(project: Project, dataset_id: str) -> DataVersion:
    """The newest version of a data set, whatever number of others there is. Raises ``NotFound``."""
    return _version_at(project, dataset_id, sa.func.max)


def first_version(project: Project, dataset_id: str) -> DataVersion:
    """The version that a data set began with. Raises ``NotFound``."""
    return _version_at(project, dataset_id, sa.func.min)


def version_by_sha256(project: Project, sha256: str) -> DataVersion | None:
    """The version made of these bytes, None if they are new."""
    return next(iter(_versions(project, data_versions.c.sha256 == sha256)), None)


def find_version(project: Project, text: str) -> tuple[Dataset, DataVersion]:
    """``churn`` (its newest version) or ``churn@2``. A name may hold an ``@`` itself. Raises ``NotFound``."""
    found = dataset_by_name(project, text)
    if found is not None:
        return found, newest_version(project, found.id)
    name, at, number = text.rpartition("@")
    found = dataset_by_name(project, name) if at and number.isdigit() else None
    if found is None:
        names = ", ".join(d.name for d in datasets(project)) or "none yet"
        raise NotFound(f"There is no data set {text}.", f"Data sets of this project: {names}.")
    named = _versions(project, data_versions.c.dataset_id == found.id, data_versions.c.number == int(number))
    if named:
        return found, named[0]
    raise NotFound(
        f"{found.name} has no version {number}.", f"The newest is {newest_version(project, found.id).number}."
    )


def record_version(project: Project, new: NewVersion) -> tuple[Dataset, DataVersion, Reading]:
    """Record a version with its first reading and the audit entry ``data.add``, in one transaction.

    Raises ``NotAllowed`` if these bytes are a version already or the name is taken, ``CorruptObject`` if an object
    is not stored.
    """
    with project.database.write("adding data") as connection:
        need_objects(project, (new.sha256, *(s.sha256 for s in new.sources), new.table_sha256, new.profile_sha256))
        _refuse_known_bytes(project, new.sha256)
        owner = (
            _new_dataset(project, connection, new.name) if new.dataset_id is None else dataset(project, new.dataset_id)
        )
        number = next_number(connection, data_versions.c.number, data_versions.c.dataset_id == owner.id)
        made = DataVersion(new_id(), owner.id, number, new.sha256, new.sources, new.rows, new.parent_id, project.now())
        _insert_version(connection, made)
        if new.origin is not None:
            insert_origin(connection, made.id, new.origin)
        first = _insert_reading(project, connection, made.id, new)
        audit.record(connection, project, "data.add", f"data_version:{made.id}", {
            "dataset": owner.name, "version": number, "sha256": new.sha256, "rows": new.rows,
            "files": [s.name for s in new.sources], "reading": first.id, "target": first.target, **_told(new.origin),
        })  # fmt: skip
    return owner, made, first


def record_reading(
    project: Project,
    version_id: str,
    *,
    recipe: ParseRecipe,
    columns: tuple[Column, ...],
    positive: str | None,
    table_sha256: str,
    profile_sha256: str,
    findings: tuple[Finding, ...],
    why_target: str = "",
    summary: str = "",
) -> Reading:
    """Record another way to read a version and select it; audit entry ``data.read``. ``summary``: what a person
    changed, in words. Raises ``NotFound``, ``CorruptObject``."""
    with project.database.write("saving the columns") as connection:
        need_objects(project, (table_sha256, profile_sha256))
        owner = version(project, version_id)
        made = _insert_reading(project, connection, version_id, _Read(
            recipe, columns, positive, table_sha256, profile_sha256, findings, why_target,
        ))  # fmt: skip
        audit.record(connection, project, "data.read", f"reading:{made.id}", {
            "dataset": dataset(project, owner.dataset_id).name, "version": owner.number, "reading": made.number,
            "target": made.target, "summary": summary,
        })  # fmt: skip
    return made


def select_reading(project: Project, reading_id: str) -> Reading:
    """Make an earlier (or later) reading the current one; audit entry ``data.select``. Raises ``NotFound``."""
    with project.database.write("selecting a reading") as connection:
        chosen = reading(project, reading_id)
        owner = version(project, chosen.version_id)
        _select(project, connection, chosen)
        audit.record(connection, project, "data.select", f"reading:{reading_id}", {
            "dataset": dataset(project, owner.dataset_id).name, "version": owner.number, "reading": chosen.number,
        })  # fmt: skip
    return chosen


def current_reading(project: Project, version_id: str) -> Reading:
    """The reading that was selected last. Raises ``NotFound``."""
    newest = sa.select(sa.func.max(reading_selections.c.seq)).where(reading_selections.c.version_id == version_id)
    selected = sa.select(reading_selections.c.reading_id).where(reading_selections.c.seq == newest.scalar_subquery())
    query = sa.select(readings_table).where(readings_table.c.id == selected.scalar_subquery())
    with project.database.read() as connection:
        return _reading(one(connection, query, f"data version {version_id}"))


def reading(project: Project, reading_id: str) -> Reading:
    """One reading. Raises ``NotFound``."""
    with project.database.read() as connection:
        query = sa.select(readings_table).where(readings_table.c.id == reading_id)
        return _reading(one(connection, query, f"reading {reading_id}"))


def readings(project: Project, version_id: str) -> list[Reading]:
    """All readings of a version, by number."""
    query = sa.select(readings_table).where(readings_table.c.version_id == version_id)
    with project.database.read() as connection:
        return [_reading(row) for row in connection.execute(query.order_by(readings_table.c.number))]


@dataclass(frozen=True, slots=True)
class _Read:
    """What a reading is made of, apart from where it belongs."""

    recipe: ParseRecipe
    columns: tuple[Column, ...]
    positive: str | None
    table_sha256: str
    profile_sha256: str
    findings: tuple[Finding, ...]
    why_target: str


def _names(connection: sa.Connection) -> dict[str, list[str]]:
    """By data set: the names that it was given after its first, oldest first."""
    found: dict[str, list[str]] = {}
    for row in connection.execute(sa.select(dataset_names).order_by(dataset_names.c.seq)):
        found.setdefault(row.dataset_id, []).append(row.name)
    return found


def current_names(connection: sa.Connection) -> dict[str, str]:
    """What each data set is called now, by its id."""
    first = connection.execute(sa.select(datasets_table.c.id, datasets_table.c.name)).all()
    later = _names(connection)
    return {row.id: later.get(row.id, [row.name])[-1] for row in first}


def _version_at(project: Project, dataset_id: str, end: Callable[..., sa.Function[int]]) -> DataVersion:
    """``end``: which of the numbers."""
    own = data_versions.c.dataset_id == dataset_id
    number = sa.select(end(data_versions.c.number)).where(own).scalar_subquery()
    found = _versions(project, own, data_versions.c.number == number)
    if not found:
        raise NotFound(f"There is no data set {dataset_id} in this project.")
    return found[0]


def _versions(project: Project, *where: sa.ColumnElement[bool]) -> list[DataVersion]:
    with project.database.read() as connection:
        query = sa.select(data_versions).where(*where).order_by(data_versions.c.dataset_id, data_versions.c.number)
        rows = connection.execute(query).all()
        sources = _sources(connection, [row.id for row in rows])
        return [DataVersion(**row._mapping, sources=tuple(sources.get(row.id, ()))) for row in rows]


def _sources(connection: sa.Connection, version_ids: list[str]) -> dict[str, list[Source]]:
    query = sa.select(version_sources).order_by(version_sources.c.version_id, version_sources.c.position)
    found: dict[str, list[Source]] = {}
    for some in pieces(version_ids):
        for row in connection.execute(query.where(version_sources.c.version_id.in_(some))):
            found.setdefault(row.version_id, []).append(Source(row.name, row.sha256, row.size_bytes))
    return found


def _refuse_known_bytes(project: Project, sha256: str) -> None:
    known = version_by_sha256(project, sha256)
    if known is not None:
        name = dataset(project, known.dataset_id).name
        raise NotAllowed(f"These bytes are version {known.number} of {name} already.", "Open that version.")


def _told(origin: Origin | None) -> dict[str, str]:
    """Where a version came from, as its audit entry tells it: the parts that say something."""
    if origin is None:
        return {}
    parts = {"source": str(origin.kind), "address": origin.address, "query": origin.query}
    return {name: text for name, text in parts.items() if text}


def _new_dataset(project: Project, connection: sa.Connection, name: str) -> Dataset:
    if not name.strip():
        raise BadInput("A data set needs a name.", "Type a name.")
    if dataset_by_name(project, name) is not None:
        raise NotAllowed(f"There is a data set {name} already.", "Choose another name.")
    made = Dataset(new_id(), name, project.now())
    connection.execute(sa.insert(datasets_table).values(id=made.id, name=made.name, created_at=made.created_at))
    return made


def _insert_version(connection: sa.Connection, made: DataVersion) -> None:
    row = {c.name: getattr(made, c.name) for c in data_versions.columns}
    connection.execute(sa.insert(data_versions).values(row))
    rows = [
        {"version_id": made.id, "position": i, "name": s.name, "sha256": s.sha256, "size_bytes": s.size_bytes}
        for i, s in enumerate(made.sources)
    ]
    connection.execute(sa.insert(version_sources), rows)


def _insert_reading(project: Project, connection: sa.Connection, version_id: str, new: NewVersion | _Read) -> Reading:
    number = next_number(connection, readings_table.c.number, readings_table.c.version_id == version_id)
    made = Reading(
        new_id(), version_id, number, new.recipe, new.columns, new.positive, new.table_sha256, new.profile_sha256,
        new.findings, project.now(), new.why_target,
    )  # fmt: skip
    row = {c.name: getattr(made, c.name) for c in readings_table.columns}
    row |= {name: to_json(row[name]) for name in ("recipe", "columns", "findings")}
    connection.execute(sa.insert(readings_table).values(row))
    _select(project, connection, made)
    return made


def _select(project: Project, connection: sa.Connection, chosen: Reading) -> None:
    connection.execute(sa.insert(reading_selections).values(
        version_id=chosen.version_id, reading_id=chosen.id, at=project.now(), actor=project.actor,
    ))  # fmt: skip


def _reading(row: sa.Row[Any]) -> Reading:
    fields = dict(row._mapping)
    fields["recipe"] = from_json(fields["recipe"], ParseRecipe)
    fields["columns"] = from_json(fields["columns"], tuple[Column, ...])
    fields["findings"] = from_json(fields["findings"], tuple[Finding, ...])
    return Reading(**fields)
