"""Questions about a file stand on the data page, are answered with a click or a short menu, and can be undone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from app.core.data import Outcome, Use
from app.ui.data.answer_button import AnswerButton
from app.ui.data.data_page import DataPage
from app.ui.window import MainWindow
from tests.data.corpus import SHEET, lines, workbook, zipped
from tests.ui.helpers import ClickCounter, drop_files, wait_until

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support (raise|grabbing)", extend=True)


@pytest.fixture
def dropped(window: MainWindow, tmp_path: Path) -> Callable[..., DataPage]:
    """Drop bytes on the window; the data page once they are shown."""

    def drop(content: bytes, name: str = "table.csv") -> DataPage:
        path = tmp_path / name
        path.write_bytes(content)
        before = window.page.view.version.id if isinstance(window.page, DataPage) and window.page.view else ""
        assert drop_files(window, [path])
        wait_until(
            lambda: isinstance(window.page, DataPage) and window.page.view and window.page.view.version.id != before,
            60,
            f"{name} to be shown",
        )
        assert isinstance(window.page, DataPage)
        return window.page

    return drop


def button(page: DataPage, text: str) -> AnswerButton:
    """The visible answer that screen readers call so."""

    def found() -> list[AnswerButton]:
        answers = page.checks.findChildren(AnswerButton)
        return [b for b in answers if b.accessibleName() == text and b.isVisible()]

    if not found() and page.checks._more.isVisible():
        page.checks._more.click()
    wait_until(found, 10, f"{text}, among {[b.accessibleName() for b in page.checks.findChildren(AnswerButton)]}")
    return found()[0]


def read_anew(page: DataPage, act: Callable[[], object]) -> None:
    assert page.view is not None
    before = page.view.reading.id
    act()
    wait_until(lambda: page.view is not None and page.view.reading.id != before, 30, "another reading")


def click(widget: AnswerButton) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=widget.rect().center())


def choose(page: DataPage, text: str, starts: str) -> None:
    """Open an answer's menu and click the item that starts so."""
    click(button(page, text))
    (menu,) = [menu for menu in page.findChildren(QMenu) if menu.isVisible()]
    action = next(action for action in menu.actions() if action.text().startswith(starts))
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())


def names(page: DataPage) -> list[str]:
    assert page.view is not None
    return [column.name for column in page.view.reading.columns]


def asked(page: DataPage) -> set[str]:
    assert page.view is not None
    return {f.code for f in page.view.reading.findings if f.outcome is Outcome.ASK}


def test_the_header_is_chosen_from_a_menu_and_undone(dropped, click_counter: ClickCounter):
    page = dropped(b"Report of 2024\nage,city,x\n31,Oslo,1\n45,Rome,2\n20,Bonn,3\n")
    assert asked(page) == {"PREAMBLE"}
    read_anew(page, lambda: choose(page, "Header…", "Line 3  –  31,Oslo,1"))
    assert names(page) == ["31", "Oslo", "1"]
    assert asked(page) == set()
    assert page.actions_["data.undo"].text() == "Undo: the header's line"
    read_anew(page, page.actions_["data.undo"].trigger)
    assert names(page) == ["age", "city", "x"]
    assert click_counter.dialogs == 0


def test_the_encoding_can_be_changed_and_changed_back(dropped):
    page = dropped("name,city\nMüller,Köln\nGrößer,Bonn\n".encode("cp1252"))
    read_anew(page, lambda: choose(page, "Encoding…", "mac_roman  –  M¸ller"))
    assert page.view.reading.recipe.encoding == "mac_roman"
    read_anew(page, lambda: choose(page, "Encoding…", "cp1252"))
    assert page.view.reading.recipe.encoding == "cp1252"


def test_the_separator_is_chosen_from_a_menu(dropped):
    page = dropped(b"a;b,c;d\n1;2,3;4\n5;6,7;8\n")
    read_anew(page, lambda: choose(page, "Separator…", "comma"))
    assert names(page) == ["a;b", "c;d"]


def test_the_sheet_is_chosen_from_a_menu_and_asked_no_more(dropped):
    page = dropped(workbook({"A &amp; B": SHEET, "Old": [["x", "y"], [1, 2], [3, 4]]}), "t.xlsx")
    read_anew(page, lambda: choose(page, "Sheet…", "Old  –  3 rows: x and y"))
    assert names(page) == ["x", "y"]
    page = dropped(workbook({"A &amp; B": SHEET, "Old": [["x", "y"], [1, 5], [3, 4], [2, 2]]}), "t2.xlsx")
    assert (page.view.version.number, names(page), asked(page)) == (2, ["x", "y"], set())


def test_the_file_of_an_archive_is_chosen_and_judged_anew(dropped):
    pack = zipped({"big.csv": lines("a,b", [f"{i},x" for i in range(50)]), "small.csv": "ä;d\n1;2\n".encode("cp1252")})
    page = dropped(pack, "t.zip")
    read_anew(page, lambda: choose(page, "File…", "small.csv"))
    assert (names(page), page.view.reading.recipe.encoding) == (["ä", "d"], "cp1252")


def test_day_or_month_is_one_click(dropped):
    page = dropped(b"d,x\n01/02/2024,1\n03/04/2024,2\n05/06/2024,1\n")
    read_anew(page, lambda: click(button(page, "Month first: d")))
    assert (page.view.profile.columns[0].minimum or "").startswith("2024-01-02")
    assert page.view.reading.column("d").use is Use.INPUT


def test_thousands_or_decimals_is_one_click(dropped):
    page = dropped(b"x;y\n1,234;a\n5,678;b\n")
    read_anew(page, lambda: click(button(page, "Thousands: x")))
    assert page.view.profile.columns[0].maximum == "5678"


def test_ragged_rows_are_left_out_with_one_click(dropped):
    page = dropped(b"a,b,c\n1,2,3\n4,5\n6,7,8,9\n1,1,1\n")
    read_anew(page, lambda: click(button(page, "Leave them out")))
    assert page.view.profile.rows == 2
    read_anew(page, lambda: click(button(page, "Take them in")))
    assert page.view.profile.rows == 4


def test_columns_of_one_name_are_ignored_with_one_click(dropped):
    page = dropped(b"age,city,age\n1,Oslo,2\n3,Rome,4\n5,Pisa,6\n")
    read_anew(page, lambda: click(button(page, "Ignore the later ones: age")))
    assert page.view.reading.column("age (2)").use is Use.IGNORED


def test_groups_are_spread_with_one_click(dropped):
    page = dropped(b'[{"a": 1, "b": {"c": 1}}, {"a": 2, "b": {"c": 2}}]', "t.json")
    read_anew(page, lambda: click(button(page, "Spread into columns: b")))
    assert names(page) == ["a", "b.c"]


def test_na_means_missing_with_one_click(dropped):
    page = dropped(b"country,x\nDE,1\nNA,2\nFR,3\nDE,4\n")
    read_anew(page, lambda: click(button(page, "It means missing: country")))
    assert page.view.profile.columns[0].missing == 1
