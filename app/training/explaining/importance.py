"""Which columns matter: permutation importance (Breiman 2001; Fisher, Rudin, Dominici 2019).

Asked of the exported model, which is the one that will answer and is many times faster than the pipeline.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from app.core.runs import Importance, InputSpec
from app.training.metrics import Answers, Floats, sign, value

Inputs = Mapping[str, npt.NDArray[np.generic]]
Predict = Callable[[Inputs], Floats]

MOST_ROWS = 2000
MOST_SHUFFLES = 5
T_95 = {2: 12.71, 3: 4.30, 4: 3.18, 5: 2.78}
"""97.5 % quantiles of Student's t by number of shuffles."""


def importance(
    predict: Predict, specs: Sequence[InputSpec], x: Inputs, answers: Answers, metric: str, *, seed: int, seconds: float
) -> list[Importance]:
    """How much the metric worsens when a column's values change places, most important first.

    ``predict``: inputs -> what ``Answers.predicted`` holds. Rows, shuffles and, at last, columns are cut so that it
    takes about ``seconds``; columns that were not reached are missing from the list (see ``unreached``).
    """
    until = time.monotonic() + seconds
    random = np.random.default_rng(seed)
    rows = np.sort(random.choice(answers.n, min(answers.n, MOST_ROWS), replace=False))
    some = {name: values[rows] for name, values in x.items()}
    base = replace(answers, actual=answers.actual[rows], predicted=answers.predicted[rows])
    before = value(metric, base)
    if not np.isfinite(before):
        return []
    started = time.monotonic()
    predict(some)
    each = time.monotonic() - started
    shuffles = int(np.clip(seconds / (each * len(specs) + 1e-9), 1, MOST_SHUFFLES))
    found = []
    for spec in specs:
        if time.monotonic() > until:
            break
        losses = [
            sign(metric)
            * (before - value(metric, replace(base, predicted=predict(_shuffled(some, spec.input, random)))))
            for _ in range(shuffles)
        ]
        found.append(_summary(spec.name, np.array(losses)))
    return sorted(found, key=lambda i: -i.mean)


def unreached(specs: Sequence[InputSpec], found: Sequence[Importance]) -> int:
    """How many columns there was no time for; none where nothing was measured at all."""
    return len(specs) - len(found) if found else 0


def _shuffled(x: Inputs, name: str, random: np.random.Generator) -> Inputs:
    return {**x, name: x[name][random.permutation(len(x[name]))]}


def _summary(column: str, losses: Floats) -> Importance:
    mean = float(losses.mean())
    if len(losses) < 2:
        return Importance(column, mean, mean, mean)
    half = T_95[len(losses)] * float(losses.std(ddof=1)) / len(losses) ** 0.5
    return Importance(column, mean, mean - half, mean + half)
