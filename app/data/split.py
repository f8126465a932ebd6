"""Which rows train and which are held out: decided by each row's own content, so nothing moves later.

A row's digest is a hash of its input columns as they were read. The hold-out is every row whose digest,
mixed with the seed, lies below a threshold. Hence rows that are added later move no old row across, rows
with equal inputs always fall on the same side, and the order of rows and columns does not matter.

The hash is SplitMix64's finaliser (Steele, Lea, Flood 2014, constants of Stafford's variant 13) over the
bits of numbers and BLAKE2b over text: the same on every machine and in every process.

One exception: a table with very few different rows (two yes/no columns, say) could not be divided at all
if equal rows stayed together; there the n-th of equal rows counts as a row of its own, and a note says so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from app.core.runs import SplitKind, SplitRule, Task
from app.errors import BadInput

Raw = npt.NDArray[np.generic]
Digests = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.intp]

SMALL_TABLE = 50
"""Below so many training rows, three folds leave enough in each to score at all."""

FEW_DISTINCT = 50
"""With fewer different rows than this, each ten times over on average, equal rows are told apart."""

LOOKED_AT = 2_000
"""Values of a column that tell whether most are distinct."""

_MISSING = np.uint64(0x9E3779B97F4A7C15)
_LARGEST = np.uint64(2**64 - 1)
_HOLDOUT, _FOLD, _SAMPLE = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Split:
    """``train``/``holdout``: positions within the given rows, ascending. ``fold``: (len(train),) the fold
    that each training row is scored in, 0..rule.folds-1; by time -1 for the oldest rows, which are only fitted on.
    ``notes``: what fell back, in words."""

    rule: SplitRule
    train: Rows
    holdout: Rows
    fold: npt.NDArray[np.int64]
    notes: tuple[str, ...] = ()

    def fold_rows(self, fold: int) -> tuple[Rows, Rows]:
        """The training rows to fit on and to score for one fold, as positions within the given rows."""
        fitted, scored = self.fold_places(fold)
        return self.train[fitted], self.train[scored]

    def fold_places(self, fold: int) -> tuple[Rows, Rows]:
        """As ``fold_rows``, but as positions within ``train``. By time only what is older is fitted on."""
        fitted = self.fold < fold if self.rule.kind is SplitKind.TIME else self.fold != fold
        return np.flatnonzero(fitted), np.flatnonzero(self.fold == fold)

    @property
    def scored_to_fitted(self) -> float:
        """Rows scored to rows fitted on, on average over the folds."""
        folds = self.rule.folds
        if self.rule.kind is SplitKind.TIME:
            return float(np.mean([1 / (k + 1) for k in range(folds)]))
        return 1 / (folds - 1)


def row_digests(columns: Mapping[str, Raw], names: Sequence[str]) -> Digests:
    """(n,) uint64, one a row: equal if and only if (but for a collision) all named raw values are equal."""
    total = np.zeros(len(columns[names[0]]), dtype=np.uint64)
    for name in names:
        key = np.uint64(_text_digest(name))
        total += _mix(_value_digests(columns[name]) ^ key)
    return _mix(total)


def split_rows(
    digests: Digests,
    y: Raw,
    *,
    task: Task,
    seed: int,
    holdout: float,
    folds: int,
    max_rows: int,
    kind: SplitKind = SplitKind.STRATIFIED,
) -> Split:
    """Divide rows that have a target. ``y``: (n,) labels as text, or float64 for a regression. ``kind`` group:
    ``digests`` are equal for the rows of one group.

    Depends on nothing but the arguments, so a refit divides in the same way again. BadInput if too
    little is left to train and to hold out.
    """
    grouped = kind is SplitKind.GROUP
    digests, notes = (digests, list[str]()) if grouped else told_apart(digests)
    kept = sampled(digests, seed, max_rows, notes)
    kept = kept if not task.classifies else kept[_tellable(digests[kept], y[kept], grouped, notes)]
    classes = np.zeros(len(kept), dtype=np.intp) if not task.classifies else classes_of(y[kept])[1]
    share = _share(digests[kept], seed, _HOLDOUT)
    held, moved = _repaired(share < holdout, share, digests[kept], classes, 2 if not task.classifies else 1)
    train, out = kept[~held], kept[held][np.isin(classes[held], classes[~held])]
    if grouped:
        _check_groups(digests[train], digests[out])
        folds = min(folds, len(np.unique(digests[train])))
    _check_enough(classes[~held], out, task)
    used = _fold_count(folds, classes[~held], task, notes)
    divide = _group_folds if grouped else _folds
    fold = divide(digests[train], classes[~held], seed, used)
    if moved:
        things = "groups" if grouped else "rows"
        notes.append(f"{len(moved)} {things} changed sides so that every class is trained on and held out.")
    stratified = task.classifies and not grouped
    rule = SplitRule(seed, holdout, used, stratified, tuple(f"{d:016x}" for d in moved), kind=kind)
    return Split(replace(rule, note=" ".join(notes)), train, out, fold, tuple(notes))


def _value_digests(values: Raw) -> Digests:
    if values.dtype.kind == "M":
        return _mix(values.astype("datetime64[us]").astype(np.int64).view(np.uint64))
    if values.dtype.kind in "fiub":
        return _number_digests(values.astype(np.float64))
    return _object_digests(values)


def _number_digests(numbers: npt.NDArray[np.float64]) -> Digests:
    digests = _mix((numbers + 0.0).view(np.uint64))  # + 0.0 turns -0.0 into 0.0
    digests[np.isnan(numbers)] = _MISSING
    return digests


def _object_digests(values: Raw) -> Digests:
    items = values.tolist()
    if _mostly_distinct(items):
        return _each_digest(items)
    distinct = list(dict.fromkeys(items))
    place = dict(zip(distinct, range(len(distinct)), strict=True))
    return _each_digest(distinct)[np.fromiter(map(place.__getitem__, items), dtype=np.intp, count=len(items))]


def _mostly_distinct(items: Sequence[object]) -> bool:
    """Whether looking each value up costs more than hashing it again, judged by some of them."""
    some = items[:: max(1, len(items) // LOOKED_AT)]
    return 2 * len(set(some)) > len(some)


def _each_digest(items: Sequence[object]) -> Digests:
    """(n,) digests of texts, numbers and None. The call for texts stands here: there may be millions of them."""
    blake2b, missing = hashlib.blake2b, _object_digest(None)
    found = [
        blake2b(value.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        if type(value) is str
        else missing
        if value is None
        else _object_digest(value)
        for value in items
    ]
    return np.frombuffer(b"".join(found), dtype=">u8").astype(np.uint64)


def _object_digest(value: object) -> bytes:
    if isinstance(value, str):
        return hashlib.blake2b(value.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    number = np.array([np.nan if value is None else value], dtype=np.float64)
    return _number_digests(number).astype(">u8").tobytes()


def _text_digest(text: str) -> int:
    return int.from_bytes(_object_digest(text), "big")


def _mix(values: Digests) -> Digests:
    """SplitMix64's finaliser: a bijection on 64 bits that spreads every input bit over all output bits."""
    mixed = values + np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(30)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(27)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return mixed


