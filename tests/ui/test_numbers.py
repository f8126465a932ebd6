"""Nothing that is chosen changes under the wheel of a person who scrolls past it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDoubleSpinBox,
    QLineEdit,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.ui.widgets.combo import Combo
from app.ui.widgets.numbers import Number, Slider, WholeNumber
from tests.ui.helpers import activate

Value = Combo | QSpinBox | QDoubleSpinBox | QSlider


def told(widget: Value) -> float:
    return widget.currentIndex() if isinstance(widget, QComboBox) else widget.value()


def turn(widget: QWidget) -> bool:
    """Whether the widget took the wheel's turn; else a window gives it to what is around."""
    down, none = QPoint(0, -120), Qt.KeyboardModifier.NoModifier
    middle = QPointF(widget.rect().center())
    place = widget.mapToGlobal(middle)
    phase = Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(middle, place, QPoint(), down, Qt.MouseButton.NoButton, none, phase, False)
    QApplication.sendEvent(widget, event)
    return event.isAccepted()


def combo() -> Combo:
    made = Combo("Which")
    made.addItems(["one", "two", "three"])
    return made


@pytest.mark.parametrize("make", [combo, WholeNumber, Number, Slider])
def test_the_wheel_goes_to_the_page_unless_a_person_is_at_the_number(qtbot: QtBot, make: Callable[[], Value]):
    page = QWidget()
    widget, elsewhere = make(), QLineEdit()
    column = QVBoxLayout(page)
    column.addWidget(elsewhere)
    column.addWidget(widget)
    qtbot.addWidget(page)
    with qtbot.waitExposed(page):
        page.show()
    elsewhere.setFocus()
    if not isinstance(widget, QComboBox):
        widget.setValue(5)
    before = told(widget)
    assert not turn(widget)
    assert told(widget) == before
    assert widget.focusPolicy() == Qt.FocusPolicy.StrongFocus, "a real wheel would give it the keyboard"
    activate(page)
    widget.setFocus()
    assert widget.hasFocus()
    is_number = not isinstance(widget, QComboBox)
    assert turn(widget) == is_number and (told(widget) != before) == is_number
