"""Metrics of the labels that are answered, as functions of row weights (see ``app.training.metrics``).

``actual`` and ``chosen``: (n,) positions of the true and of the answered class; ``k``: how many classes there are.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]
Statistic = Callable[[Floats], Floats]


def macro_f1(actual: Places, chosen: Places, k: int) -> Statistic:
    """The mean over classes of F1 = 2 TP / (2 TP + FP + FN) (van Rijsbergen 1979; as scikit-learn's ``f1_score``
    with ``average="macro"``). A class that is neither true nor answered under the weights is left out."""
    truth, answer = _one_hot(actual, k), _one_hot(chosen, k)
    hits = truth * answer

    def mean(weights: Floats) -> Floats:
        return _mean_over_classes(2 * (weights @ hits), weights @ truth + weights @ answer)

    return mean


def balanced_accuracy(actual: Places, chosen: Places, k: int) -> Statistic:
    """The mean over classes of the share answered right (Brodersen et al. 2010; as scikit-learn's
    ``balanced_accuracy_score``). A class without rows under the weights is left out."""
    truth = _one_hot(actual, k)
    hits = truth * _one_hot(chosen, k)

    def mean(weights: Floats) -> Floats:
        return _mean_over_classes(weights @ hits, weights @ truth)

    return mean


def cost_per_row(actual: Places, chosen: Places, costs: Floats) -> Statistic:
    """What the answered labels cost on average (Elkan 2001). ``costs``: (k, k), one line a true class, one column an
    answered one. The likeliest class is answered, as the served model does; costs do not move the threshold."""
    paid = costs[actual, chosen]
    return lambda weights: (weights @ paid) / weights.sum(axis=1)


def _one_hot(places: Places, k: int) -> Floats:
    return np.asarray(np.eye(k)[places], np.float64)


def _mean_over_classes(above: Floats, below: Floats) -> Floats:
    """(b,) means of (b, k) quotients over those with a divisor, NaN where none has one."""
    known = below > 0
    quotients = np.divide(above, below, out=np.zeros_like(above), where=known)
    classes = known.sum(axis=1).astype(np.float64)
    means: Floats = np.divide(quotients.sum(axis=1), classes, out=np.full(len(above), np.nan), where=classes > 0)
    return means