def _share(digests: Digests, seed: int, purpose: int) -> npt.NDArray[np.float64]:
    """Each row's place in [0, 1): independent for every seed and purpose."""
    key = np.uint64(_text_digest(f"{seed}/{purpose}"))
    return (_mix(digests ^ key) >> np.uint64(11)).astype(np.float64) / float(1 << 53)


def told_apart(digests: Digests) -> tuple[Digests, list[str]]:
    """The digests, with equal rows made different where there are too few different ones to divide."""
    distinct, group, counts = np.unique(digests, return_inverse=True, return_counts=True)
    if len(distinct) >= FEW_DISTINCT or len(digests) < 10 * len(distinct):
        return digests, []
    order = np.argsort(group, kind="stable")
    occurrence = np.empty(len(digests), dtype=np.uint64)
    occurrence[order] = np.arange(len(digests)) - np.repeat(np.cumsum(counts) - counts, counts)
    note = f"The inputs hold only {len(distinct)} different rows: equal rows are both trained on and held out."
    return _mix(digests ^ _mix(occurrence)), [note]


def sampled(digests: Digests, seed: int, max_rows: int, notes: list[str]) -> Rows:
    """All rows, or the ``max_rows`` (fewer if equal rows straddle the bound) first by their hash."""
    if len(digests) <= max_rows:
        return np.arange(len(digests))
    place = _share(digests, seed, _SAMPLE)
    rows = np.flatnonzero(place < np.partition(place, max_rows)[max_rows])
    notes.append(f"Trained on a sample of {len(rows):,} of {len(digests):,} rows.")
    return rows


