"""The runner counts what really ran and lets nothing be skipped in silence."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest


@pytest.fixture
def suites(scripts):
    return scripts["suites"]


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A small project with a good test; plugins are left out, which is most of a start."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    (tmp_path / "tests" / "a").mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text("[tool.pytest.ini_options]\naddopts = '--import-mode=importlib'\n")
    good = "class TestX:\n    def test_one(self): pass\n\ndef test_two(): pass\n"
    (tmp_path / "tests" / "a" / "test_good.py").write_text(good)
    return tmp_path


def add(project: Path, name: str, source: str) -> None:
    (project / "tests" / "a" / name).write_text(source)


def run(suites, project, *arguments):
    return suites.suite(project, "core", Path(sys.executable), ["-p", "no:cacheprovider", *arguments])


def test_good_suite_is_counted(suites, project):
    outcome = run(suites, project, "tests")
    assert (outcome.ok, outcome.passed, outcome.failed, outcome.skipped) == (True, 2, 0, 0)
    assert outcome.files == {"tests/a/test_good.py"}
    assert suites.nothing_forgotten(project, [outcome]).ok


def test_failure_is_named_and_fails_the_whole(suites, project, capsys):
    add(project, "test_bad.py", "def test_three(): assert False\n")
    outcome = run(suites, project, "tests")
    assert (outcome.ok, outcome.failed) == (False, 1)
    assert suites.conclude([outcome]) == 1
    printed = capsys.readouterr().out
    assert "tests.a.test_bad::test_three" in printed
    assert printed.splitlines()[-1] == "2 passed, 1 failed"


def test_file_that_cannot_be_imported_fails(suites, project):
    add(project, "test_bad.py", "import not_there\n")
    assert not run(suites, project, "tests").ok


def test_process_that_dies_after_its_tests_has_failed_and_says_how(suites):
    outcome = suites.Outcome("window", 1.0, -11, passed=3, failed=0)
    assert not outcome.ok
    assert "3 passed, 0 failed, ended with -11" in outcome.line()


def test_suite_that_ran_nothing_has_failed(suites, project, capsys):
    outcome = run(suites, project, "tests", "-k", "nothing_has_this_name")
    assert not outcome.ok
    assert suites.conclude([outcome]) == 1
    assert "NOT RUN" in capsys.readouterr().out


def test_file_skipped_whole_or_run_by_no_suite_is_told(suites, project):
    add(project, "test_skipped.py", "import pytest\ndef test_three(): pytest.skip('no')\n")
    add(project, "test_ignored.py", "def test_four(): pass\n")
    outcome = run(suites, project, "tests", "--ignore=tests/a/test_ignored.py")
    assert (outcome.ok, outcome.skipped) == (True, 1)
    forgotten = suites.nothing_forgotten(project, [outcome])
    assert not forgotten.ok
    assert forgotten.bad == [f"tests/a/{n}: no suite ran a test of it" for n in ("test_ignored.py", "test_skipped.py")]


def test_benchmarks_are_not_missed(suites, project):
    (project / "tests" / "benchmarks").mkdir()
    (project / "tests" / "benchmarks" / "test_paint.py").touch()
    assert suites.nothing_forgotten(project, [run(suites, project, "tests/a")]).ok


def test_journey_by_clicks_belongs_to_the_window_suite(suites, project):
    add(project, "test_clicks.py", "def test_it(" + "qt" + "bot): pass\n")
    add(project, "test_drop.py", "def test_it():\n    from " + "PySide6 import QtGui\n")
    add(project, "test_words.py", "WORDS = 'from PySide6'\n")
    assert suites.using_qt(project) == ["tests/a/test_clicks.py", "tests/a/test_drop.py"]


def test_window_files_share_a_process_up_to_a_number_of_tests(suites, project):
    (project / "tests" / "ui").mkdir()
    for name, tests in (("test_b.py", 20), ("test_c.py", 15), ("test_d.py", 40), ("test_e.py", 1)):
        (project / "tests" / "ui" / name).write_text("def test_it(): pass\n" * tests)
    add(project, "test_clicks.py", "def test_it(" + "qt" + "bot): pass\n")
    groups = [[Path(file).name for file in group] for group in suites.window_groups(project)]
    assert groups == [["test_clicks.py"], ["test_b.py", "test_c.py"], ["test_d.py"], ["test_e.py"]]


def test_tool_that_says_no_fails(suites, project):
    assert suites.check(project, "lint", [sys.executable, "-c", ""]).ok
    assert not suites.check(project, "lint", [sys.executable, "-c", "raise SystemExit(1)"]).ok
