"""The shared libraries that Qt needs from the system: probed, and installed or asked for. Standard library only.

The names are those a bare Debian 12 and Ubuntu 22.04 and later lack. Windows and macOS bring all of it.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple


class Need(NamedTuple):
    """``soname``: what the loader looks for; ``packages``: who has it, the first that exists is taken."""

    soname: str
    packages: tuple[str, ...]


class Program(NamedTuple):
    """``name``: a program; ``places``: where it is if not on the path; ``package``: who has it."""

    name: str
    places: str
    package: str


OFFSCREEN = (
    Need("libglib-2.0.so.0", ("libglib2.0-0t64", "libglib2.0-0")),
    Need("libGL.so.1", ("libgl1",)),
    Need("libEGL.so.1", ("libegl1",)),
    Need("libxkbcommon.so.0", ("libxkbcommon0",)),
    Need("libfreetype.so.6", ("libfreetype6",)),
    Need("libfontconfig.so.1", ("libfontconfig1",)),
    Need("libdbus-1.so.3", ("libdbus-1-3",)),
)
WINDOW = (
    *OFFSCREEN,
    Need("libxkbcommon-x11.so.0", ("libxkbcommon-x11-0",)),
    Need("libxcb-cursor.so.0", ("libxcb-cursor0",)),
    Need("libxcb-icccm.so.4", ("libxcb-icccm4",)),
    Need("libxcb-keysyms.so.1", ("libxcb-keysyms1",)),
    Need("libxcb-shape.so.0", ("libxcb-shape0",)),
)
POSTGRESQL = Program("initdb", "/usr/lib/postgresql/*/bin", "postgresql")
"""The tests fetch from a server of their own; without ``TEST_DB_URL`` it is started from these programs."""
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts")
FONT_PACKAGE = "fonts-dejavu-core"  # without any font every glyph is a box


def require(needs: Sequence[Need], programs: Sequence[Program] = ()) -> None:
    """Make sure that ``needs``, ``programs`` and the means to make a virtual environment are there.

    As root on Debian and Ubuntu what is missing is installed; elsewhere SystemExit with the one line to run.
    """
    if sys.platform != "linux":
        return
    lacking = missing(needs)
    packages_of = packages(lacking, exists_in_apt)
    packages_of += [program.package for program in programs if not is_installed(program)]
    if needs and not has_font(FONT_FOLDERS):
        packages_of.append(FONT_PACKAGE)
    if importlib.util.find_spec("ensurepip") is None:
        packages_of.append(venv_package())
    if not packages_of:
        return
    if shutil.which("apt-get") is None:
        names = ", ".join([n.soname for n in lacking] or packages_of)
        raise SystemExit(f"These system libraries are missing, please install them and start again: {names}")
    if os.geteuid() != 0:
        raise SystemExit(
            f"Some system packages are missing. Run this, then start again:\n  sudo {apt_line(packages_of)}"
        )
    install(packages_of)


def missing(needs: Iterable[Need], load: Callable[[str], object] = ctypes.CDLL) -> list[Need]:
    """Those that the loader does not find."""
    lacking = []
    for need in needs:
        try:
            load(need.soname)
        except OSError:
            lacking.append(need)
    return lacking


def is_installed(program: Program) -> bool:
    """Whether a program is on the path or at its places."""
    if shutil.which(program.name):
        return True
    root, pattern = Path("/"), program.places.lstrip("/")
    return any((folder / program.name).exists() for folder in root.glob(pattern))


def packages(lacking: Iterable[Need], exists: Callable[[str], bool]) -> list[str]:
    """The packages to install, each once. Newer releases renamed some: the first name that exists is taken."""
    names = [next((p for p in need.packages if exists(p)), need.packages[-1]) for need in lacking]
    return list(dict.fromkeys(names))


def exists_in_apt(package: str) -> bool:
    """Whether apt can install a package of this name. An empty index knows none: it is read first, as root."""
    if shutil.which("apt-cache") is None:
        return False
    answer = subprocess.run(["apt-cache", "policy", package], capture_output=True, text=True, check=False).stdout
    return "Candidate:" in answer and "Candidate: (none)" not in answer


def has_font(folders: Iterable[str]) -> bool:
    """Whether there is any font that Qt could draw with."""
    return any(p.suffix in (".ttf", ".otf", ".ttc") for folder in folders for p in Path(folder).rglob("*"))


def venv_package() -> str:
    """The package that brings ``venv`` for this Python; Debian and Ubuntu keep it apart."""
    usual = Path("/usr/bin/python3")
    if usual.exists() and usual.resolve() == Path(sys.executable).resolve():
        return "python3-venv"
    return f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"


def apt_line(names: Iterable[str]) -> str:
    """The exact command."""
    return "apt-get install -y --no-install-recommends " + " ".join(names)


def install(names: Sequence[str]) -> None:
    """Install as root; the names are looked up again once the index is there. SystemExit with the line if it fails."""
    print(f"Installing system packages: {' '.join(names)}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], env=environment, check=False)
    renamed = {p: need.packages for need in WINDOW for p in need.packages}
    known = [next((p for p in renamed.get(name, (name,)) if exists_in_apt(p)), name) for name in names]
    if subprocess.run([*apt_line(known).split(), "-qq"], env=environment, check=False).returncode:
        raise SystemExit(
            f"The system packages could not be installed. Run this, then start again:\n  {apt_line(known)}"
        )
