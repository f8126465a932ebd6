"""A window with its own settings and projects folder, closed and joined at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from app.ui.settings import Settings
from app.ui.theme import Appearance, theme
from app.ui.window import MainWindow
from tests.ui.helpers import ClickCounter, Heartbeat, activate, turn


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings in a folder of the test's own; projects are made beside it."""
    monkeypatch.delenv("MODELYARD_PROJECTS_DIR", raising=False)
    made = Settings(tmp_path / "config")
    made.projects_folder = tmp_path / "projects"
    made.appearance = Appearance.LIGHT
    return made


_CLOSED: list[MainWindow] = []
"""Windows stay until the process ends, as in the application: deleting one window beside another is nothing it does."""


@pytest.fixture
def make_window(qapp: QApplication, settings: Settings) -> Iterator[Callable[..., MainWindow]]:
    """Makes windows of 1280 x 800 and shows them."""
    made: list[MainWindow] = []

    def make(project: Path | None = None) -> MainWindow:
        window = MainWindow(project, settings)
        window.show()
        made.append(window)
        activate(window)
        return window

    yield make
    for window in made:
        window.session.shut()
        window.close()
    _CLOSED.extend(made)
    turn(1)  # lets Qt close them before another window becomes active
    theme().choose(Appearance.LIGHT)


@pytest.fixture
def window(make_window: Callable[..., MainWindow]) -> MainWindow:
    """A window without a project."""
    return make_window()


@pytest.fixture
def click_counter(qapp: QApplication) -> Iterator[ClickCounter]:
    """Counts clicks and modal windows."""
    counter = ClickCounter()
    yield counter
    counter.stop()


@pytest.fixture
def heartbeat(qapp: QApplication) -> Iterator[Heartbeat]:
    """Measures how long the window stands still."""
    beat = Heartbeat()
    yield beat
    beat.stop()
