"""A new alert is told once: in the window if somebody works there, and never as an error where there is no tray."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QMainWindow, QSystemTrayIcon

from app.core.alerts import Alert, AlertKind, AlertState, Mute
from app.ui.home.waiting import Muted
from app.ui.notifying import Notifier
from tests.ui.helpers import activate


def alert(number: int) -> Alert:
    at = "2026-03-03T09:00:00.000000Z"
    line = f"line {number}"
    return Alert(str(number), "m", "churn", AlertKind.SCORES, "", line, None, at, AlertState.OPEN, "", "Ada", at)


def test_what_was_open_is_no_news_and_what_is_new_is_told_once(qtbot) -> None:
    window, told = QMainWindow(), []
    qtbot.addWidget(window)
    notifier = Notifier(window, told.append, lambda: None)
    notifier.hear([alert(1)])
    notifier.hear([alert(2), alert(1)])
    notifier.hear([alert(2), alert(1)])
    assert notifier.told == ["line 2"]
    notifier.hear([])
    notifier.forget()
    notifier.hear([alert(3)])
    assert notifier.told == ["line 2"]


def test_what_is_muted_is_not_told_and_is_no_news_later(qtbot) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    notifier = Notifier(window, str, lambda: None)
    notifier.hear([])
    own, other = (Muted("", Mute(whose, "2026-03-04T09:00:00.000000Z", "A sale", "Ada", "")) for whose in ("m", "n"))
    notifier.hear([alert(1)], [own])
    notifier.hear([alert(2), alert(1)], [other])
    everybody = replace(own, mute=replace(own.mute, model_id=None))
    notifier.hear([alert(3)], [other, everybody])
    assert notifier.told == ["line 2"]


def test_in_the_focused_window_it_is_a_note(qtbot) -> None:
    window, told = QMainWindow(), []
    qtbot.addWidget(window)
    notifier = Notifier(window, told.append, lambda: None)
    notifier.hear([])
    assert not QSystemTrayIcon.isSystemTrayAvailable()
    notifier.hear([alert(1)])
    assert told == []
    window.show()
    activate(window)
    notifier.hear([alert(2)])
    assert told == ["line 2"]
