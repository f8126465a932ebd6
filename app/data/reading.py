"""What the parent asks the reading child for and what it gets back. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.core.data import Column, Finding, ParseRecipe, Profile
from app.data.wishes import Wishes
from app.runtime.rules import Rule

READER = "app.data.look:look_or_read"
ABOUT_TARGET = "app.data.checking.target_checks:about_target"
ABOUT_USES = (
    "TARGET_ONE_CLASS", "TARGET_IS_DATE", "TARGET_FEW_ROWS", "TARGET_MANY_CLASSES", "CLASS_FEW_ROWS", "TARGET_LEAK",
    "TARGET_LEAK_LIKELY", "TARGET_IN_TEXT", "TIME_SPLIT_SUGGESTED", "GROUP_SPLIT_SUGGESTED", "TIME_BEFORE_GROUP",
    "SPLIT_BY_TIME",
    "DUPLICATES_ACROSS_SPLIT", "LABEL_CONFLICT", "LABEL_NOISE",
)  # fmt: skip
"""Findings that depend on what the columns are used as: looked for anew when a use changes."""
TABLE_FILE = "table.parquet"
PROFILE_FILE = "profile.json"

MEMORY_BYTES = 1 << 30
BASE_DEADLINE_S = 120.0
DEADLINE_S_PER_MB = 1.0


@dataclass(frozen=True, slots=True)
class Known:
    """A data set that a file may be the next version of, as it is read now. ``rules``: of its contract."""

    dataset_id: str
    name: str
    columns: tuple[Column, ...]
    positive: str | None
    recipe: ParseRecipe
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """``sources``: copies that nobody changes, with the ``names`` the person knows them by; several are appended.
    ``recipe``: read the same bytes again, with what a person chose in it: a cell that does not fit then stops it.
    ``careful``: columns of ``recipe`` whose cells must not lose digits by the chosen type; ``known``: what the file
    may be the next version of; ``target``: chosen by a person;
    ``wishes``: settings of the command line, for bytes that are new; ``announce``: emit the figures of a large table
    (a ``FirstLook``) as soon as they are exact, before the rows are checked."""

    sources: tuple[Path, ...]
    names: tuple[str, ...]
    recipe: ParseRecipe | None = None
    known: tuple[Known, ...] = ()
    target: str | None = None
    wishes: Wishes | None = None
    careful: tuple[str, ...] = ()
    announce: bool = False


@dataclass(frozen=True, slots=True)
class ReadResult:
    """The table and the profile are the files ``TABLE_FILE`` and ``PROFILE_FILE`` in the child's folder.
    ``dataset_id``: the known data set whose columns match; ``fits``: all whose columns do, the likeliest last."""

    rows: int
    recipe: ParseRecipe
    columns: tuple[Column, ...]
    positive: str | None
    findings: tuple[Finding, ...]
    why_target: str
    dataset_id: str | None
    fits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FirstLook:
    """What the first rows of a large file look like while all of it is still on its way. Never recorded: the exact
    reading replaces it. ``rows``: in the whole table, estimated unless ``rows_known``; ``profile``: of the
    ``profile.rows`` rows that were looked at; ``cells``: the first of these rows as text, None for missing;
    ``exact``: all rows were looked at, only the checks are still to come."""

    names: tuple[str, ...]
    rows: int
    rows_known: bool
    columns: tuple[Column, ...]
    profile: Profile
    cells: tuple[tuple[str | None, ...], ...]
    exact: bool = False


@dataclass(frozen=True, slots=True)
class ReaderTask:
    """Either a first ``look`` at the dropped file itself, or the copies to ``read``."""

    look: ReadRequest | None = None
    read: ReadRequest | None = None


@dataclass(frozen=True, slots=True)
class ReaderAnswer:
    """``read``: None after a look, which is told by what was emitted."""

    read: ReadResult | None = None


@dataclass(frozen=True, slots=True)
class AboutTarget:
    """Findings about another target of a table that is there already."""

    findings: tuple[Finding, ...]


def deadline_s(size_bytes: int) -> float:
    """How long reading may take before it is stopped: generous, so that only a hang meets it."""
    return BASE_DEADLINE_S + DEADLINE_S_PER_MB * size_bytes / 1e6
