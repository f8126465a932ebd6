"""What became of labels is said in one note: a key may name several predictions, and contradictions are shown."""

from __future__ import annotations

from app.core.outcomes import Contradiction, Delivery, JoinedBy, LabelCounts, UnknownLabel
from app.ui.monitor.label_bar import delivery_words
from app.ui.words import in_the_window


def words(counts: LabelCounts, by: JoinedBy = JoinedBy.INPUT) -> str:
    at = "2026-03-03T09:00:00.000000Z"
    return delivery_words(Delivery("d", 1, "truth.csv", "ab", by, counts, "Ada", at))


def test_everything_that_is_not_plain_is_said() -> None:
    shown = (Contradiction("c-17", ("no", "yes")),)
    told = LabelCounts(10, 6, 1, 0, 3, 0, late=2, changed=1, several=2, predictions=9, contradictions=shown)
    assert words(told) == (
        "6 of 10 labels joined by input, 2 name several predictions (9 labelled); "
        "1 unmatched, 3 contradictory (c-17: no, yes), 2 came late, 1 changed."
    )
    assert words(LabelCounts(2, 2, 0, 0, 0, 0, predictions=2)) == "2 of 2 labels joined by input."
    mistyped = LabelCounts(2, 2, 0, 0, 0, 0, predictions=2, unknown=1, unknown_labels=(UnknownLabel("Yes ", 2, "c"),))
    assert words(mistyped) == (
        '2 of 2 labels joined by input; 1 no class of the model ("Yes " in row 2), for no figure and no retraining.'
    )
    lost = words(LabelCounts(9, 0, 9, 0, 0, 0), JoinedBy.NOTHING)
    assert lost == "No row of truth.csv belongs to a collected prediction. Is the id in another column?"


def test_what_is_recorded_for_the_command_line_too_names_no_flag_in_the_window() -> None:
    said = "signup may say when. To test on the newest rows, divide by inv. date on Train (--split time:inv. date)."
    assert in_the_window(said) == "signup may say when. To test on the newest rows, divide by inv. date on Train."
    before = "The newest rows: divide by signup on Train, or train with --split time:signup."
    assert in_the_window(f"{before}\nTried 10 settings.") == (
        "The newest rows: divide by signup on Train.\nTried 10 settings."
    )
    assert in_the_window("A fold (of 5) took 3 s.") == "A fold (of 5) took 3 s."
