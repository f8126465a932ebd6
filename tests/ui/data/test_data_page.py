"""The data page: guesses are one click to change for many columns, refused types are questions, edits can be undone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QPushButton

from app.core.data import ColumnEdit, ColumnType, Use
from app.core.decisions import Decision
from app.core.progress import Silent
from app.core.runs import Run
from app.data.intake import add
from app.registry import runs
from app.registry.project import Project
from app.ui.data.data_columns import TYPE, USE
from app.ui.data.data_page import DataPage
from app.ui.data.decision_steps import Wish
from app.ui.data.finding_answers import Change
from app.ui.widgets.table import RIGHT
from app.ui.window import MainWindow
from tests.ui.helpers import (
    ClickCounter,
    accessible_name,
    drop_files,
    drop_table,
    visible_button,
    wait_until,
    walk_widgets,
)

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support (raise|grabbing)", extend=True)
"""What the offscreen platform says of every menu that pops up."""


def table(rows: int = 60) -> str:
    lines = ["id,age,plan,zip,note,churned"]
    for n in range(rows):
        note = str(n % 9) if n != 1 else "x"
        lines.append(f"C{n:04},{20 + n % 50},{'abc'[n % 3]},{n % 7:05},{note},{'yes' if n % 3 else 'no'}")
    return "\n".join(lines) + "\n"


@pytest.fixture
def page(window: MainWindow, tmp_path: Path) -> DataPage:
    """A window with a small table dropped on it."""
    return drop_table(window, tmp_path / "small.csv", table())


def reading_after(page: DataPage, act: Callable[[], object]) -> None:
    """Do something and wait for the next reading to be shown."""
    assert page.view is not None
    before = page.view.reading.id
    act()
    wait_until(lambda: page.view is not None and page.view.reading.id != before, 30, "another reading")


def kind(page: DataPage, name: str) -> ColumnType:
    assert page.view is not None
    return page.view.reading.column(name).type


def use(page: DataPage, name: str) -> Use:
    assert page.view is not None
    return page.view.reading.column(name).use


def started_runs(page: DataPage) -> list[Run]:
    assert page.session.project is not None
    return runs.runs(page.session.project)


def menu_item(page: DataPage, text: str) -> None:
    """Click an item of the open menu."""
    menus = [menu for menu in page.findChildren(QMenu) if menu.isVisible()]
    assert len(menus) == 1
    action = next(action for action in menus[0].actions() if action.text() == text)
    QTest.mouseClick(menus[0], Qt.MouseButton.LeftButton, pos=menus[0].actionGeometry(action).center())


def test_a_drop_makes_a_project_beside_the_others_and_guesses_the_target(page: DataPage, tmp_path: Path):
    assert page.session.project is not None
    assert page.session.project.path == tmp_path / "projects" / "small"
    assert page.view is not None
    assert page.view.reading.target == "churned"
    assert page.view.reading.why_target
    assert page.bar.target.currentText().startswith("churned  (67% yes)")


def test_everything_on_the_page_has_a_name(page: DataPage):
    assert [w.objectName() for w in walk_widgets(page.window()) if not accessible_name(w).strip()] == []


def test_one_column_is_changed_with_two_clicks(page: DataPage, click_counter: ClickCounter):
    columns = page.tabs.columns
    row = next(n for n, r in enumerate(columns.model_.records) if r.column.name == "plan")
    place = columns.visualRect(columns.model_.index(row, USE)).center()
    QTest.mouseClick(columns.viewport(), Qt.MouseButton.LeftButton, pos=place)
    reading_after(page, lambda: menu_item(page, "ignored"))
    assert use(page, "plan") is Use.IGNORED
    assert click_counter.dialogs == 0


def test_many_columns_are_changed_at_once_and_undone_at_once(page: DataPage):
    page.tabs.columns.select(["age", "plan", "zip"])
    QTest.mouseClick(page.tabs._use, Qt.MouseButton.LeftButton)
    reading_after(page, lambda: menu_item(page, "ignored"))
    assert {use(page, name) for name in ("age", "plan", "zip")} == {Use.IGNORED}
    assert page.actions_["data.undo"].text() == "Undo: use of 3 columns"
    assert page.tabs.columns.selected_names() == ["age", "plan", "zip"]
    reading_after(page, page.actions_["data.undo"].trigger)
    assert {use(page, name) for name in ("age", "plan", "zip")} == {Use.INPUT}
    reading_after(page, page.actions_["data.redo"].trigger)
    assert use(page, "age") is Use.IGNORED


def test_edits_and_undos_in_quick_succession_keep_their_order(page: DataPage):
    first = page.view.reading.id if page.view is not None else ""
    for name in ("age", "plan", "zip"):
        page.edits.change(Change(f"use of {name}", (ColumnEdit(name, use=Use.IGNORED),)))
    wait_until(lambda: {use(page, name) for name in ("age", "plan", "zip")} == {Use.IGNORED}, 90, "all three edits")
    last = page.view.reading.id if page.view is not None else ""
    for undone, wanted in (("data.undo", first), ("data.redo", last), ("data.undo", first)):
        for _ in range(3):
            page.actions_[undone].trigger()
        wait_until(lambda: not page.session.jobs.running, 30, "the last step")
        wait_until(lambda w=wanted: page.view is not None and page.view.reading.id == w, 30, "the reading wished for")


def test_training_waits_for_the_change_that_was_made_just_before(page: DataPage):
    """A person who takes out a leaking column and presses at once must not get a model that uses it, and need not stay
    on the page for that."""
    page.edits.change(Change("use of age", (ColumnEdit("age", use=Use.IGNORED),)))
    page.actions_["run.train"].trigger()
    assert page.progress.job is None
    page.session.go("home")
    wait_until(lambda: page.progress.job is not None, 30, "the run")
    assert page.view is not None and use(page, "age") is Use.IGNORED
    trained_on = page.view.reading.id
    wait_until(lambda: bool(started_runs(page)), 30, "its record")
    page.cancel_run()
    assert [run.plan.reading_id for run in started_runs(page)] == [trained_on]
    wait_until(lambda: page.progress.job is None, 30, "its end")


def test_training_is_not_wanted_any_more_after_an_edit_that_was_refused(page: DataPage):
    page.edits.decide(Wish("G-LEAK", "age", Decision.WAIVE, reason=""))
    page.actions_["run.train"].trigger()
    wait_until(lambda: "needs a reason" in page.problem_banner.message, 30, "what is wrong")
    wait_until(lambda: not page.edits.busy and not page.is_asking(), 30, "quiet")
    assert page.progress.job is None

    page.edits.change(Change("type of plan", (ColumnEdit("plan", type=ColumnType.NUMBER),)))
    page.actions_["run.train"].trigger()
    wait_until(lambda: "plan" in page.problem_banner.message, 30, "the question")
    wait_until(lambda: not page.edits.busy and not page.session.jobs.running, 30, "quiet")
    missing = visible_button(page, "data.set_missing")
    reading_after(page, lambda: QTest.mouseClick(missing, Qt.MouseButton.LeftButton))
    assert page.progress.job is None and not started_runs(page)


def test_a_refused_type_names_the_cell_and_offers_missing(page: DataPage):
    change = Change("type of plan", (ColumnEdit("plan", type=ColumnType.NUMBER),))
    page.edits.change(change)
    wait_until(page.problem_banner.isVisible, 30, "the question")
    assert "plan" in page.problem_banner.message
    assert kind(page, "plan") is not ColumnType.NUMBER
    missing = visible_button(page, "data.set_missing")
    reading_after(page, lambda: QTest.mouseClick(missing, Qt.MouseButton.LeftButton))
    assert kind(page, "plan") is ColumnType.NUMBER
    assert not page.problem_banner.isVisible()


def test_a_question_gives_the_keyboard_back_when_it_is_answered(page: DataPage):
    banner = page.problem_banner
    page.tabs.columns.setFocus()
    banner.ask("warn", "One cell is no number.", "", [("Set to missing", "answer", banner.hide)])
    answer = banner.findChild(QPushButton, "answer")
    answer.setFocus()
    QTest.keyClick(answer, Qt.Key.Key_Space)
    assert not banner.isVisible() and page.window().focusWidget() is page.tabs.columns


def test_a_mixed_column_is_a_question_answered_inline(page: DataPage):
    assert use(page, "note") is Use.IGNORED
    button = next(b for b in page.checks.findChildren(QPushButton) if b.accessibleName() == "Set to missing: note")
    reading_after(page, lambda: QTest.mouseClick(button, Qt.MouseButton.LeftButton))
    assert (kind(page, "note"), use(page, "note")) == (ColumnType.NUMBER, Use.INPUT)


def test_another_target_is_one_choice(page: DataPage):
    index = page.bar.target.findData("plan")
    reading_after(page, lambda: page.bar.target.activated.emit(index))
    assert page.view is not None
    assert (page.view.reading.target, use(page, "churned")) == ("plan", Use.INPUT)


def test_the_positive_class_is_one_choice(page: DataPage):
    assert page.bar.positive.currentText() == "yes"
    reading_after(page, lambda: page.bar.positive.activated.emit(page.bar.positive.findData("no")))
    wait_until(lambda: page.bar.positive.currentText() == "no")
    assert page.view is not None
    assert page.view.plan is not None
    assert page.view.plan.positive == "no"


def test_the_rows_come_page_by_page(page: DataPage):
    page.tabs.tab_bar.setCurrentIndex(1)
    rows = page.tabs.rows.model_
    assert rows.rowCount() == 60
    wait_until(lambda: rows.is_here(0), 20, "the first page")
    assert [rows.index(0, c).data() for c in range(3)] == ["C0000", "20", "a"]
    assert rows.index(1, 3).data() == "00001"
    assert rows.headerData(0, Qt.Orientation.Vertical) == "1"


def test_numbers_and_their_header_stand_right(page: DataPage):
    rows = page.tabs.rows.model_
    assert rows.headerData(1, Qt.Orientation.Horizontal, Qt.ItemDataRole.TextAlignmentRole) == RIGHT
    assert rows.index(0, 1).data(Qt.ItemDataRole.TextAlignmentRole) == RIGHT


def test_copied_rows_paste_back_equal(page: DataPage):
    page.tabs.tab_bar.setCurrentIndex(1)
    wait_until(lambda: page.tabs.rows.model_.is_here(0), 20)
    page.tabs.rows.selectRow(0)
    QGuiApplication.clipboard().clear()
    page.tabs.rows.copy()
    wait_until(QGuiApplication.clipboard().text, 20, "the copy")
    text = QGuiApplication.clipboard().text()
    assert text.splitlines()[0].split("\t") == ["id", "age", "plan", "zip", "note", "churned"]
    assert text.splitlines()[1].split("\t") == ["C0000", "20", "a", "00000", "0", "no"]


def test_the_column_table_exports_what_it_shows(page: DataPage, tmp_path: Path):
    page.tabs.columns.export_csv(tmp_path / "columns.csv")
    lines = (tmp_path / "columns.csv").read_text().splitlines()
    assert lines[0].startswith("Column,Type,Used as,Missing")
    assert lines[2].startswith("age,whole number,input,0,50,20 – 69")


def test_matching_columns_make_the_next_version_and_the_list_appears(page: DataPage, tmp_path: Path):
    assert not page.versions.isVisible()
    again = tmp_path / "later.csv"
    again.write_text(table(80))
    drop_files(page.window(), [again])
    wait_until(lambda: page.view is not None and page.view.version.number == 2, 30, "version 2")
    assert page.versions.isVisible()
    assert "version 2" in page.subtitle
    assert page.versions.list.count() == 3
    page.versions.list.setCurrentRow(2)
    wait_until(lambda: page.view is not None and page.view.version.number == 1, 30, "version 1")


def test_every_tab_can_be_read_beside_the_versions_in_the_smallest_window(page: DataPage, tmp_path: Path):
    second = tmp_path / "second.csv"
    second.write_text(table(61))
    drop_files(page.window(), [second])
    wait_until(lambda: page.view.version.number == 2 and page.versions.isVisible(), 30, "version 2")
    page.window().resize(1100, 700)
    page.tabs.columns.selectAll()
    bar, bulk = page.tabs.tab_bar, page.tabs._bulk
    for part in (bar, bulk):
        wait_until(lambda p=part: p.isVisible() and p.width() >= p.sizeHint().width(), 5, "room for all of it")
    page.window().resize(1440, 900)
    wait_until(lambda: abs(bulk.geometry().center().y() - bar.geometry().center().y()) < 8, 5, "one line again")


def test_the_type_menu_opens_for_all_selected_rows(page: DataPage):
    columns = page.tabs.columns
    columns.select(["age", "zip"])
    row = next(n for n, r in enumerate(columns.model_.records) if r.column.name == "zip")
    QTest.mouseClick(
        columns.viewport(), Qt.MouseButton.LeftButton, pos=columns.visualRect(columns.model_.index(row, TYPE)).center()
    )
    reading_after(page, lambda: menu_item(page, "text"))
    assert (kind(page, "age"), kind(page, "zip")) == (ColumnType.TEXT, ColumnType.TEXT)


def test_a_pasted_table_is_data(window: MainWindow):
    QGuiApplication.clipboard().setText(table().replace(",", "\t"))
    QTest.mouseClick(visible_button(window, "data.paste"), Qt.MouseButton.LeftButton)
    wait_until(lambda: isinstance(window.page, DataPage) and window.page.view is not None, 60, "data")
    assert isinstance(window.page, DataPage)
    assert window.page.view is not None
    assert window.page.view.dataset.name == "Pasted table"
    assert window.page.view.version.rows == 60


def test_the_keys_of_training_work_only_where_its_button_is_seen(page: DataPage):
    window = page.window()
    asked: list[str] = []
    window.actions_.run.disconnect(window.run_command)
    window.actions_.run.connect(asked.append)
    for id_, wanted in (("home", 0), ("models", 0), ("data", 1), ("train", 2), ("history", 2)):
        window.show_page(id_)
        wait_until(lambda: window.actions_["run.train"].isEnabled())
        QTest.keyClick(window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        assert len(asked) == wanted, id_


def test_an_empty_clipboard_says_so(window: MainWindow):
    QGuiApplication.clipboard().clear()
    QTest.mouseClick(visible_button(window, "data.paste"), Qt.MouseButton.LeftButton)
    assert window.banner.message == "There is no table on the clipboard."
    assert window.session.project is None


def test_closing_and_reopening_from_the_recent_list(page: DataPage):
    window = page.window()
    assert isinstance(window, MainWindow)
    page.refresh()
    page.actions_["run.train"].trigger()
    assert page.progress.job is None, "training waits for what is being read"
    window.actions_["project.close"].trigger()
    assert window.page.objectName() == "page.home"
    assert page.view is None
    QTest.qWait(30)
    QTest.mouseClick(visible_button(window, "project.recent"), Qt.MouseButton.LeftButton)
    wait_until(lambda: page.view is not None, 30, "the project again")
    assert window.windowTitle() == "small – Modelyard"
    assert page.progress.job is None, "and is not wanted in the next project"


def test_another_project_begins_without_the_edits_of_the_one_before(page: DataPage, tmp_path: Path):
    window = page.window()
    assert isinstance(window, MainWindow)
    reading_after(page, lambda: page.edits.change(Change("use of zip", (ColumnEdit("zip", use=Use.IGNORED),))))
    wait_until(page.actions_["data.undo"].isEnabled, 30, "the undo step")
    with Project.create(tmp_path / "other", actor="Ada") as other:
        assert add(other, tmp_path / "small.csv", ctx=Silent()).version
    window.take_files([tmp_path / "other"])
    wait_until(lambda: page.view is not None and page.view.dataset.name == "small" and use(page, "zip") is Use.INPUT)
    assert page.session.project is not None and page.session.project.path == tmp_path / "other"
    assert not page.actions_["data.undo"].isEnabled()


def test_a_project_is_renamed_in_place(page: DataPage):
    window = page.window()
    assert isinstance(window, MainWindow)
    window.actions_["project.rename"].trigger()
    wait_until(lambda: window.page.objectName() == "page.home")
    edit = window.page.project._edit
    wait_until(edit.isVisible, 20)
    edit.setText("Churn of autumn")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    wait_until(lambda: window.windowTitle() == "Churn of autumn – Modelyard", 10, "the new name")
