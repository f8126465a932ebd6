"""A group of rows is judged by the loss, and says so where no decision changes."""

from __future__ import annotations

import pytest

from app.core.challenges import GroupChange
from app.core.runs import Score
from app.ui.models.challenge_words import group_tip, verdict_words

RISES, FALLS = Score(-0.03, -0.05, -0.01), Score(0.03, 0.01, 0.05)


@pytest.mark.parametrize(
    ("changed", "gain", "worse", "words"),
    [
        (4, RISES, True, "Worse"),
        (0, RISES, True, "Worse fit"),
        (4, FALLS, False, "Better"),
        (0, FALLS, False, "Better fit"),
        (0, Score(0.0, -0.01, 0.01), False, "Alike"),
    ],
)
def test_a_verdict_without_a_changed_decision_is_about_the_scores(
    changed: int, gain: Score, worse: bool, words: str
) -> None:
    group = GroupChange("plan is pro", 80, changed, 0, changed, gain, False, worse)
    assert verdict_words(group) == words
    assert ("no decision changes" in group_tip(group)) is (words == "Worse fit")
