"""Which words of a text moved the answer: the answer is asked again without each of them (erasure: Li, Monroe and
Jurafsky 2016, "Understanding neural networks through representation erasure"). In a child only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from app.core.data import ColumnType
from app.core.explanations import WordEffect
from app.core.runs import InputSpec
from app.training.explaining.groups import Inputs
from app.training.metrics import Floats

MOST_ASKED = 300
"""Different words of one text, from its beginning."""
MOST_TOLD = 12

Predict = Callable[[Inputs], Floats]


def word_effects(predict: Predict, specs: Sequence[InputSpec], one: Inputs) -> tuple[WordEffect, ...]:
    """The words of all text columns that moved the answer to a row, the strongest first. ``predict``: rows -> (n,)
    figures; ``one``: a single canonical row: words stand between single spaces."""
    found = [effect for spec in specs if spec.type is ColumnType.TEXT for effect in _of_column(predict, spec, one)]
    moved = sorted((effect for effect in found if effect.amount), key=lambda effect: -abs(effect.amount))
    return tuple(moved[:MOST_TOLD])


def _of_column(predict: Predict, spec: InputSpec, one: Inputs) -> Iterator[WordEffect]:
    written = str(one[spec.input][0, 0]).split(" ")
    words = list(dict.fromkeys(word for word in written if word))[:MOST_ASKED]
    if not words:
        return
    texts = [" ".join(written), *(" ".join(w for w in written if w != word) for word in words)]
    x = {name: np.repeat(values, len(texts), axis=0) for name, values in one.items()}
    x[spec.input] = np.array(texts, dtype=one[spec.input].dtype).reshape(-1, 1)
    answers = predict(x)
    for word, answer in zip(words, answers[1:], strict=True):
        yield WordEffect(spec.name, word, float(answers[0] - answer))