def _tellable(digests: Digests, y: Raw, grouped: bool, notes: list[str]) -> npt.NDArray[np.bool_]:
    """(n,) False for rows of a class that stands in a single different row (or group): it could not be on both
    sides."""
    names, classes = classes_of(y)
    low, high = np.full(len(names), _LARGEST), np.zeros(len(names), dtype=np.uint64)
    np.minimum.at(low, classes, digests)
    np.maximum.at(high, classes, digests)
    lonely = low == high
    where = "is in one group only" if grouped else "has one distinct row"
    for index in np.flatnonzero(lonely)[:20]:
        notes.append(f"Class {names[index]!r} {where} and was left out: it cannot be trained and tested.")
    return np.asarray(~lonely[classes], dtype=bool)


def classes_of(y: Raw) -> tuple[list[str], Rows]:
    """The distinct labels, sorted, and each row's place among them."""
    items = y.tolist()
    names = sorted(set(items))
    place = {name: index for index, name in enumerate(names)}
    return names, np.fromiter(map(place.__getitem__, items), dtype=np.intp, count=len(items))


def _repaired(
    held: npt.NDArray[np.bool_],
    share: npt.NDArray[np.float64],
    digests: Digests,
    classes: Rows,
    least_held: int,
) -> tuple[npt.NDArray[np.bool_], list[int]]:
    """The hold-out with rows moved where a class would be missing from a side, nearest to the threshold
    first, equal rows together; and the digests that moved. Training wants two: folds need both sides too."""
    held = held.copy()
    moved: list[int] = []
    for wanted, least in ((True, least_held), (False, 2)):
        for _ in range(least):
            counts = np.bincount(classes[held == wanted], minlength=classes.max(initial=0) + 1)
            for class_ in np.flatnonzero(counts < least):
                there = np.flatnonzero((classes == class_) & (held != wanted))
                if len(there) <= 1:
                    continue
                nearest = there[np.argmin(share[there]) if wanted else np.argmax(share[there])]
                held[digests == digests[nearest]] = wanted
                moved.append(int(digests[nearest]))
    return held, moved


def _check_groups(train: Digests, holdout: Digests) -> None:
    if len(np.unique(train)) < 2 or not len(holdout):
        raise BadInput(
            "There are too few groups to train on some and test on others.", "Use another column as group, or none."
        )


def _check_enough(classes: Rows, holdout: Rows, task: Task) -> None:
    """``classes``: of the rows to train on."""
    if len(holdout) < 2 or len(classes) < 4:
        raise BadInput(
            f"{len(classes) + len(holdout)} different rows are too few to train and to test.",
            "Add rows with different values.",
        )
    counts = np.bincount(classes)
    if task.classifies and np.count_nonzero(counts) < 2:
        raise BadInput(
            "Without the rows held out for testing, only one class is left to train on.",
            "Add rows of the other classes, or choose another target.",
        )
    if task is Task.BINARY and counts.min() < 2:
        raise BadInput(
            "The smaller class has too few different rows: at least three are needed to train and to test.",
            "Add rows of that class, or choose another target.",
        )


def _fold_count(folds: int, classes: Rows, task: Task, notes: list[str]) -> int:
    """How many folds the training rows carry. ``classes``: of the rows to train on."""
    counts = np.bincount(classes)
    smallest = int(counts[counts > 0].min())
    few = min(folds, 3) if len(classes) < SMALL_TABLE else folds
    used = max(2, min(few, smallest)) if task.classifies else few
    if len(classes) < SMALL_TABLE:
        notes.append(f"Only {len(classes)} rows to train on: {used} folds are used and scores are rough.")
    elif used < folds:
        notes.append(f"The smallest class has {smallest} rows to train on: {used} folds instead of {folds}.")
    return used


def _folds(digests: Digests, classes: Rows, seed: int, folds: int) -> npt.NDArray[np.int64]:
    """(n,) fold of each training row: dealt out class by class in the order of the hash, equal rows together."""
    distinct, first, group = np.unique(digests, return_index=True, return_inverse=True)
    order = np.lexsort((_share(distinct, seed, _FOLD), classes[first]))
    fold_of_group = np.empty(len(distinct), dtype=np.int64)
    fold_of_group[order] = np.arange(len(distinct)) % folds
    return fold_of_group[group]


def _group_folds(digests: Digests, classes: Rows, seed: int, folds: int) -> npt.NDArray[np.int64]:
    """(n,) fold of each training row, whole groups: the largest first, each to the fold that has fewest rows."""
    distinct, group, sizes = np.unique(digests, return_inverse=True, return_counts=True)
    load = np.zeros(folds, dtype=np.int64)
    fold_of_group = np.empty(len(distinct), dtype=np.int64)
    for index in np.lexsort((_share(distinct, seed, _FOLD), -sizes)):
        fold_of_group[index] = least = int(np.argmin(load))
        load[least] += sizes[index]
    return fold_of_group[group]
