"""All runs at once, for a table of thousands: a fixed number of queries, however many runs there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from app.core.run_lines import CandidateLine, Question, RunLine
from app.core.runs import GREATER_IS_BETTER, CandidateState, Plan, RunState, Score
from app.registry.datasets import current_names
from app.registry.rows import from_json, pieces
from app.registry.tables import candidates, data_versions, gate_results, model_versions, models, run_events
from app.registry.tables import runs as runs_table

if TYPE_CHECKING:
    from app.registry.project import Project

Told = tuple[Any, ...]
_DETAILS = (
    candidates.c.run_id,
    candidates.c.id,
    candidates.c.name,
    candidates.c.family,
    candidates.c.cv_value,
    candidates.c.seconds,
    candidates.c.onnx_bytes,
    candidates.c.holdout_value,
    candidates.c.holdout_low,
    candidates.c.holdout_high,
)
_RUN_ID, _ID, _NAME, _FAMILY, _CV, _SECONDS, _BYTES, _SCORE = range(8)
"""Positions in a row of details; a score has three."""
_PLAN = 5
"""In a row of a run."""
BASELINES = ("dummy", "sql")
"""Families that a model has to beat, as they stand on top of a table."""


def run_lines(project: Project) -> list[RunLine]:
    """Every run, newest first."""
    with project.database.read() as connection:
        runs = _rows(connection, _runs())
        found = _Found(
            names=current_names(connection),
            states=dict(_pairs(connection, _states())),
            approved=dict(_pairs(connection, _approved())),
            plans={text: from_json(text, Plan) for text in {told[_PLAN] for told in runs}},
        )
        for greater in {GREATER_IS_BETTER[plan.metric] for plan in found.plans.values()}:
            found.best[greater] = {told[_RUN_ID]: told for told in _rows(connection, _best(greater))}
            found.gates.update((id_, (decided, passed)) for id_, decided, passed in _rows(connection, _gates(greater)))
        for run_id, name, family, value in _rows(connection, _scores()):
            found.scores[run_id][name] = value
            if family == "dummy":
                found.baseline[run_id] = value
        return [found.line(told) for told in runs]


def baseline_lines(project: Project, lines: Sequence[RunLine]) -> dict[Question, list[RunLine]]:
    """For each question what the newest run that has them found without a model: its baseline and its SQL rule, as
    lines of their own. ``lines``: all runs, newest first."""
    newest: dict[Question, RunLine] = {}
    for line in lines:
        if line.baseline is not None:
            newest.setdefault(line.question, line)
    owners = {line.id: line for line in newest.values()}
    found: dict[Question, list[RunLine]] = defaultdict(list)
    with project.database.read() as connection:
        for ids in pieces(owners):
            query = sa.select(*_DETAILS).where(candidates.c.run_id.in_(ids), candidates.c.family.in_(BASELINES))
            for told in _rows(connection, query.order_by(candidates.c.family)):
                owner = owners[told[_RUN_ID]]
                found[owner.question].append(owner.standing_for(_candidate(told, {})))
    return found


def _rows(connection: sa.Connection, query: sa.Select[Any]) -> Sequence[Told]:
    """Plain tuples: SQLAlchemy's own rows take as long again, and there are some 100,000 of them."""
    cursor = connection.execute(query).cursor
    assert cursor is not None
    return cursor.fetchall()


def _pairs(connection: sa.Connection, query: sa.Select[Any]) -> list[tuple[str, str]]:
    return [(key, value) for key, value in _rows(connection, query)]


def _runs() -> sa.Select[Any]:
    joined = runs_table.join(data_versions, data_versions.c.id == runs_table.c.version_id)
    columns = (
        runs_table.c.id,
        runs_table.c.number,
        runs_table.c.dataset_id,
        data_versions.c.number,
        runs_table.c.created_at,
        runs_table.c.plan,
        runs_table.c.environment_sha256,
    )
    return sa.select(*columns).select_from(joined).order_by(runs_table.c.number.desc())


def _states() -> sa.Select[Any]:
    """The newest event of each run stands last, so that it is the one a dictionary keeps."""
    return sa.select(run_events.c.run_id, run_events.c.state).order_by(run_events.c.seq)


def _approved() -> sa.Select[Any]:
    """The newest of a run stands last."""
    label = models.c.name + "@" + sa.cast(model_versions.c.number, sa.Text)
    joined = model_versions.join(models, models.c.id == model_versions.c.model_id)
    return sa.select(model_versions.c.run_id, label).select_from(joined).order_by(model_versions.c.created_at)


def _scores() -> sa.Select[Any]:
    columns = (candidates.c.run_id, candidates.c.name, candidates.c.family, candidates.c.holdout_value)
    return sa.select(*columns).where(candidates.c.holdout_value.is_not(None))


def _best(greater: bool) -> sa.Select[Any]:
    """As ``Run.best``: by the folds, never by the hold-out; of equal ones the first. ``greater``: for metrics of which
    more is better; which of the two a run asks for stands in its plan."""
    by = candidates.c.cv_value.desc() if greater else candidates.c.cv_value
    place = sa.func.row_number().over(partition_by=candidates.c.run_id, order_by=(by, candidates.c.position))
    able = (
        candidates.c.state == CandidateState.PASSED.value,
        candidates.c.baseline.is_(sa.false()),
        candidates.c.cv_value.is_not(None),
    )
    ranked = sa.select(*_DETAILS, place.label("place")).where(*able).subquery()
    return sa.select(*(ranked.c[column.name] for column in _DETAILS)).where(ranked.c.place == 1)


def _gates(greater: bool) -> sa.Select[Any]:
    """Of the best candidates alone."""
    best = _best(greater).subquery()
    passed = sa.func.sum(sa.cast(gate_results.c.passed, sa.Integer))
    joined = best.join(gate_results, gate_results.c.candidate_id == best.c.id)
    return sa.select(best.c.id, sa.func.count(), passed).select_from(joined).group_by(best.c.id)


@dataclass(frozen=True, slots=True)
class _Found:
    """What was read, by run; ``gates`` by candidate. ``best``: by whether a greater score is better."""

    names: Mapping[str, str]
    states: Mapping[str, str]
    approved: Mapping[str, str]
    plans: Mapping[str, Plan]
    best: dict[bool, dict[str, Told]] = field(default_factory=dict)
    gates: dict[str, tuple[int, int]] = field(default_factory=dict)
    scores: dict[str, dict[str, float]] = field(default_factory=lambda: defaultdict(dict))
    baseline: dict[str, float] = field(default_factory=dict)

    def line(self, told: Told) -> RunLine:
        """One run; equal plans are one object."""
        id_, number, dataset_id, version, created_at, text, environment = told
        plan = self.plans[text]
        best = self.best[GREATER_IS_BETTER[plan.metric]].get(id_)
        return RunLine(
            id_,
            number,
            f"{self.names[dataset_id]} v{version}",
            _STATES[self.states[id_]],
            created_at,
            plan,
            environment,
            None if best is None else _candidate(best, self.gates),
            self.baseline.get(id_),
            self.approved.get(id_, ""),
            self.scores[id_],
        )


_STATES = {state.value: state for state in RunState}


def _candidate(told: Told, gates: Mapping[str, tuple[int, int]]) -> CandidateLine:
    value, low, high = told[_SCORE:]
    score = None if value is None else Score(value, low, high)
    decided, passed = gates.get(told[_ID], (0, 0))
    return CandidateLine(
        told[_ID], told[_NAME], told[_FAMILY], told[_CV], score, told[_SECONDS], told[_BYTES], decided, passed
    )
