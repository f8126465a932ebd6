"""A file opened for reading: what every format is brought to before types are looked for. Child side."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.core.data import Finding, ParseRecipe


class SourceFailed(Exception):
    """Our look at a text file and DuckDB disagree: it is read again with care."""


class Kind(StrEnum):
    """What a source says about a column. ``CELL``: text whose type is still to be found (CSV, mixed cells);
    ``TEXT``: the source says it is text; the others are typed by the source (Parquet, Arrow)."""

    CELL = "cell"
    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    MOMENT = "moment"
    NESTED = "nested"


@dataclass(frozen=True, slots=True)
class RawTable:
    """``relation``: a FROM clause that yields columns c0, c1, ... in the order of ``names`` and ``kinds``,
    always the same rows in the same order. ``rows``: how many, if the source told."""

    relation: str
    names: tuple[str, ...]
    kinds: tuple[Kind, ...]
    recipe: ParseRecipe
    findings: tuple[Finding, ...] = ()
    rows: int | None = None
    extra: int = 0
    """How many columns at the end are there only because some rows have too many cells."""
    damaged_code: str = ""
    """The code by which the file is refused if its bytes cannot be read; empty: it is read again with care."""
