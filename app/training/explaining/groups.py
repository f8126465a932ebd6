"""Groups of rows that a person would name: a column's categories, or quarters of its values. In a child only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt

from app.core.data import ColumnType
from app.core.runs import InputSpec
from app.runtime.canonical import MISSING

Raw = npt.NDArray[np.generic]
Mask = npt.NDArray[np.bool_]
Inputs = Mapping[str, Raw]

MOST_GROUPS = 12
"""Categories of one column that are looked at by themselves, the most frequent ones."""
FEW_VALUES = 6
"""Numbers with so few different values are grouped by value."""
QUARTERS = (0.25, 0.5, 0.75)


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of the hold-out under one condition. ``mask``: (n,)."""

    column: str
    title: str
    mask: Mask


def given_groups(specs: Sequence[InputSpec], x: Inputs) -> Iterator[Group]:
    """Each input's groups, which for one input do not overlap. Texts have none."""
    for spec in specs:
        values = x[spec.input][:, 0]
        if spec.type is ColumnType.CATEGORY:
            yield from _categories(spec, values)
        elif spec.type is not ColumnType.TEXT:
            yield from _numbers(spec, np.asarray(values, np.float64))


def words_of(spec: InputSpec, value: object) -> str:
    """One canonical value as a person reads it."""
    if isinstance(value, str):
        return "missing" if value == MISSING else value
    number = float(value)  # type: ignore[arg-type]
    if np.isnan(number):
        return "missing"
    if spec.type is ColumnType.BOOLEAN:
        return "yes" if number else "no"
    if spec.type is ColumnType.DATETIME:
        return _day(number)
    return f"{number:.0f}" if spec.type is ColumnType.INTEGER and number.is_integer() else f"{number:.5g}"


def _day(days: float) -> str:
    """Days since 1970 as a date."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=days)).date().isoformat()


def _categories(spec: InputSpec, values: Raw) -> Iterator[Group]:
    counts = Counter(values.tolist())
    for value, _ in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_GROUPS]:
        yield Group(spec.name, f"{spec.name} is {words_of(spec, value)}", values == value)


def _numbers(spec: InputSpec, values: npt.NDArray[np.float64]) -> Iterator[Group]:
    missing = np.isnan(values)
    if missing.any():
        yield Group(spec.name, f"{spec.name} is missing", missing)
    known = values[~missing]
    distinct = np.unique(known)
    if len(distinct) <= FEW_VALUES:
        for value in distinct:
            yield Group(spec.name, f"{spec.name} is {words_of(spec, value)}", values == value)
        return
    edges = np.unique(np.quantile(known, QUARTERS, method="inverted_cdf"))
    lows, highs = [-np.inf, *edges], [*edges, np.inf]
    for low, high in zip(lows, highs, strict=True):
        mask = (values > low) & (values <= high)
        if mask.any():
            yield Group(spec.name, between(spec, low, high), mask)


def between(spec: InputSpec, low: float, high: float) -> str:
    """A range in words: above ``low``, up to ``high``; infinite ends are left out."""
    above, upto = (words_of(spec, float(end)) if np.isfinite(end) else "" for end in (low, high))
    if above and upto:
        return f"{spec.name} above {above} up to {upto}"
    return f"{spec.name} above {above}" if above else f"{spec.name} up to {upto}"
