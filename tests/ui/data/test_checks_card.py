"""Findings are kept, waived with a reason and reopened in the card, and each of these can be undone."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton

from app.core.data import ColumnEdit, Use
from app.core.runs import SplitKind
from app.registry import audit
from app.ui.data.data_page import DataPage
from app.ui.data.finding_answers import Change
from app.ui.data.finding_row import FindingRow
from app.ui.window import MainWindow
from tests.ui.helpers import drop_files, drop_table, wait_until


def table(rows: int = 120, days: int = 60) -> str:
    lines = ["seen,amount,kind,churned"]
    for i in range(rows):
        month, day = divmod(i * days // rows, 28)
        lines.append(f"2026-{month + 1:02d}-{day + 1:02d},{i * 7 % 31},k{i * 37 % 110},{'no' if i % 3 else 'yes'}")
    return "\n".join([*lines, lines[-1]]) + "\n"


@pytest.fixture
def page(window: MainWindow, tmp_path: Path) -> DataPage:
    """The data page with 121 rows in the order of a date, the last one twice, and a column of many classes."""
    page = drop_table(window, tmp_path / "visits.csv", table())
    if not page.checks._all:
        page.checks._toggle()
    return page


def row(page: DataPage, code: str) -> FindingRow:
    found = [row for row in page.checks.rows() if row.standing.finding.code == code]
    assert found, [row.standing.finding.code for row in page.checks.rows()]
    return found[0]


def press(page: DataPage, code: str, name: str) -> None:
    button = next(b for b in row(page, code).findChildren(QPushButton) if b.objectName() == name or b.text() == name)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def standing(page: DataPage, code: str):
    assert page.view is not None
    return next(s for s in page.view.standings if s.finding.code == code)


def verbs(page: DataPage) -> list[str]:
    assert page.session.project is not None
    return [entry.verb for entry in audit.entries(page.session.project) if entry.verb.startswith("finding.")]


def test_a_kept_finding_is_counted_and_undone_by_reopening(page: DataPage):
    press(page, "DUPLICATE_ROWS", "finding.keep")
    wait_until(lambda: standing(page, "DUPLICATE_ROWS").kept, 30, "the finding kept")
    assert page.checks._chips["kept"].text == "1 kept"
    assert page.actions_["data.undo"].text() == "Undo: keeping a finding"
    page.actions_["data.undo"].trigger()
    wait_until(lambda: not standing(page, "DUPLICATE_ROWS").kept, 30, "the finding reopened")
    page.actions_["data.redo"].trigger()
    wait_until(lambda: standing(page, "DUPLICATE_ROWS").kept, 30, "the finding kept again")
    press(page, "DUPLICATE_ROWS", "finding.reopen")
    wait_until(lambda: not standing(page, "DUPLICATE_ROWS").kept, 30, "the finding reopened by its button")
    assert sorted(verbs(page)) == ["finding.keep", "finding.keep", "finding.reopen", "finding.reopen"]


def test_the_keyboard_stays_in_the_card_when_a_finding_is_answered(page: DataPage):
    before = page.checks.rows()
    place = next(i for i, r in enumerate(before) if r.standing.finding.code == "DUPLICATE_ROWS")
    keep = next(b for b in before[place].findChildren(QPushButton) if b.objectName() == "finding.keep")
    keep.setFocus()
    QTest.keyClick(keep, Qt.Key.Key_Space)
    wait_until(lambda: standing(page, "DUPLICATE_ROWS").kept, 30, "the finding kept")
    held = page.window().focusWidget()
    assert held is not None and page.checks.rows()[place].isAncestorOf(held)


def test_a_check_that_blocks_is_waived_with_a_reason_in_its_row(page: DataPage):
    page.edits.set_target("kind")
    wait_until(lambda: page.view is not None and bool(page.view.why_not), 30, "the block")
    assert "too many for classes" in page.actions_["run.train"].toolTip()
    press(page, "TARGET_MANY_CLASSES", "finding.open_waiver")
    asked = row(page, "TARGET_MANY_CLASSES")
    assert page.window().focusWidget() is asked.reason and not asked.waive.isEnabled()
    assert asked.waive.toolTip() == "Give a reason first."
    QTest.keyClicks(asked.reason, "All of them are real")
    page.refresh()
    wait_until(lambda: not page.session.jobs.running, 20, "the refresh")
    asked = row(page, "TARGET_MANY_CLASSES")
    assert asked.reason.text() == "All of them are real"
    QTest.mouseClick(asked.waive, Qt.MouseButton.LeftButton)
    wait_until(lambda: standing(page, "TARGET_MANY_CLASSES").waived, 30, "the waiver")
    assert page.actions_["run.train"].isEnabled()
    assert "All of them are real" in standing(page, "TARGET_MANY_CLASSES").decision.reason
    page.actions_["data.undo"].trigger()
    wait_until(lambda: not page.actions_["run.train"].isEnabled(), 30, "the block again")
    assert verbs(page)[:2] == ["finding.reopen", "finding.waive"]


def test_the_next_version_says_what_was_decided_before_and_does_not_take_it_over(page: DataPage, tmp_path: Path):
    press(page, "DUPLICATE_ROWS", "finding.keep")
    wait_until(lambda: standing(page, "DUPLICATE_ROWS").kept, 30, "the finding kept")
    again = tmp_path / "later.csv"
    again.write_text(table(150))
    drop_files(page.window(), [again])
    wait_until(lambda: page.view is not None and page.view.version.number == 2, 30, "version 2")
    now = standing(page, "DUPLICATE_ROWS")
    assert not now.kept and now.before_number == 1
    assert any("In version 1: kept by" in part.text() for part in row(page, "DUPLICATE_ROWS").findChildren(QLabel))


def test_split_by_time_is_one_click_and_shown(page: DataPage):
    press(page, "TIME_SPLIT_SUGGESTED", "Split by time")
    wait_until(lambda: page.view is not None and page.view.reading.column("seen").use is Use.TIME, 30, "the use")
    assert page.view is not None and page.view.plan is not None
    assert (page.view.plan.split, page.view.plan.split_column) == (SplitKind.TIME, "seen")
    assert "newest 20% of the rows by seen" in page.bar._why.text()
    assert "TIME_SPLIT_SUGGESTED" not in [s.finding.code for s in page.view.standings]


def test_only_one_column_is_the_time(page: DataPage):
    page.edits.change(Change("use", (ColumnEdit("seen", use=Use.TIME),)))
    page.edits.change(Change("use", (ColumnEdit("amount", use=Use.TIME),)))
    wait_until(lambda: page.view is not None and page.view.reading.column("amount").use is Use.TIME, 30, "both edits")
    assert page.view is not None and page.view.reading.column("seen").use is Use.INPUT
