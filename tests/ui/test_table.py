"""Tables: columns that give way to what matters more."""

from __future__ import annotations

from app.ui.widgets.table import DataTable, RecordsModel, TableColumn
from app.ui.window import MainWindow
from tests.ui.helpers import turn


def test_a_narrow_table_does_without_what_matters_least_and_copies_it(window: MainWindow) -> None:
    table = DataTable("Versions", parent=window)
    model = RecordsModel([TableColumn[str](title, lambda v: v) for title in ("Name", "Stage", "Score", "Since")], table)
    table.setModel(model)
    model.show(["a"])
    table.set_widths([100, 100, 100, 100])
    table.stretch_first(120)
    table.give_way(3, 2)
    table.show()

    def shown(width: int) -> list[int]:
        table.resize(width, 200)
        turn(1)
        assert table.horizontalScrollBar().maximum() == 0
        return [column for column in range(4) if not table.isColumnHidden(column)]

    assert (shown(330), shown(250), shown(440)) == ([0, 1, 2], [0, 1], [0, 1, 2, 3])
    assert shown(250) == [0, 1]
    assert table.columnWidth(0) == 150, "the name takes what is left"
    for hidden in (True, False, True):
        table.setColumnHidden(1, hidden)
        table.fit()
    assert shown(250) == [0, 2]
    assert table.columnWidth(0) == 150
    table.setColumnHidden(1, False)
    table.fit()
    assert shown(250) == [0, 1]
    assert table._cells() == [["Name", "Stage", "Score", "Since"], ["a"] * 4]
    table.stretch_first(0)
    table.give_way()
    assert shown(600) == [0, 1, 2, 3]
    table.stretch_first(120)
    table.give_way(3, 2)
    assert shown(250) == [0, 1]
    table.setModel(RecordsModel([TableColumn[str](title, lambda v: v) for title in ("Name", "Stage")], table))
    table.set_widths([100, 100])
    table.resize(150, 200)  # what gives way here is said later
    turn(1)
    assert not table.isColumnHidden(1)
