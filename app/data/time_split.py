"""Train on the past, test on the newest rows: the cut is a moment, so rows added later move no old row across."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from app.core.data import ColumnType
from app.core.runs import SplitKind, SplitRule, Task
from app.core.split_words import cut_words
from app.data.split import SMALL_TABLE, Digests, Raw, Rows, Split, classes_of, sampled
from app.errors import BadInput

Moments = npt.NDArray[np.float64] | npt.NDArray[np.int64]


def split_by_time(
    times: Raw,
    digests: Digests,
    y: Raw,
    *,
    task: Task,
    seed: int,
    holdout: float,
    folds: int,
    max_rows: int,
    cut: str = "",
) -> Split:
    """Hold out the rows at or after ``cut`` (empty: where the share of newest rows comes closest to ``holdout``).

    ``times``: (n,) datetime64[us] or float64, rows without one are left out; ``digests`` only sample. Folds go
    forward: each is scored by what was fitted on older rows. BadInput if one side would be empty or of one class.
    """
    moments, known = _moments(times)
    notes = [f"{np.count_nonzero(~known):,} rows without a time were left out."] if not known.all() else []
    there = np.flatnonzero(known)
    kept = there[sampled(digests[there], seed, max_rows, notes)]
    bound = _parsed(cut, times) if cut else _bound(moments[kept], holdout)
    held = moments[kept] >= bound
    train, newest = kept[~held], kept[held]
    out = newest if not task.classifies else newest[np.isin(y[newest], np.unique(y[train]))]
    if len(out) < len(newest):
        notes.append(f"{len(newest) - len(out):,} rows of classes that were not there before the cut were left out.")
    _check_sides(y[train], y[out], task)
    fold, used = _folds(moments[train], folds)
    text, type_ = _text(bound, times)
    words = cut_words(text, type_)
    notes.insert(0, f"Tested on the newest {len(out) / len(kept):.0%}: {len(out):,} rows from {words} on.")
    if used < folds:
        notes.append(f"{used} folds instead of {folds}: few rows, or few different times before the cut.")
    rule = SplitRule(seed, holdout, used, False, kind=SplitKind.TIME, cut=text)
    return Split(replace(rule, note=" ".join(notes)), train, out, fold, tuple(notes))


def _moments(times: Raw) -> tuple[Moments, npt.NDArray[np.bool_]]:
    """Numbers in the order of time, and which rows have one. Microseconds since 1970 stay exact."""
    if times.dtype.kind == "M":
        return times.astype("datetime64[us]").astype(np.int64), ~np.isnat(times)
    numbers = np.asarray(times, dtype=np.float64)
    return numbers, np.isfinite(numbers)


def _bound(moments: Moments, holdout: float) -> int | float:
    """The moment from which on rows are held out. Rows of one moment stay together: of the two moments around the
    wanted share the one that comes closer, as long as something older is left."""
    ordered = np.sort(moments)
    if not len(ordered) or ordered[0] == ordered[-1]:
        raise BadInput("All rows have the same time, so none is newer.", "Use another column as time, or none.")
    wanted = ordered[min(len(ordered) - 1, int(np.ceil(len(ordered) * (1 - holdout))))]
    later = ordered[np.searchsorted(ordered, wanted, side="right") :][:1]
    able = [m for m in (wanted, *later) if m > ordered[0]]

    def off(moment: int | float) -> float:
        return abs(1 - np.searchsorted(ordered, moment) / len(ordered) - holdout)

    best: int | float = min(able, key=off).item()
    return best


def _folds(moments: Moments, folds: int) -> tuple[npt.NDArray[np.int64], int]:
    """(n,) -1 for the oldest block, then the fold in which a row is scored; and how many folds there are."""
    wanted = min(folds, 3) if len(moments) < SMALL_TABLE else folds
    ordered = np.sort(moments)
    for count in range(wanted, 0, -1):  # as many as have a moment of their own: asked for so many, there are so many
        edges = ordered[[len(ordered) * i // (count + 1) for i in range(1, count + 1)]]
        if edges[0] > ordered[0] and len(np.unique(edges)) == count:
            return np.searchsorted(edges, moments, side="right").astype(np.int64) - 1, count
    raise BadInput(
        "Too few different times lie before the cut to test on what came later.", "Use another column as time, or none."
    )


def _check_sides(train: Raw, holdout: Raw, task: Task) -> None:
    if len(train) < 4 or len(holdout) < 2:
        raise BadInput(
            f"{len(train):,} older and {len(holdout):,} newer rows are too few to train and to test.",
            "Add rows, or use no column as time.",
        )
    if not task.classifies:
        return
    if len(classes_of(train)[0]) < 2:
        raise BadInput("The rows before the cut have only one class.", "Use another column as time, or none.")
    if task is Task.BINARY and len(classes_of(holdout)[0]) < 2:
        raise BadInput("The newest rows have only one class, so nothing can be tested on them.", "Add newer rows.")


def _parsed(cut: str, times: Raw) -> int | float:
    if times.dtype.kind == "M":
        return int(np.datetime64(cut, "us").astype(np.int64))
    return float(cut)


def _text(bound: int | float, times: Raw) -> tuple[str, ColumnType]:
    if times.dtype.kind == "M":
        return str(np.datetime64(int(bound), "us")), ColumnType.DATETIME
    return repr(float(bound)), ColumnType.NUMBER


def newest(times: Raw, holdout: float) -> Rows:
    """Positions of the rows that would be held out. BadInput if all have the same time."""
    moments, known = _moments(times)
    return np.flatnonzero(known & (moments >= _bound(moments[known], holdout)))


def cut_of(times: Raw, holdout: float) -> tuple[str, ColumnType]:
    """The first moment that would be held out, and its type (as in ``SplitRule``). BadInput if all have the same
    time."""
    moments, known = _moments(times)
    return _text(_bound(moments[known], holdout), times)
