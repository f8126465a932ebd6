"""Ten thousand columns: the table of them opens, is selected and offers its menu without a pause."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.core.data import Column, ColumnProfile, ColumnType, Histogram, ParseRecipe, Profile, Reading, Use
from app.ui.data.data_columns import ColumnsTable
from app.ui.widgets.combo import Combo
from tests.ui.helpers import turn

COUNT = 10_000


@pytest.fixture
def table(qtbot) -> ColumnsTable:
    names = [f"f{i:05}" for i in range(COUNT)]
    shape = Histogram(tuple(range(20)), tuple(map(float, range(21))))
    held = tuple(ColumnProfile(name, 3, 900, "-3.1", "3.2", 0.1, (), shape) for name in names)
    columns = tuple(Column(name, ColumnType.NUMBER, Use.INPUT) for name in names)
    made = ColumnsTable()
    qtbot.addWidget(made)
    made.resize(1000, 600)
    made.show()
    made.show_reading(Reading("r", "v", 1, ParseRecipe("parquet"), columns, None, "", "", (), ""), Profile(1_000, held))
    return made


def seconds(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    turn(1)
    return time.perf_counter() - begun


def test_all_are_selected_named_and_offered_a_menu_at_once(table: ColumnsTable):
    assert seconds(table.selectAll) < 1
    assert len(table.selected_names()) == COUNT
    assert seconds(table.menu) < 2  # it was ten seconds while every row asked for the set of all names


def test_home_and_end_go_to_the_first_and_the_last(qtbot, table: ColumnsTable):
    table.setCurrentIndex(table.model_.index(5, 1))
    for key, row in ((Qt.Key.Key_End, COUNT - 1), (Qt.Key.Key_Home, 0)):
        qtbot.keyClick(table, key)
        assert (table.currentIndex().row(), table.currentIndex().column()) == (row, 1)


def test_the_selection_stays_in_runs_and_gaps(table: ColumnsTable):
    names = [f"f{i:05}" for i in range(COUNT) if i % 100 not in (7, 8)]
    assert seconds(lambda: table.select(names)) < 4
    assert table.selected_names() == names
    table.select([])
    assert table.selected_names() == []


@pytest.mark.qt_log_ignore("This plugin does not support (raise|grabbing)", extend=True)
def test_a_long_choice_is_typed_into_and_falls_back_to_what_was_chosen(qtbot):
    combo = Combo("What should be predicted")
    qtbot.addWidget(combo)
    combo.addItems([f"f{i:05}" for i in range(COUNT)])
    combo.search_if_long()
    combo.setCurrentIndex(42)
    combo.show()
    chosen: list[int] = []
    combo.activated.connect(chosen.append)
    edit = combo.lineEdit()

    edit.selectAll()
    QTest.keyClicks(edit, "9077")
    assert combo.completer().completionCount() == 1
    QTest.keyClick(combo.completer().popup(), Qt.Key.Key_Down)
    QTest.keyClick(combo.completer().popup(), Qt.Key.Key_Return)
    assert chosen == [9_077] and combo.currentText() == "f09077"
    edit.setText("no such column")
    edit.editingFinished.emit()
    assert combo.currentText() == "f09077"


def test_a_short_choice_stays_a_list(qtbot):
    combo = Combo("Effort")
    qtbot.addWidget(combo)
    combo.addItems(["Quick", "Long"])
    combo.search_if_long()

    assert not combo.isEditable()
