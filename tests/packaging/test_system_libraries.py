"""What Qt needs from the system is probed and named exactly."""

from __future__ import annotations

import ctypes.util
import sys

import pytest


@pytest.fixture
def libraries(scripts):
    return scripts["system_libraries"]


def test_loader_decides_what_is_missing(libraries):
    here = libraries.Need("libc.so.6" if sys.platform == "linux" else ctypes.util.find_library("c"), ("libc6",))
    absent = libraries.Need("libnotthere.so.9", ("libnotthere9",))
    assert libraries.missing([here, absent]) == [absent]


@pytest.mark.parametrize(
    ("known", "package"), [("libglib2.0-0", "libglib2.0-0"), ("libglib2.0-0t64", "libglib2.0-0t64")]
)
def test_renamed_package_is_asked_for_by_the_name_that_exists(libraries, known, package):
    glib = libraries.OFFSCREEN[0]
    assert libraries.packages([glib, glib], lambda name: name == known) == [package]


def test_line_to_run_is_exact(libraries):
    bare = libraries.packages(libraries.WINDOW, lambda name: "t64" not in name)
    assert libraries.apt_line(bare) == (
        "apt-get install -y --no-install-recommends libglib2.0-0 libgl1 libegl1 libxkbcommon0 libfreetype6"
        " libfontconfig1 libdbus-1-3 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0"
    )


def test_a_program_is_looked_for_on_the_path_and_at_its_places(libraries, tmp_path):
    (tmp_path / "15" / "bin").mkdir(parents=True)
    hidden = libraries.Program("no-such-program", f"{tmp_path}/*/bin", "package")
    assert libraries.is_installed(libraries.Program("sh", "/nowhere", "dash"))
    assert not libraries.is_installed(hidden)
    (tmp_path / "15" / "bin" / "no-such-program").touch()
    assert libraries.is_installed(hidden)


def test_fonts_are_looked_for(libraries, tmp_path):
    assert not libraries.has_font([str(tmp_path), str(tmp_path / "absent")])
    (tmp_path / "truetype").mkdir()
    (tmp_path / "truetype" / "a.ttf").touch()
    assert libraries.has_font([str(tmp_path)])


def test_system_python_asks_for_its_own_venv(libraries):
    assert libraries.venv_package() in {"python3-venv", f"python3.{sys.version_info[1]}-venv"}
