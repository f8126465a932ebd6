"""A bundle's server as its own process, in the environment made from its own requirements."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from filelock import FileLock

ROOT = Path(__file__).parents[2]
REQUIREMENTS = ROOT / "resources" / "bundle" / "requirements.txt"


def runtime_python() -> Path:
    """The interpreter of an environment that holds what a bundle's requirements.txt names and nothing else.

    Made once for each content of that file; kept beside the checkout's other environments.
    """
    stamp = hashlib.sha256(REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()[:12]
    folder = ROOT / ".venv-runtime" / stamp
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    folder.parent.mkdir(exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if not (folder / "ready").exists():
            subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
            install = ["-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", str(REQUIREMENTS)]
            subprocess.run([str(python), *install], check=True)
            (folder / "ready").touch()
    return python


@dataclass(slots=True)
class Service:
    """A running server. ``ready``: its line on standard output."""

    process: subprocess.Popen[bytes]
    ready: dict[str, object]
    errors: Path

    @property
    def port(self) -> int:
        return int(str(self.ready["url"]).rpartition(":")[2])

    @property
    def log_dir(self) -> Path:
        return Path(str(self.ready["log_dir"]))

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        """One request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return response.status, {k.lower(): v for k, v in response.getheaders()}, response.read()
        finally:
            connection.close()

    def post(self, content: object, path: str = "/predict", **headers: str) -> tuple[int, dict[str, object]]:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        status, _, answer = self.ask("POST", path, body, {"content-type": "application/json", **headers})
        return status, json.loads(answer)

    def stop(self) -> int:
        """SIGTERM, then its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(15)

    def memory_bytes(self) -> int:
        """Resident now (Linux)."""
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def launch(
    bundle: Path, *options: str, folder: Path, python: Path | None = None, flags: tuple[str, ...] = ()
) -> Service:
    """Start ``serve.py`` and wait until it is ready. AssertionError with what it said if it is not."""
    errors = folder / f"errors-{time.monotonic_ns()}.txt"
    command = [str(python or runtime_python()), "-I", *flags, str(bundle / "serve.py")]
    port = () if "--port" in options else ("--port", "0")
    log = () if "--log-dir" in options else ("--log-dir", str(folder / "logs"))
    with errors.open("wb") as said:
        process = subprocess.Popen([*command, *port, *log, *options], stdout=subprocess.PIPE, stderr=said)
    line = first_line(process.stdout)
    if not line:
        process.wait(10)
        raise AssertionError(f"exit code {process.returncode}: {errors.read_text()}")
    return Service(process, json.loads(line), errors)


def first_line(stream: IO[bytes] | None) -> bytes:
    assert stream is not None
    return stream.readline()


def run(bundle: Path, *options: str, python: Path | None = None) -> subprocess.CompletedProcess[str]:
    """``serve.py`` until it ends."""
    command = [str(python or runtime_python()), "-I", str(bundle / "serve.py"), *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
