"""Where a socket cannot be handed over, a keeper proves the new bundle first; who answers a request is no chance."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from app.runtime import orders
from app.runtime.challenger import falls_to, keys_of
from app.runtime.keeper import Command, Keeper
from app.runtime.kept import Ended
from app.runtime.orders import Order
from app.serving.ports import free_port
from tests.runtime.service import Service, first_line

JSON = {b"content-type": b"application/json"}


def carried_out(state: Path, order: str) -> dict[str, object]:
    """The keeper's state once it has dealt with an order."""
    deadline = time.monotonic() + 60
    while True:
        told: dict[str, object] = json.loads(state.read_bytes())
        if told["order"] == order:
            return told
        assert time.monotonic() < deadline, told
        threading.Event().wait(0.02)


@pytest.mark.skipif(os.name != "posix", reason="stops by signal")
def test_without_handing_over_a_proven_bundle_takes_the_same_port_and_a_damaged_one_changes_nothing(
    bundle: Path, tmp_path: Path, start: Callable[..., Service]
) -> None:
    state = tmp_path / "keeper.json"
    port = ("--port", str(free_port()))  # not the system's choice: it may be a client's while the server changes
    service = start(bundle, "--keep", "--no-hand-over", "--state", str(state), *port, python=Path(sys.executable))
    other, damaged = tmp_path / "other", tmp_path / "damaged"
    for copy in (other, damaged):
        shutil.copytree(bundle, copy, ignore=shutil.ignore_patterns("logs"))
    (damaged / "card.md").write_text("changed")

    orders.write(orders.order_file(state), Order("1", str(damaged / "serve.py")))
    told = carried_out(state, "1")
    assert (told["outcome"], told["pid"]) == ("failed", service.ready["pid"])
    assert "goes on" in str(told["message"])

    orders.write(orders.order_file(state), Order("2", str(other / "serve.py")))
    told = carried_out(state, "2")
    assert (told["outcome"], told["url"], told["state"]) == ("done", service.ready["url"], "running")
    assert told["pid"] != service.ready["pid"]
    assert service.ask("GET", "/v2/health/ready")[0] == 200
    assert service.stop() == 0


@pytest.mark.skipif(os.name != "posix", reason="kills by signal")
def test_a_disk_that_takes_no_state_ends_no_keeper(bundle: Path, tmp_path: Path, start: Callable[..., Service]) -> None:
    state = tmp_path / "keeper.json"
    service = start(bundle, "--keep", "--state", str(state), python=Path(sys.executable))
    first = json.loads(state.read_bytes())["pid"]
    full = state.with_name(f"keeper.json.{service.process.pid}.tmp")
    full.mkdir()
    os.kill(first, signal.SIGKILL)
    assert service.ask("GET", "/v2/health/ready")[0] == 200  # waits in the socket's queue for the next server
    assert json.loads(state.read_bytes())["pid"] == first
    full.rmdir()
    deadline = time.monotonic() + 60
    while (told := json.loads(state.read_bytes()))["pid"] == first:
        assert time.monotonic() < deadline
        threading.Event().wait(0.02)
    assert (told["state"], told["restarts"]) == ("running", 1)
    assert service.stop() == 0


def test_a_machine_without_room_for_a_process_ends_no_keeper(tmp_path: Path) -> None:
    state = tmp_path / "keeper.json"
    keeper = Keeper(Command((str(tmp_path / "no interpreter"),), "serve.py", (), ()), state, None, 0)
    keeper._restart_at = 0.0
    now = time.monotonic()
    keeper._look(now)
    told = json.loads(state.read_bytes())
    assert (told["state"], told["message"]) == (
        "restarting",
        "The service cannot be started now (No such file or directory).",
    )
    assert keeper._restart_at is not None and keeper._restart_at > now

    keeper._state = replace(keeper._state, started="2026-01-01")
    orders.write(orders.order_file(state), Order("1", str(tmp_path / "serve.py")))
    keeper._look(now)
    told = json.loads(state.read_bytes())
    assert (told["order"], told["outcome"], told["state"]) == ("1", "failed", "restarting")


