"""The contract of a data set: what its versions and every prediction's inputs have to keep. Versioned."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.runtime.rules import Rule

SHOWN_ROWS = 20


@dataclass(frozen=True, slots=True)
class DataContract:
    """One version of a data set's contract. ``reason``: why it was changed, in a person's words."""

    id: str
    dataset_id: str
    number: int
    rules: tuple[Rule, ...]
    reason: str
    actor: str
    created_at: str


class Why(StrEnum):
    """Why a rule is broken as a whole, apart from its rows."""

    ROWS = "rows"
    NO_COLUMN = "no column"
    OTHER_TYPE = "other type"


@dataclass(frozen=True, slots=True)
class Broken:
    """A broken rule. ``rule``: its place in the contract; ``count``: the offending rows, of which ``rows`` (from 1) are
    the first ``SHOWN_ROWS`` and ``cells`` what stands there; ``above``: how many of them are above a range's upper
    bound; ``of``: the rows of the table."""

    rule: int
    count: int
    rows: tuple[int, ...]
    of: int
    why: Why = Why.ROWS
    above: int = 0
    cells: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """A table judged by rules: what is broken, in the rules' order."""

    broken: tuple[Broken, ...]

    def of(self, place: int) -> Broken | None:
        """How the rule at this place is broken; None if it is kept."""
        return next((b for b in self.broken if b.rule == place), None)
