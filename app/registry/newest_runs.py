"""The newest runs of each question, for lists that a person reads. Older ones stand in the table of all runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from app.core.runs import CandidateState, Plan, Run, RunState, Task
from app.registry import runs
from app.registry.rows import from_json
from app.registry.tables import candidates, model_versions
from app.registry.tables import runs as runs_table

if TYPE_CHECKING:
    from app.registry.project import Project

MOST = 100
"""Runs of one question: some hundred candidates are more than anybody looks through."""


@dataclass(frozen=True, slots=True)
class NewestRuns:
    """``runs``: newest first, with their candidates; ``whole``: how many runs there are."""

    runs: tuple[Run, ...]
    whole: int


def newest_runs(project: Project, also: Collection[str] = ()) -> NewestRuns:
    """The newest ``MOST`` runs of each data set, target and metric, those that a model was approved from, and those of
    ``also``: ids of runs or of candidates."""
    with project.database.read() as connection:
        columns = (runs_table.c.id, runs_table.c.dataset_id, runs_table.c.plan)
        told = connection.execute(sa.select(*columns).order_by(runs_table.c.number.desc())).all()
        kept = set(connection.execute(sa.select(model_versions.c.run_id)).scalars())
        owners = sa.select(candidates.c.run_id).where(candidates.c.id.in_(also))
        kept |= {*also, *connection.execute(owners).scalars()}
    plans = {text: from_json(text, Plan) for text in {text for _, _, text in told}}
    seen: Counter[tuple[str, str, str]] = Counter()
    for id_, dataset_id, text in told:
        question = (dataset_id, plans[text].target, plans[text].metric)
        seen[question] += 1
        if seen[question] <= MOST:
            kept.add(id_)
    return NewestRuns(tuple(runs.runs_of_ids(project, [id_ for id_, _, _ in told if id_ in kept])), len(told))


def later_alike(project: Project, run: Run, most: int) -> list[Run]:
    """The newest ``most`` runs after this one that asked the same of the same data (target, task, metric), have a
    candidate that may be approved and were not discarded: the others are not read."""
    asked, found = _question(run.plan), []
    query = sa.select(runs_table.c.id, runs_table.c.plan).where(
        runs_table.c.dataset_id == run.dataset_id, runs_table.c.number > run.number, _has_best(),
        runs.NEWEST_STATE != RunState.DISCARDED,
    ).order_by(runs_table.c.number.desc())  # fmt: skip
    with project.database.read() as connection:
        for id_, text in connection.execute(query):
            if _question(from_json(text, Plan)) == asked:
                found.append(id_)
            if len(found) == most:
                break
    return runs.runs_of_ids(project, found)


def _question(plan: Plan) -> tuple[str, Task, str]:
    return plan.target, plan.task, plan.metric


def _has_best() -> sa.Exists:
    """As ``Run.best``."""
    return sa.exists().where(
        candidates.c.run_id == runs_table.c.id, candidates.c.state == CandidateState.PASSED,
        candidates.c.baseline.is_(sa.false()), candidates.c.cv_value.is_not(None),
    )  # fmt: skip
