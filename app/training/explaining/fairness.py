"""How a model treats groups of rows: rates and errors by group, their differences and ratios. In a child only.

Differences to the largest group and between the extremes, with percentile intervals of one bootstrap for all. Rates as
in Hardt, Price and Srebro (2016), "Equality of opportunity in supervised learning".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from app.core.data import Column, ColumnType
from app.core.fairness import (
    ERROR_RATE,
    FALSE_POSITIVE,
    MEAN_ABSOLUTE,
    MEAN_ERROR,
    MEASURES,
    SELECTION,
    SMALL_ROWS,
    TRUE_POSITIVE,
    FairColumn,
    FairGroup,
    Fairness,
    Gap,
    GroupFigure,
)
from app.core.runs import Score, Task
from app.training.bootstrap import interval, weights
from app.training.explaining.groups import Group, given_groups
from app.training.inputs import canonical_inputs, specs
from app.training.metrics import Answers, Floats

Raw = npt.NDArray[np.generic]
LEAST_GROUPS = 2


@dataclass(frozen=True, slots=True)
class _Counted:
    """``amount``: (n,) what is averaged; ``counts``: (n,) 1 where a row is one of those averaged."""

    amount: Floats
    counts: Floats


@dataclass(frozen=True, slots=True)
class _Rates:
    """A measure in the groups of one column. ``values``: (g,); ``drawn``: (draws, g); ``rows``: (g,)."""

    values: Floats
    drawn: Floats
    rows: npt.NDArray[np.int64]

    @property
    def large(self) -> npt.NDArray[np.intp]:
        """Groups whose figure may be compared."""
        return np.flatnonzero((self.rows >= SMALL_ROWS) & np.isfinite(self.values))


def groups_of(columns: Sequence[Column], raw: Mapping[str, Raw]) -> list[list[Group]]:
    """Each column's groups of rows, in the columns' order; free text has none."""
    able = [column for column in columns if column.type is not ColumnType.TEXT]
    told = specs(able, raw)
    x = canonical_inputs(told, raw)
    return [list(given_groups([spec], x)) for spec in told]


def answered_from(answers: Answers, threshold: float | None) -> Answers:
    """The same answers, positive from a chosen threshold on."""
    return answers if threshold is None or answers.task is not Task.BINARY else replace(answers, threshold=threshold)


def fairness(groups: Sequence[Sequence[Group]], personal: set[str], answers: Answers, seed: int) -> Fairness:
    """Every measure of the task in every group. ``groups``: one list a column, over the rows that were answered."""
    measures = MEASURES[answers.task]
    every = [group for column in groups for group in column]
    rates = {m: _rates(_counted(m, answers), every, answers.n, seed) for m in measures}
    found, start = [], 0
    for column in groups:
        part = slice(start, start + len(column))
        start += len(column)
        own = {m: _Rates(r.values[part], r.drawn[:, part], r.rows[part]) for m, r in rates.items()}
        if len(column) >= LEAST_GROUPS:
            found.append(_column(column, own, personal))
    of = answers.labels[answers.positive] if answers.task is Task.BINARY else ""
    found.sort(key=lambda one: not one.personal)
    return Fairness(measures, of, answers.n, SMALL_ROWS, tuple(found))


def largest_gap(groups: Sequence[Group], measure: str, answers: Answers, seed: int) -> Gap | None:
    """The largest difference of one measure between the groups of a column; None if fewer than two are large."""
    return _gap(measure, groups, _rates(_counted(measure, answers), groups, answers.n, seed))


def _column(groups: Sequence[Group], rates: Mapping[str, _Rates], personal: set[str]) -> FairColumn:
    sizes = [int(group.mask.sum()) for group in groups]
    reference = int(np.argmax(sizes))
    told = [
        FairGroup(group.title, sizes[i], i == reference, tuple(_figures(rates, i, reference)))
        for i, group in enumerate(groups)
    ]
    gaps = [gap for measure, rate in rates.items() if (gap := _gap(measure, groups, rate)) is not None]
    return FairColumn(groups[0].column, groups[0].column in personal, tuple(told), tuple(gaps))


def _figures(rates: Mapping[str, _Rates], i: int, reference: int) -> Iterator[GroupFigure]:
    for measure, rate in rates.items():
        rows, small = int(rate.rows[i]), i not in rate.large
        value = _score(rate.values[i], rate.drawn[:, i])
        if small or i == reference or reference not in rate.large:
            yield GroupFigure(measure, rows, value, small=small)
            continue
        base, base_drawn = rate.values[reference], rate.drawn[:, reference]
        difference = _score(rate.values[i] - base, rate.drawn[:, i] - base_drawn)
        ratio = None if measure == MEAN_ERROR else _ratio(rate.values[i], rate.drawn[:, i], base, base_drawn)
        yield GroupFigure(measure, rows, value, difference, ratio)


def _gap(measure: str, groups: Sequence[Group], rate: _Rates) -> Gap | None:
    large = rate.large
    if len(large) < LEAST_GROUPS:
        return None
    values, drawn = rate.values[large], rate.drawn[:, large]
    high, low = large[int(np.argmax(values))], large[int(np.argmin(values))]
    difference = _score(float(np.ptp(values)), np.nanmax(drawn, axis=1) - np.nanmin(drawn, axis=1))
    assert difference is not None
    return Gap(measure, difference, groups[high].title, groups[low].title)


def _rates(counted: _Counted, groups: Sequence[Group], rows: int, seed: int) -> _Rates:
    """One pass of the bootstrap over all groups: a group's mean of its counted rows."""
    masks = np.column_stack([group.mask for group in groups]).astype(np.float64) if groups else np.empty((rows, 0))
    amounts, counts = masks * counted.amount[:, None], masks * counted.counts[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        values = amounts.sum(axis=0) / counts.sum(axis=0)
        drawn = np.concatenate([(w @ amounts) / (w @ counts) for w in weights(rows, seed)])
    return _Rates(values, drawn, counts.sum(axis=0).astype(np.int64))


def _counted(measure: str, answers: Answers) -> _Counted:
    every = np.ones(answers.n)
    if answers.task is Task.ANOMALY:
        return _Counted(answers.selected.astype(np.float64), every)
    if not answers.task.classifies:
        error = answers.predicted - np.asarray(answers.actual, np.float64)
        return _Counted(np.abs(error) if measure == MEAN_ABSOLUTE else error, every)
    if measure == ERROR_RATE:
        return _Counted((answers.chosen != answers.actual).astype(np.float64), every)
    chosen = (answers.chosen == answers.positive).astype(np.float64)
    actual = (answers.actual == answers.positive).astype(np.float64)
    counts = {SELECTION: every, TRUE_POSITIVE: actual, FALSE_POSITIVE: 1 - actual}[measure]
    return _Counted(chosen * counts, counts)


def _ratio(value: float, drawn: Floats, base: float, base_drawn: Floats) -> Score | None:
    """None where the reference has nothing to compare with."""
    if not base:
        return None
    with np.errstate(invalid="ignore", divide="ignore"):
        return _score(value / base, drawn / base_drawn)


def _score(value: float, drawn: Floats) -> Score | None:
    return interval(float(value), drawn) if np.isfinite(value) else None
