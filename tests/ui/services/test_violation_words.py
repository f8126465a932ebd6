"""What a prediction breaks is said in words, not in the codes of the answer."""

from __future__ import annotations

from app.ui.services.violation_words import violation_words


def test_codes_are_said_in_words_and_unknown_ones_stay():
    codes = ["age:range", "plan:categories", "a:b:missing", "age<=age2:relation", "odd:new"]
    assert violation_words(codes, str) == (
        "age is out of range, plan is not an allowed value, a:b is missing, age<=age2 does not hold, odd:new"
    )
