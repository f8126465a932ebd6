"""A large file shows its first rows while it is being read, said to be provisional; nothing of that stays."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractButton

from app.core.data import Column, ColumnProfile, ColumnType, Profile, Use
from app.data import intake
from app.data.reading import FirstLook
from app.ui.data.data_page import DataPage
from app.ui.data.first_look import FirstLookCard
from app.ui.window import MainWindow
from tests.ui.helpers import drop_files, wait_until

ROWS = 150_000


@pytest.fixture
def large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(intake, "LOOK_FROM_BYTES", 0)
    file = tmp_path / "large.csv"
    file.write_text("id,amount,plan\n" + "".join(f"{n},{n % 97 / 8},{'abc'[n % 3]}\n" for n in range(ROWS)))
    return file


def look_shown(window: MainWindow) -> bool:
    return isinstance(window.page, DataPage) and window.page.first.isVisible()


def test_the_first_rows_are_shown_before_the_file_is_stored(window: MainWindow, large: Path):
    assert drop_files(window, [large])
    wait_until(lambda: look_shown(window), 60, "a first look")
    page = window.page
    assert isinstance(page, DataPage)
    assert page.view is None
    assert page.first.note.text().startswith("From the first ")
    assert [row.column.name for row in page.first.columns.model_.records] == ["id", "amount", "plan"]
    assert page.first.rows.model().index(1, 1).data() == "0.125"
    assert "large.csv · about 1" in page.subtitle
    assert not any(b.isEnabled() for b in window.findChildren(QAbstractButton, "run.train") if b.isVisible())
    wait_until(lambda: page.view is not None, 120, "the exact reading")
    assert page.first.isHidden() and page.either.isVisible()
    assert page.view is not None and page.view.version.rows == ROWS


def test_exact_figures_are_not_called_provisional(qtbot):
    card = FirstLookCard()
    qtbot.addWidget(card)
    profile = Profile(9, (ColumnProfile("id", 0, 9),))
    look = FirstLook(("a.csv",), 9, True, (Column("id", ColumnType.INTEGER, Use.INPUT),), profile, (("1",),))
    card.show_look(look)
    assert card.note.text().startswith("From the first 9 rows") and card.chip.text == "being read"
    card.show_look(replace(look, exact=True))
    assert "of all rows" in card.note.text() and card.chip.text == "being checked"


def test_cancelling_leaves_neither_a_look_nor_a_project(window: MainWindow, large: Path, tmp_path: Path):
    assert drop_files(window, [large])
    wait_until(lambda: look_shown(window), 60, "a first look")
    (job,) = window.session.jobs.running
    job.cancel()
    wait_until(lambda: not window.session.jobs.running, 10, "the end")
    assert not look_shown(window)
    assert window.session.look is None and window.session.project is None
    assert not [path for path in (tmp_path / "projects").rglob("*") if path.is_file()]
