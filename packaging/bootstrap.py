"""From a fresh machine to a running Modelyard in one command. Standard library only.

    python3 packaging/bootstrap.py              opens the window; without a display runs the sample's whole path
    python3 packaging/bootstrap.py -- ARGS      the command line: train, predict, serve ... (see -- --help)
    python3 packaging/bootstrap.py test         lint, types, architecture, core, window and runtime suites

Each first makes what is missing (system libraries, a virtual environment) and remembers what it made, so the next
start does none of it. This file must parse on old Pythons, to be able to refuse them in one sentence.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

if sys.version_info >= (3, 11):  # noqa: UP036 -- older ones cannot parse these, and need them not
    import environments
    import suites
    import system_libraries

ROOT = Path(__file__).resolve().parent.parent
OLDEST, NEWEST = (3, 11), (3, 14)
USAGE = "usage: bootstrap.py [test | -- ARGS]"


def main(arguments: list[str]) -> int:
    """Do what the first argument says; the exit code is that of what was run."""
    refusal = refuse_python(sys.version_info[:2])
    if refusal:
        print(refusal, file=sys.stderr)
        return 1
    if arguments in (["-h"], ["--help"]):
        print(__doc__)
        return 0
    if arguments == ["test"]:
        return test()
    if arguments[:1] == ["--"]:
        return command_line(arguments[1:])
    if not arguments:
        return window() if has_display(os.environ, sys.platform) else sample()
    print(USAGE, file=sys.stderr)
    return 2


def refuse_python(version: tuple[int, ...]) -> str | None:
    """Why this Python will not do, in one sentence; None if it will."""
    if OLDEST <= version <= NEWEST:
        return None
    has, oldest, newest = (".".join(map(str, v)) for v in (version, OLDEST, NEWEST))
    return f"Modelyard needs Python {oldest} to {newest}, this is {has}: install one of these and start it with that."


def has_display(environment: Mapping[str, str], platform: str) -> bool:
    """Whether a window can be seen here. QT_QPA_PLATFORM says that somebody has decided already."""
    if platform in ("win32", "darwin") or environment.get("QT_QPA_PLATFORM"):
        return True
    if environment.get("WAYLAND_DISPLAY"):
        return True
    display = environment.get("DISPLAY", "")
    if not display.startswith(":"):
        return bool(display)
    return Path("/tmp/.X11-unix", "X" + display[1:].split(".")[0]).exists()


def window() -> int:
    """Open the window."""
    system_libraries.require(system_libraries.WINDOW)
    return start(environments.application(ROOT), [])


def sample() -> int:
    """Show on the command line what the window would have shown."""
    print("No display here, so Modelyard runs the sample project's whole path on the command line.", flush=True)
    system_libraries.require(())
    return start(environments.application(ROOT), ["sample"])


def command_line(arguments: list[str]) -> int:
    """Run any command of ``modelyard``; without a command it opens the window, on a project or on files."""
    opens_window = not arguments or Path(arguments[0]).exists()
    visible = opens_window and has_display(os.environ, sys.platform)
    system_libraries.require(system_libraries.WINDOW if visible else ())
    return start(environments.application(ROOT), arguments)


def test() -> int:
    """Run every suite in environments made for them."""
    programs = () if os.environ.get("TEST_DB_URL") else (system_libraries.POSTGRESQL,)
    system_libraries.require(system_libraries.OFFSCREEN, programs)
    return suites.run_all(ROOT, environments.for_tests(ROOT))


def start(python: Path, arguments: list[str]) -> int:
    """Become the application. Windows cannot replace a process, so there it is waited for."""
    command = [str(python), str(ROOT / "packaging" / "modelyard.py"), *arguments]
    if sys.platform == "win32":
        return subprocess.call(command)
    sys.stdout.flush()
    return os.execv(command[0], command)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
