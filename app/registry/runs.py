"""Runs, their candidates and gate results. A run's state is its last event; nothing is overwritten."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from app.core.gates import GateResult
from app.core.ids import new_id
from app.core.runs import Candidate, CandidateState, Plan, Run, RunState, Score
from app.errors import NotAllowed, NotFound
from app.registry import audit
from app.registry.process import ProcessMark, is_alive, this_process
from app.registry.rows import from_json, need_objects, next_number, one, pieces, to_json
from app.registry.tables import candidates, model_versions, run_events
from app.registry.tables import gate_results as gate_results_table
from app.registry.tables import runs as runs_table

if TYPE_CHECKING:
    from app.registry.project import Project

ENDED = (RunState.FINISHED, RunState.CANCELLED, RunState.FAILED, RunState.INTERRUPTED)
_OTHER_HOST_GRACE = timedelta(days=1)
_DIGESTS = ("recipe_sha256", "onnx_sha256", "parity_sha256", "predictions_sha256", "evaluation_sha256")


def start_run(project: Project, dataset_id: str, plan: Plan, environment_sha256: str) -> Run:
    """Record that a run begins in this process; audit entry ``run.start``. Raises ``CorruptObject`` if the
    environment is not stored."""
    with project.database.write("starting a run") as connection:
        need_objects(project, (environment_sha256,))
        number = next_number(connection, runs_table.c.number)
        made = Run(new_id(), number, dataset_id, plan, environment_sha256, RunState.RUNNING, project.now())
        connection.execute(sa.insert(runs_table).values(
            id=made.id, number=number, dataset_id=dataset_id, version_id=plan.version_id, reading_id=plan.reading_id,
            plan=to_json(plan), environment_sha256=environment_sha256, created_at=made.created_at,
        ))  # fmt: skip
        _add_event(project, connection, made.id, RunState.RUNNING)
        audit.record(connection, project, "run.start", f"run:{made.id}", {
            "run": number, "data_version": plan.version_id, "reading": plan.reading_id, "target": plan.target,
            "task": plan.task, "metric": plan.metric, "seconds": plan.seconds, "seed": plan.seed,
        })  # fmt: skip
    return made


def record_candidate(project: Project, candidate: Candidate, gates: Sequence[GateResult] = ()) -> None:
    """Record a candidate that finished, with its gate results; audit entry ``run.candidate``.

    Raises ``NotAllowed`` if the run has ended, ``CorruptObject`` if one of its objects is not stored.
    """
    with project.database.write("saving a candidate") as connection:
        need_objects(project, (getattr(candidate, name) for name in _DIGESTS))
        owner = run(project, candidate.run_id)
        if owner.state is not RunState.RUNNING:
            raise NotAllowed(f"Run {owner.number} has ended ({owner.state}); it takes no more candidates.")
        connection.execute(sa.insert(candidates).values(_row(project, connection, candidate)))
        _insert_gates(connection, candidate.id, gates)
        cv, holdout = (score.value if score else None for score in (candidate.cv, candidate.holdout))
        audit.record(connection, project, "run.candidate", f"candidate:{candidate.id}", {
            "run": owner.number, "name": candidate.name, "state": candidate.state, "cv": cv, "holdout": holdout,
            "onnx": candidate.onnx_sha256, "failed_gates": [g.name for g in gates if not g.passed],
        })  # fmt: skip


def add_gate_results(project: Project, candidate_id: str, gates: Sequence[GateResult]) -> None:
    """Add results that could only be decided when the run's other candidates were there; audit entry ``run.gate``."""
    chosen = candidate(project, candidate_id)
    owner, start = run(project, chosen.run_id), len(gate_results(project, candidate_id))
    with project.database.write("saving a gate") as connection:
        _insert_gates(connection, candidate_id, gates, start)
        audit.record(connection, project, "run.gate", f"candidate:{candidate_id}", {
            "run": owner.number, "name": chosen.name, "failed_gates": [g.name for g in gates if not g.passed],
        })  # fmt: skip


def end_run(project: Project, run_id: str, state: RunState, *, reason: str = "", notes: Sequence[str] = ()) -> Run:
    """Record how a run ended; audit entry ``run.<state>``. Raises ``NotAllowed`` if it had ended already."""
    if state not in ENDED:
        raise ValueError(f"a run does not end as {state}")
    _change(project, run_id, state, reason, notes)
    return run(project, run_id)


def discard_run(project: Project, run_id: str, *, reason: str = "") -> Run:
    """Put a run aside; its rows and objects stay. Audit entry ``run.discarded``.

    Raises ``NotAllowed`` while it runs, if it is discarded already or a model was approved from it.
    """
    with project.database.write("discarding a run") as connection:
        approved = sa.select(model_versions.c.id).where(model_versions.c.run_id == run_id)
        if connection.execute(approved).first():
            raise NotAllowed("A model was approved from this run, so it stays.", "Discard another run.")
        if run(project, run_id).state is RunState.RUNNING:
            raise NotAllowed("This run is still running.", "Cancel it first.")
        _change(project, run_id, RunState.DISCARDED, reason, ())
    return run(project, run_id)


