"""While a project is open, logs from elsewhere come home and a service that died raises an alert, by themselves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QApplication

from app.core.ids import new_id
from app.registry import alerts, deploy, watch
from app.registry.project import Project
from app.runtime.log import LogWriter
from app.serving.watched import watch_folder
from app.ui.session import Session
from app.ui.settings import Settings
from app.ui.settings_page import SettingsPage
from app.ui.watchman import Watchman
from app.ui.window import MainWindow
from tests.serving.conftest import one_line, record_chain
from tests.ui.helpers import wait_until


def answer(folder: Path, bundle: str, count: int) -> None:
    """Log as a server elsewhere does."""
    import msgspec

    writer = LogWriter(folder, f"sha256:{bundle}", "churn@1")
    lines = [msgspec.json.encode(one_line(new_id(), bundle, float(age))) + b"\n" for age in range(count)]
    writer.append(b"".join(lines), count)
    writer.close()


def test_it_looks_after_logs_and_services(qapp: QApplication, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    with Project.create(tmp_path / "project", actor="Ada") as made:
        recorded = record_chain(made)
        watch_folder(made, tmp_path / "in")
    session = Session(settings)
    watchman = Watchman(session)
    session.open(tmp_path / "project")
    wait_until(lambda: session.project is not None, 30, "the project")
    project = session.project
    assert project is not None
    jobs: list[str] = []
    session.jobs.started.connect(lambda job: jobs.append(job.title))

    def look() -> None:
        watchman.look()
        wait_until(lambda: not (watchman._asking or watchman._working), 30, "the watchman's answer")

    look()
    assert jobs == []
    answer(tmp_path / "in", recorded.bundle.sha256, 3)
    look()
    assert jobs == ["Collecting predictions"]
    assert sum(log.rows for log in watch.logs(project)) == 3
    look()
    assert len(jobs) == 1

    deploy.record_service(project, name="churn@1", bundle_id=recorded.bundle.id, port=8080, log_path="logs/churn@1")
    look()
    look()
    assert jobs[1:] == ["Looking after services"]
    (alert,) = alerts.alerts(project)
    assert alert.line.startswith("Service churn@1 does not answer.")
    heard: list[object] = []
    session.changed.connect(heard.append)
    alerts.record_mute(project, None, "2100-01-01T00:00:00.000000Z", "Until it ends.")
    look()
    assert heard == []
    alerts.record_mute(project, None, project.now(), "It ended.")
    look()
    assert heard == [frozenset({"alert"})]
    session.shut()


def test_folders_are_watched_and_left_on_the_settings_page(
    make_window: Callable[..., MainWindow], tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    with Project.create(tmp_path / "project", actor="Ada"):
        pass
    window = make_window(tmp_path / "project")
    wait_until(lambda: window.session.project is not None, 30, "the project")
    window.show_page("settings")
    page = window.page
    assert isinstance(page, SettingsPage)
    wait_until(page.log_folders.isVisible, 30, "the card")
    page.log_folders.add(tmp_path / "in")
    wait_until(lambda: page.log_folders.rows.count() == 1, 30, "the folder")
    wait_until(page.log_folders.add_button.isEnabled, 30, "what it holds")
    page.log_folders.remove(str(tmp_path / "in"))
    wait_until(lambda: page.log_folders.rows.count() == 0, 30, "no folder")
