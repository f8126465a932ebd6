"""Train, Compare, Models, Services and History show one real project, and act on it."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from app.core.data import ColumnType
from app.core.progress import Silent
from app.core.runs import CandidateState
from app.runtime.contract import Field
from app.ui.compare.compare_page import ComparePage
from app.ui.history.history_page import HistoryPage
from app.ui.models.models_page import ModelsPage
from app.ui.services.services_page import ServicesPage
from app.ui.services.tryform import BadField, value_of
from app.ui.train.train_page import TrainPage
from app.ui.window import MainWindow
from tests.ui.helpers import ROOT, ClickCounter, drop_files, visible_button, wait_until

ROWS = 600


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample's first rows, trained on, approved and bundled for real, once."""
    from app.approval.approve import approve
    from app.approval.check import train_and_check
    from app.bundles.build import build
    from app.data.intake import add
    from app.registry.project import Project
    from app.training.plan import make_plan

    folder = tmp_path_factory.mktemp("loop")
    lines = (ROOT / "resources/sample/churn.csv").read_text("utf-8").splitlines(keepends=True)
    (folder / "churn.csv").write_text("".join(lines[: ROWS + 1]), "utf-8")
    with Project.create(folder / "churn", actor="Ada") as project:
        added = add(project, folder / "churn.csv", ctx=Silent())
        assert added.version and added.reading
        plan = make_plan(project, added.version, added.reading, seconds=60)
        run = train_and_check(project, plan, Silent())
        version = approve(project, run.id, reason="Better than guessing.", ctx=Silent())
        build(project, version.id, ctx=Silent())
    return folder


@pytest.fixture
def loop(made: Path, tmp_path: Path, make_window: Callable[..., MainWindow]) -> MainWindow:
    """A window on a copy of that project: a copied project opens anywhere."""
    shutil.copytree(made / "churn", tmp_path / "copy")
    window = make_window(tmp_path / "copy")
    wait_until(lambda: window.session.project is not None, 30, "the project")
    return window


def page_of(window: MainWindow, id_: str, ready: Callable[[object], object]) -> object:
    window.show_page(id_)
    wait_until(lambda: ready(window.page), 30, id_)
    return window.page


def train_page(window: MainWindow) -> TrainPage:
    page = page_of(window, "train", lambda p: p.chosen is not None and p.form.chosen is not None)
    assert isinstance(page, TrainPage)
    return page


def compare_page(window: MainWindow) -> ComparePage:
    page = page_of(window, "compare", lambda p: p.table.chosen and p.pictures.tabs.count() > 1)
    assert isinstance(page, ComparePage)
    return page


def models_page(window: MainWindow) -> ModelsPage:
    page = page_of(window, "models", lambda p: p.chosen is not None)
    assert isinstance(page, ModelsPage)
    return page


def history_page(window: MainWindow) -> HistoryPage:
    page = page_of(window, "history", lambda p: p.model.rowCount() > 0)
    assert isinstance(page, HistoryPage)
    return page


def test_train_shows_the_run_its_candidates_and_the_gates(loop: MainWindow) -> None:
    page = train_page(loop)
    assert page.chosen is not None
    run = page.chosen.run
    assert page.panel.table.candidates.rowCount() == len(run.candidates)
    assert page.form.options.metric == "roc_auc"
    assert page.form.button.isEnabled()
    assert page.chosen.best is not None
    assert page.chosen.best.candidate.name in str(page.model.index(0, 5).data())


def test_train_with_options_makes_a_run_with_them(loop: MainWindow, click_counter: ClickCounter) -> None:
    page = train_page(loop)
    page.form.budget.spin.setValue(6)
    page.form.seed.setValue(7)
    click_counter.click(page.form.button)
    wait_until(lambda: page.progress.job is not None, 10, "the run to start")
    wait_until(lambda: page.progress.job is None, 60, "the run to end")
    wait_until(lambda: page.model.rowCount() == 2, 10, "the second run")
    newest = page.model.records[0].run
    assert (newest.plan.seed, newest.plan.seconds) == (7, 6.0)


def test_compare_draws_the_chosen_candidates_over_each_other(loop: MainWindow) -> None:
    page = compare_page(loop)
    assert page.table.candidates.records[0].candidate.baseline
    counted = sum(int(cell) for row in page.pictures.confusion.table().rows for cell in row[1:])
    assert page.pictures.left.title.text().endswith(f"on {counted} hold-out rows")
    assert 0.1 * ROWS < counted < 0.3 * ROWS
    page.table.selectAll()
    wait_until(lambda: len({row[0] for row in page.pictures.roc.table().rows}) > 1, 10, "several curves")
    assert len({row[0] for row in page.pictures.roc.table().rows}) <= 5


