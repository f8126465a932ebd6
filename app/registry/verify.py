"""Is the project still what was recorded? Re-hashes every object and the whole history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.progress import JobContext, Part
from app.errors import CorruptObject
from app.registry import audit
from app.registry.references import referenced

if TYPE_CHECKING:
    from app.registry.project import Project


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """``objects`` and ``entries``: how many were checked; ``problems``: one sentence each."""

    ok: bool
    objects: int
    entries: int
    problems: tuple[str, ...]


def verify(project: Project, ctx: JobContext) -> VerifyReport:
    """Check the database file, every object's bytes, every reference to an object, and the audit chain.

    Problems are reported, not raised. Raises ``JobCancelled``, ``EnvironmentProblem`` if the disk cannot be read.
    """
    ctx.progress(0.0, "Checking the database")
    problems = _database_problems(project)
    stored = list(project.objects.digests())
    problems += _missing(project, set(stored))
    problems += _damaged(project, stored, Part(ctx, 0.1, 0.9))
    problems += [f"A file that is no object lies in the objects folder: {p}" for p in project.objects.strangers()]
    ctx.progress(0.9, "Checking the history")
    problems += audit.verify_chain(project)
    ctx.progress(1.0, "Verified")
    return VerifyReport(not problems, len(stored), audit.count(project), tuple(problems))


def _database_problems(project: Project) -> list[str]:
    with project.database.read() as connection:
        answers = connection.exec_driver_sql("PRAGMA integrity_check(20)").scalars().all()
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    problems = [f"The database is damaged: {answer}" for answer in answers if answer != "ok"]
    return problems + [f"A row of {row[0]} names a row of {row[2]} that is not there." for row in broken[:20]]


def _missing(project: Project, stored: set[str]) -> list[str]:
    with project.database.read() as connection:
        named = referenced(connection)
    return [f"Object {sha256} is missing." for sha256 in sorted(named - stored)]


def _damaged(project: Project, stored: list[str], ctx: JobContext) -> list[str]:
    problems = []
    for done, sha256 in enumerate(stored):
        ctx.check_cancelled()
        ctx.progress(done / len(stored), f"Checking object {done + 1} of {len(stored)}")
        try:
            project.objects.check(sha256, ctx)
        except CorruptObject as error:
            problems.append(error.message)
    return problems
