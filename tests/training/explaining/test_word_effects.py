"""Which words of a text moved the answer: each is taken out wherever it stands, and only texts have any."""

import numpy as np

from app.core.data import ColumnType
from app.core.runs import InputSpec
from app.training.explaining.word_effects import word_effects

TEXT = InputSpec("review", ColumnType.TEXT, "review", 0)
PRICE = InputSpec("price", ColumnType.NUMBER, "price", 0)


def good_less_bad(x):
    counts = [text.split(" ").count("good") - 2 * text.split(" ").count("bad") for text in x["review"][:, 0]]
    return np.array(counts) + x["price"][:, 0]


def test_words_are_told_by_what_the_answer_loses_without_them():
    one = {"review": np.array([["good lamp bad good"]], object), "price": np.array([[3.0]], np.float32)}
    told = [(w.column, w.word, w.amount) for w in word_effects(good_less_bad, [PRICE, TEXT], one)]
    assert sorted(told) == [("review", "bad", -2.0), ("review", "good", 2.0)]


def test_an_empty_text_and_a_table_without_texts_have_no_words():
    one = {"review": np.array([[""]], object), "price": np.array([[3.0]], np.float32)}
    assert word_effects(good_less_bad, [TEXT, PRICE], one) == word_effects(good_less_bad, [PRICE], one) == ()
