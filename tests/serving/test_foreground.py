"""``modelyard serve`` as a real process: one line when ready, then it blocks until it is stopped."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from app.serving import client

pytestmark = pytest.mark.skipif(os.name != "posix", reason="stops by signal")

ROOT = Path(__file__).parents[2]
Serve = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def bundle(doubling_bundle: tuple[Path, str], tmp_path: Path) -> Path:
    return Path(shutil.copytree(doubling_bundle[0], tmp_path / "bundle"))


@pytest.fixture
def serve() -> Iterator[Serve]:
    started: list[subprocess.Popen[str]] = []

    def start(*words: object) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "app", "serve", *map(str, words)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.terminate()
        process.communicate(timeout=60)


def ready(process: subprocess.Popen[str]) -> dict[str, object]:
    assert process.stdout is not None
    return dict(json.loads(process.stdout.readline()))


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_listens_and_ends_in_order(
    serve: Serve, bundle: Path, tmp_path: Path, doubling_bundle: tuple[Path, str], stop: signal.Signals
) -> None:
    server = serve(bundle, "--port", 0, "--log-dir", tmp_path / "logs")
    told = ready(server)
    assert told.keys() == {"url", "pid", "bundle", "log_dir"}
    assert told["bundle"] == f"sha256:{doubling_bundle[1]}"
    assert told["log_dir"] == str(tmp_path / "logs")
    assert client.predict(str(told["url"]), [{"age": 2}])["predictions"][0]["value"] == 4.0  # type: ignore[index]
    server.send_signal(stop)
    out, err = server.communicate(timeout=60)
    assert (server.returncode, out, err) == (0, "", "")
    assert not psutil.pid_exists(int(str(told["pid"])))


def test_a_killed_command_takes_its_server_along(serve: Serve, bundle: Path) -> None:
    server = serve(bundle, "--port", 0)
    told = ready(server)
    process = psutil.Process(int(str(told["pid"])))
    server.kill()
    psutil.wait_procs([process], timeout=60)
    assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_a_taken_port_is_said_on_standard_error(serve: Serve, bundle: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        server = serve(bundle, "--port", port)
        told = ready(server)
        assert not str(told["url"]).endswith(str(port))
        server.terminate()
        assert str(port) in server.communicate(timeout=60)[1]


def test_a_server_that_dies_is_told(serve: Serve, bundle: Path) -> None:
    server = serve(bundle, "--port", 0, "--json")
    os.kill(int(str(ready(server)["pid"])), signal.SIGKILL)
    out, err = server.communicate(timeout=60)
    assert server.returncode == 1
    assert json.loads(out)["error"]["kind"] == "JobCrashed"
    assert "ended" in err


def test_a_changed_bundle_is_refused_by_the_name_of_the_file(serve: Serve, bundle: Path) -> None:
    (bundle / "card.md").write_bytes(b"# another")
    server = serve(bundle, "--port", 0, "--json")
    out, err = server.communicate(timeout=60)
    assert server.returncode == 1
    assert json.loads(out)["error"]["kind"] == "BundleProblem"
    assert "card.md was changed" in err
    assert len(err.strip().splitlines()) <= 2


def test_no_bundle_is_said_with_a_hint(serve: Serve, tmp_path: Path) -> None:
    server = serve(tmp_path)
    out, err = server.communicate(timeout=60)
    assert (server.returncode, out) == (1, "")
    assert "no serve.py" in err
