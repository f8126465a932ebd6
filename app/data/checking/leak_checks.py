"""Columns that give the target away without being a copy of it: one column's score, its gaps, its words. Child side."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from app.core.data import Column, ColumnType, Finding
from app.core.runs import Task
from app.data.checking import single_scores as scores
from app.data.checking.sample import Sample
from app.data.findings import SHOWN_ROWS, shown, warn
from app.data.table import Raw, plain
from app.data.target import label_texts

NEAR_ONE_AUC = 0.99
"""H2O Driverless AI names a column as a possible leak above 0.95 and drops it above 0.999; the best honest column of
the breast cancer table reaches 0.975, so 0.95 would cry wolf."""
NEAR_ONE_GAIN = 0.98
"""As an AUC of 0.99 of two equal classes, told by the rows next to each other."""
NEAR_ONE_CORRELATION = 0.999
"""Explains 99.8 % of the variance: a measurement repeated by hand or rounded does that, an input hardly ever."""
NEAR_ONE_EXPLAINED = NEAR_ONE_CORRELATION**2

SHORTEST_LABEL = 3
"""Letters: *no* and *1* stand in every text."""
MOST_LABELS = 50
NAMED_SHARE = 0.05
"""Of the rows: below it a class's name in a text is a coincidence."""
RIGHT_SHARE = 0.95

_CODED = (ColumnType.CATEGORY, ColumnType.BOOLEAN)
Mask = npt.NDArray[np.bool_]


def leak_findings(sample: Sample, target: Column, inputs: Sequence[Column], task: Task) -> tuple[Finding, ...]:
    """One finding a column at most, in the order of the columns."""
    raw = sample.values[target.name]
    if not task.classifies:
        number = scores.numbers_of(raw)
        told = [_about_number(sample, column, target, number) for column in inputs]
        return tuple(finding for finding in told if finding is not None)
    texts = label_texts(raw, target.type)
    present = np.array([text is not None for text in texts])
    if not present.any():
        return ()
    classes = scores.codes_of(texts[present])
    told = [_about_class(sample, column, target, texts, present, classes) for column in inputs]
    return tuple(finding for finding in told if finding is not None)


def _about_number(sample: Sample, column: Column, target: Column, number: scores.Floats) -> Finding | None:
    values = sample.values[column.name]
    if column.type is ColumnType.TEXT:
        return None
    if column.type in _CODED:
        if scores.explained(scores.codes_of(values), number) >= NEAR_ONE_EXPLAINED:
            return _likely(sample, column, target, f"each of its values stands for nearly one {target.name}")
        return None
    found = scores.correlation(scores.numbers_of(values), number)
    if found < NEAR_ONE_CORRELATION:
        return None
    return _likely(sample, column, target, f"correlation {_floored(found)}")


def _about_class(
    sample: Sample, column: Column, target: Column, texts: Raw, present: Mask, classes: scores.Codes
) -> Finding | None:
    values = sample.values[column.name]
    if column.type is ColumnType.TEXT:
        return _names_the_class(sample, column, target, texts)
    if why := _tells_class(column, values[present], classes, target):
        return _likely(sample, column, target, why)
    return None


def _tells_class(column: Column, values: Raw, classes: scores.Codes, target: Column) -> str:
    """Why a column tells the class nearly always; empty if it does not."""
    if column.type in _CODED:
        gain = scores.majority_gain(scores.codes_of(values), classes)
        return f"each of its values belongs to nearly one {target.name}" if gain >= NEAR_ONE_GAIN else ""
    numbers = scores.numbers_of(values)
    gaps = np.isnan(numbers).astype(np.intp)
    if gaps.any() and scores.majority_gain(gaps, classes) >= NEAR_ONE_GAIN:
        return f"whether it has a value depends on {target.name}"
    if int(classes.max()) == 1:
        area = scores.auc(numbers, classes == 1)
        return f"AUC {_floored(area)}" if area >= NEAR_ONE_AUC else ""
    gain = scores.neighbour_gain(numbers, classes)
    return f"its ranges belong to nearly one {target.name} each" if gain >= NEAR_ONE_GAIN else ""


def _floored(share: float) -> str:
    """Three digits, never rounded up to 1."""
    return f"{min(share, 0.999):.3f}" if share < 1 else "1"


def _likely(sample: Sample, column: Column, target: Column, why: str) -> Finding:
    message = f"{column.name} alone tells {target.name} nearly always{sample.of_all}: {why}."
    hint = "Ignore it unless it is known before the prediction is made."
    return warn("TARGET_LEAK_LIKELY", message, hint, column.name)


def _names_the_class(sample: Sample, column: Column, target: Column, texts: Raw) -> Finding | None:
    """A text in which the name of the row's own class stands, much more often than chance."""
    labels = sorted({text for text in texts.tolist() if text is not None})
    if len(labels) > MOST_LABELS or not any(len(label) >= SHORTEST_LABEL for label in labels):
        return None
    cells = pa.array(sample.values[column.name].tolist(), pa.string())
    held = np.stack([_holds(cells, label) for label in labels])
    named = held.sum(axis=0) == 1
    right = named & (np.array(labels, dtype=object)[held.argmax(axis=0)] == texts)
    if np.count_nonzero(named) < max(scores.LEAST_OF_CLASS, NAMED_SHARE * len(texts)):
        return None
    said = held.argmax(axis=0)[named]
    shares = np.array([np.count_nonzero(texts == label) for label in labels]) / len(texts)
    by_chance = float(shares[said].mean())
    share = np.count_nonzero(right) / np.count_nonzero(named)
    if by_chance >= RIGHT_SHARE or (share - by_chance) / (1 - by_chance) < RIGHT_SHARE:
        return None
    return _in_text(sample, column, target, np.flatnonzero(right), texts)


def _holds(cells: pa.Array, label: str) -> Mask:
    """(n,) whether a text has the label as a word, in any case."""
    if len(label) < SHORTEST_LABEL:
        return np.zeros(len(cells), dtype=bool)
    found = pc.match_substring_regex(cells, rf"(^|\W){re.escape(label)}(\W|$)", ignore_case=True)
    return plain(found.cast(pa.int8()), np.int8, 0).astype(bool)


def _in_text(sample: Sample, column: Column, target: Column, right: npt.NDArray[np.intp], texts: Raw) -> Finding:
    first = right[:SHOWN_ROWS]
    rows = [int(row) + 1 for row in sample.rows[first]]
    cells = tuple(shown(sample.values[column.name][i]) for i in first)
    message = (
        f"{column.name} holds the value of {target.name} itself in {len(right):,} rows{sample.of_all}, "
        f"as row {rows[0]:,} does: {shown(texts[right[0]])}."
    )
    hint = "Ignore it, or take the word out of the text, unless it is known before the prediction is made."
    return replace(warn("TARGET_IN_TEXT", message, hint, column.name, rows), cells=cells)
