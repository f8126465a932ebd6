"""Rows whose label is not that of nearly all rows like them: a mistake of whoever labelled, perhaps. Child side.

The k nearest neighbours of each row of a bounded sample, leaving the row itself out (Wilson 1972, "edited nearest
neighbour"; only classes that the neighbours tell well are judged, as in Northcutt, Jiang and Chuang 2021, "Confident
learning": where classes overlap a stranger among his neighbours is no mistake).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from app.core.data import Column, ColumnType, Finding
from app.core.runs import Task
from app.data.checking import single_scores as scores
from app.data.checking.sample import Sample, some_of
from app.data.findings import SHOWN_ROWS, listed, shown, warn
from app.data.target import label_texts

MOST_ROWS, MOST_INPUTS, MOST_VALUES = 3_000, 200, 20
"""Bounds of the work: all pairs of rows; of a wide table the first inputs; categories with more values say little."""
LEAST_ROWS, LEAST_OF_CLASS = 100, 20
NEIGHBOURS = 10
MOST_ALIKE = 1
"""Of ten neighbours: with more of its own label a row is no stranger."""
TOLD_WELL = 0.9
"""Of the rows of a class so many have neighbours of whom most are of their class, else the class is not judged."""
LEAST_SHARE = 0.01
"""Of a column's variance that lies between the classes: with less it only blurs who is near whom."""

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]


def label_noise_findings(sample: Sample, target: Column, inputs: Sequence[Column], task: Task) -> tuple[Finding, ...]:
    """One finding with the suspicious rows, or nothing."""
    if not task.classifies:
        return ()
    texts = label_texts(sample.values[target.name], target.type)
    places = _some(np.flatnonzero([text is not None for text in texts]))
    if len(places) < LEAST_ROWS:
        return ()
    labels, classes = np.unique(texts[places].astype(str), return_inverse=True)
    design = _design(sample, inputs, places, classes)
    if len(labels) < 2 or design is None:
        return ()
    strangers, believed = _strangers(design, classes, len(labels))
    if not len(strangers):
        return ()
    return (_finding(sample, target, places, strangers, labels, classes, believed),)


def _some(places: Places) -> Places:
    """At most ``MOST_ROWS`` of them."""
    return places[some_of(len(places), MOST_ROWS)]


def _design(sample: Sample, inputs: Sequence[Column], places: Places, classes: Places) -> Floats | None:
    """(n, d) columns of about unit length, the shorter the less they tell the classes; None if none does."""
    columns = [part for column in inputs[:MOST_INPUTS] for part in _parts(sample, column, places)]
    weighted = [part * np.sqrt(share) for part in columns if (share := _between(part, classes)) >= LEAST_SHARE]
    return np.column_stack(weighted) if weighted else None


def _parts(sample: Sample, column: Column, places: Places) -> list[Floats]:
    """A number in units of what most of its values span, a category as one column a value; a missing value stands in
    the middle. Ranks would close the gap between two classes."""
    values = sample.values[column.name][places]
    if column.type is ColumnType.TEXT:
        return []
    if column.type is ColumnType.CATEGORY:
        codes = scores.codes_of(values)
        count = int(codes.max(initial=0)) + 1
        return [] if count > MOST_VALUES else [(codes == code).astype(np.float64) for code in range(count)]
    numbers = scores.numbers_of(values)
    known = ~np.isnan(numbers)
    if not known.any():
        return []
    low, middle, high = np.quantile(numbers[known], (0.05, 0.5, 0.95))
    reach = high - low if high > low else 1.0
    return [np.clip(np.where(known, (numbers - middle) / reach, 0.0), -1.0, 1.0)]


def _between(values: Floats, classes: Places) -> float:
    """The share of the variance that lies between the classes (eta squared)."""
    total = float(((values - values.mean()) ** 2).sum())
    if total == 0:
        return 0.0
    counts = np.bincount(classes)
    means = np.bincount(classes, weights=values) / counts
    return float((counts * (means - values.mean()) ** 2).sum()) / total


def _strangers(design: Floats, classes: Places, count: int) -> tuple[Places, Places]:
    """Positions of the suspicious rows, and the class of most neighbours of every row."""
    near = _nearest(design)
    votes = np.zeros((len(classes), count))
    for place in range(NEIGHBOURS):
        votes[np.arange(len(classes)), classes[near[:, place]]] += 1
    believed = votes.argmax(axis=1)
    sizes = np.bincount(classes, minlength=count)
    told = np.bincount(classes[believed == classes], minlength=count) / np.maximum(1, sizes)
    sure = (told >= TOLD_WELL) & (sizes >= LEAST_OF_CLASS)
    alike = votes[np.arange(len(classes)), classes]
    agreed = votes.max(axis=1) >= NEIGHBOURS - MOST_ALIKE
    return np.flatnonzero((alike <= MOST_ALIKE) & agreed & sure[classes] & sure[believed]), believed


def _nearest(design: Floats) -> Places:
    """(n, k) the nearest other rows, by Euclid's distance."""
    squares = (design**2).sum(axis=1)
    near = np.empty((len(design), NEIGHBOURS), np.intp)
    for start in range(0, len(design), 500):
        part = slice(start, start + 500)
        distances = squares[None, :] - 2 * design[part] @ design.T
        distances[np.arange(len(distances)), np.arange(start, start + len(distances))] = np.inf
        near[part] = np.argpartition(distances, NEIGHBOURS, axis=1)[:, :NEIGHBOURS]
    return near


def _finding(
    sample: Sample,
    target: Column,
    places: Places,
    strangers: Places,
    labels: npt.NDArray[np.str_],
    classes: Places,
    believed: Places,
) -> Finding:
    rows = (sample.rows[places[strangers]] + 1).tolist()[:SHOWN_ROWS]
    first = strangers[0]
    looked = f" (in a sample of {len(places):,} rows)" if len(places) < sample.total else ""
    have, count = ("row has", 1) if len(strangers) == 1 else ("rows have", len(strangers))
    message = (
        f"{count:,} {have} another {target.name} than nearly all rows like them{looked}: "
        f"{'row' if count == 1 else 'rows'} {listed(rows)}. Row {rows[0]:,} says {shown(labels[classes[first]])}, "
        f"its neighbours say {shown(labels[believed[first]])}."
    )
    cells = [labels[classes[at]] for at in strangers[:SHOWN_ROWS]]
    hint = "Look at these rows: a label may be wrong. Keep them if they are right."
    return warn("LABEL_NOISE", message, hint, target.name, rows, cells=cells)
