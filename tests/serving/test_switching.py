"""A service moves to another bundle under load: no request that it took is dropped, no log line lost or doubled."""

from __future__ import annotations

import http.client
import json
import os
import signal
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest

from app.core.deploy import Bundle, ServiceState, ServiceStatus
from app.core.progress import Silent
from app.core.releases import Mode
from app.errors import BadInput, BundleProblem
from app.registry import deploy, watch
from app.registry.project import Project
from app.runtime import logline
from app.serving import client, keeping, local
from app.serving.course import Course
from app.serving.logs import collect_services
from app.serving.recent import recent
from app.serving.segments import segments_of
from app.serving.switching import switch
from app.serving.trace import trace
from tests.serving.conftest import Recorded, adding_bundle
from tests.serving.test_local import is_gone, until

pytestmark = pytest.mark.skipif(os.name != "posix", reason="sockets are handed over on POSIX")

LONG = bool(os.environ.get("MODELYARD_LONG"))
SWITCHES = 60 if LONG else 4
CLIENTS = 8 if LONG else 4
QUESTION = json.dumps({"rows": [{"age": 4, "name": "Bo"}]})


@dataclass(frozen=True)
class Two:
    """A project with two bundles: one answers twice the age, the other three times."""

    project: Project
    one: Bundle
    other: Bundle


@pytest.fixture
def two(served: Recorded) -> Two:
    path = served.project.bundles_path / "churn@2"
    digest = adding_bundle(path, "churn@2", 3)
    version = served.version.id
    other = deploy.record_bundle(
        served.project, model_version_id=version, sha256=digest, path="bundles/churn@2", size_bytes=10
    )
    return Two(served.project, served.bundle, other)


