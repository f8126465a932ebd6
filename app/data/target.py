"""The target column as models take it: class labels as text, or numbers; rows without one are named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.core.data import ColumnType
from app.core.runs import Task

Raw = npt.NDArray[np.generic]
Label = str | int | float | bool

TRUE, FALSE = "true", "false"


@dataclass(frozen=True, slots=True)
class Target:
    """``rows``: positions in the table that have a target, ascending. ``y``: one value for each of
    them, (n,) object array of str for classes, float64 for numbers. ``missing``: rows without one."""

    rows: npt.NDArray[np.intp]
    y: Raw
    missing: int


def read_target(table: Mapping[str, Raw], name: str, type_: ColumnType, task: Task) -> Target:
    """The target of a raw table (see ``data.table``). A number that is not finite counts as missing."""
    values = table[name]
    if not task.classifies:
        numbers = np.asarray(values, dtype=np.float64)
        present = np.isfinite(numbers)
        return _present(numbers, present)
    texts = label_texts(values, type_)
    return _present(texts, np.array([t is not None for t in texts], dtype=bool))


def label_texts(values: Raw, type_: ColumnType) -> npt.NDArray[np.object_]:
    """Raw values as class labels: (n,) object array of str, None where missing. ``label_value`` is the inverse."""
    if type_ in (ColumnType.CATEGORY, ColumnType.TEXT):
        return np.array(values, dtype=object)
    if type_ is ColumnType.DATETIME:
        raise TypeError("a date/time cannot be a class label")
    numbers = np.asarray(values, dtype=np.float64)
    distinct, which = np.unique(numbers, return_inverse=True)
    words = np.array([_word(float(v), type_) for v in distinct], dtype=object)
    return words[which] if len(words) else np.empty(0, dtype=object)


def label_value(text: str, type_: ColumnType) -> Label:
    """A label's text as the data held it: a whole number, a number, True or False, or the text itself."""
    if type_ is ColumnType.BOOLEAN:
        return text == TRUE
    if type_ is ColumnType.INTEGER:
        return int(text)
    return float(text) if type_ is ColumnType.NUMBER else text


def _word(value: float, type_: ColumnType) -> str | None:
    if np.isnan(value):
        return None
    if type_ is ColumnType.BOOLEAN:
        return TRUE if value else FALSE
    return str(int(value)) if type_ is ColumnType.INTEGER else repr(value)


def _present(values: Raw, present: npt.NDArray[np.bool_]) -> Target:
    rows = np.flatnonzero(present)
    return Target(rows, values[rows], int(len(present) - len(rows)))
