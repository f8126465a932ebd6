"""All runs at once, for a table of thousands: a fixed number of queries, however many runs there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from app.core.run_lines import CandidateLine, RunLine
from app.core.runs import GREATER_IS_BETTER, CandidateState, Plan, RunState, Score
from app.registry.datasets import current_names
from app.registry.rows import from_json
from app.registry.tables import candidates, data_versions, gate_results, model_versions, models, run_events
from app.registry.tables import runs as runs_table

if TYPE_CHECKING:
    from app.registry.project import Project

Told = sa.Row[Any]
_CANDIDATE = (
    candidates.c.run_id,
    candidates.c.id,
    candidates.c.name,
    candidates.c.family,
    candidates.c.state,
    candidates.c.baseline,
    candidates.c.cv_value,
    candidates.c.holdout_value,
    candidates.c.holdout_low,
    candidates.c.holdout_high,
    candidates.c.seconds,
    candidates.c.onnx_bytes,
)
_RUN_ID, _ID, _NAME, _FAMILY, _STATE, _BASELINE, _CV, _VALUE, _LOW, _HIGH, _SECONDS, _BYTES = range(len(_CANDIDATE))
"""Positions in a row: reading by name costs three times as much, and there are some 100,000 of them."""


def run_lines(project: Project) -> list[RunLine]:
    """Every run, newest first."""
    with project.database.read() as connection:
        rows = connection.execute(_runs()).all()
        names = current_names(connection)
        states = dict(tuple(row) for row in connection.execute(_states()).all())
        fitted: dict[str, list[Told]] = defaultdict(list)
        query: sa.Select[Any] = sa.select(*_CANDIDATE).order_by(candidates.c.position)
        for told in connection.execute(query).all():
            fitted[told[_RUN_ID]].append(told)
        approved = {id_: f"{name}@{number}" for id_, name, number in connection.execute(_approved()).all()}
        gates = {id_: (decided, int(passed)) for id_, decided, passed in connection.execute(_gates()).all()}
    plans: dict[str, Plan] = {}
    return [_line(row, names, plans, states, fitted[row.id], approved, gates) for row in rows]


def _runs() -> sa.Select[Any]:
    joined = runs_table.join(data_versions, data_versions.c.id == runs_table.c.version_id)
    columns = (runs_table, data_versions.c.number.label("version"))
    return sa.select(*columns).select_from(joined).order_by(runs_table.c.number.desc())


def _states() -> sa.Select[Any]:
    """The newest event of each run stands last, so that it is the one a dictionary keeps."""
    return sa.select(run_events.c.run_id, run_events.c.state).order_by(run_events.c.seq)


def _approved() -> sa.Select[Any]:
    joined = model_versions.join(models, models.c.id == model_versions.c.model_id)
    columns = (model_versions.c.candidate_id, models.c.name, model_versions.c.number)
    return sa.select(*columns).select_from(joined)


def _gates() -> sa.Select[Any]:
    passed = sa.func.sum(sa.cast(gate_results.c.passed, sa.Integer))
    return sa.select(gate_results.c.candidate_id, sa.func.count(), passed).group_by(gate_results.c.candidate_id)


def _line(
    row: sa.Row[Any],
    names: dict[str, str],
    plans: dict[str, Plan],
    states: dict[str, str],
    fitted: Sequence[Told],
    approved: dict[str, str],
    gates: dict[str, tuple[int, int]],
) -> RunLine:
    plan = plans.get(row.plan)
    if plan is None:
        plan = plans[row.plan] = from_json(row.plan, Plan)
    best = _best(fitted, plan.metric)
    return RunLine(
        id=row.id,
        number=row.number,
        data=f"{names[row.dataset_id]} v{row.version}",
        state=RunState(states[row.id]),
        created_at=row.created_at,
        plan=plan,
        environment_sha256=row.environment_sha256,
        best=_candidate(best, gates) if best is not None else None,
        baseline=next((c[_VALUE] for c in fitted if c[_FAMILY] == "dummy"), None),
        approved=next((approved[c[_ID]] for c in fitted if c[_ID] in approved), ""),
        scores={c[_NAME]: c[_VALUE] for c in fitted if c[_VALUE] is not None},
    )


def _best(fitted: Sequence[Told], metric: str) -> Told | None:
    """As ``Run.best``: by the folds, never by the hold-out."""
    sign = 1 if GREATER_IS_BETTER[metric] else -1
    passed = CandidateState.PASSED.value
    able = [c for c in fitted if c[_STATE] == passed and not c[_BASELINE] and c[_CV] is not None]
    return max(able, key=lambda c: sign * c[_CV], default=None)


def _candidate(row: Told, gates: dict[str, tuple[int, int]]) -> CandidateLine:
    score = None if row[_VALUE] is None else Score(row[_VALUE], row[_LOW], row[_HIGH])
    decided, passed = gates.get(row[_ID], (0, 0))
    told = (row[_ID], row[_NAME], row[_FAMILY], bool(row[_BASELINE]), row[_CV], score, row[_SECONDS], row[_BYTES])
    return CandidateLine(*told, decided, passed)
