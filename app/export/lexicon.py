"""Canonical texts as numbers, each text split once however many models look at it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


class Lexicon:
    """Words numbered in the order in which they were first seen.

    The numbers mean nothing outside this object: whoever chooses among words must choose by the words.
    """

    def __init__(self) -> None:
        self.words: list[str] = []
        self._number: dict[str, int] = {}
        self._texts: dict[str, npt.NDArray[np.int32]] = {}

    def number(self, word: str) -> int:
        """A word's number, a new one if it has none yet."""
        number = self._number.setdefault(word, len(self.words))
        if number == len(self.words):
            self.words.append(word)
        return number

    def read(self, texts: Sequence[str]) -> tuple[Ints, Ints]:
        """``(words, rows)``: all words of all texts in order as numbers, and the row each stands in."""
        split = [self._split(text) for text in texts]
        rows = np.repeat(np.arange(len(texts)), [len(words) for words in split])
        return np.concatenate([*split, np.empty(0, dtype=np.int64)]).astype(np.int64), rows

    def _split(self, text: str) -> npt.NDArray[np.int32]:
        known = self._texts.get(text)
        if known is None:
            known = np.array([self.number(word) for word in text.split(" ") if word], dtype=np.int32)
            self._texts[text] = known
        return known


@cache
def lexicon() -> Lexicon:
    """This process's lexicon: a memory of work done, nothing depends on what is in it."""
    return Lexicon()
