"""Where a model is weak: groups of hold-out rows whose loss is higher than elsewhere. In a child only.

A row's loss is comparable between groups, unlike the ROC AUC of a group, which falls wherever a group is of one kind.
All groups are tested at once: one-sided Welch tests (1947), the family-wise error held at 5 % by Holm's method (1979).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from app.core.explanations import Slice, WeakSpots
from app.core.runs import InputSpec
from app.training.bootstrap import interval
from app.training.explaining.groups import Group, Inputs, Mask, given_groups
from app.training.explaining.weak_tree import found_groups
from app.training.metrics import SMALLEST_PROBABILITY, Answers, Floats

SMALL_ROWS = 30
"""Fewer are shown, but not judged: the tests lean on the central limit theorem."""
LEVEL = 0.05
DRAWS = 400
MANY_ROWS = 2000
"""Means of more rows are drawn from their normal distribution: the bootstrap gives the same (measured in a test)."""


@dataclass(frozen=True, slots=True)
class _Judged:
    group: Group
    slice: Slice
    p: float


def weak_spots(specs: Sequence[InputSpec], x: Inputs, answers: Answers, seed: int) -> WeakSpots:
    """The groups of every input and those that a tree finds. ``x``: the rows that were answered, canonical."""
    losses = row_losses(answers)
    random = np.random.default_rng(seed)
    learn = random.permutation(answers.n) < answers.n // 2
    everywhere = np.ones(answers.n, dtype=bool)
    judged = [_judge(group, losses, everywhere, False, random) for group in given_groups(specs, x)]
    known = {one.group.mask.tobytes() for one in judged}
    found = [g for g in found_groups(specs, x, losses, learn, SMALL_ROWS) if g.mask.tobytes() not in known]
    judged += [_judge(group, losses, ~learn, True, random) for group in found]
    standing = holm([one.p for one in judged])
    slices = [replace(one.slice, stands=stands) for one, stands in zip(judged, standing, strict=True)]
    shown = [s for s in slices if s.rows and (s.stands or not s.found)]
    shown.sort(key=lambda s: (not s.stands, s.small, -s.harm))
    measure = "log_loss" if answers.task.classifies else "mae"
    return WeakSpots(measure, float(losses.mean()), answers.n, SMALL_ROWS, tuple(shown))


def row_losses(answers: Answers) -> Floats:
    """(n,) each row's log loss, or its absolute error."""
    if not answers.task.classifies:
        return np.abs(answers.predicted - np.asarray(answers.actual, np.float64))
    p = answers.predicted[np.arange(answers.n), answers.actual.astype(np.intp)]
    return np.asarray(-np.log(np.clip(p, SMALLEST_PROBABILITY, 1)), np.float64)


def holm(ps: Sequence[float]) -> list[bool]:
    """Which of several tests stand when all of them together may err at ``LEVEL`` only. NaN: not tested."""
    order = sorted((p, i) for i, p in enumerate(ps) if not math.isnan(p))
    stands = [False] * len(ps)
    for rank, (p, i) in enumerate(order):
        if p > LEVEL / (len(order) - rank):
            break
        stands[i] = True
    return stands


def _judge(group: Group, losses: Floats, among: Mask, found: bool, random: np.random.Generator) -> _Judged:
    """A group's figures among these rows."""
    here, rest = losses[group.mask & among], losses[~group.mask & among]
    small = min(len(here), len(rest)) < SMALL_ROWS
    elsewhere = float(rest.mean()) if len(rest) else math.nan
    gap = float(here.mean()) - elsewhere if len(here) and len(rest) else 0.0
    loss = worse = None
    if len(here) > 1 and len(rest) > 1:
        means, others = _means(here, random), _means(rest, random)
        loss, worse = interval(float(here.mean()), means), interval(gap, means - others)
    share = len(here) / max(1, int(among.sum()))
    p = math.nan if small else _welch(here, rest)
    told = Slice(group.column, group.title, len(here), loss, elsewhere, worse, gap * share, small, found, False)
    return _Judged(group, told, p)


def _welch(here: Floats, rest: Floats) -> float:
    """Probability of a group at least so much worse by chance alone (normal approximation, both sides >= 30 rows)."""
    spread = math.sqrt(here.var(ddof=1) / len(here) + rest.var(ddof=1) / len(rest))
    if spread == 0:
        return 0.0 if here.mean() > rest.mean() else 1.0
    return 0.5 * math.erfc(float(here.mean() - rest.mean()) / spread / math.sqrt(2))


def _means(values: Floats, random: np.random.Generator) -> npt.NDArray[np.float64]:
    """(DRAWS,) means of as many rows drawn with replacement."""
    if len(values) > MANY_ROWS:
        return random.normal(values.mean(), values.std() / math.sqrt(len(values)), DRAWS)
    drawn: Floats = values[random.integers(0, len(values), (DRAWS, len(values)))]
    return np.asarray(drawn.mean(axis=1), np.float64)