def mark_interrupted(project: Project) -> list[Run]:
    """Mark every running run whose process is gone as interrupted; the runs that were marked.

    Of a process on another host nothing can be told from here; its run counts as gone after a day beyond its plan.
    """
    marked = []
    for found in runs_that(project, RunState.RUNNING):
        if _is_gone(project, found):
            reason = f"The program ended while run {found.number} was running."
            try:
                marked.append(end_run(project, found.id, RunState.INTERRUPTED, reason=reason))
            except NotAllowed:  # another window was faster
                continue
    return marked


def runs(project: Project, dataset_id: str | None = None, most: int | None = None) -> list[Run]:
    """The newest ``most`` runs (None: all) with their candidates, newest first; of one data set if given."""
    query = sa.select(runs_table).order_by(runs_table.c.number.desc()).limit(most)
    return _runs(project, query if dataset_id is None else query.where(runs_table.c.dataset_id == dataset_id))


def runs_that(
    project: Project,
    *states: RunState,
    dataset_id: str = "",
    version_id: str = "",
    after: int = 0,
    most: int | None = None,
) -> list[Run]:
    """The newest ``most`` runs (None: all) that are in one of these states, of a data set or a version if given, with
    a number above ``after``: the others are not read."""
    query = sa.select(runs_table).where(runs_table.c.number > after, NEWEST_STATE.in_(states))
    query = query.order_by(runs_table.c.number.desc()).limit(most)
    for column, wanted in ((runs_table.c.dataset_id, dataset_id), (runs_table.c.version_id, version_id)):
        query = query.where(column == wanted) if wanted else query
    return _runs(project, query)


def counted(project: Project) -> Counter[RunState]:
    """How many runs there are in each state."""
    state = sa.select(NEWEST_STATE.label("state")).select_from(runs_table).subquery()
    with project.database.read() as connection:
        told = connection.execute(sa.select(state.c.state, sa.func.count()).group_by(state.c.state))
        return Counter({RunState(name): count for name, count in told})


NEWEST_STATE = (
    sa.select(run_events.c.state)
    .where(run_events.c.run_id == runs_table.c.id)
    .order_by(run_events.c.seq.desc())
    .limit(1)
    .correlate(runs_table)
    .scalar_subquery()
)
"""What a run's newest event made of it."""


def runs_of_ids(project: Project, ids: Sequence[str]) -> list[Run]:
    """Those of these ids that there are, newest first."""
    found = [
        one for some in pieces(ids) for one in _runs(project, sa.select(runs_table).where(runs_table.c.id.in_(some)))
    ]
    return sorted(found, key=lambda one: -one.number)


def run(project: Project, id_or_number: str) -> Run:
    """A run by its number (``3``, ``#3``), its id or a unique beginning of it. Raises ``NotFound``."""
    text = id_or_number.removeprefix("#").strip()
    where = [runs_table.c.id == text]
    if text.isdigit() and not text.startswith("0"):
        where.insert(0, runs_table.c.number == int(text))
    if len(text) >= 4:
        where.append(runs_table.c.id.startswith(text, autoescape=True))
    for condition in where:
        found = _runs(project, sa.select(runs_table).where(condition).limit(2))
        if len(found) == 1:
            return found[0]
        if found:
            raise NotFound(f"More than one run begins with {text}.", "Type more of it, or the run's number.")
    raise NotFound(f"There is no run {id_or_number} in this project.", "List them with: modelyard runs PROJECT")


def candidate(project: Project, candidate_id: str) -> Candidate:
    """One candidate. Raises ``NotFound``."""
    with project.database.read() as connection:
        query = sa.select(candidates).where(candidates.c.id == candidate_id)
        return _candidate(one(connection, query, f"candidate {candidate_id}"))


def gate_results(project: Project, candidate_id: str) -> tuple[GateResult, ...]:
    """How a candidate does at the gates, in the gates' order: those that look at labels at the threshold that was
    chosen, if one was."""
    from app.registry.thresholds import judged_at_threshold

    again = judged_at_threshold(project, candidate_id).get(candidate_id, {})
    return tuple(again.get(result.name, result) for result in decided_in_training(project, candidate_id))


def decided_in_training(project: Project, candidate_id: str) -> tuple[GateResult, ...]:
    """How a candidate did at the gates when it was trained, in the gates' order."""
    query = sa.select(gate_results_table).where(gate_results_table.c.candidate_id == candidate_id)
    with project.database.read() as connection:
        rows = connection.execute(query.order_by(gate_results_table.c.position))
        return tuple(GateResult(row.name, bool(row.passed), row.value, row.bound, row.message) for row in rows)


def gate_results_of(project: Project, candidate_ids: Iterable[str]) -> dict[str, tuple[GateResult, ...]]:
    """How these candidates did at their gates, by id: a few queries for a page that shows them all."""
    columns = ("candidate_id", "name", "passed", "value", "bound", "message")
    query = sa.select(*(gate_results_table.c[name] for name in columns)).order_by(gate_results_table.c.position)
    found: dict[str, list[GateResult]] = {}
    with project.database.read() as connection:
        for some in pieces(candidate_ids):
            told = connection.execute(query.where(gate_results_table.c.candidate_id.in_(some)))
            for id_, name, passed, value, bound, message in told:
                found.setdefault(id_, []).append(GateResult(name, bool(passed), value, bound, message))
    from app.registry.thresholds import judged_at_threshold

    again = judged_at_threshold(project)
    return {
        id_: tuple(again.get(id_, {}).get(result.name, result) for result in results) for id_, results in found.items()
    }


