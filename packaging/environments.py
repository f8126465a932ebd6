"""Virtual environments made from pyproject.toml and constraints.txt, once. Standard library only, Python 3.11 or later.

``.venv`` runs the application. The tests have two of their own: ``.venv-core`` has no PySide6, and ``.venv-window``
is a thin layer over it that adds PySide6, so that the big packages are installed once.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import NamedTuple

STAMP = "modelyard-stamp.txt"


class TestEnvironments(NamedTuple):
    """The interpreters that the suites run with."""

    core: Path
    window: Path


def application(root: Path) -> Path:
    """The interpreter of the application's environment, made if it is not there or out of date."""
    return make(root / ".venv", root, ["window"])


def for_tests(root: Path) -> TestEnvironments:
    """The interpreters of both test environments."""
    core = make(root / ".venv-core", root, ["test"])
    window = make(root / ".venv-window", root, ["window", "window-test"], over=core)
    return TestEnvironments(core, window)


def make(folder: Path, root: Path, extras: list[str], over: Path | None = None) -> Path:
    """An environment with the application's packages and those of ``extras``; its interpreter.

    ``over``: the interpreter of an environment below this one, which has the application's packages already.
    The stamp is written last: an interrupted installation is done again.
    """
    wanted = requirements(root, extras, base=over is None)
    constraints = root / "packaging" / "constraints.txt"
    stamp, mark = folder / STAMP, fingerprint(wanted, constraints, over)
    python = interpreter(folder)
    if python.exists() and stamp.exists() and stamp.read_text() == mark:
        return python
    started = time.monotonic()
    print(f"Setting up {folder.name} (once, needs the network)", flush=True)
    stamp.unlink(missing_ok=True)
    _run([sys.executable, "-m", "venv", "--clear", str(folder)], "The virtual environment could not be made.")
    if over is not None:
        _put_over(python, over)
    _install(python, constraints, wanted)
    _compile(python, [_packages_of(python), str(root / "app")])
    stamp.write_text(mark)
    print(f"  done in {time.monotonic() - started:.0f} s", flush=True)
    return python


def requirements(root: Path, extras: list[str], base: bool = True) -> list[str]:
    """What pyproject.toml asks for: the application's own and those of ``extras``."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = list(project["dependencies"]) if base else []
    for extra in extras:
        wanted += project["optional-dependencies"][extra]
    return wanted


def fingerprint(wanted: list[str], constraints: Path, over: Path | None) -> str:
    """Changes when another installation would give another environment."""
    below = over.parent.parent.joinpath(STAMP).read_text() if over is not None else ""
    parts = [sys.version, *wanted, constraints.read_text("utf-8"), below]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def interpreter(folder: Path) -> Path:
    """The interpreter of an environment."""
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def _put_over(python: Path, below: Path) -> None:
    """Let one environment see the packages of another; pip sees them too and installs only what they lack."""
    Path(_packages_of(python), "below.pth").write_text(_packages_of(below) + os.linesep, "utf-8")


def _packages_of(python: Path) -> str:
    """Where an environment has its packages."""
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    return subprocess.run([str(python), "-I", "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def _install(python: Path, constraints: Path, wanted: list[str]) -> None:
    pip = [str(python), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--quiet", "--no-compile"]
    _run([*pip, "-c", str(constraints), *wanted], "The packages could not be installed.")


def _compile(python: Path, folders: list[str]) -> None:
    """Compile what was installed, on all cores and without the packages' own tests: pip takes twice as long.

    Left to the first import it would be done in the middle of somebody's work, and where PYTHONDONTWRITEBYTECODE is
    set, at every start again. A file that is no Python 3 on purpose fails, and that is fine.
    """
    command = [str(python), "-m", "compileall", "-qq", "-j", "0", "-x", r"[/\\]tests?[/\\]", *folders]
    subprocess.run(command, check=False)


def _run(command: list[str], failure: str) -> None:
    if subprocess.run(command, check=False).returncode:
        raise SystemExit(f"{failure} What is written above says why; started again, it goes on from here.")
