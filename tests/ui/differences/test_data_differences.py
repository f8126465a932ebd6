"""The differences tab: an empty state, then what changed in words and tables, and ways to the rows."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.ui.data.data_page import DataPage
from app.ui.data.data_versions import QUIET_ROLE, STATUS_ROLE
from app.ui.differences.data_differences import DifferencesPart
from app.ui.differences.differences_view import ADDED, CELLS, CONSEQUENCES, REMOVED, SHIFTS
from app.ui.widgets.combo import Combo
from app.ui.window import MainWindow
from tests.ui.helpers import accessible_name, drop_files, visible_button, wait_until, walk_widgets

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support (raise|grabbing)", extend=True)

ROWS = [[f"C{n:04}", 20 + n % 50, "abc"[n % 7 % 3], "yes" if n % 3 else "no"] for n in range(60)]


def dropped(window: MainWindow, file: Path, rows: list[list[object]], number: int) -> DataPage:
    file.write_text("\n".join(["id,age,plan,churned", *(",".join(map(str, row)) for row in rows)]))
    assert drop_files(window, [file])

    def shown() -> bool:
        view = window.page.view if isinstance(window.page, DataPage) else None
        return view is not None and view.version.number == number

    wait_until(shown, 60, f"version {number}")
    assert isinstance(window.page, DataPage)
    return window.page


def part_of(page: DataPage) -> DifferencesPart:
    part = next(part for part in page.tabs.parts if part.id == "differences")
    assert isinstance(part, DifferencesPart)
    return part


def looked_at(page: DataPage) -> DifferencesPart:
    part = part_of(page)
    page.tabs.show_part("differences")
    wait_until(lambda: "→" in part.shown.summary.text(), 60, "the differences")
    return part


def cells(part: DifferencesPart, section: int) -> list[list[str]]:
    model = part.shown.tables[section].model()
    return [[str(model.index(r, c).data()) for c in range(model.columnCount())] for r in range(model.rowCount())]


def pick(combo: Combo, index: int) -> None:
    combo.setCurrentIndex(index)
    combo.activated.emit(index)


@pytest.fixture
def page(window: MainWindow, tmp_path: Path) -> DataPage:
    """A second version: two rows gone, one new, one age and one plan changed."""
    dropped(window, tmp_path / "churn.csv", ROWS, 1)
    later = [list(row) for row in ROWS[2:]] + [["C9999", 31, "a", "no"]]
    later[5][1], later[6][2] = 99, "d"
    return dropped(window, tmp_path / "later.csv", later, 2)


def test_one_version_has_nothing_to_be_compared_with(window: MainWindow, tmp_path: Path):
    page = dropped(window, tmp_path / "churn.csv", ROWS, 1)
    page.tabs.show_part("differences")

    empty = part_of(page)._either.empty
    wait_until(empty.isVisible, 10)
    assert empty.sentence.text() == "Add a second version to compare."
    assert visible_button(window, "data.choose").isEnabled()


def test_the_version_before_is_compared_when_the_tab_is_looked_at(page: DataPage):
    part = looked_at(page)

    assert part.shown.summary.text().startswith("churn v1 → v2: 1 row added, 2 removed, 2 changed")
    assert part.key.currentText() == "the identifier id"
    assert [c[:2] + c[3:] for c in cells(part, CELLS)] == [["age", "C0007", "27", "99"], ["plan", "C0008", "b", "d"]]
    assert cells(part, ADDED) == [["59", "C9999", "31", "a", "no"]]
    assert [row[1] for row in cells(part, REMOVED)] == ["C0000", "C0001"]
    assert {row[0] for row in cells(part, SHIFTS)} == {"age", "plan", "churned"}
    assert not part.shown.sections.isTabEnabled(CONSEQUENCES)


def test_another_key_and_another_version_are_compared_at_once(page: DataPage):
    part = looked_at(page)
    pick(part.key, part.key.count() - 1)
    wait_until(lambda: "changed" not in part.shown.summary.text() and "→" in part.shown.summary.text(), 60)
    assert part.shown.summary.text().startswith("churn v1 → v2: 3 rows added, 4 removed")
    part.refresh(page.view)
    wait_until(lambda: not part.shown.summary.text().startswith("churn"), 60, "the comparison made anew")
    wait_until(lambda: "→" in part.shown.summary.text(), 60, "its end")
    assert part.key.currentIndex() == part.key.count() - 1, "what was chosen stays chosen"
    first = next(v for _d, versions in page.view.all for v in versions if v.number == 1)
    page.open_at(first.id)
    wait_until(lambda: part.shown.summary.text().startswith("churn v2 → v1"), 60, "the other way round")


def test_several_columns_together_tell_rows_apart(page: DataPage):
    part = looked_at(page)
    pick(part.key, part.key.findText("several columns…"))
    assert part.several.isVisible() and "Which columns" in part.shown.summary.text()
    part.several.setText("id, wage")
    part.several.returnPressed.emit()
    assert part.shown.summary.text() == "There is no column wage."
    part.several.setText("id, age")
    part.several.returnPressed.emit()
    wait_until(lambda: "→" in part.shown.summary.text(), 60, "the differences")
    assert part._chosen_key() == ("id", "age")
    assert len(cells(part, ADDED)) == 2  # a row whose age changed is another one now


def test_a_changed_cell_leads_to_its_row(page: DataPage):
    part = looked_at(page)
    part.shown.sections.setCurrentIndex(CELLS)
    table = part.shown.tables[CELLS]
    table.setCurrentIndex(table.model().index(0, 0))
    table.setFocus()
    QTest.keyClick(table, Qt.Key.Key_Return)

    assert page.tabs.tab_bar.currentIndex() == 1
    wait_until(lambda: page.tabs.rows.currentIndex().row() == 5, 20, "row 6")


def test_the_menu_of_a_version_compares_it_with_the_shown_one(page: DataPage):
    first = page.view.all[0][1][0]
    menu = page.versions.menu_for(first.id)
    assert [action.text() for action in menu.actions()] == ["&Open", "&Compare with the shown version"]
    menu.actions()[1].trigger()

    part = part_of(page)
    wait_until(lambda: part.shown.summary.text().startswith("churn v1 → v2"), 60, "the differences")
    assert page.view.version.number == 2
    assert not page.versions.menu_for(page.view.version.id).actions()[1].isEnabled()


def test_a_right_click_on_a_version_does_not_open_it(page: DataPage):
    listed = page.versions.list
    QTest.mouseClick(listed.viewport(), Qt.MouseButton.RightButton, pos=listed.visualItemRect(listed.item(2)).center())
    assert listed.currentRow() == 1


def test_versions_tell_source_size_and_the_models_that_rest_on_them(page: DataPage):
    from app.core.data import DataVersion, Source
    from app.ui.data.version_notes import VersionNote

    version = DataVersion("v", "d", 3, "ab", (Source("july.csv", "ab", 135_000),), 3204, None, "2026-07-01T00:00:00Z")
    live = page.versions._item(version, VersionNote("v", models=("churn@1",), live=("churn@1",)))
    assert (live.text(), live.data(QUIET_ROLE), live.data(STATUS_ROLE)) == (
        "v3 · 3,204 rows",
        "135 KB · july.csv",
        "running",
    )
    assert "churn@1 was trained on it and answers requests now." in live.toolTip()
    assert page.versions._item(version, VersionNote("v", models=("churn@1",))).data(STATUS_ROLE) == "ok"
    assert page.versions._item(version, VersionNote("v")).data(STATUS_ROLE) == ""


def test_everything_on_the_tab_has_a_name_and_fits(page: DataPage):
    looked_at(page)
    page.window().resize(1100, 700)
    assert [w.objectName() for w in walk_widgets(page.window()) if not accessible_name(w).strip()] == []
    assert part_of(page).minimumSizeHint().width() <= 600
