"""A service is a pair of real processes that outlives whoever started it."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec
import psutil
import pytest

from app.core.deploy import ServiceState, ServiceStatus
from app.core.progress import Recorder, Silent
from app.errors import BundleProblem, JobCancelled
from app.registry import environments
from app.registry.process import this_process
from app.registry.project import Project
from app.serving import client, detached, keeping, local, under_way
from app.serving.logs import collect_services
from app.serving.places import place_of
from app.serving.recent import recent
from app.serving.trace import trace
from app.serving.traffic import traffic

pytestmark = pytest.mark.skipif(os.name != "posix", reason="kills by signal")


def until(true: Callable[[], bool], within_s: float = 60.0) -> None:
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        threading.Event().wait(0.02)


def is_gone(pid: int | None) -> bool:
    """Ended; it may wait as a zombie for whoever inherited it."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def processes_of(project: Project) -> list[int]:
    """Every process, ours or not, that was started for a service of this project."""
    mark = str(project.path / "logs")
    named = [(p.pid, p.info["cmdline"]) for p in psutil.process_iter(["cmdline"]) if not is_gone(p.pid)]
    return [pid for pid, words in named if any(word.startswith(mark) for word in words or ())]


def status_of(project: Project) -> ServiceStatus:
    (status,) = local.statuses(project)
    return status


def keeper_of(project: Project) -> psutil.Process:
    keeper = keeping.look(project.path, status_of(project).service).keeper
    assert keeper is not None
    return keeper


@dataclass
class Watching(Silent):
    """Looks at the services whenever it is told or asked something. ``seen``: what is wanted of one, and what it is."""

    project: Project
    seen: set[tuple[str, str]] = field(default_factory=set)

    def progress(self, fraction: float | None, text: str) -> None:
        self.check_cancelled()

    def check_cancelled(self) -> None:
        self.seen |= {(status.service.state.value, status.actual.value) for status in local.statuses(self.project)}


def test_a_started_service_answers_and_its_answers_are_traced(served: Any) -> None:
    ctx = Watching(served.project)
    status = local.start(served.project, served.bundle.id, ctx=ctx)
    assert ("running", "starting") in ctx.seen
    assert ctx.seen <= {("running", "starting"), ("running", "running")}, ctx.seen
    assert (status.actual, status.model_version, status.restarts) == (ServiceState.RUNNING, "churn@1", 0)
    answer = client.predict(str(status.url), [{"age": 4, "name": "Bo"}])
    assert answer["model"] == "churn@1"
    (prediction,) = answer["predictions"]
    assert prediction["value"] == 8.0
    assert recent(served.project)[0].id == prediction["id"]
    assert trace(served.project, prediction["id"]).whole
    asked = traffic(served.project, status)
    assert (asked.requests, asked.refused, asked.looked_at) == (1, 0, 1)  # the test call at start is nobody's question

    ctx.seen.clear()
    stopped = local.stop(served.project, status.service.id, ctx)
    assert ctx.seen == {("stopped", "running")}  # recorded first: else it looks like one that died
    assert (stopped.actual, stopped.url, stopped.pid) == (ServiceState.STOPPED, None, None)
    assert not client.is_ready(str(status.url))
    assert is_gone(status.pid)
    assert processes_of(served.project) == []


def test_a_service_that_is_recorded_and_started_next_has_not_failed_unless_who_was_to_start_it_ended(
    served: Any,
) -> None:
    """A window that looks at that very moment once took it for one that died."""
    project, place = served.project, environments.environment(served.project, "staging")
    started = local._service_of(project, served.bundle, None)
    released = place_of(project, place, served.version.model_id, served.bundle).service
    for service in (started, released):
        assert local.status_of(project, service).actual is ServiceState.STARTING
        mark = keeping.folder_of(project.path, service) / under_way.MARK
        mark.write_bytes(msgspec.json.encode(replace(this_process(), started=0.0)))  # its number went to another one
        assert local.status_of(project, service).actual is ServiceState.FAILED
        mark.unlink()


def test_starting_a_running_service_leaves_it_alone(served: Any) -> None:
    first = local.start(served.project, served.bundle.id, ctx=Silent())
    again = local.start(served.project, served.bundle.id, ctx=Silent())
    assert (again.pid, again.url, again.service.id) == (first.pid, first.url, first.service.id)


