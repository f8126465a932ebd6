"""Without a verb the window opens, or one sentence says why not."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from app.cli.window import has_display

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="displays are named by variables on Linux")


def run_without_display(*words: str) -> subprocess.CompletedProcess[str]:
    env = {k: v for k, v in os.environ.items() if k not in {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}}
    return subprocess.run([sys.executable, "-m", "app", *words], capture_output=True, text=True, env=env, timeout=60)


def test_no_display_is_said_with_the_way_out(tmp_path: object) -> None:
    for words in ([], [str(tmp_path)]):
        done = run_without_display(*words)
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        assert len(done.stderr.strip().splitlines()) == 2


@pytest.mark.parametrize(
    ("variables", "there"),
    [
        ({}, False),
        ({"DISPLAY": ":0"}, True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, True),
        ({"QT_QPA_PLATFORM": "offscreen"}, True),
        ({"QT_QPA_PLATFORM": "xcb"}, False),
    ],
)
def test_has_display(variables: dict[str, str], there: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert has_display() is there
