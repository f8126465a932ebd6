"""A column's page: opened by a click or a key, filled beside the window, edited in place, left by Escape."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from app.ui.data.column_page import ColumnView
from app.ui.data.data_columns import NAME
from app.ui.data.data_page import DataPage
from app.ui.window import MainWindow
from tests.ui.helpers import accessible_name, drop_table, visible_button, wait_until, walk_widgets

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support (raise|grabbing)", extend=True)


def table() -> str:
    lines = ["id,age,plan,city,churned"]
    for n in range(400):
        age = "" if 100 <= n < 150 else str(20 + n * 7 % 50)
        lines.append(
            f"C{n:04},{age},{'aab'[n % 3]},{'' if 100 <= n < 160 else 'XYZ'[n % 3]},{'yes' if n % 3 else 'no'}"
        )
    return "\n".join(lines) + "\n"


@pytest.fixture
def page(window: MainWindow, tmp_path: Path) -> DataPage:
    return drop_table(window, tmp_path / "small.csv", table())


def place(page: DataPage, name: str):
    columns = page.tabs.columns
    row = next(n for n, r in enumerate(columns.model_.records) if r.column.name == name)
    return columns.visualRect(columns.model_.index(row, NAME)).center()


def opened(page: DataPage, name: str) -> ColumnView:
    QTest.mouseClick(page.tabs.columns.viewport(), Qt.MouseButton.LeftButton, pos=place(page, name))
    return came(page, name)


def came(page: DataPage, name: str) -> ColumnView:
    view = page.tabs.column
    wait_until(lambda: view.found is not None and view.found.name == name and view.job is None, 30, name)
    assert view.isVisible()
    return view


def told(page: DataPage, name: str) -> tuple[str, str, bool]:
    assert page.view is not None
    column = page.view.reading.column(name)
    return column.unit, column.description, column.personal


def test_a_click_on_a_name_opens_the_page_and_escape_comes_back_to_the_row(page: DataPage):
    view = opened(page, "age")
    assert view.histogram.isVisible() and view.effect.isVisible() and view.stretches.isVisible()
    assert view.effect.title == "churned = yes by age"
    assert view._together.text() == "Missing together with city (50 of 50 rows)."
    assert view.back.hasFocus()
    QTest.keyClick(view.back, Qt.Key.Key_Escape)
    assert page.tabs.columns.isVisible() and page.tabs.columns.hasFocus()
    assert page.tabs.columns.currentIndex().row() == 1


def test_return_opens_and_next_goes_on(page: DataPage):
    columns = page.tabs.columns
    columns.setFocus()
    columns.setCurrentIndex(columns.model_.index(1, 0))
    QTest.keyClick(columns, Qt.Key.Key_Return)
    view = came(page, "age")
    QTest.mouseClick(view._after, Qt.MouseButton.LeftButton)
    came(page, "plan")
    assert view.top.isVisible() and not view.histogram.isVisible()
    assert view.top.table().rows == (("a", 267), ("b", 133))
    QTest.mouseClick(visible_button(page, "data.column.back"), Qt.MouseButton.LeftButton)
    assert columns.isVisible()


def test_dragging_over_names_selects_and_opens_nothing(page: DataPage):
    viewport = page.tabs.columns.viewport()
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, pos=place(page, "age"))
    QTest.mouseMove(viewport, place(page, "city"))
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=place(page, "city"))
    assert page.tabs.columns.isVisible()


def test_unit_description_and_mark_are_edited_in_place_and_undone(page: DataPage):
    view = opened(page, "age")
    view.unit.setFocus()
    QTest.keyClicks(view.unit, "years")
    QTest.keyClick(view.unit, Qt.Key.Key_Return)
    wait_until(lambda: told(page, "age")[0] == "years", 30, "the unit")
    view.description.setFocus()
    QTest.keyClicks(view.description, "Age at signing")
    view.back.setFocus()
    wait_until(lambda: told(page, "age")[1] == "Age at signing", 30, "the description")
    QTest.mouseClick(view.personal, Qt.MouseButton.LeftButton)
    wait_until(lambda: told(page, "age")[2], 30, "the mark")
    assert page.tabs.column.isVisible()
    assert page.actions_["data.undo"].text() == "Undo: mark of age"
    for left in (("years", "Age at signing", False), ("years", "", False), ("", "", False)):
        page.actions_["data.undo"].trigger()
        wait_until(lambda left=left: told(page, "age") == left, 30, "the undo")
    wait_until(lambda: view.unit.text() == "" and not view.personal.isChecked(), 10)


def test_many_columns_are_marked_as_personal_at_once(page: DataPage):
    page.tabs.columns.select(["age", "city"])
    menu = page.tabs.columns.menu()
    action = next(a for a in menu.actions() if a.text() == "Personal &data")
    assert not action.isChecked()
    action.trigger()
    wait_until(lambda: told(page, "age")[2] and told(page, "city")[2], 30, "the marks")
    assert page.actions_["data.undo"].text() == "Undo: mark of 2 columns"
    page.tabs.columns.select(["age", "city"])
    again = next(a for a in page.tabs.columns.menu().actions() if a.text() == "Personal &data")
    assert again.isChecked()
    again.trigger()
    wait_until(lambda: not told(page, "age")[2] and not told(page, "city")[2], 30, "no marks")


def test_the_row_that_is_right_clicked_can_be_opened(page: DataPage):
    from PySide6.QtGui import QContextMenuEvent
    from PySide6.QtWidgets import QApplication

    viewport = page.tabs.columns.viewport()
    where = place(page, "city")
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, where, viewport.mapToGlobal(where))
    QApplication.sendEvent(viewport, event)
    (menu,) = [m for m in page.findChildren(QMenu) if m.isVisible()]
    next(a for a in menu.actions() if a.text() == "&Open city").trigger()
    came(page, "city")
    menu.close()


def test_every_picture_of_the_page_is_saved_and_gives_its_numbers(page: DataPage, tmp_path: Path):
    view = opened(page, "age")
    for chart in (view.histogram, view.effect, view.stretches, view.top):
        for kind in ("png", "svg", "csv"):
            chart.save(tmp_path / f"chart.{kind}")
        image = QImage(str(tmp_path / "chart.png"))
        assert image.width() == 2 * chart.width()
        assert chart.title in (tmp_path / "chart.svg").read_text("utf-8")
        with (tmp_path / "chart.csv").open(newline="", encoding="utf-8") as file:
            head, *rows = list(csv.reader(file))
        assert tuple(head) == chart.table().headers and len(rows) == len(chart.table().rows) > 0
        assert chart.accessibleDescription() == chart.summary()


def test_everything_on_the_page_has_a_name(page: DataPage):
    opened(page, "age")
    assert [w.objectName() for w in walk_widgets(page.window()) if not accessible_name(w).strip()] == []
