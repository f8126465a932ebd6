"""Did the inputs or the scores move since training? Child side.

An alarm does not depend on how many rows were looked at: a distance counts if it lies outside the band that is
simulated for windows of this size (``nulls``), judged at one level for all columns together (``holm``), and if it is at
least a small effect (``core.effect_sizes``). With 100,000 rows a p-value alone flags everything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from app.core.differences import ValueShare
from app.core.effect_sizes import SMALL, size_of_js, size_of_ks, size_of_shares
from app.core.monitoring import ColumnDrift, Drift, DriftTest
from app.monitoring.asked import LEVEL
from app.monitoring.cells import NumberCells, ValueCells, Values, counted, number_cells, sorted_numbers, value_cells
from app.monitoring.distances import (
    Floats,
    chi_square,
    jensen_shannon,
    ks_and_wasserstein,
    psi,
    psi_of_numbers,
    same_share,
)
from app.monitoring.holm import common_level
from app.monitoring.nulls import Null, NullStore
from app.monitoring.pictures import number_bars, value_bars

USUAL = 0.95
"""The lower end of a band: so many windows without drift have a greater distance."""
NAMED = 5
SCORE = "score"

Column = npt.NDArray[np.floating] | Values
"""(n,) numbers with NaN for missing, or a list of texts with None."""
Cells = NumberCells | ValueCells


@dataclass(frozen=True, slots=True)
class _Missing:
    """Missing values and rows, then and now."""

    then: int
    rows: int
    now: int
    rows_now: int

    @property
    def size(self) -> float:
        """The change of their share as Cohen's h."""
        return size_of_shares(self.then / max(self.rows, 1), self.now / max(self.rows_now, 1))

    @property
    def p_value(self) -> float | None:
        """None where nothing is missing: then nothing can have moved."""
        return same_share(self.then, self.rows, self.now, self.rows_now) if self.then or self.now else None

    def usual(self, level: float) -> float:
        """The greatest size in this direction that is judged as nothing at this level."""
        expected = round(self.then / max(self.rows, 1) * self.rows_now)
        near, far = expected, self.now
        while abs(far - near) > 1:
            middle = (near + far) // 2
            usual = same_share(self.then, self.rows, middle, self.rows_now) > level
            near, far = (middle, far) if usual else (near, middle)
        return size_of_shares(self.then / max(self.rows, 1), near / max(self.rows_now, 1))


@dataclass(frozen=True, slots=True)
class _Compared:
    """A column before the others are known. ``null`` None: nothing to compare on one side."""

    drift: ColumnDrift
    null: Null | None
    p_shape: float
    missing: _Missing
    p_missing: float | None


def cells_of(column: Column) -> Cells:
    """A reference column, prepared."""
    return number_cells(column) if isinstance(column, np.ndarray) else value_cells(column)


def compare(
    reference: Mapping[str, Cells],
    window: Mapping[str, Column],
    *,
    score: tuple[Cells, Column] | None = None,
    importance: Mapping[str, float] | None = None,
    store: NullStore = NullStore(),  # noqa: B008 -- frozen
    level: float = LEVEL,
) -> Drift:
    """How each column of a window differs from its reference. ``importance``: by column, 0 where it is not told."""
    found = [_compared(name, cells, window[name], store) for name, cells in reference.items()]
    found += [_compared(SCORE, *score, store)] if score else []
    asked = [p for c in found for p in (c.p_shape if c.null else None, c.p_missing) if p is not None]
    common = common_level(asked, level)
    judged = [_judged(c, common) for c in found]
    told = judged.pop() if score else None
    weights = importance or {}
    columns = [_weighed(column, weights.get(column.name, 0.0)) for column in judged]
    return Drift(tuple(sorted(columns, key=lambda c: (-c.harm, not c.alarm, not c.moved, -c.size))), told, level)


def _compared(name: str, cells: Cells, window: Column, store: NullStore) -> _Compared:
    drift = figures(name, cells, window)
    now, rows = round(drift.missing_now * len(window)), len(window)
    missing = _Missing(round(drift.missing_then * cells.rows), cells.rows, now, rows)
    null = store.of(cells, rows - now) if now < rows and missing.then < cells.rows else None
    return _Compared(drift, null, null.p_value(drift.effect) if null else 1.0, missing, missing.p_value)


