"""Two models of unusual rows on rows that neither has seen. There is no truth, so nothing says which of them is right:
what can be measured is how much each flags, and on which rows they agree. Child side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from app.bundles.contract_of import cut_of
from app.core.challenges import Comparison, Flagging, GroupChange
from app.core.runs import ANOMALY, NORMAL, Recipe, Task
from app.monitoring.retraining.changes import Both, decided
from app.training.bootstrap import interval, replicates
from app.training.explaining.groups import Group
from app.training.explaining.slices import SMALL_ROWS
from app.training.metrics import Answers, Floats, Statistic

FLAG_LABELS = (NORMAL, ANOMALY)
Mask = npt.NDArray[np.bool_]


def flag_answers(recipe: Recipe, scores: Floats) -> Answers:
    """Scores as answers: from the recipe's cut on a row is an anomaly."""
    nobody = np.zeros(len(scores), np.intp)
    return Answers(Task.ANOMALY, nobody, np.asarray(scores, np.float64).ravel(), FLAG_LABELS, threshold=cut_of(recipe))


def flags_of(champion: Answers, challenger: Answers) -> Both:
    """What each flags."""
    return Both(champion, challenger, decided(champion, None), decided(challenger, None), 0.0)


def flag_contest(plain: Comparison, two: Both, seed: int) -> Comparison:
    """The shares that both flag, and of what either flags the part that both do. ``plain``: with the rows counted."""
    before, now = np.asarray(two.before == 1), np.asarray(two.now == 1)
    told = flagging(before, now, seed)
    return replace(plain, rows=len(before), champion_score=told.champion, challenger_score=told.challenger, flags=told)


def flagging(before: Mask, now: Mask, seed: int) -> Flagging:
    """``before``, ``now``: (n,) rows that each flags. Intervals by the same draws of the rows."""
    both, either = np.asarray(before & now, np.float64), before.astype(np.float64) + now

    def overlap(weights: Floats) -> Floats:
        """2 |A and B| / (|A| + |B|) of Dice (1945)."""
        above, below = 2 * (weights @ both), weights @ either
        return np.asarray(np.divide(above, below, out=np.full_like(above, np.nan), where=below > 0), np.float64)

    shares = [_share(before), _share(now)]
    drawn = replicates([*shares, overlap], len(before), seed)
    whole = np.ones((1, len(before)))
    champion, challenger = (interval(float(of(whole)[0]), d) for of, d in zip(shares, drawn, strict=False))
    agreed = interval(float(overlap(whole)[0]), drawn[2]) if either.any() else None
    return Flagging(
        champion, challenger, int(both.sum()), int((before & ~now).sum()), int((now & ~before).sum()), agreed
    )


def _share(mask: Mask) -> Statistic:
    flags = mask.astype(np.float64)
    return lambda weights: np.asarray(weights @ flags / weights.sum(axis=1), np.float64)


def flag_groups(two: Both, groups: Sequence[Group]) -> tuple[GroupChange, ...]:
    """How many rows of each group are answered differently, where most are first; none is called worse."""
    found = [_group(group, two.changed) for group in groups]
    return tuple(sorted(found, key=lambda change: -change.changed / max(change.rows, 1)))


def _group(group: Group, changed: Mask) -> GroupChange:
    rows = int(group.mask.sum())
    small = rows < SMALL_ROWS
    return GroupChange(group.title, rows, int((changed & group.mask).sum()), 0, 0, None, small=small, worse=False)