def test_compare_approves_another_candidate_with_its_reason(loop: MainWindow, click_counter: ClickCounter) -> None:
    from app.registry import models

    page = compare_page(loop)
    views = page.table.candidates.records
    approved = next(n for n, view in enumerate(views) if view.approved)
    page.table.selectRow(approved)
    assert not page.approve_bar.button.isEnabled()
    assert "churn@1" in page.approve_bar.button.toolTip()
    other = next(n for n, view in enumerate(views) if not view.why_not and n != approved)
    page.table.selectRow(other)
    assert "gates passed" in page.approve_bar.reason.text()
    page.approve_bar.reason.setText("Easier to explain.")
    click_counter.click(page.approve_bar.button)
    assert loop.session.project is not None
    project = loop.session.project
    wait_until(lambda: len(models.model_versions(project)) == 2, 20, "churn@2")
    newest = models.model_versions(project)[0]
    assert models.approvals(project, newest.id)[0].reason == "Easier to explain."
    assert newest.candidate_id == views[other].candidate.id
    assert click_counter.dialogs == 0


def test_a_baseline_cannot_be_approved_and_says_why(loop: MainWindow) -> None:
    page = compare_page(loop)
    page.table.selectRow(0)
    assert not page.approve_bar.button.isEnabled()
    assert "baseline" in page.approve_bar.button.toolTip()


def test_models_show_the_proof_and_predict_a_dropped_file(loop: MainWindow, made: Path) -> None:
    page = models_page(loop)
    assert page.chosen is not None
    assert page.chosen.parity is not None and page.chosen.parity.passed
    assert page.chosen.approval is not None and page.chosen.approval.reason == "Better than guessing."
    assert "churn@1" in page.drop_offer([made / "churn.csv"])
    assert drop_files(loop, [made / "churn.csv"])
    wait_until(lambda: page.panel.predicted.isVisible(), 40, "the predictions")
    assert loop.session.project is not None
    (out,) = (loop.session.project.path / "predictions").iterdir()
    with out.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == ROWS
    assert {row["label"] for row in rows} <= {"yes", "no"}


def test_a_service_starts_answers_is_traced_and_stops(loop: MainWindow, click_counter: ClickCounter) -> None:
    models_page(loop)
    click_counter.click(visible_button(loop, "service.start"))
    wait_until(lambda: isinstance(loop.page, ServicesPage), 60, "the service's page")
    page = loop.page
    assert isinstance(page, ServicesPage)
    wait_until(lambda: page.chosen is not None and page.panel.view is not None and page.panel._send.isEnabled(), 20)
    assert page.chosen is not None and page.chosen.status.url is not None
    try:
        assert page.chosen.status.url in page.panel._snippets[0].toPlainText()
        click_counter.click(visible_button(loop, "service.try"))
        wait_until(lambda: page.panel._id.text(), 10, "an answer")
        assert page.panel._answer.text() in {"yes", "no"}
        wait_until(lambda: page.panel.predictions.rowCount() == 1, 10, "the answer, without our test call")
        click_counter.click(visible_button(loop, "service.why"))
        wait_until(lambda: page.panel.why.chart.isVisible(), 60, "the reasons")
        moved = [float(amount) for _column, _value, amount in page.panel.why.chart.table().rows]
        assert len(moved) == len(page.chosen.contract.inputs) and any(moved)
        assert "Most similar training rows: row " in page.panel.why.similar.text()
        click_counter.click(page.panel._trace)
        assert isinstance(loop.page, HistoryPage)
        panel = loop.page.trace_panel
        wait_until(lambda: panel._found.isVisible(), 20, "the trace")
        assert panel._said.text() == "The trace is whole."
    finally:
        loop.show_page("services")
        click_counter.click(visible_button(loop, "service.stop"))
        wait_until(lambda: page.panel.start.isVisible(), 30, "the service to stop")


def test_history_filters_verifies_and_finds_damage(loop: MainWindow) -> None:
    page = history_page(loop)
    everything = page.model.rowCount()
    page.verbs.setCurrentIndex(page.verbs.findData("model.approve"))
    wait_until(lambda: page.model.rowCount() == 1, 10, "one approval")
    page.verbs.setCurrentIndex(0)
    wait_until(lambda: page.model.rowCount() == everything, 10, "all entries")
    page.verify()
    wait_until(lambda: page.verdict.isVisible(), 30, "the verdict")
    assert page.verdict.message == "Everything is as it was recorded."
    assert loop.session.project is not None
    damaged = next(p for p in (loop.session.project.path / "objects").rglob("*") if p.is_file() and p.stat().st_size)
    damaged.chmod(0o644)
    damaged.write_bytes(b"\0" + damaged.read_bytes()[1:] + b"x")
    page.verify()
    wait_until(lambda: page.verdict.isVisible() and "problem" in page.verdict.message, 30, "the damage")


