"""``modelyard serve``: a bundle's server as a child of this command, until either is stopped."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO

from app.core.progress import JobContext
from app.errors import BundleProblem, JobCancelled, JobCrashed
from app.jobs.decoding import decode
from app.serving.interpreter import command, environment

POLL_S = 0.1
STOP_WITHIN_S = 12.0
"""The server promises to end within 10 s of being asked."""


def serve(
    bundle: Path,
    *,
    port: int,
    log_dir: Path | None,
    when_ready: Callable[[Mapping[str, object]], None],
    remark: Callable[[str], None],
    ctx: JobContext,
) -> None:
    """Serve until the context is cancelled (Ctrl+C, SIGTERM); then stop cleanly and return.

    ``when_ready``: called once with ``url``, ``pid``, ``bundle``, ``log_dir``; ``remark``: with what the server says
    besides. BundleProblem if the bundle does not prove itself, JobCrashed if the server dies later.
    """
    options = ["--port", str(port), *(["--log-dir", str(log_dir)] if log_dir else [])]
    server = subprocess.Popen(
        command(bundle, *options),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        process_group=0 if sys.platform != "win32" else None,  # Ctrl+C is for us; we stop it in order
        preexec_fn=_die_with_parent if sys.platform == "linux" else None,
    )
    assert server.stdout and server.stderr
    said = _Said(server.stderr, remark)
    try:
        ready = server.stdout.readline()
        if not ready:
            server.wait()
            raise BundleProblem(said.last() or "The bundle's server ended before it was ready.")
        said.aloud()
        when_ready(decode(ready, dict[str, object]))
        _wait(server, ctx)
    except JobCancelled:
        return
    finally:
        _stop(server)
        said.join()
    raise JobCrashed(f"The server ended with exit code {server.returncode}.", said.last())


class _Said:
    """What the server says on standard error: kept until it is ready (then it may be the reason why it is not),
    passed on from then on."""

    def __init__(self, stream: IO[bytes], remark: Callable[[str], None]) -> None:
        self._lines: list[str] = []
        self._passed = -1
        self._lock = threading.Lock()
        self._stream = stream
        self._remark = remark
        self._thread = threading.Thread(target=self._pump, name="server's remarks", daemon=True)
        self._thread.start()

    def aloud(self) -> None:
        """From now on pass on what is said, beginning with what was kept."""
        with self._lock:
            self._passed = 0
            self._pass_on()

    def last(self) -> str:
        """The last line, once the server has ended."""
        self.join()
        return self._lines[-1] if self._lines else ""

    def join(self) -> None:
        """Wait until everything was read. The server must have ended."""
        self._thread.join(STOP_WITHIN_S)

    def _pump(self) -> None:
        for raw in self._stream:
            with self._lock:
                self._lines.append(raw.decode("utf-8", "replace").strip().removeprefix("serve.py: "))
                self._pass_on()

    def _pass_on(self) -> None:
        if self._passed >= 0:
            for line in self._lines[self._passed :]:
                self._remark(line)
            del self._lines[:-1]
            self._passed = len(self._lines)


def _wait(server: subprocess.Popen[bytes], ctx: JobContext) -> None:
    while True:
        ctx.check_cancelled()
        try:
            server.wait(POLL_S)
        except subprocess.TimeoutExpired:
            continue
        return


def _stop(server: subprocess.Popen[bytes]) -> None:
    if server.poll() is None:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _die_with_parent() -> None:
    """Between fork and exec: if this command is killed, the server is asked to stop (prctl(2), PR_SET_PDEATHSIG)."""
    import ctypes

    pr_set_pdeathsig = 1
    ctypes.CDLL(None, use_errno=True).prctl(pr_set_pdeathsig, signal.SIGTERM)
