"""Notes in the corner cover nothing that could be pressed."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QPushButton, QWidget

from app.ui.session import Toast
from app.ui.widgets.overlay import Toasts
from tests.ui.helpers import wait_until


@pytest.fixture
def host(qtbot) -> QWidget:
    host = QWidget()
    host.resize(900, 600)
    qtbot.addWidget(host)
    host.show()
    return host


def button_at(host: QWidget, place: QRect) -> QPushButton:
    button = QPushButton("Approve", host)
    button.setGeometry(place)
    button.show()
    return button


def covered(toasts: Toasts, button: QPushButton) -> bool:
    return toasts.geometry().intersects(QRect(button.mapTo(button.window(), QPoint(0, 0)), button.size()))


def test_a_note_stands_in_the_corner_where_nothing_is(host: QWidget) -> None:
    toasts = Toasts(host)
    toasts.tell(Toast("Saved"))
    assert toasts.geometry().right() > 850 and toasts.geometry().bottom() > 500


def test_a_note_stands_above_a_button_in_the_corner(host: QWidget) -> None:
    toasts, button = Toasts(host), button_at(host, QRect(760, 500, 120, 40))
    toasts.tell(Toast("Churn is approved", "ok", "Show it", lambda: None))
    assert toasts.isVisible() and not covered(toasts, button)


def test_a_note_makes_way_for_a_button_that_comes_later(host: QWidget) -> None:
    toasts = Toasts(host)
    toasts.tell(Toast("Saved"))
    button = button_at(host, toasts.geometry())
    toasts.raise_()
    wait_until(lambda: not covered(toasts, button), 10, "a free place")
    assert toasts.isVisible()
