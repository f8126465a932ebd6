"""The rows tab: filtered by a line, sorted by a click, never on the window's thread; row numbers stay the file's."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from app.ui.data.data_page import DataPage
from app.ui.data.rows_view import RowsView
from app.ui.window import MainWindow
from tests.ui.helpers import activate, drop_files, drop_table, visible_button, wait_until

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support (raise|grabbing)", extend=True)

ROWS = [(n, 20 + n * 7 % 50, "abc"[n % 3], f"{n:05}", 900719925474099100 + n) for n in range(300)]


@pytest.fixture
def page(window: MainWindow, tmp_path: Path) -> DataPage:
    lines = [f"{n},{age},{plan},{code},{long}" for n, age, plan, code, long in ROWS]
    text = "\n".join(["n,age,plan,code,long", *lines]) + "\n"
    page = drop_table(window, tmp_path / "small.csv", text)
    page.tabs.tab_bar.setCurrentIndex(1)
    return page


@pytest.fixture
def view(page: DataPage) -> RowsView:
    return page.tabs.rows_view


def typed(view: RowsView, text: str) -> None:
    view.filter.setFocus()
    view.filter.selectAll()
    QTest.keyClicks(view.filter, text)
    QTest.keyClick(view.filter, Qt.Key.Key_Return)
    wait_until(lambda: view.job is None, 30, "the rows")


def click_header(view: RowsView, section: int) -> None:
    header = view.table.horizontalHeader()
    place = QPoint(header.sectionViewportPosition(section) + 20, header.height() // 2)
    QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)
    wait_until(lambda: view.job is None, 30, "the order")


def cells(view: RowsView, column: int, rows: int) -> list[str]:
    model = view.table.model_
    wait_until(lambda: all(model.text(row, column) is not None for row in range(rows)), 20, "the page")
    return [str(model.text(row, column)) for row in range(rows)]


def numbers(view: RowsView, rows: int) -> list[str]:
    return [str(view.table.model_.headerData(row, Qt.Orientation.Vertical)) for row in range(rows)]


def title(view: RowsView, section: int) -> str:
    return str(view.table.model_.headerData(section, Qt.Orientation.Horizontal))


def test_control_f_goes_to_the_filter_and_return_applies_it(page: DataPage, view: RowsView):
    page.tabs.tab_bar.setCurrentIndex(0)
    activate(page.window())
    QTest.keyClick(page.window(), Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert page.actions_["data.find"].isEnabled(), page.actions_.why_not("data.find")
    wait_until(view.filter.hasFocus, 5, "the filter")
    typed(view, "age > 66 and plan = b")
    wanted = [row for row in ROWS if row[1] > 66 and row[2] == "b"]
    assert view.table.model_.rowCount() == len(wanted)
    assert view._says.text() == f"{len(wanted)} of 300 rows"
    assert numbers(view, len(wanted)) == [str(row[0] + 1) for row in wanted]
    assert cells(view, 3, len(wanted)) == [row[3] for row in wanted]


def test_a_mistake_is_said_beside_the_line_and_the_rows_stay(view: RowsView):
    typed(view, "agee > 3")
    assert view._problem.isVisible()
    assert view._problem.text().startswith("There is no column agee.")
    assert view.table.model_.rowCount() == 300
    view.filter.clear()
    assert not view._problem.isVisible()


def test_a_header_sorts_up_then_down_then_not_at_all(view: RowsView):
    click_header(view, 1)
    assert cells(view, 1, 5) == [str(age) for age in sorted(row[1] for row in ROWS)[:5]]
    assert title(view, 1) == "age ▴"
    click_header(view, 1)
    assert cells(view, 1, 5) == [str(age) for age in sorted((row[1] for row in ROWS), reverse=True)[:5]]
    click_header(view, 1)
    assert view.table.model_.order is None
    assert title(view, 1) == "age"
    assert cells(view, 0, 3) == ["0", "1", "2"]


def test_long_ids_and_zeros_in_front_stay_exact_when_filtered_and_copied(view: RowsView):
    typed(view, "long = 900719925474099123")
    assert numbers(view, 1) == ["24"]
    view.table.selectAll()
    QGuiApplication.clipboard().clear()
    view.table.copy()
    wait_until(QGuiApplication.clipboard().text, 20, "the copy")
    assert QGuiApplication.clipboard().text().splitlines()[1].split("\t")[3:] == ["00023", "900719925474099123"]


def test_a_finding_row_is_shown_among_all_again(page: DataPage, view: RowsView):
    typed(view, "plan = b")
    page.tabs.show_row(200)
    wait_until(lambda: view.job is None, 20)
    assert view.table.model_.rowCount() == 300
    assert view.table.selectionModel().selectedRows()[0].row() == 199


def test_cancel_leaves_what_is_shown(view: RowsView, monkeypatch: pytest.MonkeyPatch):
    from app.data.looking import order as orders

    monkeypatch.setattr(orders, "SMALL_ROWS", 0)
    view.filter.setText("plan = b")
    view.apply()
    job = view.job
    assert job is not None
    job.cancel()
    wait_until(lambda: view.job is None, 10, "the end")
    assert view.table.model_.rowCount() == 300
    typed(view, "plan = b")
    assert view.table.model_.rowCount() == 100


def test_refused_cells_are_shown_as_rows_beside_the_question(page: DataPage, view: RowsView, tmp_path: Path):
    from app.core.data import ColumnEdit, ColumnType
    from app.ui.data.finding_answers import Change

    page.edits.change(Change("type of code", (ColumnEdit("code", type=ColumnType.NUMBER),)))
    wait_until(page.problem_banner.isVisible, 60, "the question")
    assert page.problem_banner.message.startswith("code: 300 of 300 cells would lose zeros in front: rows 1, 2, 3 and")
    QTest.mouseClick(visible_button(page, "data.show_misfits"), Qt.MouseButton.LeftButton)
    wait_until(lambda: view.job is None and view.table.model_.rowCount() == 20, 30, "the rows")
    assert page.problem_banner.isVisible()
    assert numbers(view, 2) == ["1", "2"]
    QTest.mouseClick(visible_button(page, "data.keep_text"), Qt.MouseButton.LeftButton)
    assert not page.problem_banner.isVisible()
    assert page.view is not None
    assert page.view.reading.column("code").type is not ColumnType.NUMBER


def test_columns_out_of_sight_are_fetched_when_they_come_into_sight(window: MainWindow, tmp_path: Path):
    file, names = tmp_path / "wide.csv", [f"x{i}" for i in range(70)]
    file.write_text("\n".join([",".join(names), *(",".join(f"r{r} {n}" for n in names) for r in range(30))]) + "\n")
    assert drop_files(window, [file])
    wait_until(lambda: isinstance(window.page, DataPage) and window.page.view is not None, 60, "data")
    assert isinstance(window.page, DataPage)
    window.page.tabs.tab_bar.setCurrentIndex(1)
    table = window.page.tabs.rows_view.table
    wait_until(lambda: table.model_.is_here(0), 20, "the first columns")
    assert not table.model_.is_here(0, 69)
    table.show_column("x69")
    wait_until(lambda: table.model_.is_here(29, 69), 20, "the last column")
    assert table.model_.text(29, 69) == "r29 x69"
    assert table.model_.text(0, 3) == "r0 x3"
