"""What the overlay says while a file hangs over the window, and that one can choose new data there."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication, QPushButton

from app.data.preview import Preview
from app.ui.data.data_page import DataPage
from app.ui.offers import offers, targets
from app.ui.whose_data import NEW
from app.ui.window import MainWindow
from tests.data.corpus import SHEET, workbook
from tests.ui.helpers import drag_over, drop_table, files_mime, wait_until

TABLE = "age,plan,churned\n" + "".join(f"{20 + i},{'abc'[i % 3]},{'yes' if i % 4 else 'no'}\n" for i in range(40))


def said(window: MainWindow) -> str:
    return " / ".join(text for text, _quiet in window.overlay._offers)


@pytest.fixture
def page(window: MainWindow, tmp_path: Path) -> DataPage:
    return drop_table(window, tmp_path / "churn.csv", TABLE)


def drop_now(window: MainWindow, file: Path, place: QPoint) -> None:
    mime = files_mime([file])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(window, QDropEvent(QPointF(place), copy, mime, left, none))


def answer(window: MainWindow, name: str, text: str = "") -> QPushButton:
    return next(b for b in answers(window, name) if text in b.text())


def answers(window: MainWindow, name: str) -> list[QPushButton]:
    return [button for button in window.banner.findChildren(QPushButton, name) if button.isVisible()]


def test_matching_columns_offer_the_next_version_or_new_data(page: DataPage, tmp_path: Path):
    window = page.window()
    assert isinstance(window, MainWindow)
    later = tmp_path / "other name.csv"
    later.write_text(TABLE + "77,a,no\n")

    mime = drag_over(window, [later])
    wait_until(lambda: "version 2 of churn" in said(window), 10, "what becomes of it")
    assert said(window).endswith("/ Drop here to add it as new data")
    drop_now(window, later, QPoint(window.width() - 40, 300))
    del mime

    wait_until(lambda: page.view is not None and page.view.dataset.name == "other name", 60, "new data")
    assert page.view is not None
    assert page.view.version.number == 1


def test_the_left_target_makes_the_next_version(page: DataPage, tmp_path: Path):
    window = page.window()
    assert isinstance(window, MainWindow)
    later = tmp_path / "other name.csv"
    later.write_text(TABLE + "77,a,no\n")

    mime = drag_over(window, [later])
    wait_until(lambda: "version 2 of churn" in said(window), 10, "what becomes of it")
    drop_now(window, later, QPoint(40, 300))
    del mime

    wait_until(lambda: page.view is not None and page.view.version.number == 2, 60, "version 2")


def test_a_workbook_with_the_same_columns_is_offered_as_the_next_version(page: DataPage, tmp_path: Path):
    window = page.window()
    assert isinstance(window, MainWindow)
    rows = [line.split(",") for line in TABLE.splitlines()]
    later = tmp_path / "sheet.xlsx"
    later.write_bytes(workbook({"Data": [rows[0], *([int(a), *others] for a, *others in rows[1:])]}))
    mime = drag_over(window, [later])
    wait_until(lambda: "version 2 of churn" in said(window), 10, "what becomes of it")
    del mime


def test_what_fits_two_data_sets_is_asked_about_and_goes_where_one_says(page: DataPage, tmp_path: Path):
    window = page.window()
    assert isinstance(window, MainWindow)
    files = [tmp_path / name for name in ("south.csv", "may.csv", "june.csv", "july.csv")]
    for number, file in enumerate(files):
        file.write_text(TABLE + f"{70 + number},a,no\n")
    window.adder.add_files(files[:1], name=NEW)
    wait_until(lambda: page.view is not None and page.view.dataset.name == "south", 60, "a second data set")

    window.adder.add_files(files[1:3])
    wait_until(lambda: "2 files have the columns of churn, south" in window.banner.message, 60, "the question")
    answer(window, "data.whose.new").click()
    wait_until(lambda: page.view is not None and page.view.dataset.name == "june", 60, "new data")
    assert not window.banner.isVisible()

    window.adder.add_files(files[3:])
    wait_until(lambda: "july.csv has the columns of" in window.banner.message, 60, "the question again")
    choices = {action.text(): action for action in answer(window, "data.whose.menu").menu().actions()}
    assert list(choices) == ["churn", "south", "may", "june"]
    choices["south"].trigger()
    wait_until(lambda: page.view is not None and page.view.dataset.name == "south", 60, "the one that was chosen")
    assert page.view is not None
    assert page.view.version.number == 2


def test_a_file_that_fits_two_data_sets_has_a_target_for_each(page: DataPage, tmp_path: Path):
    window = page.window()
    assert isinstance(window, MainWindow)
    found = Preview(fits=(("churn", 2), ("south", 2)))
    offered = [text for text, _ in offers([tmp_path / "churn.csv"], window.tr, found)]
    assert [text.rpartition(" as ")[2] for text in offered] == ["version 2 of churn", "version 2 of south", "new data"]
    assert targets(found) == ("churn", "south")


@pytest.mark.parametrize(
    ("name", "content", "words", "quiet"),
    [
        ("other.csv", b"x,y\n1,2\n3,4\n", "Drop to add other.csv (12 B) as new data", "CSV, TSV"),
        ("other.xlsx", workbook({"Data": SHEET}), "Drop to add other.xlsx (1.6 KB) as new data", "CSV, TSV"),
        ("rows.jsonl", b'{"age": 1}\n{"age": 2}\n', "Drop to add rows.jsonl (22 B)", "With the same columns"),
        ("shot.png", b"\x89PNG\r\n\x1a\n", "shot.png cannot be added: it holds no table.", ""),
        ("none.csv", b"", "none.csv is empty.", ""),
    ],
)
def test_the_overlay_says_what_becomes_of_a_file(
    page: DataPage, tmp_path: Path, name: str, content: bytes, words: str, quiet: str
):
    window = page.window()
    assert isinstance(window, MainWindow)
    (tmp_path / name).write_bytes(content)

    mime = drag_over(window, [tmp_path / name])
    wait_until(lambda: said(window) == words and window.overlay._offers[0][1].startswith(quiet), 10, words)
    del mime
