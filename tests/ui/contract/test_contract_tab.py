"""The contract tab: suggested greyed, used with one click, edited in place, versioned; broken rules lead to rows."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from app.registry import contracts
from app.ui.contract.contract_part import ContractPart
from app.ui.contract.contract_table import BLOCKS, LEAST, MOST, ON, STATE, RulesTable
from app.ui.data.data_page import DataPage
from app.ui.theme import color
from app.ui.window import MainWindow
from tests.ui.helpers import ClickCounter, accessible_name, drop_files, wait_until, walk_widgets


def table(first: int = 0, *, old: tuple[int, ...] = (), rows: int = 80) -> str:
    lines = ["id,age,plan,churned"]
    for n in range(rows):
        age = 300 + n if n + 1 in old else 20 + n % 50
        lines.append(f"C{first + n:04},{age},{'abc'[n % 3]},{'yes' if n % 3 else 'no'}")
    return "\n".join(lines) + "\n"


@pytest.fixture
def part(window: MainWindow, tmp_path: Path) -> ContractPart:
    """The tab of a small table, with its suggestion, as Home leads there."""
    drop(window, tmp_path / "small.csv", table())
    page = window.page
    assert isinstance(page, DataPage)
    assert page.view is not None
    window.show_page("data", f"{page.view.version.id}#contract")
    made = next(p for p in page.tabs.parts if isinstance(p, ContractPart))
    wait_until(made.isVisible, 30, "the tab")
    wait_until(lambda: made.table.model_.records and not made._busy, 60, "the suggestion")
    return made


def drop(window: MainWindow, file: Path, text: str) -> None:
    file.write_text(text)
    page = window.page_named("data")
    before = page.view.version.id if isinstance(page, DataPage) and page.view is not None else ""
    assert drop_files(window, [file])
    wait_until(lambda: isinstance(window.page, DataPage) and window.page.view is not None, 60, "data")
    wait_until(lambda: window.page.view.version.id != before, 60, "the new version")


def use(part: ContractPart) -> None:
    QTest.mouseClick(part.use, Qt.MouseButton.LeftButton)
    wait_until(lambda: part._contracts and not part._busy, 60, "the contract")


def place(part: ContractPart, kind: str, column: str) -> int:
    records = part.table.model_.records
    return next(i for i, r in enumerate(records) if (r.rule.kind, r.rule.column) == (kind, column))


def cell(part: ContractPart, kind: str, column: str, at: int) -> object:
    return part.table.model_.index(place(part, kind, column), at).data()


def type_into(part: ContractPart, kind: str, column: str, at: int, text: str) -> None:
    """As by keyboard: go there, Return, the text, Return."""
    table_ = part.table
    table_.setCurrentIndex(table_.model_.index(place(part, kind, column), at))
    table_.setFocus()
    QTest.keyClick(table_, Qt.Key.Key_Return)
    (field,) = [f for f in table_.viewport().findChildren(QLineEdit) if f.isVisible()]
    assert accessible_name(field)
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)
    wait_until(lambda: table_.state() != RulesTable.State.EditingState, 10, "the field's end")


def saved(part: ContractPart) -> list[tuple[int, str]]:
    project = part.page.session.project
    assert project is not None and part.view is not None
    return [(c.number, c.reason) for c in contracts.contracts(project, part.view.dataset.id)]


def test_the_suggestion_is_grey_and_nothing_is_kept_until_one_click(part: ContractPart, click_counter: ClickCounter):
    assert saved(part) == []
    index = part.table.model_.index(place(part, "range", "age"), MOST)
    assert index.data(Qt.ItemDataRole.ForegroundRole) == QColor(color("text3"))
    assert part.use.text() == "Use this contract"
    click_counter.click(part.use)
    wait_until(lambda: part._contracts and not part._busy, 60, "the contract")
    assert saved(part) == [(1, "Suggested from version 1")]
    assert (click_counter.clicks, click_counter.dialogs) == (1, 0)
    assert not part.use.isVisible()
    assert cell(part, "range", "age", STATE) == "kept"


def test_a_rule_is_switched_off_before_the_contract_is_used(part: ContractPart):
    place_ = place(part, "range", "age")
    part.table.setCurrentIndex(part.table.model_.index(place_, ON))
    part.table.setFocus()
    QTest.keyClick(part.table, Qt.Key.Key_Space)
    assert cell(part, "range", "age", STATE) == "off"
    use(part)
    assert not part._contracts[0].rules[place_].on


def test_a_bound_is_typed_in_place_undone_and_saved_as_the_next_version(part: ContractPart):
    use(part)
    type_into(part, "range", "age", MOST, "60")
    assert cell(part, "range", "age", MOST) == "60"
    assert cell(part, "range", "age", STATE) == "judged when it is saved"
    assert part.reason.text() == "age from 0 to 60"
    QTest.mouseClick(part.undo, Qt.MouseButton.LeftButton)
    assert not part.use.isVisible()
    type_into(part, "range", "age", MOST, "60")
    QTest.mouseClick(part.use, Qt.MouseButton.LeftButton)
    wait_until(lambda: len(part._contracts) == 2 and not part._busy, 20, "version 2")
    assert saved(part)[0] == (2, "age from 0 to 60")
    assert str(cell(part, "range", "age", STATE)).startswith("9 rows are above 60: rows 42")
    assert part.versions.isVisible() and part.versions.count() == 2


def test_a_version_that_breaks_a_rule_is_shown_at_that_rule(part: ContractPart, window: MainWindow, tmp_path: Path):
    use(part)
    part.table.clearSelection()
    drop(window, tmp_path / "later.csv", table(200, old=(3,)))
    wait_until(part.rows.isEnabled, 60, "a broken rule that is selected")
    assert [part.table.model_.records[p].rule.column for p in part.table.places()] == ["age"]


def test_what_is_no_bound_is_refused_and_the_rule_stays(part: ContractPart):
    use(part)
    before = cell(part, "range", "age", LEAST)
    type_into(part, "range", "age", LEAST, "young")
    assert cell(part, "range", "age", LEAST) == before
    assert not part.use.isVisible()


def test_a_broken_rule_leads_to_its_rows_and_stops_training(part: ContractPart, window: MainWindow, tmp_path: Path):
    use(part)
    drop(window, tmp_path / "small2.csv", table(1000, old=(7, 40)))
    page = window.page
    assert isinstance(page, DataPage)
    page.tabs.show_part("contract")
    wait_until(lambda: "above" in str(cell(part, "range", "age", STATE)), 60, "the judgement")
    assert str(cell(part, "range", "age", STATE)).endswith("rows 7 and 40.")
    assert page.view is not None and "age: 2 rows are above" in page.view.why_not
    part.table.selectRow(place(part, "range", "age"))
    assert part.rows.isEnabled()
    QTest.mouseClick(part.rows, Qt.MouseButton.LeftButton)
    assert page.tabs.tab_bar.tabText(page.tabs.tab_bar.currentIndex()) == "Rows"


def test_a_rule_that_does_not_block_lets_training_go_on(part: ContractPart, window: MainWindow, tmp_path: Path):
    use(part)
    drop(window, tmp_path / "small2.csv", table(1000, old=(7,)))
    page = window.page
    assert isinstance(page, DataPage) and page.view is not None
    assert page.view.why_not
    page.tabs.show_part("contract")
    wait_until(lambda: "above" in str(cell(part, "range", "age", STATE)), 60, "the judgement")
    model = part.table.model_
    model.setData(
        model.index(place(part, "range", "age"), BLOCKS), Qt.CheckState.Unchecked, Qt.ItemDataRole.CheckStateRole
    )
    QTest.mouseClick(part.use, Qt.MouseButton.LeftButton)
    wait_until(lambda: page.view is not None and not page.view.why_not, 60, "training allowed")


def test_rules_are_added_and_removed(part: ContractPart):
    use(part)
    many = len(part.table.model_.records)
    part.columns.setCurrentIndex(part.columns.findData("plan"))
    part.kinds.setCurrentIndex(part.kinds.findData("unique"))
    QTest.mouseClick(part.add, Qt.MouseButton.LeftButton)
    assert len(part.table.model_.records) == many + 1
    part.table.selectRow(place(part, "unique", "plan"))
    part.table.setFocus()
    QTest.keyClick(part.table, Qt.Key.Key_Delete)
    assert len(part.table.model_.records) == many


def test_an_older_version_can_be_taken_again(part: ContractPart):
    use(part)
    type_into(part, "range", "age", MOST, "60")
    QTest.mouseClick(part.use, Qt.MouseButton.LeftButton)
    wait_until(lambda: len(part._contracts) == 2 and not part._busy, 20, "version 2")
    part._take_older(1)
    assert part.reason.text() == "back to version 1"
    QTest.mouseClick(part.use, Qt.MouseButton.LeftButton)
    wait_until(lambda: len(part._contracts) == 3 and not part._busy, 60, "version 3")
    assert part._contracts[0].rules == part._contracts[2].rules


def test_everything_on_the_tab_has_a_name(part: ContractPart):
    assert [w.objectName() for w in walk_widgets(part) if not accessible_name(w).strip()] == []
    use(part)
    type_into(part, "range", "age", MOST, "60")
    assert [w.objectName() for w in walk_widgets(part) if not accessible_name(w).strip()] == []
    index = part.table.model_.index(0, ON)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "on"