def figures(name: str, cells: Cells, window: Column) -> ColumnDrift:
    """The distances alone, not judged."""
    numbers = isinstance(cells, NumberCells)
    blank = ColumnDrift(
        name, DriftTest.SHAPE if numbers else DriftTest.SHARES, 0.0, 0.0, 0.0, 1.0, 0.0, False, False, 0.0, 0.0
    )
    if isinstance(cells, NumberCells):
        there, (known, drift) = len(cells.known), _numbers(blank, cells, np.asarray(window))
    else:
        there, (known, drift) = cells.known, _values(blank, cells, window)
    then, now = (cells.rows - there) / max(cells.rows, 1), (len(window) - known) / max(len(window), 1)
    return replace(drift, missing_then=then, missing_now=now)


def _numbers(blank: ColumnDrift, cells: NumberCells, window: npt.NDArray[np.generic]) -> tuple[int, ColumnDrift]:
    """How many values are present, and their distances."""
    known = sorted_numbers(window)
    if not len(known) or not len(cells.known):
        return len(known), blank
    gaps = np.abs(cells.below - np.searchsorted(known, cells.borders, "right") / len(known))
    then, now = number_bars(cells.known, known)
    drift = replace(
        blank,
        effect=float(gaps.max()),
        statistics=_number_figures(cells.known, known),
        out_of_range=int((known < cells.known[0]).sum() + (known > cells.known[-1]).sum()),
        then=then,
        now=now,
    )
    return len(known), drift


def _number_figures(then: Floats, now: Floats) -> tuple[tuple[str, float], ...]:
    ks, area = ks_and_wasserstein(then, now)
    spread = float(then.std())
    unit = spread or 1.0
    return (
        ("ks", ks),
        ("psi", psi_of_numbers(then, now)),
        ("wasserstein", area / unit),
        ("mean_then", float(then.mean())),
        ("mean_now", float(now.mean())),
    )


def _values(blank: ColumnDrift, cells: ValueCells, window: Column) -> tuple[int, ColumnDrift]:
    counts = Counter(window.tolist() if isinstance(window, np.ndarray) else window)
    counts.pop(None, None)
    texts = Counter({str(value): count for value, count in counts.items()})
    known = sum(texts.values())
    if not known or not cells.known:
        return known, blank
    a, b = np.append(cells.sums, 0.0), counted(cells, texts)
    p, q = a / a.sum(), b / b.sum()
    then, now = value_bars(cells.counts, texts)
    drift = replace(
        blank,
        effect=float(jensen_shannon(p, q)),
        statistics=(("psi", psi(p, q)), ("chi_square", chi_square(a, b))),
        appeared=_only(texts, cells.counts),
        vanished=_only(cells.counts, texts),
        then=then,
        now=now,
    )
    return known, drift


def _only(here: Counter[str], there: Counter[str]) -> tuple[ValueShare, ...]:
    """The most frequent values that the other side does not have."""
    only = sorted(((-count, value) for value, count in here.items() if value not in there))
    return tuple(ValueShare(value, -count) for count, value in only[:NAMED])


def _judged(found: _Compared, level: float) -> ColumnDrift:
    """Moved or not, at the level for a single test; told by the missing values where these moved more."""
    drift = found.drift
    low, high = (found.null.quantile(USUAL), found.null.quantile(level)) if found.null else (0.0, 0.0)
    size = size_by(drift.test, drift.effect)
    moved = found.null is not None and found.p_shape <= level
    shape = replace(
        drift, low=low, high=high, p_value=found.p_shape, size=size, moved=moved, alarm=_counts(moved, size)
    )
    size_of_missing = found.missing.size
    if found.p_missing is None or found.p_missing > level or (moved and size >= size_of_missing):
        return shape
    return replace(
        shape,
        test=DriftTest.MISSING,
        effect=size_of_missing,
        low=0.0,
        high=found.missing.usual(level),
        p_value=found.p_missing,
        size=size_of_missing,
        moved=True,
        alarm=_counts(True, size_of_missing),
    )


def _counts(moved: bool, size: float) -> bool:
    return moved and size >= SMALL


def _weighed(drift: ColumnDrift, importance: float) -> ColumnDrift:
    """With what its drift may do to the answers."""
    beyond = max(0.0, drift.size - size_by(drift.test, drift.high)) if drift.moved else 0.0
    return replace(drift, importance=importance, harm=beyond * max(0.0, importance))


def size_by(test: DriftTest, effect: float) -> float:
    """An effect as Cohen's d."""
    if test is DriftTest.MISSING:
        return effect
    return size_of_ks(effect) if test is DriftTest.SHAPE else size_of_js(effect)
