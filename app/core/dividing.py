"""How rows may be divided into those that train and those that test, and what is asked about it."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.runs import SplitKind

ORDERED, CUT, TOGETHER = "TIME_SPLIT_SUGGESTED", "SPLIT_BY_TIME", "GROUP_SPLIT_SUGGESTED"
"""Findings: of a time that should divide, of the one that does, of a group that should stay together."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to divide. ``column``: the time or the group, None by row."""

    kind: SplitKind
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """About columns that may say when a row happened and do not divide: ``columns``, the likeliest first."""

    columns: tuple[str, ...]
    message: str
