"""Small questions that every noun file asks of the tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
import sqlalchemy as sa

from app.errors import NotFound
from app.jobs.decoding import decode
from app.registry.objects import missing

if TYPE_CHECKING:
    from app.registry.project import Project

T = TypeVar("T")

MOST_PARAMETERS = 900
"""How many values one statement takes: SQLite's least limit is 999 (https://www.sqlite.org/limits.html)."""


def one(connection: sa.Connection, query: sa.Select[Any], what: str) -> sa.Row[Any]:
    """The first row. Raises ``NotFound`` saying ``what`` was looked for."""
    row = connection.execute(query).first()
    if row is None:
        raise NotFound(f"There is no {what} in this project.", "It may have been made in another project.")
    return row


def next_number(connection: sa.Connection, column: sa.Column[int], *where: sa.ColumnElement[bool]) -> int:
    """One more than the greatest number so far. Safe because writers are serialised."""
    return int(connection.execute(sa.select(sa.func.coalesce(sa.func.max(column), 0) + 1).where(*where)).scalar_one())


def pieces(ids: Iterable[str]) -> Iterator[list[str]]:
    """As many at a time as one statement takes."""
    rest = iter(ids)
    while some := list(islice(rest, MOST_PARAMETERS)):
        yield some


def need_objects(project: Project, digests: Iterable[str | None]) -> None:
    """Object first, row second: raise ``CorruptObject`` if a row would name bytes that are not stored."""
    for sha256 in digests:
        if sha256 is not None and not project.objects.exists(sha256):
            raise missing(sha256, project.objects.folder)


def to_json(value: object) -> str:
    """A noun's part as it is stored in a text column."""
    return msgspec.json.encode(value).decode()


def from_json(text: str, type_: type[T]) -> T:
    """A noun's part from a text column."""
    return decode(text, type_)
