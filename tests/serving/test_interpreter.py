"""A bundle runs with nothing of the application: by ``-I``, or inside a frozen application by forgetting ours."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from app.errors import BundleProblem
from app.serving import interpreter

ROOT = Path(__file__).parents[2]


def test_the_interpreter_is_isolated(doubling_bundle: tuple[Path, str]) -> None:
    words = interpreter.command(doubling_bundle[0], "--port", "0")
    assert words == [sys.executable, "-I", str(doubling_bundle[0] / "serve.py"), "--port", "0"]


def test_a_frozen_application_calls_itself(doubling_bundle: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    words = interpreter.command(doubling_bundle[0])
    assert words == [sys.executable, "--run-bundle", str(doubling_bundle[0] / "serve.py")]


def test_a_folder_without_an_entry_is_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(BundleProblem, match="is no bundle"):
        interpreter.command(tmp_path)


def run_frozen(entry: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """What a frozen application does with its own interpreter."""
    return subprocess.run(
        [sys.executable, "-m", "app", "--run-bundle", str(entry), *options],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
        check=False,
    )


def test_a_bundle_proves_itself_in_a_frozen_application(doubling_bundle: tuple[Path, str]) -> None:
    done = run_frozen(doubling_bundle[0] / "serve.py", "--check")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["bundle"] == f"sha256:{doubling_bundle[1]}"


def test_nothing_of_the_application_is_left_there(tmp_path: Path) -> None:
    entry = tmp_path / "serve.py"
    entry.write_text(
        "import sys\n"
        "try:\n    import app\n    print('found', app.__file__)\nexcept ImportError:\n    print('gone')\n"
        "print([m for m in sys.modules if m.split('.')[0] == 'app'], sys.argv[1:])\nsys.exit(5)\n"
    )
    done = run_frozen(entry, "--port", "1")
    assert done.stdout.splitlines() == ["gone", "[] ['--port', '1']"]
    assert done.returncode == 5


def test_the_environment_of_the_window_stays_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setenv("MODELYARD_ACTOR", "Ada")
    assert not {"PYTHONPATH", "QT_QPA_PLATFORM", "MODELYARD_ACTOR"} & interpreter.environment().keys()
    assert "PATH" in interpreter.environment()
