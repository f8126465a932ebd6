"""Rows made to find a lying export: thresholds on and beside, extremes, missing, unseen and odd texts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from app.core.data import ColumnType
from app.core.runs import InputSpec
from app.export import trees
from app.export.fitted import Fitted, Member
from app.export.numbers import Floats, Inputs
from app.runtime.canonical import MISSING

ROWS = 4000
"""At most about so many probe rows, so that a wide table costs no more than a narrow one."""
LEAST_A_COLUMN = 4

EXTREMES = (np.nan, 1e30, -1e30, 1e-30, 1e-45, -1e-45, -0.0, 0.0, 2.0**24 + 1, 3.4e38, -3.4e38, 1.0)
CATEGORIES = (MISSING, "", " ", "never seen", "Größe ÄÖÜ ß", "日本語", "a\u00a0b", "e\u0301", "\U0001f600", "NaN", "0")
TEXTS = (
    MISSING,
    "",
    "zzzunseen",
    "größe straße ärger",
    "日本語 テキスト",
    "the the the the",
    "a b a b a",
    "e\u0301",
    "0 1 2 1e30",
)


def probe_rows(fitted: Fitted, inputs: Sequence[InputSpec], x: Inputs, seed: int) -> Inputs:
    """Rows of ``x`` with one column changed to a telling value, then rows with all columns changed at once."""
    random = np.random.default_rng(seed)
    share = max(LEAST_A_COLUMN, ROWS // max(1, len(inputs)))
    cuts = thresholds(fitted)
    values = [_sample(_values_for(spec, cuts, x, random), share, random) for spec in inputs]
    counts = [len(column) for column in values]
    together = min(64, max(counts, default=0))
    base = random.integers(0, len(x[inputs[0].input]), sum(counts) + together)
    rows = {spec.input: x[spec.input][base].copy() for spec in inputs}
    start = 0
    for spec, column in zip(inputs, values, strict=True):
        rows[spec.input][start : start + len(column), 0] = column
        rows[spec.input][sum(counts) :, 0] = np.resize(column, together)
        start += len(column)
    return rows


def thresholds(fitted: Fitted) -> dict[str, Floats]:
    """For each number input the values at which any member changes its mind, sorted, each once."""
    found: dict[str, list[Floats]] = {}
    for member, _ in fitted.members:
        for name, cuts in _cuts(member).items():
            found.setdefault(name, []).append(cuts)
    return {name: np.unique(np.concatenate(cuts)) for name, cuts in found.items()}


def _cuts(member: Member) -> dict[str, Floats]:
    numbers = member.columns.numbers
    found: dict[str, Floats] = {name: np.empty(0) for name in numbers.names}
    for feature, cuts in trees.thresholds(member.estimator).items():
        if feature < len(numbers.names):
            found[numbers.names[feature]] = cuts
    for name, low, high in zip(numbers.names, numbers.low, numbers.high, strict=False):
        found[name] = np.array([low, high])
    return found


def _values_for(
    spec: InputSpec, cuts: dict[str, Floats], x: Inputs, random: np.random.Generator
) -> npt.NDArray[np.generic]:
    if spec.type is ColumnType.TEXT:
        return _objects([*TEXTS, *_mixed_words(x[spec.input], random)])
    if spec.type is ColumnType.CATEGORY:
        return _objects([*CATEGORIES, *spec.categories, *(value.upper() for value in spec.categories[:5])])
    return np.concatenate([np.array(EXTREMES, dtype=np.float32), _beside(cuts.get(spec.input, np.empty(0)))])


def _beside(cuts: Floats) -> npt.NDArray[np.float32]:
    """Each threshold as float32, and its next neighbours above and below."""
    with np.errstate(over="ignore"):
        on = cuts.astype(np.float32)
    on = on[np.isfinite(on)]
    with np.errstate(over="ignore"):
        above, below = np.nextafter(on, np.float32(np.inf)), np.nextafter(on, np.float32(-np.inf))
    near = np.concatenate([on, above, below])
    return np.asarray(near[np.isfinite(near)], dtype=np.float32)


def _mixed_words(texts: npt.NDArray[np.generic], random: np.random.Generator) -> list[str]:
    """Texts in which words of different rows meet, so that pairs of words appear that no row holds."""
    some = [str(text) for text in texts[random.integers(0, len(texts), 20), 0]]
    words = [word for text in some for word in text.split(" ") if word][:2000]
    return [" ".join(random.choice(words, size=8)) for _ in range(20)] if words else []


def _sample(values: npt.NDArray[np.generic], most: int, random: np.random.Generator) -> npt.NDArray[np.generic]:
    """At most ``most`` of the values: the first twelve (the extremes) first of all, then any."""
    if len(values) <= most:
        return values
    first = min(12, most)
    rest = random.permutation(np.arange(first, len(values)))[: most - first]
    return np.asarray(values[np.concatenate([np.arange(first), np.sort(rest)])])


def _objects(values: list[str]) -> npt.NDArray[np.object_]:
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column
