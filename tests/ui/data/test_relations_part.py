"""Which columns go together: a picture that is walked by keys, its twin as a table, computed when looked at."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from app.ui.charts.heatmap import HeatMap, shade
from app.ui.data.data_page import DataPage
from app.ui.data.relations_part import RelationsPart
from app.ui.theme import color
from app.ui.window import MainWindow
from tests.ui.helpers import accessible_name, drop_table, wait_until, walk_widgets

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support (raise|grabbing)", extend=True)


def table() -> str:
    lines = ["a,b,c,kind,churned"]
    for n in range(300):
        x = n * 37 % 101
        lines.append(f"{x},{-x * x},{n * 53 % 97},{'lo' if x < 50 else 'hi'},{'yes' if (x + n % 30) > 60 else 'no'}")
    return "\n".join(lines) + "\n"


@pytest.fixture
def page(window: MainWindow, tmp_path: Path) -> DataPage:
    return drop_table(window, tmp_path / "small.csv", table())


@pytest.fixture
def part(page: DataPage) -> RelationsPart:
    found = next(part for part in page.tabs.parts if isinstance(part, RelationsPart))
    assert found.found is None and found.job is None, "computed before anybody looked"
    page.tabs.show_part("relations")
    wait_until(lambda: found.found is not None, 60, "the relations")
    return found


def test_the_strongest_pair_leads_and_the_target_is_the_first_column(part: RelationsPart):
    assert part.found is not None
    assert part.found.columns[0] == "churned"
    first = part.pairs.model_.records[0]
    assert ({first.first, first.second}, round(first.value or 0, 6)) == ({"a", "b"}, -1.0)
    assert part.pairs.model_.rowCount() == 10
    assert part.map.summary() == "Which columns go together: b and a go together most (−1.00)."


def test_the_picture_is_walked_by_keys_and_the_table_follows(part: RelationsPart, page: DataPage):
    part.map.setFocus()
    i, j = part.map.current
    QTest.keyClick(part.map, Qt.Key.Key_Down)
    assert part.map.current == (i + 1, j)
    assert part.found is not None
    names = {part.found.columns[i + 1], part.found.columns[j]}
    pair = part.pairs.model_.record(part.pairs.selectionModel().selectedRows()[0])
    assert {pair.first, pair.second} == names
    assert all(name in part.map.accessibleDescription() for name in names)
    QTest.keyClick(part.map, Qt.Key.Key_Return)
    wait_until(lambda: page.tabs.column.isVisible(), 10, "the column's page")
    assert page.tabs.column.name == part.found.columns[i + 1]


def test_a_click_finds_its_cell(part: RelationsPart):
    assert part.found is not None
    last = len(part.found.columns) - 1
    places = [QPoint(x, y) for x in range(0, part.map.width(), 6) for y in range(0, part.map.height(), 6)]
    there = next(place for place in places if part.map.cell_at(place) == (last, 0))
    QTest.mouseClick(part.map, Qt.MouseButton.LeftButton, pos=there)
    assert part.map.current == (last, 0)


def test_numbers_of_the_picture_and_the_table_are_saved(part: RelationsPart, tmp_path: Path):
    part.map.save(tmp_path / "map.csv")
    part.map.save(tmp_path / "map.svg")
    part.map.save(tmp_path / "map.png")
    with (tmp_path / "map.csv").open(newline="", encoding="utf-8") as file:
        head, *rows = list(csv.reader(file))
    assert part.found is not None
    assert head[1:] == [row[0] for row in rows] == list(part.found.columns)
    value = part.found.value(head[1], head[2])
    assert value is not None and float(rows[0][2]) == value.value
    part.pairs.export_csv(tmp_path / "pairs.csv")
    assert len((tmp_path / "pairs.csv").read_text().splitlines()) == 11


def test_nothing_is_computed_again_unless_a_use_changed(part: RelationsPart, page: DataPage):
    from app.core.data import ColumnEdit, Use
    from app.ui.data.finding_answers import Change

    before = part.found
    page.tabs.tab_bar.setCurrentIndex(0)
    page.edits.change(Change("x", (ColumnEdit("c", unit="kg"),)))
    wait_until(lambda: page.view is not None and page.view.reading.column("c").unit == "kg", 30)
    page.tabs.show_part("relations")
    assert part.found is before and part.job is None
    page.edits.change(Change("x", (ColumnEdit("c", use=Use.IGNORED),)))
    wait_until(lambda: part.found is not None and part.found is not before, 60, "the relations again")
    assert part.found is not None and "c" not in part.found.columns


def test_everything_has_a_name(part: RelationsPart, page: DataPage):
    assert [w.objectName() for w in walk_widgets(page.window()) if not accessible_name(w).strip()] == []


def test_colours_run_from_orange_over_the_ground_to_blue(qtbot):
    chart = HeatMap("map")
    qtbot.addWidget(chart)
    assert shade(1.0).name() == color("chart1").name()
    assert shade(-1.0).name() == color("chart2").name()
    assert shade(0.0).name() == color("surface2").name()
    assert chart.summary() == "map: nothing to relate."
