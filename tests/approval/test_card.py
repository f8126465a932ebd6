"""The card shows values as people write them and names as plain text."""

import pytest

from app.approval.card import _input, figure, plain
from app.core.data import ColumnType
from app.core.runs import InputSpec, Score


@pytest.mark.parametrize(
    ("spec", "seen"),
    [
        (InputSpec("d", ColumnType.DATETIME, "c0", 0, 17898.5, 20089.0), "2019-01-02 to 2025-01-01"),
        (InputSpec("b", ColumnType.BOOLEAN, "c0", 3, 0.0, 1.0), "no to yes; 3 missing"),
        (InputSpec("n", ColumnType.NUMBER, "c0", 0, -1.5, 2e9), "-1.5 to 2e+09"),
        (
            InputSpec("k", ColumnType.CATEGORY, "c0", 0, categories=tuple("abcdefghij")),
            "a, b, c, d, e, f, g, h and 2 more",
        ),
        (InputSpec("t", ColumnType.TEXT, "c0", 0), "text"),
        (InputSpec("e", ColumnType.NUMBER, "c0", 9), "nothing told apart; 9 missing"),
    ],
)
def test_what_was_seen_in_training_is_written_in_the_columns_own_terms(spec, seen):
    assert _input(spec)[2] == seen


def test_text_of_people_cannot_format_the_card():
    assert plain("a|b\n# <i>`x`</i> [y](z)") == r"a\|b \# \<i\>\`x\`\</i\> \[y\]\(z\)"
    assert figure(Score(0.91234, 0.9, 0.92)) == "0.9123 [0.9, 0.92]"
