"""How many columns a model may take in the time of a plan. Both sides."""

from __future__ import annotations

COLUMNS_PER_SECOND, LEAST_COLUMNS, MOST_COLUMNS = 15, 100, 2_000
"""Measured on 10,000 columns of 1,000 rows: 100 iterations of boosting take 35 s on all of them, 1 s on 300, and a file
of 10,000 inputs needs 40 s for its proof alone."""
WORTHWHILE = 2
"""Times as many columns as that have to be there: leaving out fewer saves little."""
COLUMNS_A_TEXT, LEAST_TEXTS = 40, 4
"""A text column becomes up to 200 columns of words for trees, 2,000 for linear models; so many of them always fit."""
SCREENED_ROWS = 4_000
"""Training rows by which columns are chosen."""


def columns_in_time(columns: int, seconds: float) -> int:
    """How many of so many columns are kept: all, or as many as the seconds allow."""
    able = int(min(MOST_COLUMNS, max(LEAST_COLUMNS, COLUMNS_PER_SECOND * seconds)))
    return able if columns >= WORTHWHILE * able else columns


def texts_in_time(texts: int, seconds: float) -> int:
    """How many text columns are kept of so many."""
    return min(texts, max(LEAST_TEXTS, int(COLUMNS_PER_SECOND * seconds / COLUMNS_A_TEXT)))


def narrowed_note(columns: int, kept: int, target: str) -> str:
    """What was left out, in words."""
    return (
        f"Of {columns:,} columns the {kept:,} that tell most about {target} by themselves were used, chosen by "
        "training rows alone. More seconds allow for more columns."
    )
