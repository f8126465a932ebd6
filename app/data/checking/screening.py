"""Which of thousands of columns may be copies of the target, told by the sample. Child side: numpy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from app.core.data import Column, ColumnType
from app.data.checking.sample import Sample
from app.data.checking.single_scores import Floats, codes_of, numbers_of
from app.data.table import Raw

NEARLY_ONE = 0.999
"""A copy of all rows has a correlation of 1 in some of them too, but for what rounding leaves of it."""
_NUMERIC = (ColumnType.NUMBER, ColumnType.INTEGER)


def may_be_copies(sample: Sample, target: Column, columns: Sequence[Column], inputs: Sequence[int]) -> list[int]:
    """Those of ``inputs`` that are copies in these rows, and those of which these rows say nothing."""
    raw = sample.values[target.name]
    codes, numbers = codes_of(raw), numbers_of(raw) if target.type in _NUMERIC else None
    there = _there(raw)
    kept = []
    for i in inputs:
        values = sample.values[columns[i].name]
        if numbers is not None and columns[i].type in _NUMERIC:
            keep = _goes_along(numbers_of(values), numbers)
        else:
            both = there & _there(values)
            pairs = codes_of(values)[both] * (int(codes.max(initial=0)) + 1) + codes[both]
            keep = len(np.unique(pairs)) <= len(np.unique(codes[both]))
        if keep:
            kept.append(i)
    return kept


def _there(values: Raw) -> npt.NDArray[np.bool_]:
    return np.array([value is not None and value == value for value in values.tolist()], dtype=bool)


def _goes_along(one: Floats, other: Floats) -> bool:
    known = ~(np.isnan(one) | np.isnan(other))
    a, b = one[known], other[known]
    a, b = a - a.mean() if len(a) else a, b - b.mean() if len(b) else b
    spread = float(np.sqrt((a @ a) * (b @ b)))
    return not spread > 0 or not abs(float(a @ b)) <= NEARLY_ONE * spread  # undefined: look at all rows