SLOW = "import time; time.sleep(60)"
QUICK = """import json, sys
print(json.dumps({"url": "http://127.0.0.1:1", "pid": 1, "bundle": "b", "log_dir": None}), flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(os.name != "posix", reason="sockets are handed over on POSIX")
def test_a_server_that_is_slower_to_start_than_the_one_that_replaces_it_takes_no_clients(tmp_path: Path) -> None:
    """It was killed, and is on its way back, when another bundle was ordered."""
    state, old, new = tmp_path / "keeper.json", tmp_path / "old.py", tmp_path / "new.py"
    old.write_text(SLOW)
    new.write_text(QUICK)
    with socket.create_server(("127.0.0.1", 0)) as sock:
        keeper = Keeper(Command((sys.executable, "-I"), str(old), (), ()), state, sock, 0)
        keeper._state = replace(keeper._state, started="2026-01-01")
        slow = keeper._current = keeper._spawn(keeper._command)
        orders.write(orders.order_file(state), Order("1", str(new)))
        keeper._look(time.monotonic())
        keeper._handle(keeper._events.get(timeout=60))
        assert json.loads(state.read_bytes())["outcome"] == "done"
        assert keeper._events.get(timeout=60) == Ended(slow, -signal.SIGTERM)
        assert keeper._current is not None
        keeper._current.kill()
        keeper._events.get(timeout=60)


ASKED_EARLY = """
import gc, os, signal, sys
from pathlib import Path
from app.runtime import start
gc.collect = lambda *_: os.kill(os.getpid(), signal.SIGTERM)
sys.exit(start.main(Path(sys.argv[1]), ["--port", "0", "--log-dir", sys.argv[2]]))
"""


@pytest.mark.skipif(os.name != "posix", reason="stops by signal")
def test_a_server_that_is_asked_to_stop_before_it_listens_does_not_begin(bundle: Path, tmp_path: Path) -> None:
    words = [sys.executable, "-c", ASKED_EARLY, str(bundle), str(tmp_path / "logs")]
    done = subprocess.run(words, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert list((tmp_path / "logs").iterdir()) == []


@pytest.mark.parametrize("serves", [True, False])
def test_a_server_outlives_its_keeper_once_the_clients_are_its_own(bundle: Path, tmp_path: Path, serves: bool) -> None:
    words = [sys.executable, "-I", str(bundle / "serve.py"), "--kept", "--port", "0", "--log-dir", str(tmp_path)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdin is not None
        service = Service(server, json.loads(first_line(server.stdout)), tmp_path)
        server.stdin.write(b"serve\n" if serves else b"")
        server.stdin.close()  # the keeper is gone
        if serves:
            assert service.ask("GET", "/v2/health/ready")[0] == 200
            server.terminate()
        assert server.wait(15) == 0


@pytest.mark.parametrize(
    ("headers", "body", "key"),
    [
        ({b"x-request-id": b"r7"} | JSON, b'{"rows": [], "ids": ["a"]}', b"r7"),
        (JSON, b'{"rows": [{"ids": 1}], "ids": ["a", "b"]}', b"a b"),
        (JSON, b'{"rows": [], "ids": [17]}', b"17"),
        (JSON, b'{"inputs": [], "id": "q"}', b"q"),
    ],
)
def test_a_request_is_known_by_its_id_or_its_rows(headers: dict[bytes, bytes], body: bytes, key: bytes) -> None:
    assert keys_of(headers, body) == key.split()


def test_a_request_without_an_id_is_nobodys() -> None:
    for body in (b'{"rows": []}', b'{"ids": 5}', b"{", b"\xff", b""):
        assert keys_of(JSON, body) != keys_of(JSON, body)


def test_the_same_key_stays_with_the_challenger_while_its_share_grows() -> None:
    keys = [str(number).encode() for number in range(4000)]
    fallen = [{key for key in keys if falls_to("sha256:ab", key, share)} for share in (0.0, 0.1, 0.5, 1.0)]
    assert not fallen[0]
    assert fallen[3] == set(keys)
    assert fallen[1] < fallen[2]
    assert 0.08 < len(fallen[1]) / len(keys) < 0.12
    assert fallen[1] != {key for key in keys if falls_to("sha256:cd", key, 0.1)}


def test_options_are_told_apart_however_they_are_written() -> None:
    words = ["--keep", "--state", "f", "--port=1", "--log-dir", "--share", "--shadow"]
    own, rest = orders.split(words, {"--keep": False, "--state": True, "--port": True})
    assert (own, rest) == (["--keep", "--state", "f", "--port=1"], ["--log-dir", "--share", "--shadow"])
    assert (orders.value_of(own, "--state"), orders.value_of(own, "--port")) == ("f", "1")
    assert orders.value_of(rest, "--state") is None
