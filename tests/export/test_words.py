"""Terms of a text column: chosen among the training rows, counted, weighted as scikit-learn does."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from app.export.words import MIN_ROWS, Words, widespread

TEXTS = st.lists(
    st.lists(st.sampled_from(["a", "bb", "größe", "日本", "x1", "z"]), max_size=8).map(" ".join), max_size=12
)


def as_input(texts) -> dict[str, np.ndarray]:
    values = np.empty((len(texts), 1), dtype=object)
    values[:, 0] = texts
    return {"c0": values}


def terms_of(text: str) -> list[str]:
    words = text.split(" ") if text else []
    return words + [f"{one} {two}" for one, two in pairwise(words)]


@settings(max_examples=200, deadline=None)
@given(TEXTS, st.integers(0, 30))
def test_the_most_widespread_terms_are_chosen(texts, limit) -> None:
    spread = Counter(term for text in texts for term in set(terms_of(text)))
    able = [(term, rows) for term, rows in spread.items() if MIN_ROWS <= rows < len(texts)]
    assert widespread(texts, limit) == dict(sorted(able, key=lambda pair: (-pair[1], pair[0]))[:limit])


@settings(max_examples=200, deadline=None)
@given(TEXTS, TEXTS)
def test_terms_are_counted_in_texts_never_seen_before(texts, others) -> None:
    words = Words("c0", 10, weighted=False).fit(as_input(texts))
    counted = words.transform(as_input(others)).toarray()
    for row, text in zip(counted, others, strict=True):
        found = Counter(terms_of(text))
        assert row.tolist() == [found[term] for term in words.terms]


@pytest.mark.parametrize("limit", [3, 1000])
def test_weights_are_those_of_scikit_learn(limit) -> None:
    texts = ["the big cat", "the small cat sat", "a big dog", "the big dog sat", "", "cat"]
    words = Words("c0", limit, weighted=True).fit(as_input(texts))
    reference = TfidfVectorizer(
        token_pattern=r"[^ ]+", lowercase=False, ngram_range=(1, 2), vocabulary=list(words.terms)
    )
    assert len(words.terms) == min(limit, 7)
    assert words.transform(as_input(texts)).toarray() == pytest.approx(reference.fit_transform(texts).toarray())


def test_terms_of_rare_texts_do_not_matter_for_what_was_read_before() -> None:
    texts = ["red car", "red bus", "blue car", "blue bus"]
    first = Words("c0", 3, weighted=True).fit(as_input(texts)).terms
    Words("c0", 3, weighted=True).fit(as_input(["zebra yak", "yak zebra", "bus red"]))
    assert Words("c0", 3, weighted=True).fit(as_input(texts)).terms == first
