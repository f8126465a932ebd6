"""What a model takes: one input a column, with its range or its list of categories from training rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from app.core.data import Column, ColumnType
from app.core.runs import InputSpec
from app.export.numbers import Inputs
from app.runtime.canonical import MISSING, canonical

MOST_CATEGORIES = 1000
"""The most frequent categories are told apart, the others are *other*."""

Raw = Mapping[str, npt.NDArray[np.generic]]


def specs(columns: Sequence[Column], raw: Raw) -> tuple[InputSpec, ...]:
    """The inputs in order, named ``c0, c1, ...``. ``raw``: column name -> raw values of *training rows only*."""
    return tuple(_spec(column, f"c{i}", raw[column.name]) for i, column in enumerate(columns))


def canonical_inputs(inputs: Sequence[InputSpec], raw: Raw) -> Inputs:
    """Raw columns as the graph takes them: input name -> (n, 1) float32 or object array of str."""
    return {spec.input: canonical(spec.type.value, raw[spec.name]) for spec in inputs}


def _spec(column: Column, name: str, raw: npt.NDArray[np.generic]) -> InputSpec:
    values = canonical(column.type.value, raw)[:, 0]
    if column.type in (ColumnType.CATEGORY, ColumnType.TEXT):
        counts = Counter(values.tolist())
        missing = counts.pop(MISSING, 0)
        listed = frequent(counts, len(values)) if column.type is ColumnType.CATEGORY else ()
        return InputSpec(column.name, column.type, name, missing, categories=listed)
    known = values[~np.isnan(values)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (None, None)
    return InputSpec(column.name, column.type, name, len(values) - len(known), low, high)


def frequent(counts: Mapping[str, int], rows: int) -> tuple[str, ...]:
    """Categories worth telling apart, sorted: seen at least twice, up to ten times in large tables."""
    least = max(2, min(10, rows // 5000))
    able = [(value, count) for value, count in counts.items() if count >= least]
    most = sorted(able, key=lambda pair: (-pair[1], pair[0]))[:MOST_CATEGORIES]
    return tuple(sorted(value for value, _ in most))
