"""What a roll-back brings back, read from the history alone."""

from __future__ import annotations

import pytest

from app.core.releases import Mode, Release, ReleaseKind, restored

KINDS = {
    "+": ReleaseKind.PROMOTE,
    "-": ReleaseKind.ROLLBACK,
    "?": ReleaseKind.CHALLENGE,
    "!": ReleaseKind.SETTLE,
    "x": ReleaseKind.RETIRE,
}


def history(story: str) -> list[Release]:
    """``+a +b -a``: a is rolled out, then b, then a is rolled back to."""
    made = []
    for number, word in enumerate(story.split()):
        kind, bundle = KINDS[word[0]], word[1:]
        made.append(
            Release(str(number), "production", "m", bundle, "s", None, Mode.ALL, 1.0, kind, "", "Ada", f"{number:03}")
        )
    return made


@pytest.mark.parametrize(
    ("story", "back"),
    [
        ("", None),
        ("+a", None),
        ("+a +b", "a"),
        ("+a +b -a", None),
        ("+a +b +c -b", "a"),
        ("+a +b -a +c", "a"),
        ("+a +b +c -b -a", None),
        ("+a ?a !a +b", "a"),
        ("+a ?a +b", "a"),
        ("+a +b +a", "b"),
        ("+a +b xb +c", None),
        ("+a +b -A", None),
        ("+a +b -A +c", "A"),
        ("+a +b +c -B", "a"),
    ],
)
def test_the_champion_before_is_restored_and_never_one_that_was_rolled_back(story: str, back: str | None) -> None:
    found = restored(history(story))
    assert (found.bundle_id if found else None) == back
