"""The other end of ``driven_window``: a window process that is told what to do, watched, and killed."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from app.core.ids import new_id

ROOT = Path(__file__).parents[2]
MARK = "WINDOW_UNDER_TEST"
"""Everything that a window starts inherits this variable (a service forgets those named MODELYARD_...)."""

Shown = dict[str, Any]


class WindowProcess:
    """A window with settings and projects of its own. ``shown``: what it showed last."""

    def __init__(self, config: Path, *arguments: object) -> None:
        self.mark = new_id()
        env = os.environ | {
            "QT_QPA_PLATFORM": "offscreen",
            "MODELYARD_CONFIG_DIR": str(config),
            "MODELYARD_PROJECTS_DIR": str(config / "projects"),
            MARK: self.mark,
        }
        config.mkdir(parents=True, exist_ok=True)
        self._errors = config / "stderr.txt"
        with self._errors.open("ab") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.ui.driven_window", *map(str, arguments)],
                cwd=ROOT,
                env=env,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                start_new_session=True,
            )
        self.shown: Shown = {}
        self._lines: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def tell(self, do: str, what: object = None) -> None:
        """Give an order; it is done when the window gets to it."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"do": do, "what": what}) + "\n")
        self.process.stdin.flush()

    def wait_shown(self, right: Callable[[Shown], object], seconds: float = 60.0, what: str = "") -> float:
        """Wait until something is shown; when that was, on the monotonic clock. AssertionError after the deadline."""
        if self.shown and right(self.shown):
            return time.monotonic()
        return self._wait(lambda line: line["kind"] == "shown" and right(line["what"]), seconds, what)["at"]

    def wait_said(self, kind: str, seconds: float = 60.0) -> dict[str, Any]:
        """Wait for a line of a kind."""
        return self._wait(lambda line: line["kind"] == kind, seconds, kind)

    def let_run(self, seconds: float) -> None:
        """Let it go on for a while; it must not end by itself."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        assert self.process.returncode is None, self.errors()

    def kill(self) -> None:
        """kill -9, and take in what it still told."""
        self.process.kill()
        self.process.wait()
        self._reader.join()
        while not self._lines.empty():
            self._take(self._lines.get())
        assert self.process.stdin is not None
        self.process.stdin.close()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def family(self) -> list[psutil.Process]:
        """Living processes that this window started, and theirs, whoever adopted them."""
        return [p for p in psutil.process_iter() if p.pid != self.process.pid and self._is_ours(p)]

    def errors(self) -> str:
        """What the process wrote on standard error."""
        return self._errors.read_text("utf-8", "replace")

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            return process.status() != psutil.STATUS_ZOMBIE and process.environ().get(MARK) == self.mark
        except psutil.Error:
            return False

    def _wait(self, right: Callable[[dict[str, Any]], object], seconds: float, what: str) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            try:
                line = self._lines.get(timeout=left)
            except queue.Empty:
                break
            self._take(line)
            assert line is not None, f"the window ended while waiting for {what}: {self.errors()}"
            assert line["kind"] != "failed", line["what"]
            if right(line):
                return line
        raise AssertionError(f"waited {seconds} s in vain for {what}; shown: {self.shown}; {self.errors()}")

    def _take(self, line: dict[str, Any] | None) -> None:
        if line is not None and line["kind"] == "shown":
            self.shown = line["what"]

    def _read(self) -> None:
        assert self.process.stdout is not None
        for text in self.process.stdout:
            if text.startswith("{") and text.endswith("\n"):  # the last line of a killed one may be torn
                self._lines.put(json.loads(text))
        self._lines.put(None)