@dataclass
class Load:
    """Clients that ask without a pause. ``answers``: prediction id -> bundle; ``lost``: whatever was no answer."""

    port: int
    stop: threading.Event = field(default_factory=threading.Event)
    answers: dict[str, str] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Load:
        work = [self._on_one_connection, self._on_new_connections]
        self.threads = [threading.Thread(target=work[number % 2]) for number in range(CLIENTS)]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        for thread in self.threads:
            thread.join(60)

    def _on_one_connection(self) -> None:
        """As a client library does: one connection until the server says that it closes it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        while not self.stop.is_set():
            self._ask(connection)
        connection.close()

    def _on_new_connections(self) -> None:
        while not self.stop.is_set():
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            self._ask(connection)
            connection.close()

    def _ask(self, connection: http.client.HTTPConnection) -> None:
        try:
            connection.request("POST", "/predict", QUESTION, {"content-type": "application/json"})
            response = connection.getresponse()
            told = json.loads(response.read())
            if response.status != 200:
                self.lost.append(f"{response.status}: {told}")
                return
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.lost.append(f"{type(error).__name__}: {error}")
            connection.close()
            return
        self.answers[told["predictions"][0]["id"]] = told["bundle"]


def lines_of(folder: Path) -> list[logline.Line]:
    entries = [entry for segment in segments_of(folder) for entry in logline.read(segment)]
    assert not any(entry.torn for entry in entries)
    return [entry.line for entry in entries if entry.line is not None]


def test_a_service_switched_under_load_drops_no_request_and_loses_no_line(two: Two) -> None:
    first = local.start(two.project, two.one.id, ctx=Silent())
    with Load(first.service.port) as load:
        for number in range(SWITCHES):
            seen = len(load.answers)
            bundle = (two.other, two.one)[number % 2]
            status = switch(two.project, first.service, Course(bundle), Silent())
            assert (status.actual, status.url) == (ServiceState.RUNNING, first.url)
            until(lambda seen=seen: len(load.answers) > seen + 50)
    assert load.lost == []
    assert set(load.answers.values()) == {f"sha256:{two.one.sha256}", f"sha256:{two.other.sha256}"}
    local.stop(two.project, first.service.id, Silent())
    logged = Counter(line.id for line in lines_of(keeping.folder_of(two.project.path, first.service)))
    assert max(logged.values()) == 1
    assert load.answers.keys() <= logged.keys()
    assert len(logged) >= len(load.answers) + 1 + SWITCHES  # and a test call for each


def test_a_bundle_that_does_not_prove_itself_leaves_the_old_one_running(two: Two) -> None:
    first = local.start(two.project, two.one.id, ctx=Silent())
    card = two.project.path / two.other.path / "card.md"
    card.write_bytes(card.read_bytes() + b"!")
    with pytest.raises(BundleProblem, match=r"goes on as before: .*card\.md was changed"):
        switch(two.project, first.service, Course(two.other), Silent())
    (status,) = local.statuses(two.project)
    assert (status.actual, status.pid) == (ServiceState.RUNNING, first.pid)
    assert client.predict(str(first.url), [{"age": 4}])["model"] == "churn@1"


def switch_beside(two: Two, first: ServiceStatus) -> threading.Event:
    """Switch on a thread while the old server stands still, from when the new one answers; set once it returns."""
    done = threading.Event()

    def work() -> None:
        with Project.open(two.project.path, actor="Bo") as same:
            switch(same, first.service, Course(two.other), Silent())
        done.set()

    os.kill(int(first.pid or 0), signal.SIGSTOP)
    threading.Thread(target=work).start()
    new = f"sha256:{two.other.sha256}"
    until(lambda: (told := keeping.look(two.project.path, first.service).told) is not None and told.bundle == new)
    return done


def test_an_idle_connection_is_answered_once_more_and_told_to_close(two: Two) -> None:
    first = local.start(two.project, two.one.id, ctx=Silent())
    connection = http.client.HTTPConnection("127.0.0.1", first.service.port, timeout=30)
    connection.request("GET", "/v2/health/ready")
    assert connection.getresponse().read()
    switched = switch_beside(two, first)
    assert not switched.wait(0.3)  # the old server still has the socket
    os.kill(int(first.pid or 0), signal.SIGCONT)
    assert switched.wait(60)
    connection.request("POST", "/predict", QUESTION, {"content-type": "application/json"})
    response = connection.getresponse()
    assert (json.loads(response.read())["model"], response.headers["connection"]) == ("churn@1", "close")
    connection.request("POST", "/predict", QUESTION, {"content-type": "application/json"})  # a new connection
    assert json.loads(connection.getresponse().read())["model"] == "churn@2"
    connection.close()
    until(lambda: is_gone(first.pid))


def test_a_share_goes_to_the_challenger_by_the_callers_id(two: Two) -> None:
    first = local.start(two.project, two.one.id, ctx=Silent())
    switch(two.project, first.service, Course(two.one, two.other, Mode.SHARE, 0.3), Silent())
    url = str(first.url)
    callers = [f"customer {number}" for number in range(200)]
    told = {caller: client.predict(url, [{"age": 4}], ids=[caller]) for caller in callers}
    challenged = {caller for caller, answer in told.items() if answer["model"] == "churn@2"}
    assert 0.15 < len(challenged) / len(callers) < 0.45
    assert {answer["predictions"][0]["value"] for c, answer in told.items() if c in challenged} == {12.0}  # type: ignore[index]
    switch(two.project, first.service, Course(two.one, two.other, Mode.SHARE, 0.6), Silent())
    later = {c for c in callers if client.predict(url, [{"age": 4}], ids=[c])["model"] == "churn@2"}
    assert challenged < later


def test_rows_of_one_request_are_shared_out_by_their_ids_and_what_the_challenger_cannot_answer_is_not_lost(
    two: Two,
) -> None:
    first = local.start(two.project, two.one.id, ctx=Silent())
    switch(two.project, first.service, Course(two.one, two.other, Mode.SHARE, 0.5), Silent())
    url, callers = str(first.url), [f"customer {number}" for number in range(40)]
    alone = {c: client.predict(url, [{"age": 4}], ids=[c])["bundle"] for c in callers}
    together = client.predict(url, [{"age": 4} for _ in callers], ids=callers)
    told = cast("list[dict[str, object]]", together["predictions"])
    assert together["bundle"] == f"sha256:{two.one.sha256}"
    assert {str(p["caller_id"]): p.get("bundle", together["bundle"]) for p in told} == alone
    assert {p["value"] for p in told if "bundle" in p} == {12.0}
    assert [p["caller_id"] for p in told] == callers  # in the order in which they were asked

    huge = 1.5e38  # two times that is a float32, three times is not
    answered = client.predict(url, [{"age": huge} for _ in callers], ids=callers)
    assert {p.get("bundle") for p in cast("list[dict[str, object]]", answered["predictions"])} == {None}
    lost = next(caller for caller in callers if alone[caller] != f"sha256:{two.one.sha256}")
    single = client.predict(url, [{"age": huge}], ids=[lost])
    (prediction,) = cast("list[dict[str, object]]", single["predictions"])
    found = trace(two.project, str(prediction["id"]))
    assert (found.bundle, found.instead_of) == (f"sha256:{two.one.sha256}", f"sha256:{two.other.sha256}")
    assert "churn@2 could not answer a request; the champion did" in keeping.errors(two.project.path, first.service)
    assert "modelyard_challenger_refused_total 2" in client.page(url, "/metrics")

    folder = keeping.folder_of(two.project.path, first.service)
    logged = [line.id for line in lines_of(folder)]
    assert {str(p["id"]) for p in told} <= set(logged)
    ages = [3e38 if caller == lost else 4 for caller in callers]  # neither has an answer to that
    with pytest.raises(BadInput, match=rf"1 of the rows \(first: row {callers.index(lost) + 1}\)"):
        client.predict(url, [{"age": age} for age in ages], ids=callers)
    assert [line.id for line in lines_of(folder)] == logged, "nobody got an answer"


def test_in_the_shadow_the_client_hears_the_champion_and_both_are_logged(two: Two) -> None:
    first = local.start(two.project, two.one.id, ctx=Silent())
    switch(two.project, first.service, Course(two.one, two.other, Mode.SHADOW), Silent())
    answer = client.predict(str(first.url), [{"age": 4}, {"age": 5}], ids=["a", "b"])
    assert (answer["model"], [p["value"] for p in answer["predictions"]]) == ("churn@1", [8.0, 10.0])  # type: ignore[index, attr-defined]
    local.stop(two.project, first.service.id, Silent())
    lines = lines_of(keeping.folder_of(two.project.path, first.service))
    answered = {line.id: line for line in lines if line.shadow_of is None}
    shadows = [line for line in lines if line.shadow_of is not None]
    assert {line.model for line in shadows} == {"churn@2"}
    assert [line.output.value for line in shadows if answered[str(line.shadow_of)].caller_id == "b"] == [15.0]
    assert not any(line.caller_id for line in shadows)

    collect_services(two.project, Silent())
    clients = {line.id for line in answered.values() if line.caller_id in ("a", "b")}  # the others are test calls
    assert sum(log.rows for log in watch.logs(two.project)) == len(clients) < len(answered)
    assert {p.id for p in recent(two.project)} == clients
    assert all(trace(two.project, id_).bundle for id_ in answered)
    found = trace(two.project, shadows[0].id)
    assert (found.shadow_of, found.bundle) == (shadows[0].shadow_of, f"sha256:{two.other.sha256}")
    assert trace(two.project, str(found.shadow_of)).bundle == f"sha256:{two.one.sha256}"


def test_no_server_depends_on_a_link_to_its_project(two: Two, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(two.project.path)
    with Project.open(link, actor="Bo") as same:
        first = local.start(same, two.one.id, ctx=Silent())
        switch(same, first.service, Course(two.one, two.other, Mode.SHADOW), Silent())
        kept = keeping.look(same.path, first.service)
    assert kept.keeper is not None and kept.server is not None
    assert not [word for word in (*kept.keeper.cmdline(), *kept.server.cmdline()) if str(link) in word]


def test_a_start_that_finds_another_bundle_running_leaves_it_alone(two: Two) -> None:
    """As of a person who starts what looks stopped while somebody else rolls out."""
    first = local.start(two.project, two.one.id, ctx=Silent())
    with pytest.raises(BundleProblem, match="Another service answers"):
        local.run(two.project, first.service, Course(two.other), ctx=Silent())
    (status,) = local.statuses(two.project)
    assert (status.actual, status.pid) == (ServiceState.RUNNING, first.pid)


def test_a_keeper_that_takes_no_orders_is_replaced(two: Two) -> None:
    """As of a bundle built before services could be switched: its state file does not say that it takes orders."""
    first = local.start(two.project, two.one.id, ctx=Silent())
    state = keeping.folder_of(two.project.path, first.service) / keeping.STATE_FILE
    told = json.loads(state.read_bytes())
    del told["takes_orders"]
    state.write_text(json.dumps(told))
    status = switch(two.project, first.service, Course(two.other), Silent())
    assert (status.url, status.actual) == (first.url, ServiceState.RUNNING)
    assert client.predict(str(first.url), [{"age": 4}])["model"] == "churn@2"
