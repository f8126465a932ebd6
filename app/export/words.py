"""Free text on its way into a model, here and inside the graph: counts of words and pairs of words.

The canonical step has already split the text (words joined by one space), so both sides only split at
spaces. Trees take the counts, which are whole numbers and therefore exact; linear models take TF-IDF
(smooth idf, L2 norm: scikit-learn's definition, ``TfidfTransformer``), computed in float64 on both sides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from scipy.sparse import csr_matrix, diags

from app.export.graph import CONTRIB, Graph
from app.export.numbers import Floats, Inputs

MIN_ROWS = 2
"""A term has to occur in as many training rows to be told apart."""


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
        texts = x[self.name][:, 0].tolist()
        spread: Counter[str] = Counter()
        for text in texts:
            spread.update(set(_terms(text)))
        frequent = [(term, rows) for term, rows in spread.items() if MIN_ROWS <= rows < len(texts)]
        chosen = sorted(sorted(frequent, key=lambda pair: (-pair[1], pair[0]))[: self.limit])
        self.terms = tuple(term for term, _ in chosen)
        document_rows = np.array([rows for _, rows in chosen], dtype=np.float64)
        self.idf = np.log((1 + len(texts)) / (1 + document_rows)) + 1
        return self

    def transform(self, x: Inputs) -> csr_matrix:
        """(n, width) sparse float64: counts, or TF-IDF with rows of length one."""
        counts = self._counts(x[self.name][:, 0].tolist())
        if not self.weighted:
            return counts
        weighted = csr_matrix(counts @ diags(self.idf))
        length = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
        return csr_matrix(diags(1.0 / np.maximum(length, 1e-300)) @ weighted)

    def emit(self, graph: Graph) -> str:
        """Append the same computation, return the name of its (n, width) float64 output."""
        counts = graph.double(self._emit_counts(graph))
        if not self.weighted:
            return counts
        weighted = graph.add("Mul", counts, graph.constant(self.idf[None, :]))
        length = graph.add("ReduceL2", weighted, graph.constant(np.array([1], dtype=np.int64)), keepdims=1)
        return graph.add("Div", weighted, graph.add("Max", length, graph.constant(np.array([[1e-300]]))))

    def _counts(self, texts: list[str]) -> csr_matrix:
        index = {term: j for j, term in enumerate(self.terms)}
        columns: list[int] = []
        starts = [0]
        for text in texts:
            columns += [index[term] for term in _terms(text) if term in index]
            starts.append(len(columns))
        shape = (len(texts), len(self.terms))
        ones = np.ones(len(columns))
        counts = csr_matrix((ones, np.array(columns, dtype=np.int32), np.array(starts)), shape=shape)
        counts.sum_duplicates()
        return counts

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


def _terms(text: str) -> Iterator[str]:
    """The words of a canonical text, then its pairs of neighbours."""
    words = [word for word in text.split(" ") if word]
    yield from words
    for first, second in pairwise(words):
        yield f"{first} {second}"
