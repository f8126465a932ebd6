"""Run with ``faults.c`` preloaded: every step of an operation fails once, in a process of its own.

Prints one JSON line: for each operation how many of its steps failed, and what was wrong afterwards.
"""

import ctypes
import errno
import json
import os
import sys
from pathlib import Path

sys.path[:0] = [sys.argv[2], str(Path(__file__).parent)]

import story  # noqa: E402

from app.core.progress import Silent  # noqa: E402
from app.core.runs import RunState  # noqa: E402
from app.errors import EnvironmentProblem  # noqa: E402
from app.registry import audit, datasets, runs  # noqa: E402
from app.registry.project import Project  # noqa: E402
from app.registry.verify import verify  # noqa: E402

faults = ctypes.CDLL(os.environ["LD_PRELOAD"])
REASONS = (errno.ENOSPC, errno.EIO, errno.EROFS, errno.EACCES)


def state(project):
    """Everything that is recorded, as one comparable value."""
    return [e.hash for e in audit.entries(project)], datasets.datasets(project), runs.runs(project)


def each_step_fails(project, prepare, operation, problems):
    """Let the 1st, 2nd, 3rd ... step fail until the operation gets through: old state or new state, never half."""
    for nth in range(1, 1000):
        argument = prepare(nth)
        before = state(project)
        faults.faults_arm(nth, REASONS[nth % len(REASONS)])
        try:
            operation(argument)
            failed = None
        except EnvironmentProblem as problem:
            failed = problem
        finally:
            hit = faults.faults_hit()
            faults.faults_arm(0, 0)
        problems += complaints(project, before, failed, nth)
        if not hit:
            return nth - 1
    raise AssertionError("the operation never got through")


def complaints(project, before, failed, nth):
    """What is wrong after a refusal: a changed state, a vague message, a leftover, damage."""
    found = [f"step {nth}: {p}" for p in verify(project, Silent()).problems]
    found += [f"step {nth}: {path.name} left over" for path in (project.path / "tmp").iterdir()]
    if failed is not None:
        if state(project) != before:
            found.append(f"step {nth}: refused, but something was recorded")
        if str(project.path) not in failed.message or not failed.hint or not failed.details:
            found.append(f"step {nth}: the message names no path or no way out: {failed}")
    elif state(project) == before:
        found.append(f"step {nth}: said to be done, but nothing was recorded")
    return found


def main():
    problems = []
    with Project.create(Path(sys.argv[1]) / "p", actor="Ann") as project:
        version, reading = story.add(project, "first")
        steps = {
            "add": each_step_fails(project, lambda n: f"add {n}", lambda text: story.add(project, text), problems),
            "run": each_step_fails(project, lambda n: n, lambda _: story.start(project, version, reading), problems),
            "candidate": each_step_fails(
                project,
                lambda n: story.start(project, version, reading),
                lambda run: story.fit(project, run),
                problems,
            ),
            "end": each_step_fails(
                project,
                lambda n: story.start(project, version, reading),
                lambda run: runs.end_run(project, run.id, RunState.CANCELLED),
                problems,
            ),
        }
    print(json.dumps({"steps": steps, "problems": problems}))


main()
