"""A form of many inputs: the ones that matter have fields, the others are found, and no value is lost on the way."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit

from app.runtime.contract import Contract, Field, Label
from app.ui.services.service_view import threshold_words
from app.ui.services.tryform import MOST_FIELDS, TryForm

MANY = 1000
FIELDS = tuple(Field(f"input {i}", "number", "input", f"input {i}") for i in range(MANY))
EXAMPLE = {field.name: float(i) for i, field in enumerate(FIELDS)}


YES_NO = (Label("no", "no"), Label("yes", "yes"))


@pytest.mark.parametrize(
    ("contract", "words"),
    [
        (Contract("m", "binary", (), "y", YES_NO, "yes", 0.312), "“yes” is answered from 0.312 on."),
        (Contract("m", "binary", (), "y", YES_NO, "yes"), "The likelier class is answered: no threshold was chosen."),
        (Contract("m", "anomaly", (), "", threshold=0.61234), "An anomaly from a score of 0.6123 on."),
        (Contract("m", "regression", (), "y"), ""),
    ],
)
def test_an_answer_says_by_which_threshold_it_was_decided(contract: Contract, words: str) -> None:
    assert threshold_words(contract, str) == words


@pytest.fixture
def form(qtbot: object) -> TryForm:
    made = TryForm()
    qtbot.addWidget(made)  # type: ignore[attr-defined]
    made.show_contract(Contract("m", "regression", FIELDS, "y"), EXAMPLE, ("input 777", "input 5"))
    return made


def names(form: TryForm) -> list[str]:
    return [entry.field.name for entry in form._entries]


def test_of_many_inputs_those_that_matter_have_fields_and_the_row_is_whole(form: TryForm) -> None:
    assert names(form)[:3] == ["input 777", "input 5", "input 0"] and len(names(form)) == MOST_FIELDS
    assert form.told.text() == "40 of 1,000 inputs; the others are as in the row."
    assert form.row() == EXAMPLE and list(form.row()) == list(EXAMPLE)


def test_what_was_typed_is_kept_when_other_inputs_are_looked_for(form: TryForm) -> None:
    first = form._entries[0].widget
    assert isinstance(first, QLineEdit)
    first.setText("-1")
    form.search.setText("INPUT 990")
    assert names(form) == ["input 990"]
    form.search.setText("")
    assert names(form)[0] == "input 777" and form.row() == EXAMPLE | {"input 777": -1.0}
    form.fill(EXAMPLE)
    assert form.row() == EXAMPLE


def test_few_inputs_stand_in_their_order_and_texts_have_room(qtbot: object) -> None:
    few = TryForm()
    qtbot.addWidget(few)  # type: ignore[attr-defined]
    fields = (*FIELDS[:2], Field("review", "text", "input", "review"))
    few.show_contract(Contract("m", "regression", fields, "y"), {"review": "late\nand broken"}, ("review",))
    assert names(few) == ["input 0", "input 1", "review"] and few.search.isHidden() and few.told.isHidden()
    assert isinstance(few._entries[2].widget, QPlainTextEdit)
    assert few.row() == {"input 0": None, "input 1": None, "review": "late\nand broken"}
