"""Every suite, on two cores, and one line at the end that says whether all is well. Standard library only.

A suite that ran nothing has failed, and so has a test file that no suite ran: nothing is skipped in silence.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

if TYPE_CHECKING:
    from environments import TestEnvironments

CODE = ("app", "tests", "packaging", "resources")
CORE_OPTIONS = ("-p", "no:pytest-qt")
TWO_AT_ONCE = ("-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")  # a file's tests share what they set up
WINDOW_OPTIONS = ("-c", "tests/ui/pytest.ini", "--rootdir=.")
WINDOW_FILES = ("tests/ui",)
WINDOWS_AT_ONCE = 35
A_TEST = re.compile(r"^\s*def test_", re.MULTILINE)
USES_QT = re.compile(r"^\s*(?:from|import) PySide6|\bqtbot\b", re.MULTILINE)
RUNTIME_FILES = ("tests/runtime",)
NEVER_TIMED = ("tests/benchmarks",)


@dataclass
class Outcome:
    """How a suite ended. ``files``: the test modules that really ran something."""

    name: str
    seconds: float
    returncode: int
    passed: int
    failed: int
    skipped: int = 0
    files: set[str] = field(default_factory=set)
    bad: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether it ran and nothing failed."""
        return self.returncode == 0 and self.passed > 0 and self.failed == 0

    def line(self) -> str:
        """The suite in one line."""
        word = "ok    " if self.ok else "FAILED" if self.passed or self.failed else "NOT RUN"
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        crashed = f", ended with {self.returncode}" if self.returncode and not self.failed else ""
        told = f"{self.passed} passed, {self.failed} failed{skipped}{crashed}"
        return f"{word} {self.name:<60} {told} in {self.seconds:.0f} s"


def run_all(root: Path, pythons: TestEnvironments) -> int:
    """Run everything; 0 if all is well."""
    window = [*_matching(root, WINDOW_FILES), *using_qt(root)]
    aside = [*window, *_matching(root, RUNTIME_FILES), *_matching(root, NEVER_TIMED), "tests/test_architecture.py"]
    ignored = [f"--ignore={path}" for path in aside]
    ruff = [str(pythons.core), "-m", "ruff"]
    quick = [
        partial(check, root, "types", [str(pythons.window), "-m", "mypy", "app"]),
        partial(check, root, "lint", [*ruff, "check", *CODE]),
        partial(check, root, "format", [*ruff, "format", "--check", *CODE]),
        partial(suite, root, "architecture", pythons.core, [*CORE_OPTIONS, "tests/test_architecture.py"]),
    ]
    core = partial(suite, root, "core", pythons.core, [*CORE_OPTIONS, *TWO_AT_ONCE, "tests", *ignored], live=True)
    single = [
        partial(suite, root, "runtime", pythons.core, [*CORE_OPTIONS, *RUNTIME_FILES]),
        *(
            partial(suite, root, _name_of(files), pythons.window, [*WINDOW_OPTIONS, *files], warm=True)
            for files in window_groups(root)
        ),
    ]
    outcomes = two_at_a_time([*quick, core, *single])
    outcomes.append(nothing_forgotten(root, outcomes))
    return conclude(outcomes)


def two_at_a_time(suites: Sequence[Callable[[], Outcome]]) -> list[Outcome]:
    """The outcomes of suites, in their order. Most use one core; core's two processes and one beside them wait for
    children and disks often enough."""
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda run: run(), suites))


def window_groups(root: Path) -> list[list[str]]:
    """Every test file that needs Qt, in groups of about as many tests as one process bears well; the journeys first
    and alone, as they take longest.

    A process of its own for each file would import the window and warm its children again and again. But windows stay
    until their process ends, because Qt does not take the deletion of one beside another well, and those of a hundred
    tests slow every change of theme down.
    """
    own = [p.relative_to(root).as_posix() for name in WINDOW_FILES for p in sorted((root / name).rglob("test_*.py"))]
    groups: list[list[str]] = [[]]
    count = 0
    for file in own:
        tests = len(A_TEST.findall((root / file).read_text("utf-8")))
        if groups[-1] and count + tests > WINDOWS_AT_ONCE:
            groups.append([])
            count = 0
        groups[-1].append(file)
        count += tests
    return [*([file] for file in using_qt(root)), *(group for group in groups if group)]


