"""``modelyard [PROJECT]``: the window, or one sentence why there is none."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Sequence

from app.cli.answer import Exit, Voice

_LIBRARY_HINT = "Set it up with: python3 packaging/bootstrap.py - or work on the command line: modelyard --help"
_DISPLAY_HINT = "Work on the command line (modelyard --help), or try it all with: modelyard sample"


def open_window(argv: Sequence[str]) -> int:
    """Run the window until it closes; 1 with a sentence where it cannot open."""
    voice = Voice(as_json=False)
    if importlib.util.find_spec("PySide6") is None:
        voice.complain("The window needs PySide6, which is not installed here.", _LIBRARY_HINT)
        return int(Exit.FAILED)
    if not has_display():
        voice.complain("There is no display here, so the window cannot open.", _DISPLAY_HINT)
        return int(Exit.FAILED)
    from app.ui.main import run

    return run(list(argv))


def has_display() -> bool:
    """Whether Qt can find a screen. Qt aborts the process where an X11 or Wayland display is missing."""
    if sys.platform in {"win32", "darwin"}:
        return True
    named = os.environ.get("QT_QPA_PLATFORM", "")
    if named.split(":")[0] in {"offscreen", "minimal", "vnc", "linuxfb", "eglfs"}:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
