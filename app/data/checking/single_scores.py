"""How well one column alone tells the target: near 1 it is more likely an echo of it than an input. Pure numpy."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from app.data.table import Raw

Codes = npt.NDArray[np.intp]
Floats = npt.NDArray[np.float64]

LEAST_OF_CLASS = 10
"""Rows of the rarer class: with fewer some column out of many separates them by chance."""


def codes_of(values: Raw) -> Codes:
    """(n,) the place of each value among the distinct ones; missing values are one of them."""
    items = values.tolist()
    place: dict[object, int] = {}
    return np.fromiter((place.setdefault(None if v != v else v, len(place)) for v in items), np.intp, len(items))


def numbers_of(values: Raw) -> Floats:
    """Numbers and moments as (n,) float64, NaN where missing or infinite."""
    if values.dtype.kind == "M":
        numbers = values.astype("datetime64[us]").astype(np.int64).astype(np.float64)
        numbers[np.isnat(values)] = np.nan
        return numbers
    numbers = np.array(values, dtype=np.float64)
    numbers[~np.isfinite(numbers)] = np.nan
    return numbers


def auc(numbers: Floats, positive: npt.NDArray[np.bool_]) -> float:
    """Area under the ROC curve of a column as a score for one of two classes, whichever way round; 0.5 where a class
    has too few rows with a value (Mann and Whitney 1947: the share of pairs in order, ties half)."""
    known = ~np.isnan(numbers)
    ones, zeros = numbers[known & positive], np.sort(numbers[known & ~positive])
    if min(len(ones), len(zeros)) < LEAST_OF_CLASS:
        return 0.5
    below = np.searchsorted(zeros, ones, side="left") + np.searchsorted(zeros, ones, side="right")
    area = float(below.mean() / (2 * len(zeros)))
    return max(area, 1 - area)


def neighbour_gain(numbers: Floats, classes: Codes) -> float:
    """How often the rows next to each other in a column's order are of one class: 0 as by chance, 1 always."""
    known = ~np.isnan(numbers)
    if not _enough(classes[known]):
        return 0.0
    ordered = classes[known][np.argsort(numbers[known], kind="stable")]
    shares = np.bincount(ordered) / len(ordered)
    by_chance = float((shares**2).sum())
    return float((ordered[1:] == ordered[:-1]).mean() - by_chance) / (1 - by_chance)


def majority_gain(values: Codes, classes: Codes) -> float:
    """How often the commonest class of the *other* rows with the same value is right, above always naming the
    commonest class: 0 no better, 1 always. A value seen once tells nothing."""
    if not _enough(classes):
        return 0.0
    k = int(classes.max()) + 1
    cells = np.bincount(values * k + classes, minlength=(int(values.max()) + 1) * k).reshape(-1, k)
    own = cells[values]
    own[np.arange(len(classes)), classes] -= 1
    right = float((own.argmax(axis=1) == classes)[own.sum(axis=1) > 0].sum()) / len(classes)
    most = float(np.bincount(classes).max() / len(classes))
    return (right - most) / (1 - most)


def correlation(one: Floats, other: Floats) -> float:
    """The greater of Pearson's and Spearman's |r| over the rows that have both; 0 with fewer than ten or a constant."""
    known = ~(np.isnan(one) | np.isnan(other))
    if np.count_nonzero(known) < LEAST_OF_CLASS:
        return 0.0
    a, b = _unit(one[known]), _unit(other[known])
    return max(_pearson(a, b), _pearson(_ranks(a), _ranks(b)))


def explained(values: Codes, target: Floats) -> float:
    """The share of a number's variance that lies between the values of a column (eta squared), of values seen at
    least twice in most rows; 0 otherwise."""
    known = ~np.isnan(target)
    codes, y = values[known], _unit(target[known])
    counts = np.bincount(codes) if len(codes) else np.zeros(1)
    total = float(((y - y.mean()) ** 2).sum()) if len(y) >= LEAST_OF_CLASS else 0.0
    if total == 0 or np.count_nonzero(counts) > len(y) / 3:
        return 0.0
    means = np.bincount(codes, weights=y) / np.maximum(counts, 1)
    return 1 - float(((y - means[codes]) ** 2).sum()) / total


def _unit(values: Floats) -> Floats:
    """Scaled to at most one, which changes no share and no correlation: squares of 1e200 would overflow."""
    largest = float(np.abs(values).max(initial=0.0))
    return values / largest if np.isfinite(largest) and largest > 0 else values


def _enough(classes: Codes) -> bool:
    counts = np.bincount(classes) if len(classes) else np.zeros(1)
    return bool(np.count_nonzero(counts) > 1 and len(classes) - counts.max() >= LEAST_OF_CLASS)


def _pearson(a: Floats, b: Floats) -> float:
    a, b = a - a.mean(), b - b.mean()
    scale = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return abs(float((a * b).sum()) / scale) if scale > 0 and np.isfinite(scale) else 0.0


def _ranks(values: Floats) -> Floats:
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return (ends - (counts - 1) / 2)[place]
