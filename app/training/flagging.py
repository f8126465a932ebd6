"""Which rows a score flags, and whether the same model with another seed flags the same ones. Functions of row weights
(see ``app.training.metrics``)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Statistic = Callable[[Floats], Floats]


def flagged(score: Floats, share: float) -> npt.NDArray[np.bool_]:
    """(n,) whether a row is among the ``share`` with the highest scores, one row at least. Rows with the same score go
    together: where they would be too many none of them is flagged, so that a score that says nothing flags nothing."""
    most = max(1, round(share * len(score)))
    if most >= len(score):
        return np.zeros(len(score), dtype=np.bool_)
    highest_left_out = np.partition(score, len(score) - most - 1)[len(score) - most - 1]
    return np.asarray(score > highest_left_out)


def cut(score: Floats, share: float) -> float:
    """The score from which a row is an anomaly, as float32 has it: half way between the lowest score that is flagged
    and the highest that is not, so that no row lies on it. Where nothing can be flagged: above every score."""
    chosen = flagged(score, share)
    if not chosen.any():
        return 1.0  # above every score
    return float(np.float32((score[chosen].min() + score[~chosen].max()) / 2))


def stability(score: Floats, others: npt.NDArray[np.generic], share: float) -> Statistic:
    """Of the rows that one seed flags the share that another flags too, over ``others`` (n, seeds): the overlap
    2 |A and B| / (|A| + |B|) of Dice (1945). Flagging at random shares as much as is flagged."""
    ours = flagged(score, share)
    theirs = [flagged(np.asarray(column, np.float64), share) for column in others.reshape(len(score), -1).T]
    both = np.sum([ours & one for one in theirs], axis=0, dtype=np.float64)
    either = np.sum([ours.astype(np.float64) + one for one in theirs], axis=0)

    nothing = np.nan if either.any() else 0.0  # rows drawn without a flagged one tell nothing

    def overlap(weights: Floats) -> Floats:
        above, below = 2 * (weights @ both), weights @ either
        return np.asarray(np.divide(above, below, out=np.full_like(above, nothing), where=below > 0), np.float64)

    return overlap