def _name_of(files: Sequence[str]) -> str:
    first, last = (f.removeprefix("tests/").removesuffix(".py").replace("test_", "") for f in (files[0], files[-1]))
    return f"window {first}" if first == last else f"window {first} .. {last}"


def using_qt(root: Path) -> list[str]:
    """Test files outside the window's folder that need Qt all the same, such as a journey by clicks."""
    files = [p for p in sorted((root / "tests").rglob("test_*.py")) if USES_QT.search(p.read_text("utf-8"))]
    return [
        name for p in files if not (name := p.relative_to(root).as_posix()).startswith((*WINDOW_FILES, *NEVER_TIMED))
    ]


def conclude(outcomes: Sequence[Outcome]) -> int:
    """Print each suite's line, what failed by name, and the closing line; the exit code."""
    print("\n" + "=" * 60)
    for outcome in outcomes:
        print(outcome.line())
        for name in outcome.bad:
            print(f"       {name}")
    failed = sum(o.failed or (not o.ok) for o in outcomes)
    print(f"{sum(o.passed for o in outcomes)} passed, {failed} failed")
    return 1 if failed else 0


def check(root: Path, name: str, command: Sequence[str]) -> Outcome:
    """A tool that says yes or no."""
    seconds, code = _run(root, name, command)
    return Outcome(name, seconds, code, passed=int(code == 0), failed=int(code != 0))


def suite(
    root: Path, name: str, python: Path, arguments: Sequence[str], *, live: bool = False, warm: bool = False
) -> Outcome:
    """One run of pytest, counted from the report that it writes. ``live``: what it says is shown as it goes;
    ``warm``: its children begin with their libraries loaded, as those of xdist's processes do."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        command = [str(python), "-m", "pytest", "-q", "--durations=5", f"--junitxml={report}", *arguments]
        seconds, code = _run(root, name, command, live=live, more={"WARM_CHILDREN": "1"} if warm else {})
        outcome = Outcome(name, seconds, code, 0, 0)
        if report.exists():
            _count(ElementTree.parse(report).getroot(), outcome)
        return outcome


def nothing_forgotten(root: Path, outcomes: Iterable[Outcome]) -> Outcome:
    """Every test file ran at least one test in some suite."""
    ran = {file for outcome in outcomes for file in outcome.files}
    timed = _matching(root, NEVER_TIMED)
    forgotten = [
        name
        for file in sorted((root / "tests").rglob("test_*.py"))
        if not (name := file.relative_to(root).as_posix()).startswith(tuple(timed)) and name not in ran
    ]
    bad = [f"{name}: no suite ran a test of it" for name in forgotten]
    return Outcome("all files ran", 0, int(bool(bad)), int(not bad), len(bad), bad=bad)


def _count(tree: ElementTree.Element, outcome: Outcome) -> None:
    """Take the figures of a JUnit report, whose classname is the dotted module and perhaps a class."""
    for case in tree.iter("testcase"):
        module = case.get("classname", "")
        if case.find("failure") is not None or case.find("error") is not None:
            outcome.failed += 1
            outcome.bad.append(f"{module}::{case.get('name')}")
        elif case.find("skipped") is not None:
            outcome.skipped += 1
            continue
        else:
            outcome.passed += 1
        parts = module.split(".")
        last = max((i for i, part in enumerate(parts) if part.startswith("test_")), default=len(parts) - 1)
        outcome.files.add("/".join(parts[: last + 1]) + ".py")


def _matching(root: Path, patterns: Iterable[str]) -> list[str]:
    """The files and folders that patterns name, relative, POSIX."""
    return sorted(p.relative_to(root).as_posix() for pattern in patterns for p in root.glob(pattern))


def _run(
    root: Path, name: str, command: Sequence[str], *, live: bool = False, more: Mapping[str, str] | None = None
) -> tuple[float, int]:
    """Run a command and show what it said, in one piece unless ``live``; the seconds it took and its exit code.
    ``more``: for its environment."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", **(more or {})}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # every child of every test would compile the application anew
    title = f"\n--- {name} {'-' * (56 - len(name))}"
    if live:
        print(title, flush=True)
    output = {} if live else {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    started = time.monotonic()
    done = subprocess.run(command, cwd=root, env=environment, stdin=subprocess.DEVNULL, check=False, **output)
    if not live:
        print(f"{title}\n{done.stdout.decode('utf-8', 'replace')}", end="", flush=True)
    return time.monotonic() - started, done.returncode
