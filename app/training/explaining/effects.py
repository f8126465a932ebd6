"""What one column does to the answers: partial dependence (Friedman 2001) and the lines of single rows, individual
conditional expectation (Goldstein et al. 2015). In a child only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from app.core.data import ColumnType
from app.core.explanations import Dependence
from app.core.runs import InputSpec
from app.training.explaining.groups import MOST_GROUPS, Inputs, Raw, words_of
from app.training.metrics import Floats

MOST_ROWS = 300
MOST_LINES = 30
MOST_POINTS = 30
ENDS = (0.01, 0.99)
"""Shares of the rows between which a number is moved: beyond them there is next to nothing to learn from."""
TENTHS = tuple(i / 10 for i in range(1, 10))

Predict = Callable[[Inputs], Floats]


def dependence(predict: Predict, spec: InputSpec, x: Inputs, of: str, random: np.random.Generator) -> Dependence | None:
    """One column's effect; None for a text and for a column of one value. ``predict``: rows -> (n,) figures."""
    values = x[spec.input][:, 0]
    points = _points(spec, values)
    if len(points) < 2:
        return None
    rows = np.sort(random.choice(len(values), min(len(values), MOST_ROWS), replace=False))
    answers = _answers(predict, spec, {name: v[rows] for name, v in x.items()}, points)
    lines = answers[np.sort(random.choice(len(rows), min(len(rows), MOST_LINES), replace=False))]
    numbers = spec.type in (ColumnType.NUMBER, ColumnType.INTEGER)
    at = np.asarray(points, np.float64) if spec.type not in _NAMED else np.arange(len(points), dtype=np.float64)
    return Dependence(
        spec.name,
        of,
        at=tuple(at.tolist()),
        labels=() if numbers else tuple(words_of(spec, point) for point in points),
        mean=tuple(answers.mean(axis=0).tolist()),
        lines=tuple(tuple(line.tolist()) for line in lines),
        spread=() if spec.type in _NAMED else _spread(values),
    )


_NAMED = (ColumnType.CATEGORY, ColumnType.BOOLEAN)


def _points(spec: InputSpec, values: Raw) -> Raw:
    """The values that are tried, in the column's own type."""
    if spec.type is ColumnType.TEXT:
        return values[:0]
    if spec.type is ColumnType.CATEGORY:
        counts = Counter(values.tolist())
        return np.array([v for v, _ in counts.most_common(MOST_GROUPS)], dtype=object)
    known = np.asarray(values, np.float32)
    known = known[~np.isnan(known)]
    distinct = np.unique(known)
    if len(distinct) <= MOST_POINTS:
        return distinct
    return np.unique(np.quantile(known, np.linspace(*ENDS, MOST_POINTS)).astype(np.float32))


def _answers(predict: Predict, spec: InputSpec, x: Inputs, points: Raw) -> Floats:
    """(rows, points) answers."""
    rows = len(x[spec.input])
    tiled = {name: np.repeat(values, len(points), axis=0) for name, values in x.items()}
    tiled[spec.input] = np.tile(points, rows).reshape(-1, 1).astype(x[spec.input].dtype, copy=False)
    return predict(tiled).reshape(rows, len(points))


def _spread(values: Raw) -> tuple[float, ...]:
    known = np.asarray(values, np.float64)
    return tuple(np.quantile(known[~np.isnan(known)], TENTHS).tolist())


def dependences(
    predict: Predict, specs: Sequence[InputSpec], x: Inputs, of: str, random: np.random.Generator
) -> list[Dependence]:
    """Of each column that has one, in the order of ``specs``."""
    found = (dependence(predict, spec, x, of, random) for spec in specs)
    return [one for one in found if one is not None]
