"""Who changes what is live in a project takes turns with everybody else who does: window, command line and rules."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from app.errors import EnvironmentProblem

if TYPE_CHECKING:
    from app.registry.project import Project

OTHERS_WITHIN_S = 300.0


@contextmanager
def one_at_a_time(project: Project) -> Iterator[None]:
    """Roll-outs of a project, and starts of what was rolled out, whoever asks: the second sees what the first has done.
    Not twice by the same caller. EnvironmentProblem if the other one takes too long."""
    folder = project.path / "logs"
    folder.mkdir(exist_ok=True)
    lock = FileLock(folder / "rollout.lock")
    try:
        lock.acquire(timeout=OTHERS_WITHIN_S)
    except Timeout as error:
        raise EnvironmentProblem("Another program is rolling out in this project.", "Wait for it.") from error
    try:
        yield
    finally:
        lock.release()
