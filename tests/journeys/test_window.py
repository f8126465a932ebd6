"""The whole path with real drops and real clicks: 1 to a score, 3 to a service or a bundle, no dialog."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from app.core.runs import RunState
from app.serving.client import predict
from app.ui.data.data_page import DataPage
from app.ui.settings import Settings
from app.ui.theme import Appearance
from app.ui.window import MainWindow
from tests.patience import least
from tests.ui.helpers import ROOT, ClickCounter, Heartbeat, drop_files, visible_button, wait_until

TRAINING_S, TRIALS = 60.0, 3
"""Enough time on any machine; searches that are not the point are stopped after so many trials."""
SAMPLE = ROOT / "resources" / "sample" / "churn.csv"


@pytest.fixture
def window(qapp: QApplication, tmp_path: Path) -> Iterator[MainWindow]:
    settings = Settings(tmp_path / "config")
    settings.projects_folder = tmp_path / "projects"
    settings.appearance = Appearance.LIGHT
    settings.training_seconds = TRAINING_S
    made = MainWindow(None, settings)
    made.show()
    yield made
    _stop_services(made)
    made.session.shut()
    made.close()
    made.deleteLater()


@pytest.fixture
def clicks(qapp: QApplication) -> Iterator[ClickCounter]:
    counter = ClickCounter()
    yield counter
    counter.stop()


def _stop_services(window: MainWindow) -> None:
    from app.core.progress import Silent
    from app.serving.local import statuses, stop

    if window.session.project is not None:
        for status in statuses(window.session.project):
            stop(window.session.project, status.service.id, Silent())


def _data(window: MainWindow) -> DataPage:
    page = window.page
    assert isinstance(page, DataPage)
    return page


def _dropped(window: MainWindow, *files: Path) -> DataPage:
    assert drop_files(window, files)
    wait_until(lambda: isinstance(window.page, DataPage) and window.page.view is not None, 60, "data")
    return _data(window)


def _scored(window: MainWindow, clicks: ClickCounter) -> DataPage:
    clicks.click(visible_button(window, "run.train"))
    page = _data(window)
    wait_until(lambda: page.progress.job is None or _tried(page), 120, "a few trials")
    page.finish_run()
    wait_until(lambda: page.progress.job is None and page.result.isVisible(), 120, "a score")
    return page


def _tried(page: DataPage) -> bool:
    return page.progress.live is not None and len(page.progress.live.trials) >= TRIALS


def test_three_clicks_to_a_running_service(window: MainWindow, clicks: ClickCounter):
    page = _dropped(window, SAMPLE)
    assert page.view is not None
    assert page.view.reading.target == "churned"
    assert clicks.clicks == 0
    _scored(window, clicks)
    assert clicks.clicks == 1
    assert 0.7 < float(page.result._score.text()) < 1
    clicks.click(visible_button(window, "model.approve"))
    wait_until(lambda: page.view.result.model, 30, "an approval")
    clicks.click(visible_button(window, "service.start"))
    wait_until(lambda: page.view.result.service and page.result.running.address.text(), 60, "a service")
    assert (clicks.clicks, clicks.dialogs) == (3, 0)
    url = page.result.running.address.text()
    assert url.startswith("http://127.0.0.1:")
    row: dict[str, object] = {
        "customer_id": "C100001",
        "age": 59,
        "plan": "standard",
        "tenure_months": 60,
        "monthly_fee": 35.07,
        "autopay": False,
        "zip": "01067",
        "signup": "2019-12-13",
    }
    answer = predict(url, [row])
    assert answer["predictions"]


def test_three_clicks_to_a_bundle(window: MainWindow, clicks: ClickCounter):
    page = _dropped(window, SAMPLE)
    _scored(window, clicks)
    clicks.click(visible_button(window, "model.approve"))
    wait_until(lambda: page.view.result.model, 30, "an approval")
    clicks.click(visible_button(window, "bundle.export"))
    wait_until(lambda: page.view.result.bundle, 60, "a bundle")
    assert (clicks.clicks, clicks.dialogs) == (3, 0)
    assert window.session.project is not None
    folder = window.session.project.path / page.view.result.bundle.path
    assert json.loads((folder / "manifest.json").read_text("utf-8"))
    assert visible_button(window, "bundle.open_folder").isEnabled()


def test_cancel_keeps_finished_candidates_and_the_next_run_works(window: MainWindow, clicks: ClickCounter):
    page = _dropped(window, SAMPLE)

    def cancelled() -> float:
        clicks.click(visible_button(window, "run.train"))
        wait_until(lambda: page.progress.candidates, 60, "a first candidate")
        pressed_at = time.monotonic()
        clicks.click(visible_button(window, "run.cancel"))
        wait_until(lambda: page.progress.job is None, 20, "the end")
        return time.monotonic() - pressed_at

    assert least(cancelled, 1.0) < 1.0
    wait_until(lambda: page.view and page.view.result, 10, "what is kept")
    assert page.view.result.run.state is RunState.CANCELLED
    assert page.view.result.run.candidates
    assert visible_button(window, "run.train").isEnabled()


def test_the_window_never_stops_while_data_is_added_and_trained(window: MainWindow, clicks: ClickCounter):
    page = _dropped(window, SAMPLE)
    page.bar.effort.choose(10.0)
    beat = Heartbeat()
    clicks.click(visible_button(window, "run.train"))
    wait_until(lambda: page.view and page.view.result and page.progress.job is None, 120, "a score")
    gaps = beat.stop()
    assert len(gaps) > 100
    print(f"gaps in ms: p99 {gaps[int(len(gaps) * 0.99)]:.0f}, worst {gaps[-1]:.0f}")


def test_the_same_file_again_changes_nothing(window: MainWindow):
    page = _dropped(window, SAMPLE)
    first = page.view.version.id
    drop_files(window, [SAMPLE])
    wait_until(lambda: window.toasts._stack.count() > 1 or "already" in _toasts(window), 30, "a toast")
    wait_until(lambda: "already" in _toasts(window), 30, "a toast")
    assert page.view.version.id == first


def test_a_refused_file_makes_no_project_and_says_why(window: MainWindow, tmp_path: Path):
    empty = tmp_path / "empty.csv"
    empty.write_bytes(b"")
    drop_files(window, [empty])
    wait_until(lambda: window.banner.isVisible(), 30, "the refusal")
    assert window.session.project is None
    assert list((tmp_path / "projects").iterdir()) == []
    assert window.banner.message


def _toasts(window: MainWindow) -> str:
    stack = window.toasts._stack
    notes = [stack.itemAt(i).widget() for i in range(stack.count())]
    return " ".join(note.accessibleName() for note in notes if note is not None)
