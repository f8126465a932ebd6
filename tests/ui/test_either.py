"""Content, nothing yet, or neither while nobody knows."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel

from app.ui.widgets.either import Either
from app.ui.widgets.empty import EmptyState


def test_nothing_yet_is_taken_back_until_it_is_known_again_but_content_stays(qtbot) -> None:
    empty, content = EmptyState("data", "No run to compare yet.", ""), QLabel("rows")
    either = Either(empty, content)
    qtbot.addWidget(either)
    assert either.currentWidget() not in (empty, content)
    either.show_content(False)
    assert either.currentWidget() is empty
    either.doubt()
    assert either.currentWidget() not in (empty, content)
    either.show_content(True)
    either.doubt()
    assert either.currentWidget() is content