def test_history_is_saved_as_csv_as_it_is_shown(loop: MainWindow, tmp_path: Path) -> None:
    page = history_page(loop)
    page.table.export_csv(tmp_path / "history.csv")
    with (tmp_path / "history.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert len(rows) == page.model.rowCount() + 1
    page.table.selectAll()
    page.table.copy()
    assert QGuiApplication.clipboard().text().count("\n") == page.model.rowCount() + 1


def test_an_unknown_prediction_is_shown_as_missing_at_every_link(loop: MainWindow) -> None:
    page = history_page(loop)
    page.open_at("0192f0c1-7a1b-7000-8000-000000000000")
    wait_until(lambda: page.trace_panel._found.isVisible(), 20, "the trace")
    assert "missing" in page.trace_panel._said.text()


def test_a_failed_candidate_is_shown_as_such() -> None:
    from app.core.runs import Candidate, Plan, Run, RunState, Task
    from app.ui.compare.candidate_view import CandidateView

    plan = Plan("v", "r", "t", Task.BINARY, "roc_auc")
    run = Run("i", 1, "d", plan, "e", RunState.FINISHED, "2026-01-01T00:00:00Z")
    failed = Candidate("c", "i", "Forest", "forest", CandidateState.PARITY_FAILED, False, 1.0)
    assert CandidateView(run, failed, "x v1", (), "", "no").status == "fail"


@pytest.mark.parametrize(
    ("type_", "text", "value"),
    [
        ("number", "1.5", 1.5),
        ("integer", "3", 3),
        ("boolean", "true", True),
        ("category", "a", "a"),
        ("number", "", None),
    ],
)
def test_typed_text_becomes_the_contracts_type(type_: str, text: str, value: object) -> None:
    assert value_of(Field("x", type_, "input"), text) == value


@pytest.mark.parametrize(
    ("type_", "text"), [("number", "abc"), ("number", "inf"), ("integer", "1.5"), ("datetime", "soon")]
)
def test_what_does_not_fit_is_refused_with_the_fields_name(type_: str, text: str) -> None:
    with pytest.raises(BadField, match="x has to be"):
        value_of(Field("x", type_, "input"), text)
    assert ColumnType(type_)


def test_a_field_that_may_not_be_missing_is_asked_for() -> None:
    with pytest.raises(BadField, match="may not be empty"):
        value_of(Field("x", "number", "input", missing_allowed=False), "")


def test_pages_without_a_project_show_the_way_in(window: MainWindow) -> None:
    for id_ in ("train", "compare", "models", "services", "history"):
        window.show_page(id_)
        QTest.qWait(20)
        assert window.page.either.currentWidget() is window.page.either.empty, id_


def test_a_way_from_home_leads_to_the_part_that_is_meant(loop: MainWindow) -> None:
    page = models_page(loop)
    assert page.chosen is not None
    loop.show_page("models", f"{page.chosen.version.id}#challenger")
    assert page.panel.tabs.currentWidget() is page.panel.challenger
    loop.show_page("services", "environments")
    services = loop.page
    assert isinstance(services, ServicesPage)
    assert services.tabs.currentWidget() is services.environments


def test_models_reproduces_the_version_from_its_recipe(loop: MainWindow, click_counter: ClickCounter) -> None:
    page = models_page(loop)
    click_counter.click(page.panel.buttons["model.reproduce"])
    wait_until(lambda: page.panel.reproduced.isVisible(), 120, "a verdict")
    assert page.panel.reproduced.message.startswith("Identical: ")


def test_compare_reproduces_the_selected_candidate_and_forgets_it_with_another(loop: MainWindow) -> None:
    page = compare_page(loop)
    chosen = page.table.chosen[0]
    page.approve_bar.reproduce.click()
    wait_until(lambda: page.reproduced.isVisible(), 120, "a verdict")
    assert page.reproduced.message.startswith(f"Identical: {chosen.candidate.name}")
    records = page.table.candidates.records
    page.table.selectRow(next(row for row, view in enumerate(records) if view.candidate.baseline))
    assert not page.reproduced.isVisible()
