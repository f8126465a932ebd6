"""Real places to fetch from, all on this computer: a database server, a web server, an S3 store, a keyring."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError

from app.serving.ports import free_port

PASSWORD = "canary-p@ss/w:rd#1"


class MemoryKeyring(KeyringBackend):
    """A keyring that forgets everything with the test."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError("no such password")


@pytest.fixture
def memory_keyring() -> Iterator[MemoryKeyring]:
    before, made = keyring.get_keyring(), MemoryKeyring()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


@pytest.fixture
def no_keyring() -> Iterator[None]:
    from keyring.backends.fail import Keyring

    before = keyring.get_keyring()
    keyring.set_keyring(Keyring())
    yield
    keyring.set_keyring(before)


def programs_of_postgres() -> Path:
    """Where the server's programs are: Debian keeps them out of the way."""
    places = [Path(p).resolve().parent for name in ("initdb", "postgres") if (p := shutil.which(name))]
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for place in places:
        if (place / "initdb").exists() and (place / "pg_ctl").exists():
            return place
    pytest.fail("These tests need a PostgreSQL server: install the package postgresql, or set TEST_DB_URL.")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a server of our own, with a password; ``TEST_DB_URL`` where somebody has one already."""
    if given := os.environ.get("TEST_DB_URL"):
        yield given
        return
    programs = programs_of_postgres()
    folder = Path(tempfile.mkdtemp(prefix="modelyard-pg-"))
    user = "postgres" if os.geteuid() == 0 else None  # the server refuses to be run by root
    if user:
        shutil.chown(folder, user)
    port = free_port()

    def run(*command: str) -> None:
        done = subprocess.run(command, user=user, cwd=folder, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr

    secret = folder / "secret"
    secret.write_text(PASSWORD)
    secret.chmod(0o644)
    data = str(folder / "data")
    run(
        str(programs / "initdb"),
        "-D",
        data,
        "-U",
        "ann",
        "-A",
        "scram-sha-256",
        f"--pwfile={secret}",
        "--no-sync",
        "-E",
        "UTF8",
    )
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
    run(str(programs / "pg_ctl"), "-D", data, "-w", "-l", str(folder / "log"), "-o", options, "start")
    try:
        from urllib.parse import quote

        yield f"postgresql://ann:{quote(PASSWORD, safe='')}@127.0.0.1:{port}/postgres"
    finally:
        run(str(programs / "pg_ctl"), "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


@dataclass
class Site:
    """What a web server answers: path -> (status, headers, body); ``asked`` remembers the requests."""

    address: str
    pages: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)


@pytest.fixture
def site() -> Iterator[Site]:
    """A real web server. A page with an ETag is not sent again to who has it."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.asked.append((self.path, dict(self.headers)))
            status, headers, body = made.pages.get(self.path, (404, {}, b""))
            if headers.get("ETag") and self.headers.get("If-None-Match") == headers["ETag"]:
                status, body = 304, b""
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(body))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made = Site(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="session")
def store() -> Iterator[str]:
    """The endpoint of an S3 store (moto), which asks for a signature and has the empty bucket ``team``."""
    import urllib.error
    import urllib.request

    port = free_port()
    code = f"import sys; from moto.server import main; sys.exit(main(['-H', '127.0.0.1', '-p', '{port}']))"
    environment = {**os.environ, "INITIAL_NO_AUTH_ACTION_COUNT": "999999"}
    server = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", code],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    endpoint, until = f"http://127.0.0.1:{port}", time.monotonic() + 60
    try:
        while True:
            assert server.poll() is None and time.monotonic() < until, "the S3 store did not start"
            try:
                urllib.request.urlopen(urllib.request.Request(f"{endpoint}/team", method="PUT"), timeout=5).close()
                break
            except (urllib.error.URLError, OSError):
                threading.Event().wait(0.1)
        yield endpoint
    finally:
        server.kill()
        server.wait()
