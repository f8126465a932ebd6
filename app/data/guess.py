"""Which column is the target, and which class is the one to look for: guesses, each with its reason. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.core.data import Column, ColumnProfile, ColumnType, Use

MOST_CLASSES = 20
SURE_NAMES = ("target", "label", "class", "y", "outcome", "response", "dependent", "ground_truth")
PLAIN_NAMES = ("target", "label")
LIKELY_NAMES = (
    "churn", "churned", "default", "defaulted", "survived", "diagnosis", "species", "fraud", "is_fraud", "spam",
    "clicked", "converted", "purchased", "approved", "attrition", "exited", "readmitted", "failure", "failed", "death",
    "died", "sentiment", "category", "quality", "price", "sale_price", "median_house_value", "salary", "income",
    "wage", "revenue", "sales", "rating", "score", "grade",
)  # fmt: skip
POSITIVE = (
    "1", "true", "yes", "y", "positive", "pos", "churned", "churn", "default", "bad", "malignant", "m", "fraud", "spam",
    "sick", "ill", "failed", "failure", "died", "dead", "left", "exited", "abnormal", "high", ">50k", "1.0", "t",
)  # fmt: skip


def guess_target(columns: Sequence[Column], profiles: Sequence[ColumnProfile], rows: int) -> tuple[str | None, str]:
    """The target's name and why. None, and why not, if no column will do."""
    able = [(c, p) for c, p in zip(columns, profiles, strict=True) if _able(c, p)]
    for names, words in (
        (SURE_NAMES, "is called as targets often are"),
        (LIKELY_NAMES, "has a name that targets often have"),
    ):
        named = [c.name for c, p in zip(columns, profiles, strict=True) if _plain(c.name) in names and _nameable(c, p)]
        if named:
            return named[-1], f"{named[-1]} {words}"
    one_class = [c.name for c, p in zip(columns, profiles, strict=True) if _plain(c.name) in PLAIN_NAMES and p.distinct]
    if one_class:  # said at once, rather than silently predicting something else
        return one_class[-1], f"{one_class[-1]} is called as targets often are"
    few = [
        c.name
        for c, p in able
        if p.distinct <= min(MOST_CLASSES, max(2, rows // 4)) and c.type is not ColumnType.NUMBER
    ]
    if few:
        return few[-1], f"{few[-1]} is the last column with few different values"
    numbers = [c.name for c, _ in able if c.type in (ColumnType.NUMBER, ColumnType.INTEGER) and c.use is Use.INPUT]
    if numbers and numbers[-1] == columns[-1].name:
        return numbers[-1], f"{numbers[-1]} is the last column, and a number"
    return None, "no column looks like something to predict; choose one"


def guess_positive(column: Column, profile: ColumnProfile) -> str | None:
    """The class whose probability is the score, for a target of two values: by its word, else the rarer one."""
    if profile.distinct != 2 or column.type is ColumnType.DATETIME:
        return None
    classes = classes_of(column, profile)
    worded = [text for text in classes if text.lower() in POSITIVE]
    if worded:
        return min(worded, key=lambda text: POSITIVE.index(text.lower()))
    counts = dict(profile.top)
    return min(reversed(classes), key=lambda text: counts.get(text, 0)) if classes else None


def classes_of(column: Column, profile: ColumnProfile) -> list[str]:
    """The two classes as label texts (see ``target.label_texts``), sorted."""
    if profile.top:
        return sorted(value for value, _ in profile.top)
    both = [profile.minimum, profile.maximum]
    if column.type is ColumnType.NUMBER:
        return sorted(repr(float(value)) for value in both if value is not None)
    return sorted(value for value in both if value is not None)


def class_rows(column: Column, profile: ColumnProfile) -> dict[str, int]:
    """How many rows each class has, the most frequent first: all of text and yes/no, both of two numbers."""
    if profile.top or profile.distinct != 2 or profile.histogram is None:
        return dict(profile.top)
    ends = profile.histogram.counts[0], profile.histogram.counts[-1]
    low, high = sorted(classes_of(column, profile), key=float)
    return dict(sorted(zip((low, high), ends, strict=True), key=lambda pair: -pair[1]))


def _nameable(column: Column, profile: ColumnProfile) -> bool:
    """A name may also point at a large amount, which would else be no input."""
    amount = column.use is Use.IDENTIFIER and column.type is ColumnType.INTEGER and profile.distinct >= 2
    return amount or _able(column, profile)


def _able(column: Column, profile: ColumnProfile) -> bool:
    return (
        column.use in (Use.INPUT, Use.TARGET)
        and profile.distinct >= 2
        and column.type not in (ColumnType.DATETIME, ColumnType.TEXT)
    )


def _plain(name: str) -> str:
    """``SalePrice``, ``sale price`` and ``sale_price`` as one."""
    return re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()).strip("_")
