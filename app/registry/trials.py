"""What a run's search has tried. Kept while it runs, so that a run that was interrupted can be gone on with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import sqlalchemy as sa

from app.core.search import Trial
from app.registry.rows import from_json, to_json
from app.registry.tables import run_trials

if TYPE_CHECKING:
    from app.registry.project import Project


def record_trials(project: Project, run_id: str, trials: Sequence[Trial]) -> None:
    """Add trials to a run. No audit entry: what is chosen of them becomes candidates, which have theirs."""
    if not trials:
        return
    at = project.now()
    rows = [{"run_id": run_id, "number": t.number, "trial": to_json(t), "at": at} for t in trials]
    with project.database.write("saving trials") as connection:
        connection.execute(sa.insert(run_trials), rows)


def trials_of(project: Project, run_id: str) -> tuple[Trial, ...]:
    """All trials of a run in the order in which they started; none for a run that did not search."""
    query = sa.select(run_trials.c.trial).where(run_trials.c.run_id == run_id).order_by(run_trials.c.number)
    with project.database.read() as connection:
        return tuple(from_json(text, Trial) for text in connection.execute(query).scalars())
