"""The project that a first drop makes. What is dropped meanwhile waits for it and goes into it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.core.data import AddResult
    from app.core.progress import JobContext
    from app.registry.project import Project

Add = Callable[["Project", "JobContext"], "list[AddResult]"]
Made = tuple["Project | None", "list[AddResult]"]
ASK_EVERY_S = 0.1


class FirstDrop:
    """One drop while no project is open. ``before``: the drop whose project this one waits for, if there is any; a
    project is made by the first of them that is not refused."""

    def __init__(self, before: FirstDrop | None = None) -> None:
        self._before = before
        self._done = threading.Event()
        self.project: Project | None = None

    def make(self, path: Path, actor: str, add: Add, ctx: JobContext) -> Made:
        """Add to the project that is being made, else make one at ``path``; on a job's thread. The project comes back
        only if it was made here. Raises what ``add`` raises, and JobCancelled."""
        try:
            self.project = self._before.wait(ctx) if self._before is not None else None
            if self.project is not None:
                return None, add(self.project, ctx)
            self.project, results = create_and_add(path, actor, add, ctx)
            return self.project, results
        finally:
            self._before = None
            self._done.set()

    def wait(self, ctx: JobContext) -> Project | None:
        """Its project, once it is there."""
        while not self._done.wait(ASK_EVERY_S):
            ctx.check_cancelled()
        return self.project


def create_and_add(path: Path, actor: str, add: Add, ctx: JobContext) -> Made:
    """Make a project for a first file; if the file is refused or anything fails, no project is left behind."""
    import shutil

    from app.registry.project import Project

    project = Project.create(path, name=path.name, actor=actor)
    results: list[AddResult] = []
    try:
        results = add(project, ctx)
    finally:
        if not any_kept(results):
            project.close()
            shutil.rmtree(path, ignore_errors=True)
    return (project, results) if any_kept(results) else (None, results)


def any_kept(results: list[AddResult]) -> bool:
    """Whether data came of it."""
    return any(result.version is not None for result in results)
