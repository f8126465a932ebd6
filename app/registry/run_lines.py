"""All runs at once, for a table of thousands: a fixed number of queries, however many runs there are."""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
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
_RUN_ID = 0
"""In a row of details."""
_DATA, _PLAN = slice(2, 4), 5
"""In a row of a run: data set and version, plan."""
BASELINES = ("dummy", "sql")
"""Families that a model has to beat, as they stand on top of a table."""


def run_lines(project: Project) -> list[RunLine]:
    """Every run, newest first."""
    with _all_kept(), project.database.read() as connection:
        runs = _rows(connection, _runs())
        names = current_names(connection)
        found = _Found(
            names={pair: f"{names[pair[0]]} v{pair[1]}" for pair in {told[_DATA] for told in runs}},
            states=dict(_pairs(connection, _states())),
            approved=dict(_pairs(connection, _approved())),
            plans={text: from_json(text, Plan) for text in {told[_PLAN] for told in runs}},
        )
        best = {
            greater: {told[_RUN_ID]: told for told in _rows(connection, _best(greater))}
            for greater in {GREATER_IS_BETTER[plan.metric] for plan in found.plans.values()}
        }
        found.best.update({text: best[GREATER_IS_BETTER[plan.metric]] for text, plan in found.plans.items()})
        for run_id, name, family, value in _rows(connection, _scores()):
            found.scores[run_id][name] = value
            if family == "dummy":
                found.baseline[run_id] = value
        return [found.line(told) for told in runs]


@contextmanager
def _all_kept() -> Iterator[None]:
    """Nothing of what is read here is garbage: collections in between would walk 100,000 rows again and again, a fifth
    of the whole time, and the window would stand still while they do."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


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
                found[owner.question].append(owner.standing_for(_candidate(*told)))
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
    """As ``Run.best``: by the folds, never by the hold-out; of equal ones the first, which stands last. After the
    details how many gates were decided and passed. ``greater``: for metrics of which more is better; which of the two
    a run asks for stands in its plan. Half the time of a window function that ranks the candidates of each run."""
    able = (
        candidates.c.state == CandidateState.PASSED.value,
        candidates.c.baseline.is_(sa.false()),
        candidates.c.cv_value.is_not(None),
    )
    extreme = (sa.func.max if greater else sa.func.min)(candidates.c.cv_value).label("cv")
    top = sa.select(candidates.c.run_id, extreme).where(*able).group_by(candidates.c.run_id).subquery()
    its_own = sa.and_(candidates.c.run_id == top.c.run_id, candidates.c.cv_value == top.c.cv)
    gates = sa.select(sa.func.count()).where(gate_results.c.candidate_id == candidates.c.id)
    decided, passed = gates.scalar_subquery(), gates.where(gate_results.c.passed).scalar_subquery()
    joined = sa.select(*_DETAILS, decided, passed).select_from(candidates.join(top, its_own))
    return joined.where(*able).order_by(candidates.c.position.desc())


@dataclass(frozen=True, slots=True)
class _Found:
    """What was read, by run. ``names``: by data set and version; ``best``: by plan, then by run."""

    names: Mapping[Told, str]
    states: Mapping[str, str]
    approved: Mapping[str, str]
    plans: Mapping[str, Plan]
    best: dict[str, Mapping[str, Told]] = field(default_factory=dict)
    scores: dict[str, dict[str, float]] = field(default_factory=lambda: defaultdict(dict))
    baseline: dict[str, float] = field(default_factory=dict)

    def line(self, told: Told) -> RunLine:
        """One run; equal plans are one object."""
        id_, number, dataset_id, version, created_at, text, environment = told
        best = self.best[text].get(id_)
        return RunLine(
            id_,
            number,
            self.names[dataset_id, version],
            _STATES[self.states[id_]],
            created_at,
            self.plans[text],
            environment,
            None if best is None else _candidate(*best),
            self.baseline.get(id_),
            self.approved.get(id_, ""),
            self.scores[id_],
        )


_STATES = {state.value: state for state in RunState}


def _candidate(
    _run_id: str, id_: str, name: str, family: str, cv: float | None, seconds: float, onnx_bytes: int,
    value: float | None, low: float, high: float, decided: int = 0, passed: int = 0,
) -> CandidateLine:  # fmt: skip
    score = None if value is None else Score(value, low, high)
    return CandidateLine(id_, name, family, cv, score, seconds, onnx_bytes, decided, passed)
