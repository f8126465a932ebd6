"""A file opened for reading: what every format is brought to before types are looked for. Child side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from app.core.data import Finding, ParseRecipe
from app.data import engine


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
    source: str = ""
    """Where ``relation`` computes its columns from another FROM clause: that clause, and how, in ``expressions``."""
    expressions: tuple[str, ...] = ()

    cells: Path | None = None
    """Of a wide table of text cells: the Parquet file that has them as c0, c1, ..."""

    def part(self, columns: Sequence[int]) -> RawTable:
        """Some of the columns as a table of its own, c0, c1, ... anew; nothing is computed of the others."""
        written = self.expressions or engine.positions(len(self.names))
        chosen = ", ".join(f"{written[i]} AS c{n}" for n, i in enumerate(columns))
        names, kinds = tuple(self.names[i] for i in columns), tuple(self.kinds[i] for i in columns)
        relation = f"(SELECT {chosen} FROM {self.source or self.relation})"
        return RawTable(relation, names, kinds, self.recipe, rows=self.rows)