def _change(project: Project, run_id: str, state: RunState, reason: str, notes: Sequence[str]) -> None:
    with project.database.write("saving the run") as connection:
        before = run(project, run_id)
        try:
            _add_event(project, connection, run_id, state, reason, notes)
        except IntegrityError as error:
            raise NotAllowed(f"Run {before.number} has ended already ({before.state}).") from error
        payload: audit.Payload = {"run": before.number, "reason": reason, "notes": list(notes)}
        audit.record(connection, project, f"run.{state}", f"run:{run_id}", payload)


def _add_event(
    project: Project,
    connection: sa.Connection,
    run_id: str,
    state: RunState,
    reason: str = "",
    notes: Sequence[str] = (),
) -> None:
    mark = this_process()
    connection.execute(sa.insert(run_events).values(
        run_id=run_id, state=str(state), at=project.now(), actor=project.actor, reason=reason,
        notes=to_json(tuple(notes)), host=mark.host, pid=mark.pid, process_started=mark.started,
    ))  # fmt: skip


def _is_gone(project: Project, found: Run) -> bool:
    query = sa.select(run_events).where(run_events.c.run_id == found.id, run_events.c.state == RunState.RUNNING)
    with project.database.read() as connection:
        event = one(connection, query, f"start of run {found.number}")
    alive = is_alive(ProcessMark(event.host, event.pid, event.process_started))
    if alive is not None:
        return not alive
    age = project.clock().astimezone(UTC) - datetime.fromisoformat(event.at)
    return age > _OTHER_HOST_GRACE + timedelta(seconds=found.plan.seconds)


def _runs(project: Project, query: sa.Select[Any]) -> list[Run]:
    with project.database.read() as connection:
        rows = connection.execute(query).all()
        ids = [row.id for row in rows]
        events = _by_run(connection, sa.select(run_events).order_by(run_events.c.seq), run_events.c.run_id, ids)
        fitted = _by_run(connection, sa.select(candidates).order_by(candidates.c.position), candidates.c.run_id, ids)
    return [_run(row, events[row.id], fitted.get(row.id, [])) for row in rows]


def _by_run(
    connection: sa.Connection, query: sa.Select[Any], column: sa.Column[str], ids: list[str]
) -> dict[str, list[sa.Row[Any]]]:
    found: dict[str, list[sa.Row[Any]]] = {}
    for some in pieces(ids):
        for row in connection.execute(query.where(column.in_(some))):
            found.setdefault(row.run_id, []).append(row)
    return found


def _run(row: sa.Row[Any], events: list[sa.Row[Any]], fitted: list[sa.Row[Any]]) -> Run:
    notes = tuple(note for event in events for note in from_json(event.notes, tuple[str, ...]))
    return Run(
        row.id, row.number, row.dataset_id, from_json(row.plan, Plan), row.environment_sha256,
        RunState(events[-1].state), row.created_at, tuple(map(_candidate, fitted)), notes, events[-1].reason,
    )  # fmt: skip


def _row(project: Project, connection: sa.Connection, candidate: Candidate) -> dict[str, object]:
    row: dict[str, object] = {
        c.name: getattr(candidate, c.name) for c in candidates.columns if hasattr(candidate, c.name)
    }
    for kind, score in (("cv", candidate.cv), ("holdout", candidate.holdout)):
        row |= {f"{kind}_{part}": getattr(score, part, None) for part in ("value", "low", "high")}
    position = next_number(connection, candidates.c.position, candidates.c.run_id == candidate.run_id)
    return row | {"position": position, "created_at": project.now(), "state": str(candidate.state)}


def _insert_gates(connection: sa.Connection, candidate_id: str, gates: Sequence[GateResult], start: int = 0) -> None:
    rows = [
        {"candidate_id": candidate_id, "position": i, "name": g.name, "passed": g.passed, "value": g.value,
         "bound": g.bound, "message": g.message}
        for i, g in enumerate(gates, start)
    ]  # fmt: skip
    if rows:
        connection.execute(sa.insert(gate_results_table), rows)


def _candidate(row: sa.Row[Any]) -> Candidate:
    return Candidate(
        row.id, row.run_id, row.name, row.family, CandidateState(row.state), bool(row.baseline), row.seconds,
        _score(row.cv_value, row.cv_low, row.cv_high), _score(row.holdout_value, row.holdout_low, row.holdout_high),
        **{name: getattr(row, name) for name in _DIGESTS}, onnx_bytes=row.onnx_bytes, note=row.note,
    )  # fmt: skip


def _score(value: float | None, low: float | None, high: float | None) -> Score | None:
    return None if value is None or low is None or high is None else Score(value, low, high)
