"""How a bundle is run on this machine: by the application's interpreter, with nothing of it on the path."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from app.errors import BundleProblem

FROZEN_WORD = "--run-bundle"
"""First word of a frozen application's command line that means: run this bundle's ``serve.py``."""


def command(bundle: Path, *options: str) -> list[str]:
    """The command line that serves a bundle. BundleProblem if the folder is none.

    ``-I``: no user site, no ``PYTHON*`` variables, no current folder on the path. A frozen application has no
    interpreter but its own.
    """
    entry = bundle / "serve.py"
    if not entry.is_file():
        if (bundle / "query.json").is_file():
            raise BundleProblem(f"{bundle} holds a query: a database runs it.", "Its README says how.")
        raise BundleProblem(f"{bundle} is no bundle: it has no serve.py.", "Name the folder that holds serve.py.")
    start = [sys.executable, FROZEN_WORD] if is_frozen() else [sys.executable, "-I"]
    return [*start, str(entry), *options]


def is_frozen() -> bool:
    """Whether this is a packaged application without an interpreter of its own beside it."""
    return bool(getattr(sys, "frozen", False))


def run_here(words: Sequence[str]) -> int:
    """In a frozen application: become ``serve.py`` (its path and options in ``words``), forgetting ours."""
    import runpy

    entry = Path(words[0]).absolute()
    for name in [name for name in sys.modules if name == "app" or name.startswith("app.")]:
        del sys.modules[name]
    sys.argv = [str(entry), *words[1:]]
    sys.path[:] = [path for path in sys.path if not (Path(path) / "app" / "serving").is_dir()]
    try:
        runpy.run_path(str(entry), run_name="__main__")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def environment() -> dict[str, str]:
    """Ours without what would reach into the service: Qt's settings and this session's display stay behind."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "QT_", "MODELYARD_"))}
