"""Why one row is answered so: sampled Shapley values of the answer (Strumbelj and Kononenko 2014, "Explaining
prediction models and individual predictions with feature contributions"). In a child only.

From every background row a walk leads to the row asked about, one input after the other, in a random order and in the
reverse of it (Mitchell et al. 2022: antithetic orders vary less). What a step changes is the input's; the steps of a
walk add up to the whole way whatever the order, so base and contributions add up to the answer exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from app.core.runs import InputSpec
from app.training.explaining.groups import Inputs
from app.training.metrics import Floats

MOST_BACKGROUND, LEAST_BACKGROUND = 100, 10
MOST_ROWS = 40_000
"""Rows that are asked of the model at most, unless ``LEAST_BACKGROUND`` needs more."""
BATCH_CELLS = 2_000_000

Places = npt.NDArray[np.intp]
Predict = Callable[[Inputs], Floats]


def background_size(inputs: int, rows: int) -> int:
    """How many rows an answer is compared with."""
    affordable = max(LEAST_BACKGROUND, MOST_ROWS // (2 * (inputs + 1)))
    return min(MOST_BACKGROUND, affordable, rows)


def contributions(
    predict: Predict, specs: Sequence[InputSpec], one: Inputs, background: Inputs, random: np.random.Generator
) -> tuple[float, Floats, float]:
    """``(base, amounts, output)``: base is the mean answer of the background, ``amounts`` (inputs,) in the order of
    ``specs``. ``predict``: rows -> (n,) figures; ``one``: a single row; ``background``: (b, 1) each."""
    rows, d = len(next(iter(background.values()))), len(specs)
    forward = np.argsort(random.random((rows, d)), axis=1)
    ranks = np.argsort(np.concatenate([forward, forward[:, ::-1]]), axis=1)
    starts = np.tile(np.arange(rows), 2)
    batch = max(1, BATCH_CELLS // ((d + 1) * d))
    walked = [
        _walk(predict, specs, one, background, ranks[i : i + batch], starts[i : i + batch])
        for i in range(0, len(starts), batch)
    ]
    answers = np.concatenate(walked)
    steps = np.take_along_axis(np.diff(answers, axis=1), ranks, axis=1)
    return float(answers[:, 0].mean()), steps.mean(axis=0), float(answers[:, -1].mean())


def _walk(
    predict: Predict, specs: Sequence[InputSpec], one: Inputs, background: Inputs, ranks: Places, starts: Places
) -> Floats:
    """(walks, inputs + 1) answers on the way. ``ranks``: (walks, inputs) when each input is changed."""
    steps = np.arange(len(specs) + 1)
    x = {}
    for i, spec in enumerate(specs):
        changed = ranks[:, i : i + 1] < steps
        x[spec.input] = np.where(changed, one[spec.input][0, 0], background[spec.input][starts, 0][:, None]).reshape(
            -1, 1
        )
    x = {name: values.astype(one[name].dtype, copy=False) for name, values in x.items()}
    return predict(x).reshape(len(ranks), len(steps))