def test_a_stopped_service_starts_again_as_the_same_one(served: Any) -> None:
    first = local.start(served.project, served.bundle.id, ctx=Silent())
    local.stop(served.project, first.service.id, Silent())
    again = local.start(served.project, served.bundle.id, ctx=Silent())
    assert again.service.id == first.service.id
    assert again.url == first.url
    assert again.pid != first.pid


def test_a_service_whose_port_was_taken_says_so_and_comes_home_later(served: Any) -> None:
    home = local.start(served.project, served.bundle.id, ctx=Silent())
    local.stop(served.project, home.service.id, Silent())
    with socket.create_server(("127.0.0.1", home.port)):
        away = local.start_again(served.project, home.service.id, Silent())
    assert away.port != home.port
    assert away.message.startswith(f"Port {home.port} was taken, so it answers on {away.port}.") and away.uneasy
    local.stop(served.project, home.service.id, Silent())
    assert local.start_again(served.project, home.service.id, Silent()).url == home.url


def test_a_service_is_found_however_its_project_is_named(served: Any, tmp_path: Path) -> None:
    first = local.start(served.project, served.bundle.id, ctx=Silent())
    (tmp_path / "link").symlink_to(served.project.path)
    for name in (tmp_path / "link", served.project.path / "logs" / ".."):
        with Project.open(name, actor="Bo") as same:
            again = local.start(same, served.bundle.id, ctx=Silent())
            assert (again.pid, again.url) == (first.pid, first.url)
    with Project.open(tmp_path / "link", actor="Bo") as same:
        local.stop(same, first.service.id, Silent())
    assert is_gone(first.pid)


