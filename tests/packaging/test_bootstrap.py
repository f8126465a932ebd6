"""One command on a fresh machine: refused in a sentence, or done."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture
def bootstrap(scripts):
    return scripts["bootstrap"]


@pytest.mark.parametrize("version", [(3, 8), (3, 10), (3, 15), (4, 0)])
def test_unsupported_python_is_refused_in_one_sentence(bootstrap, version):
    sentence = bootstrap.refuse_python(version)
    assert "needs Python 3.11 to 3.14" in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize("version", [(3, 11), (3, 12), (3, 13), (3, 14)])
def test_supported_python_is_taken(bootstrap, version):
    assert bootstrap.refuse_python(version) is None


def test_old_python_can_read_the_file_that_refuses_it(root):
    ast.parse((root / "packaging" / "bootstrap.py").read_text(), feature_version=(3, 7))


def test_scripts_use_nothing_but_the_standard_library(root):
    own = {"environments", "suites", "system_libraries", "app"}
    for file in (root / "packaging").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) else []
            assert {n.split(".")[0] for n in names} <= sys.stdlib_module_names | own | {"__future__"}, file.name


@pytest.mark.parametrize(
    ("environment", "platform", "visible"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ""}, "linux", False),
        ({"DISPLAY": ":98765"}, "linux", False),
        ({"DISPLAY": "localhost:10.0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({"QT_QPA_PLATFORM": "offscreen"}, "linux", True),
        ({}, "darwin", True),
        ({}, "win32", True),
    ],
)
def test_display_is_known(bootstrap, environment, platform, visible):
    assert bootstrap.has_display(environment, platform) is visible


def test_unknown_words_are_a_usage_error(root):
    command = [sys.executable, str(root / "packaging" / "bootstrap.py"), "trian"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "usage: bootstrap.py [test | -- ARGS]" in done.stderr


def test_command_runs_from_any_folder_with_the_checkout_on_its_own_path_only(root, tmp_path):
    command = [sys.executable, str(root / "packaging" / "modelyard.py"), "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "train" in done.stdout


@pytest.mark.skipif(shutil.which("bash") is None, reason="POSIX shell")
def test_continuous_integration_calls_the_same_command(root):
    script = root / ".ci" / "run"
    assert script.stat().st_mode & 0o100
    subprocess.run(["bash", "-n", str(script)], check=True)
    assert "python3 packaging/bootstrap.py test" in script.read_text()


def test_nothing_to_do_is_fast(scripts, tmp_path: Path, capfd):
    """The stamp: a second start asks neither pip nor the network."""
    environments = scripts["environments"]
    (tmp_path / "packaging").mkdir()
    (tmp_path / "packaging" / "constraints.txt").write_text("")
    project = '[project]\nname = "x"\ndependencies = []\n[project.optional-dependencies]\nwindow = ["pip"]\n'
    (tmp_path / "pyproject.toml").write_text(project)
    python = environments.application(tmp_path)
    assert "Setting up .venv" in capfd.readouterr().out
    assert environments.application(tmp_path) == python
    assert capfd.readouterr().out == ""


def test_other_packages_make_another_environment(scripts, tmp_path: Path):
    fingerprint = scripts["environments"].fingerprint
    pins = tmp_path / "constraints.txt"
    pins.write_text("a==1\n")
    first = fingerprint(["a"], pins, None)
    assert fingerprint(["a"], pins, None) == first
    assert fingerprint(["a", "b"], pins, None) != first
    pins.write_text("a==2\n")
    assert fingerprint(["a"], pins, None) != first
