"""Data sets, their versions, how each was read, and what was found in them.

A *version* is the dropped bytes. A *reading* is one way to understand them: how they were parsed,
each column's type and use, the positive class. Readings are append-only: an edit makes a new one,
undo selects an earlier one. Plan, run and trace name (version, reading).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ColumnType(StrEnum):
    """What the values of a column are. On screen: see ``TYPE_WORDS``."""

    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    CATEGORY = "category"
    TEXT = "text"
    DATETIME = "datetime"


TYPE_WORDS = {
    ColumnType.NUMBER: "number",
    ColumnType.INTEGER: "whole number",
    ColumnType.BOOLEAN: "yes/no",
    ColumnType.CATEGORY: "category",
    ColumnType.TEXT: "text",
    ColumnType.DATETIME: "date/time",
}


class Use(StrEnum):
    """What a column is used as."""

    TARGET = "target"
    INPUT = "input"
    IDENTIFIER = "identifier"
    IGNORED = "ignored"
    TIME = "time"  # when the row happened: the newest rows are held out, so that the future is not known
    GROUP = "group"  # whom the row is about: all rows of one stay on one side


class Outcome(StrEnum):
    """How a dropped file ended, mildest first."""

    ACCEPT = "accept"
    WARN = "warn"
    ASK = "ask"
    REJECT = "reject"


OUTCOME_ORDER = (Outcome.ACCEPT, Outcome.WARN, Outcome.ASK, Outcome.REJECT)


def worst(outcomes: list[Outcome]) -> Outcome:
    """The gravest of several outcomes; ``accept`` of none."""
    return max(outcomes, key=OUTCOME_ORDER.index, default=Outcome.ACCEPT)


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to read a file: ``value`` as the recipe names it, ``hint``: what one would see then."""

    value: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing noticed in a file. ``rows``: 1-based data rows (not file lines), at most 20; ``cells``: what stands
    there, one text a row, shortened; empty where no single cell is meant. ``choices``: the other ways to read it,
    where they had to be looked for (encodings, delimiters, sheets, files of an archive)."""

    code: str
    outcome: Outcome
    message: str
    column: str | None = None
    rows: tuple[int, ...] = ()
    hint: str = ""
    blocks_training: bool = False
    cells: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()

    @property
    def question(self) -> str:
        """What a recipe calls this finding once a person has answered it."""
        return f"{self.code}:{self.column}" if self.column else self.code


@dataclass(frozen=True, slots=True)
class Source:
    """The bytes of one dropped file, in the object store under ``sha256``."""

    name: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Dataset:
    """A table that comes back in versions."""

    id: str
    name: str
    created_at: str


@dataclass(frozen=True, slots=True)
class DataVersion:
    """What was dropped. ``sha256``: of the bytes of the one source; of several appended sources,
    of the stored JSON list of their digests."""

    id: str
    dataset_id: str
    number: int
    sha256: str
    sources: tuple[Source, ...]
    rows: int
    parent_id: str | None
    created_at: str


AUTO, AUTO_LINE = "auto", -1


@dataclass(frozen=True, slots=True)
class ParseRecipe:
    """Everything needed to read the same bytes in the same way again. As a wish, ``AUTO`` for a text and
    ``AUTO_LINE`` for the header's line ask for judging anew; a reading never has them."""

    format: str  # csv | json | jsonl | parquet | arrow | excel
    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str = '"'
    header_line: int = 1  # 1-based line of the header, lines before it are a preamble; 0: no header
    decimal: str = "."
    day_first: bool | None = None
    sheet: str | None = None
    member: str | None = None  # of a zip archive: the file in it that was read
    overrides: tuple[tuple[str, ColumnType], ...] = ()  # types that a person set
    set_missing: tuple[str, ...] = ()  # of these columns: the ones whose unfit cells become missing values
    answered: tuple[str, ...] = ()  # the questions (``Finding.question``) that a person answered; remembered
    day_first_of: tuple[tuple[str, bool], ...] = ()  # answered for one column; holds before ``day_first``
    comma_of: tuple[tuple[str, str], ...] = ()  # what a column's comma separates: decimals | thousands
    missing_words_of: tuple[str, ...] = ()  # columns of text in which NA, null ... mean a missing value
    drop_ragged: bool = False  # rows with too few or too many cells are left out
    spread: bool = False  # groups of values in one cell become columns of their own


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a reading. ``why``: the reason for a guess, in words, empty if a person set it. ``unit``,
    ``description`` and ``personal`` (data about a person) are told by people and go along to the next version."""

    name: str
    type: ColumnType
    use: Use
    why: str = ""
    unit: str = ""
    description: str = ""
    personal: bool = False


@dataclass(frozen=True, slots=True)
class Histogram:
    """``edges`` has one more entry than ``counts``; for categories ``labels`` names each count."""

    counts: tuple[int, ...]
    edges: tuple[float, ...] = ()
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """What a column holds. ``distinct`` is exact unless ``distinct_is_estimate``."""

    name: str
    missing: int
    distinct: int
    minimum: str | None = None
    maximum: str | None = None
    mean: float | None = None
    top: tuple[tuple[str, int], ...] = ()
    histogram: Histogram | None = None
    distinct_is_estimate: bool = False


@dataclass(frozen=True, slots=True)
class Profile:
    """What a reading's table holds, one entry a column in the table's order. ``content``: a digest of the typed rows
    that depends neither on their order nor on the file's format, named after how it was made; empty if unknown."""

    rows: int
    columns: tuple[ColumnProfile, ...]
    content: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to understand a version's bytes. ``table_sha256``: the typed Parquet table;
    ``profile_sha256``: a ``Profile`` as JSON."""

    id: str
    version_id: str
    number: int
    recipe: ParseRecipe
    columns: tuple[Column, ...]
    positive: str | None
    table_sha256: str
    profile_sha256: str
    findings: tuple[Finding, ...]
    created_at: str
    why_target: str = ""

    @property
    def target(self) -> str | None:
        """The name of the column used as target, if any."""
        return next((c.name for c in self.columns if c.use is Use.TARGET), None)

    @property
    def inputs(self) -> tuple[Column, ...]:
        """The columns that a model sees, in the table's order."""
        return tuple(c for c in self.columns if c.use is Use.INPUT)

    def column(self, name: str) -> Column:
        """The column of this name. KeyError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class ColumnEdit:
    """A change that a person makes to one column; None leaves that part as it is."""

    name: str
    type: ColumnType | None = None
    use: Use | None = None
    unit: str | None = None
    description: str | None = None
    personal: bool | None = None


@dataclass(frozen=True, slots=True)
class AddResult:
    """How a dropped file ended. ``already``: the same bytes were there, nothing was stored."""

    outcome: Outcome
    findings: tuple[Finding, ...]
    dataset: Dataset | None = None
    version: DataVersion | None = None
    reading: Reading | None = None
    already: bool = False

    @property
    def unclear(self) -> Finding | None:
        """Why nothing was stored until a person says to which data set it belongs; its choices are their names."""
        return next((f for f in self.findings if f.outcome is Outcome.REJECT and f.choices), None)

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of all findings, each once, in their order; ``("OK",)`` if there are none."""
        return tuple(dict.fromkeys(f.code for f in self.findings)) or ("OK",)
