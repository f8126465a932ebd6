"""Free text on its way into a model, here and inside the graph: counts of words and pairs of words.

The canonical step has already split the text (words joined by one space), so both sides only split at
spaces. Trees take the counts, which are whole numbers and therefore exact; linear models take TF-IDF
(smooth idf, L2 norm: scikit-learn's definition, ``TfidfTransformer``), computed in float64 on both sides.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, diags

from app.export.graph import CONTRIB, Graph
from app.export.lexicon import Ints, lexicon
from app.export.numbers import Floats, Inputs

MIN_ROWS = 2
"""A term has to occur in as many training rows to be told apart."""
WORDS_READ = 500_000
"""Terms are chosen among about so many words: half a second."""
TINY = 1e-300
"""Stands in for the length of a text without any known word."""


class Words:
    """One text column. ``terms``: one or two words joined by a space, sorted; ``idf``: (terms,)."""

    def __init__(self, name: str, limit: int, *, weighted: bool) -> None:
        self.name = name
        self.limit = limit
        self.weighted = weighted
        self.terms: tuple[str, ...] = ()
        self.idf: Floats = np.empty(0)

    @property
    def width(self) -> int:
        """How many features come out."""
        return len(self.terms)

    def fit(self, x: Inputs) -> Words:
        """Choose the ``limit`` most widespread terms of the training rows (ties: alphabetically)."""
        texts = _some(x[self.name][:, 0].tolist())
        chosen = widespread(texts, self.limit)
        self.terms = tuple(sorted(chosen))
        document_rows = np.array([chosen[term] for term in self.terms], dtype=np.float64)
        self.idf = np.log((1 + len(texts)) / (1 + document_rows)) + 1
        return self

    def transform(self, x: Inputs) -> csr_matrix:
        """(n, width) sparse float64: counts, or TF-IDF with rows of length one."""
        counts = self._counts(x[self.name][:, 0].tolist())
        if not self.weighted:
            return counts
        weighted = csr_matrix(counts @ diags(self.idf))
        length = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
        return csr_matrix(diags(1.0 / np.maximum(length, TINY)) @ weighted)

    def emit(self, graph: Graph) -> str:
        """Append the same computation, return the name of its (n, width) float64 output."""
        counts = graph.double(self._emit_counts(graph))
        if not self.weighted:
            return counts
        weighted = graph.add("Mul", counts, graph.constant(self.idf[None, :]))
        length = graph.add("ReduceL2", weighted, graph.constant(np.array([1], dtype=np.int64)), keepdims=1)
        return graph.add("Div", weighted, graph.add("Max", length, graph.constant(np.array([[TINY]]))))

    def _counts(self, texts: list[str]) -> csr_matrix:
        words, rows = lexicon().read(texts)
        first, second = _pairs(words, rows)
        here = [self._singles(words), self._doubles(words[first], words[second])]
        features, at = np.concatenate(here), np.concatenate([rows, rows[first]])
        known = features >= 0
        shape = (len(texts), len(self.terms))
        return csr_matrix((np.ones(int(known.sum())), (at[known], features[known])), shape=shape)

    def _singles(self, words: Ints) -> Ints:
        """The feature of each word, -1 where it is none."""
        alone = {lexicon().number(term): j for j, term in enumerate(self.terms) if " " not in term}
        feature = np.full(len(lexicon().words), -1)
        feature[list(alone)] = list(alone.values())
        return np.asarray(feature[words], dtype=np.int64)

    def _doubles(self, first: Ints, second: Ints) -> Ints:
        """The feature of each pair, -1 where it is none."""
        split = [(j, term.split(" ")) for j, term in enumerate(self.terms) if " " in term]
        pairs = sorted((*map(lexicon().number, words), j) for j, words in split)
        features = np.full(len(first), -1)
        if pairs:
            begins, ends, feature = np.array(pairs, dtype=np.int64).T
            able = np.flatnonzero(_among(first, begins) & _among(second, ends))
            keys, wanted = _key(begins, ends), _key(first[able], second[able])
            place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
            features[able] = np.where(keys[place] == wanted, feature[place], -1)
        return features

    def _emit_counts(self, graph: Graph) -> str:
        """Tokenizer marks begin and end, so that a batch of empty texts still has tokens to count."""
        tokens = graph.add(
            "Tokenizer", self.name, domain=CONTRIB, mark=1, mincharnum=1, pad_value="\x01", tokenexp="[^ ]+"
        )
        flat = graph.add("Flatten", tokens)
        singles = [j for j, term in enumerate(self.terms) if " " not in term]
        pairs = [j for j, term in enumerate(self.terms) if " " in term]
        pool = [self.terms[j] for j in singles] + [word for j in pairs for word in self.terms[j].split(" ")]
        return graph.add(
            "TfIdfVectorizer",
            flat,
            max_gram_length=2,
            min_gram_length=1,
            max_skip_count=0,
            mode="TF",
            ngram_counts=[0, len(singles)],
            ngram_indexes=singles + pairs,
            pool_strings=pool,
        )


def widespread(texts: list[str], limit: int) -> dict[str, int]:
    """The ``limit`` terms that stand in most texts, with the number of texts; not those in fewer than
    ``MIN_ROWS`` or in all. Ties go alphabetically.

    A pair stands in no more texts than either of its words, so pairs of rarer words are not looked at.
    """
    words, rows = lexicon().read(texts)
    if not len(words) or limit < 1:
        return {}
    singles, spread = _spread(words, rows)
    enough = _least(spread[spread < len(texts)], limit)
    common = np.isin(words, singles[spread >= enough])
    first, second = _pairs(words, rows)
    both = common[first] & common[second]
    doubles, double_spread = _spread(_key(words[first][both], words[second][both]), rows[first][both])
    every = np.concatenate([spread, double_spread])
    able = (every >= MIN_ROWS) & (every < len(texts))
    able &= every >= _least(every[able], limit)
    names = [_name(int(key)) for key in np.concatenate([_key(singles), doubles])[able]]
    best = sorted(zip(names, every[able].tolist(), strict=True), key=lambda pair: (-pair[1], pair[0]))
    return dict(best[:limit])


_ALONE = np.int64(0x7FFFFFFF)
"""The second half of a key that stands for one word."""


def _key(first: int | Ints, second: int | Ints = int(_ALONE)) -> Ints:
    return np.asarray((np.asarray(first, dtype=np.int64) << 31) | second)


def _name(key: int) -> str:
    first, second = key >> 31, key & int(_ALONE)
    words = lexicon().words
    return words[first] if second == _ALONE else f"{words[first]} {words[second]}"


def _some(texts: list[str]) -> list[str]:
    """Evenly spread texts, so many that terms are chosen from about ``WORDS_READ`` words."""
    words = sum(text.count(" ") + 1 for text in texts)
    return texts[:: max(1, words // WORDS_READ)]


def _among(words: Ints, wanted: Ints) -> npt.NDArray[np.bool_]:
    """Whether each word is one of ``wanted``."""
    table = np.zeros(len(lexicon().words), dtype=np.bool_)
    table[wanted] = True
    return np.asarray(table[words])


def _pairs(words: Ints, rows: Ints) -> tuple[Ints, Ints]:
    """Positions of the first and the second word of every pair of neighbours within one text."""
    first = np.flatnonzero(rows[:-1] == rows[1:]) if len(words) else np.empty(0, dtype=np.int64)
    return first, first + 1


def _spread(keys: Ints, rows: Ints) -> tuple[Ints, npt.NDArray[np.int64]]:
    """The different keys, sorted, and in how many rows each stands."""
    different, place = np.unique(keys, return_inverse=True)
    pairs = np.unique(place * (int(rows.max(initial=0)) + 1) + rows)
    return different, np.bincount(pairs // (int(rows.max(initial=0)) + 1), minlength=len(different))


def _least(spread: Ints, limit: int) -> int:
    """The spread that the ``limit`` most widespread have at least; ``MIN_ROWS`` if there are not so many."""
    return int(np.partition(spread, -limit)[-limit]) if len(spread) > limit else MIN_ROWS
