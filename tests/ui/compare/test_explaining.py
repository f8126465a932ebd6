"""Weak spots and *Why?* on Compare: asked of the real exported model when looked at, kept, never twice at once."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QItemSelectionModel, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from app.core.progress import Silent
from app.ui.compare.compare_page import ComparePage
from app.ui.window import MainWindow
from tests.ui.helpers import wait_until

ROWS = 2000
SELECT_ROW = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trained project in whose north nothing can be known."""
    from app.approval.check import train_and_check
    from app.data.intake import add
    from app.registry.project import Project
    from app.training.plan import make_plan

    folder = tmp_path_factory.mktemp("weak")
    dice = np.random.default_rng(0)
    region, x = dice.choice(["north", "south", "east", "west"], ROWS), dice.normal(size=(ROWS, 2)).round(3)
    yes = np.where(region == "north", dice.random(ROWS) < 0.5, x[:, 0] > 0)
    with (folder / "weak.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["region", "income", "noise", "bought"])
        writer.writerows(zip(region, *x.T, np.where(yes, "yes", "no"), strict=True))
    with Project.create(folder / "project", actor="Ada") as project:
        added = add(project, folder / "weak.csv", target="bought", ctx=Silent())
        assert added.version and added.reading
        train_and_check(project, make_plan(project, added.version, added.reading, seconds=120), Silent())
    return folder


@pytest.fixture
def compare(made: Path, tmp_path: Path, make_window: Callable[..., MainWindow]) -> ComparePage:
    shutil.copytree(made / "project", tmp_path / "copy")
    window = make_window(tmp_path / "copy")
    wait_until(lambda: window.session.project is not None, 30, "the project")
    window.show_page("compare")
    page = window.page
    assert isinstance(page, ComparePage)
    wait_until(lambda: page.table.chosen and page.pictures.tabs.count() > 1, 30, "candidates")
    return page


def select(page: ComparePage, family: str) -> None:
    views = page.table.candidates.records
    page.table.selectRow(next(i for i, view in enumerate(views) if view.candidate.family == family))


def test_the_weak_group_stands_on_top_and_the_table_is_copied(compare: ComparePage) -> None:
    select(compare, "boosting")
    assert compare.weak.slices.rowCount() == 0, "nothing is asked before the tab is looked at"
    compare.pictures.turn_to(compare.weak)
    wait_until(lambda: compare.weak.slices.rowCount() > 0, 60, "weak spots")
    records = compare.weak.slices.records
    assert records[0].stands and "region is north" in {s.title for s in records if s.stands}
    assert "worse than chance" in compare.weak.sentence.text()
    compare.weak.table.copy_all()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert len(lines) == 1 + len(records) and "Weak" in lines[1]


def test_another_candidate_is_asked_at_once_and_a_known_one_never_again(compare: ComparePage) -> None:
    select(compare, "boosting")
    compare.pictures.turn_to(compare.weak)
    select(compare, "tree")
    wait_until(lambda: compare.weak.view and compare.weak.view.candidate.family == "tree", 10, "the tree")
    tree = compare.weak.view.candidate.id
    wait_until(lambda: compare.weak._shown == tree, 60, "its weak spots")
    assert list(compare.weak._answers) == [tree], "the question about the other was cancelled"
    select(compare, "sql")
    wait_until(lambda: "no exported model" in compare.weak.sentence.text(), 10, "a sentence")
    select(compare, "tree")
    wait_until(lambda: compare.weak._shown == tree, 10, "what is known")
    assert compare.weak._job is None and compare.weak.table.isVisible()


def test_a_click_on_a_column_that_matters_shows_what_it_does(compare: ComparePage) -> None:
    select(compare, "boosting")
    chart = compare.pictures.importance
    wait_until(lambda: len(chart.table().rows) == 3, 10, "importance")
    QTest.mouseClick(chart, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(20, 8 + 26 + 13))
    wait_until(lambda: compare.why.chart.table().rows, 60, "its effect")
    assert compare.pictures.tabs.currentWidget() is compare.why
    assert compare.why.chart.table().headers[0] == chart.table().rows[1][0]
    compare.why.columns.setCurrentIndex(compare.why.columns.findData("income"))
    rows = compare.why.chart.table().rows
    assert float(rows[-1][1]) > float(rows[0][1]) + 0.3
    assert "income moves the mean answer" in compare.why.chart.accessibleDescription()


def test_a_threshold_is_tried_with_its_costs(compare: ComparePage) -> None:
    select(compare, "boosting")
    compare.pictures.turn_to(compare.threshold)
    tab = compare.threshold
    wait_until(lambda: tab.chart.table().rows, 60, "thresholds")
    assert tab.threshold == 0.5 and tab.figures.text().startswith("From 0.500: precision ")
    assert compare.pictures.right.isHidden(), "the room of what matters is the tab's"
    assert tab.matrix.table().rows == compare.pictures.confusion.table().rows, "from a half on is the likeliest class"
    before = dict(tab.chart.table().rows)
    tab.miss.setValue(100)
    assert min(tab.chart.table().rows)[1] < dict(before)[max(before)] * 100
    tab.cheapest.click()
    assert tab.threshold < 0.5, "dear misses are avoided by answering yes sooner"
    paid = dict(tab.chart.table().rows)
    assert paid[tab.threshold] == min(paid.values())
    tab.slider.setValue(900)
    assert tab.figures.text().startswith("From 0.900")

    assert not tab.take_back.isVisible()
    tab.use.click()
    wait_until(tab.take_back.isVisible, 60, "the choice")
    assert "chose 0.900 for bundles built since" in tab.note.text() and tab.threshold == 0.9
    answered = tab.matrix.table().rows
    wait_until(lambda: compare.pictures.confusion.table().rows == answered, 10, "the matrix that is answered")
    tab.take_back.click()
    wait_until(lambda: not tab.take_back.isVisible(), 60, "the choice taken back")
    assert "served from 0.5 on" in tab.note.text()


def test_calibration_is_told_against_chance(compare: ComparePage) -> None:
    select(compare, "boosting")
    compare.pictures.turn_to(compare.calibration)
    wait_until(lambda: compare.calibration.chart.table().rows, 60, "calibration")
    assert "probabilities" in compare.calibration.sentence.text()
    assert compare.calibration.note.text().startswith("Expected calibration error 0.")


def test_groups_are_compared_by_a_chosen_column_and_measure(compare: ComparePage) -> None:
    tab = compare.fairness
    select(compare, "boosting")
    compare.pictures.turn_to(tab)
    wait_until(lambda: tab.groups.rowCount() > 0, 60, "the groups")
    assert "No personal column is marked." in tab.note.text()
    tab.columns.setCurrentIndex(tab.columns.findData("income"))
    tab.measures.setCurrentIndex(tab.measures.findData("selection_rate"))
    tab.measures.activated.emit(tab.measures.currentIndex())
    assert tab.sentence.text().startswith("Selection rate differs by ") and "income above" in tab.sentence.text()
    assert tab.groups.rowCount() == 4
    tab.table.copy_all()
    assert "Reference" in QGuiApplication.clipboard().text()


def test_calibrate_makes_a_candidate_that_is_then_selected(compare: ComparePage) -> None:
    select(compare, "linear")
    compare.pictures.turn_to(compare.calibration)
    wait_until(compare.calibration.button.isVisible, 60, "the curve")
    compare.calibration.button.click()
    wait_until(
        lambda: compare._first and compare._first.candidate.name == "Linear model, calibrated", 90, "the new one"
    )
    made = compare._first.candidate.id
    wait_until(lambda: compare.calibration._shown == made, 60, "its own curve")
    assert compare.calibration.chart.isVisible() and not compare.calibration.button.isVisible()


def test_the_answer_moves_while_an_input_is_changed_and_goes_back(compare: ComparePage) -> None:
    select(compare, "linear")
    tab = compare.what_if
    compare.pictures.turn_to(tab)
    wait_until(lambda: tab.near.rowCount() > 0, 60, "an answer")
    before, income = tab.answer.text(), next(e for e in tab.form._entries if e.field.name == "income").widget
    assert before.startswith("yes: ") and "as it is" in tab.moved.text() and tab.near.records[0].actual in ("yes", "no")
    income.setText("9")
    wait_until(lambda: tab.answer.text() != before, 60, "another answer")
    assert tab.moved.text().startswith("Up from")
    income.setText("much")
    wait_until(lambda: "income" in tab.answer.text(), 60, "why there is none")
    tab.back.click()
    wait_until(lambda: tab.answer.text() == before, 60, "the answer of before")


def test_two_candidates_are_compared_on_the_same_rows_and_drawn_over_each_other(compare: ComparePage) -> None:
    table, views = compare.table, compare.table.candidates.records
    table.clearSelection()
    for family in ("dummy", "linear", "boosting"):
        row = next(i for i, view in enumerate(views) if view.candidate.family == family)
        table.selectionModel().select(table.candidates.index(row, 0), SELECT_ROW)
    wait_until(lambda: compare.pictures.lift.summary().startswith("Lift: 3 lines"), 30, "three curves")
    assert compare.pictures.calibration.table().rows and compare.pictures.costs.table().rows
    assert compare._first is not None and not compare._first.candidate.baseline
    compare.pictures.turn_to(compare.difference)
    wait_until(lambda: "ROC AUC" in compare.difference.sentence.text(), 60, "the difference")
    tab = compare.difference
    assert len(tab.sentence.text().splitlines()) == 2, "the first against each of the others"
    assert "same plan" in tab.note.text() and tab.table.isHidden(), "one run, so nothing differs"
    assert table.isColumnHidden(1) and table.isColumnHidden(2), "run and data tell no two candidates apart"
    tab.only.click()
    assert tab.table.isVisible() and tab.rows.rowCount() > 10 and tab.rows.columnCount() == 3
    compare.only.click()
    assert not table.isColumnHidden(1) and not table.isColumnHidden(2)
