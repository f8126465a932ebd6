"""All runs in one table: only what differs, sorted, filtered, the champion on top; a run leads to its candidate."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from PySide6.QtCore import Qt

from app.registry import newest_runs
from app.registry.datasets import rename_dataset
from app.registry.project import Project
from app.registry.run_lines import run_lines
from app.registry.runs import runs
from app.registry.tables import candidates, model_versions, models
from app.ui.compare.candidate_view import run_views
from app.ui.compare.compare_page import ComparePage
from app.ui.compare.run_grid import read_grid
from app.ui.compare.runs_table import RunsTable
from app.ui.window import MainWindow
from tests.ui.helpers import wait_until
from tests.ui.many_runs import PER_RUN, make_runs

COUNT, FACTS = 60, 20


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    made = make_runs(tmp_path_factory.mktemp("many"), COUNT, FACTS)
    with made, made.database.write("an approval") as connection:
        third = connection.execute(sa.select(candidates).where(candidates.c.name == "Forest")).all()[2]
        dataset = runs(made)[0].dataset_id
        now = "2026-01-01T00:00:00Z"
        connection.execute(sa.insert(models).values(id="m", name="churn", dataset_id=dataset, created_at=now))
        card = made.objects.put_bytes(b"card")
        connection.execute(sa.insert(model_versions).values(
            id="v", model_id="m", number=1, run_id=third.run_id, candidate_id=third.id, card_sha256=card,
            created_at=now,
        ))  # fmt: skip
    yield made
    made.close()


@pytest.fixture
def table(project: Project, qtbot: object) -> RunsTable:
    made = RunsTable()
    qtbot.addWidget(made)  # type: ignore[attr-defined]
    made.show_grid(read_grid(project))
    return made


def shown(table: RunsTable, title: str) -> list[str]:
    column = table.model.titles().index(title)
    return [str(table.model.index(row, column).data()) for row in range(table.model.rowCount())]


def test_lines_say_what_runs_say(project: Project) -> None:
    for line, run in zip(run_lines(project), runs(project), strict=True):
        assert (line.id, line.number, line.plan, line.state) == (run.id, run.number, run.plan, run.state)
        assert run.best is not None and line.best is not None
        assert (line.best.id, line.best.holdout) == (run.best.id, run.best.holdout)
        assert len(line.scores) == PER_RUN and line.baseline == 0.5

        assert (line.best.passed, line.best.gates) == (3, 3)
    assert [line.approved for line in run_lines(project) if line.approved] == ["churn@1"]


def test_lines_name_data_as_it_is_called_now(tmp_path: Path) -> None:
    with make_runs(tmp_path, 1, 1) as project:
        rename_dataset(project, runs(project)[0].dataset_id, "customers")
        assert [line.data.split(" v")[0] for line in run_lines(project)] == ["customers"]


def test_candidates_are_read_with_what_was_decided_of_each(project: Project) -> None:
    views = [view for run in run_views(project).runs for view in run.candidates]
    assert len(views) == COUNT * PER_RUN
    assert [v.why_not for v in views if v.approved] == ["This is already approved as churn@1."]
    assert all(len(v.gates) == 3 for v in views if not v.candidate.baseline)


def test_only_the_newest_runs_are_read_with_those_that_are_asked_for(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(newest_runs, "MOST", 10)
    every = runs(project)
    approved = next(line.id for line in run_lines(project) if line.approved)
    found = newest_runs.newest_runs(project, [every[30].id, every[40].candidates[2].id])
    expected = {run.id for run in every[:10]} | {every[30].id, every[40].id, approved}
    assert {run.id for run in found.runs} == expected and found.whole == COUNT
    assert found.runs[-1] == every[-3] and [run.number for run in found.runs] == sorted(
        (run.number for run in found.runs), reverse=True
    )


def test_only_columns_that_tell_runs_apart_are_shown_until_all_are_wanted(table: RunsTable) -> None:
    titles = table.model.titles()
    assert {"Run", "Score", "Seed", "package7", "Linear"} <= set(titles)
    assert not {"package6", "Folds", "Metric", "Dummy"} & set(titles)
    table.only.setChecked(False)
    assert {"package6", "Folds", "Metric", "Dummy"} <= set(table.model.titles())


def test_sorting_and_filtering_leave_what_has_to_be_beaten_on_top(table: RunsTable) -> None:
    assert shown(table, "Best")[0] == "Dummy"
    assert shown(table, "Approved")[:2] == ["", "churn@1"] and shown(table, "Gates")[0] == "–"
    table.model.pin(0)
    assert shown(table, "Best")[0] == "Dummy" and table.model.found == COUNT
    score = table.model.titles().index("Score")
    table.table.sortByColumn(score, Qt.SortOrder.DescendingOrder)
    scores = [float(text) for text in shown(table, "Score")[2:]]
    assert scores == sorted(scores, reverse=True) and table.model.is_pinned(1) and not table.model.is_pinned(2)
    table.field.setText("boosting")
    assert set(shown(table, "Best")[2:]) == {"Boosting"} and table.model.found < COUNT
    table.model.pin(2)
    kept = shown(table, "Run")[2:3]
    table.field.setText("no such run")
    assert shown(table, "Run") == kept
    table.model.pin(0)
    assert table.model.found == 0


def test_a_run_that_is_chosen_leads_to_its_best_candidate(
    project: Project, make_window: Callable[..., MainWindow], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(newest_runs, "MOST", 10)
    window = make_window(project.path)
    wait_until(lambda: window.session.project is not None, 30, "the project")
    window.show_page("compare")
    page = window.page
    assert isinstance(page, ComparePage)
    wait_until(lambda: page.table.candidates.records, 30, "candidates")
    page.turn.click()
    wait_until(lambda: page.runs.model.found == COUNT, 30, "the runs")
    assert page.runs.isVisible() and not page.groups.isVisible()
    assert page.subtitle == "55 candidates of the newest 11 of 60 runs"
    page.runs.table.selectRow(40)
    best = next(run.best for run in runs(project) if run.id == page.runs.model.run_id(40))
    wait_until(lambda: page._first and page._first.candidate.id == best.id, 10, "its best candidate")
    page.turn.click()
    assert page.table.isVisible() and page.groups.isVisible()


def test_order_pins_and_choice_outlast_other_runs_and_columns(table: RunsTable, tmp_path: Path) -> None:
    by = table.model.titles().index("Score")
    table.table.sortByColumn(by, Qt.SortOrder.DescendingOrder)
    table.model.pin(5)
    pinned = list(table.model.pinned)
    table.table.selectRow(3)
    chosen = table.model.run_id(3)
    table.only.setChecked(not table.only.isChecked())
    header = table.table.horizontalHeader()
    assert table.model.titles()[header.sortIndicatorSection()] == "Score"
    assert table.model.pinned == pinned and table.model.run_id(table.table.currentIndex().row()) == chosen
    with make_runs(tmp_path, 4, 1) as other:
        table.show_grid(read_grid(other))
    assert table.model.pinned == []
    scores = [float(text) for text in shown(table, "Score")[1:]]
    assert scores == sorted(scores, reverse=True)
