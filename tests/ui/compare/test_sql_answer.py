"""The SQL answer: the verdict in one sentence, the query in the dialect that was asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from app.core.progress import Silent
from app.ui.compare.sql_answer import SqlAnswerPart
from app.ui.data.data_page import DataPage
from app.ui.window import MainWindow
from tests.ui.helpers import ROOT, ClickCounter, visible_button, wait_until


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose run found a query."""
    from app.approval.check import train_and_check
    from app.data.intake import add
    from app.registry.project import Project
    from app.registry.verdicts import verdict_of
    from app.training.plan import make_plan

    folder = tmp_path_factory.mktemp("sql") / "churn"
    lines = (ROOT / "resources/sample/churn.csv").read_text("utf-8").splitlines(keepends=True)
    table = folder.parent / "churn.csv"
    table.write_text("".join(lines[:601]), "utf-8")
    with Project.create(folder, actor="Ada") as project:
        added = add(project, table, ctx=Silent())
        assert added.version and added.reading
        run = train_and_check(project, make_plan(project, added.version, added.reading, seconds=60), Silent())
        assert verdict_of(project, run.id) is not None
    return folder


def part_of(window: MainWindow) -> SqlAnswerPart:
    window.show_page("data")
    page = window.page
    assert isinstance(page, DataPage)
    wait_until(lambda: page.view is not None and page.result.isVisible(), 30, "the result")
    return next(part for part in page.tabs.parts if isinstance(part, SqlAnswerPart))


def test_the_result_says_whether_a_query_would_do_and_leads_to_it(
    trained: Path, make_window: Callable[..., MainWindow], click_counter: ClickCounter
) -> None:
    window = make_window(trained)
    part = part_of(window)
    assert not part.isVisible()
    click_counter.click(visible_button(window, "run.query"))
    wait_until(lambda: part.isVisible() and part.text.toPlainText(), 10, "the query")
    assert part.text.toPlainText().startswith("SELECT\n")
    assert part.sentence.text().startswith("A ") and "-line query reaches ROC AUC" in part.sentence.text()

    part.dialect.setFocus()
    for _ in range(part.dialect.findData("mysql")):
        QTest.keyClick(part.dialect, Qt.Key.Key_Down)
    wait_until(lambda: "`churn`" in part.text.toPlainText(), 10, "MySQL's quotes")
    click_counter.click(visible_button(window, "data.sql.copy"))
    assert QGuiApplication.clipboard().text() == part.text.toPlainText()

    shown, judged = part.text.toPlainText(), part.rules.currentIndex().row()
    names = [side.name for side in part.rules.sides.records]
    assert part.rules.sides.records[judged].judged and names.count("Tree of depth 1") == 1
    other = next(at for at, side in enumerate(part.rules.sides.records) if side.query and at != judged)
    part.rules.selectRow(other)
    wait_until(lambda: part.text.toPlainText() != shown, 10, "another rule's query")
    assert not part.bundle.isEnabled(), "the verdict is about another one"
    part.rules.selectRow(judged)
    wait_until(lambda: part.text.toPlainText() == shown, 10, "the verdict's query")

    assert not part.bundled.isVisible()
    click_counter.click(visible_button(window, "data.sql.bundle"))
    wait_until(lambda: part.bundled.isVisible(), 60, "the query's bundle")
    assert (trained / part.bundled.folder.text() / "sql" / "sqlite.sql").is_file()


def test_before_a_run_the_tab_teaches(window: MainWindow) -> None:
    window.show_page("data")
    page = window.page
    assert isinstance(page, DataPage)
    part = next(part for part in page.tabs.parts if isinstance(part, SqlAnswerPart))
    assert part.either.currentWidget() is part.either.empty