def test_two_starts_at_once_make_one_service(served: Any) -> None:
    found: list[ServiceStatus] = []

    def start() -> None:
        found.append(local.start(served.project, served.bundle.id, ctx=Silent()))

    threads = [threading.Thread(target=start) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({status.pid for status in found}) == 1
    assert len(found) == 3


def test_a_taken_port_means_the_next_one(served: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        status = local.start(served.project, served.bundle.id, port=taken, ctx=Silent())
        assert status.service.port > taken
        assert str(status.url).endswith(str(status.service.port))


def test_a_service_outlives_who_started_it_and_is_found_again(served: Any) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from app.registry.project import Project; from app.serving import local\n"
        "from app.core.progress import Silent\n"
        "with Project.open(Path(sys.argv[1]), actor='Bo') as p: local.start(p, sys.argv[2], ctx=Silent())"
    )
    subprocess.run([sys.executable, "-c", code, str(served.project.path), served.bundle.id], check=True, timeout=90)
    status = status_of(served.project)
    assert status.actual is ServiceState.RUNNING
    assert client.is_ready(str(status.url))
    assert psutil.Process(int(status.pid or 0)).parent() == keeper_of(served.project)
    assert os.getsid(int(status.pid or 0)) != os.getsid(0)


def test_a_killed_server_is_started_again_on_its_port(served: Any) -> None:
    first = local.start(served.project, served.bundle.id, ctx=Silent())
    os.kill(int(first.pid or 0), signal.SIGKILL)
    until(lambda: status_of(served.project).restarts == 1)
    until(lambda: status_of(served.project).actual is ServiceState.RUNNING)
    again = status_of(served.project)
    assert again.url == first.url
    assert again.pid != first.pid
    until(lambda: client.is_ready(str(again.url)))


def test_a_server_without_its_keeper_is_shown_and_replaced(served: Any) -> None:
    first = local.start(served.project, served.bundle.id, ctx=Silent())
    keeper_of(served.project).kill()
    until(lambda: keeping.look(served.project.path, first.service).keeper is None)
    orphan = status_of(served.project)
    assert (orphan.actual, orphan.pid) == (ServiceState.RUNNING, first.pid)
    assert "nothing restarts it" in orphan.message
    again = local.start(served.project, served.bundle.id, ctx=Silent())
    assert again.pid != first.pid
    assert is_gone(first.pid)
    assert again.url == first.url
    assert client.is_ready(str(again.url))

    keeper_of(served.project).kill()  # while it told of a server: nobody knows who answers now
    state = keeping.folder_of(served.project.path, first.service) / keeping.STATE_FILE
    state.write_text(json.dumps(json.loads(state.read_bytes()) | {"pid": None, "state": "starting"}))
    until(lambda: keeping.look(served.project.path, first.service).keeper is None)
    found = local.start(served.project, served.bundle.id, ctx=Silent())
    assert is_gone(again.pid)
    assert (found.url, processes_of(served.project).count(int(found.pid or 0))) == (again.url, 1)


def test_a_service_that_vanished_is_failed_with_a_reason(served: Any) -> None:
    first = local.start(served.project, served.bundle.id, ctx=Silent())
    keeper_of(served.project).kill()
    os.kill(int(first.pid or 0), signal.SIGKILL)
    until(lambda: status_of(served.project).actual is ServiceState.FAILED)
    assert "Start it again" in status_of(served.project).message
    assert status_of(served.project).url is None


@pytest.mark.skipif(os.name != "posix", reason="exit statuses are taken on POSIX")
def test_looking_for_services_takes_no_exit_status_of_another_child() -> None:
    """The process id in an old state file may be that of any child of ours by now."""
    child = subprocess.Popen([sys.executable, "-S", "-c", "raise SystemExit(3)"])
    until(lambda: psutil.Process(child.pid).status() == psutil.STATUS_ZOMBIE)
    assert detached.find_all(lambda _: False) == []
    assert detached.find(child.pid, lambda _: True) is None
    assert child.wait() == 3


def test_a_damaged_bundle_does_not_start_and_says_why(served: Any) -> None:
    card = served.project.path / served.bundle.path / "card.md"
    card.write_bytes(card.read_bytes() + b"!")
    with pytest.raises(BundleProblem, match=r"card\.md was changed"):
        local.start(served.project, served.bundle.id, ctx=Silent())
    status = status_of(served.project)
    assert status.actual is ServiceState.FAILED
    assert "card.md" in status.message


def test_a_missing_bundle_records_nothing(served: Any) -> None:
    (served.project.path / served.bundle.path / "serve.py").unlink()
    with pytest.raises(BundleProblem, match=r"no serve\.py"):
        local.start(served.project, served.bundle.id, ctx=Silent())
    assert local.statuses(served.project) == []


def test_a_name_of_an_older_release_leads_no_folder_out_of_the_project(served: Any, tmp_path: Path) -> None:
    named = "UPDATE models SET name = '../../../esc'"
    with sqlite3.connect(served.project.path / "modelyard.db") as database:
        for (trigger,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f'DROP TRIGGER "{trigger}"')
        database.execute(named)
    with pytest.raises(JobCancelled):
        local.start(served.project, served.bundle.id, ctx=Recorder(cancel_at=1))
    status = status_of(served.project)
    assert status.model_version == "../../../esc@1"
    assert keeping.folder_of(served.project.path, status.service).parent == (served.project.path / "logs").resolve()
    assert [found for found in tmp_path.rglob("*esc*") if served.project.path not in found.parents] == []


def test_a_cancelled_start_leaves_nothing_running(served: Any) -> None:
    with pytest.raises(JobCancelled):
        local.start(served.project, served.bundle.id, ctx=Recorder(cancel_at=1))
    status = status_of(served.project)
    assert status.actual is ServiceState.STOPPED
    until(lambda: processes_of(served.project) == [])


def asked_and_collected_once(project: Project, url: str | None) -> None:
    """Wherever the project was when the service was started, its line is in the project's log, once."""
    client.predict(str(url), [{"age": 4, "name": "Bo"}])
    found = collect_services(project, Silent())
    assert (found.collected, found.duplicates, found.torn) == (1, 0, 0)


def test_a_moved_project_keeps_its_services_and_a_copied_one_has_none(served: Any, tmp_path: Path) -> None:
    import shutil

    local.start(served.project, served.bundle.id, ctx=Silent())
    shutil.copytree(served.project.path, tmp_path / "copy")
    with Project.open(tmp_path / "copy", actor="Bo") as copy:
        status = status_of(copy)
        assert (status.actual, status.pid) == (ServiceState.FAILED, None)
        local.stop(copy, status.service.id, Silent())
    running = status_of(served.project)
    assert client.is_ready(str(running.url))

    moved = served.project.path.rename(tmp_path / "moved")
    with Project.open(moved, actor="Bo") as same:
        status = status_of(same)
        assert (status.actual, status.pid, status.url) == (ServiceState.RUNNING, running.pid, running.url)
        assert ("was moved" in status.message, status.uneasy) == (True, True)
        asked_and_collected_once(same, status.url)
        again = local.start(same, served.bundle.id, ctx=Silent())
        assert (is_gone(running.pid), again.message, again.url) == (True, "", running.url)
        asked_and_collected_once(same, again.url)
        local.stop(same, status.service.id, Silent())
    moved.rename(served.project.path)
