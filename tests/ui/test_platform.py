"""What the window takes for granted about its platform."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from PySide6.QtCore import QObject, Signal

ROOT = Path(__file__).parents[2]
SLACK = 200  # other objects come and go; the fault loses one reference a call
HEAVY = {"pandas", "sklearn", "onnx", "skl2onnx", "onnxruntime", "duckdb", "pyarrow", "scipy", "numpy"}
HEAVY |= {"sqlalchemy", "alembic", "pyqtgraph", "cryptography", "starlette", "uvicorn"}


class Speaker(QObject):
    """Emits booleans."""

    said = Signal(bool)


def test_void_calls_lose_no_reference_to_none():
    """PySide6 6.12.0 on Python 3.11 loses one a call and the process dies after some thousands."""
    thing = QObject()
    before = sys.getrefcount(None)
    for _ in range(20_000):
        thing.setObjectName("x")
    assert abs(sys.getrefcount(None) - before) < SLACK


def test_emitted_booleans_lose_no_reference_to_true():
    heard = []
    speaker = Speaker()
    speaker.said.connect(heard.append)
    before = sys.getrefcount(True)
    for _ in range(2_000):
        speaker.said.emit(True)
    assert len(heard) == 2_000
    heard.clear()
    assert abs(sys.getrefcount(True) - before) < SLACK


def test_window_is_loaded_without_anything_heavy():
    """The first paint waits for nothing but Qt and the standard library."""
    code = "import json, sys, app.ui.main, app.ui.window; print(json.dumps(sorted(sys.modules)))"
    output = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=ROOT).stdout
    loaded = {name.partition(".")[0] for name in json.loads(output)}
    assert "PySide6" in loaded
    assert not loaded & HEAVY


def test_making_pages_ahead_loads_nothing_heavy():
    """Pages are made on the window's thread: SQLAlchemy imported there stops it for 0.2 s."""
    code = (
        "import json, sys, app.ui.window; from app.ui.pages import PAGES\n"
        "for entry in PAGES: entry.page_class()\n"
        "print(json.dumps(sorted(sys.modules)))"
    )
    output = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=ROOT).stdout
    assert not {name.partition(".")[0] for name in json.loads(output)} & HEAVY


def test_a_copied_table_does_not_crash_the_end_of_the_process() -> None:
    code = (
        "from PySide6.QtWidgets import QApplication\n"
        "app = QApplication([])\n"
        "from app.ui.widgets.table import to_clipboard\n"
        "to_clipboard([['a', 'b'], ['1', '2']])\n"
    )
    env = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, timeout=60, check=False)
    assert done.returncode == 0
