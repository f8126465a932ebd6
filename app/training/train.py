"""Train: order the candidates from children, record each one as it finishes. The parent's side."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.data import Reading
from app.core.gates import GateResult
from app.core.progress import JobContext
from app.core.runs import Candidate, Plan, Run, RunState
from app.core.search import Trial
from app.errors import BadInput, JobCancelled, ModelyardError
from app.jobs.pool import run_dynamic, run_many
from app.jobs.supervise import Limits
from app.registry import datasets, runs
from app.training.lineup import baselines, lineup
from app.training.order import NO_TARGET, CandidateOrder, FitOrder, Fitted, Measured
from app.training.plan import refuse_blocked, searches
from app.training.recording import Recording
from app.training.search.search_notes import (
    divided_by_chance,
    divided_by_date,
    hint_by_chance,
    imbalance_note,
    search_note,
)
from app.training.search.search_orders import Done, Work
from app.training.search.searching import Search
from app.training.search.trial_log import TrialLog, unfinished
from app.training.watch import TimedContext, TimeUp

if TYPE_CHECKING:
    from app.registry.project import Project

WORKERS = 2
"""Candidates at a time, one thread each (measured: more threads a fit are slower on busy cores)."""
MEMORY_BYTES = 4 << 30
GRACE = 1.05
"""Children aim at the plan's seconds; what is not done at this multiple is stopped."""
FIRST_MODEL_WITHIN = 2.0
"""Where starting alone took all the time, a first model is waited for until this multiple: it is what was asked for."""
STORING_S = 0.3

GatesOf = Callable[[Fitted], Sequence[GateResult]]


def train(
    project: Project,
    plan: Plan,
    ctx: JobContext,
    *,
    on_candidate: Callable[[Candidate], None] | None = None,
    on_trial: Callable[[Trial], None] | None = None,
    asked_to_stop: Callable[[], bool] | None = None,
    gates_of: GatesOf | None = None,
    reserve_s: float = 0.0,
    measured: Measured = Measured(),  # noqa: B008
    only: Sequence[CandidateOrder] = (),
    split_asked: bool = False,
) -> Run:
    """Fit, score, export and prove every candidate within ``plan.seconds`` less ``reserve_s`` (for what the caller
    does afterwards); the run with those that finished.

    Each candidate is recorded with its objects and gate results when it finishes; ``on_candidate`` hears of it in
    this thread. A plan that searches tells each trial to ``on_trial``, here as well, and asks ``asked_to_stop`` a few
    times a second whether to make candidates of the best ones now. ``measured``: what the gates need besides. ``only``:
    these candidates instead of the plan's. ``split_asked``: somebody said how rows are divided, so that nothing is
    asked about it. The baseline is made however few the seconds are, and a first model is waited for a while. A
    cancelled run is returned as such with the candidates it has. NotAllowed if a check blocks training; BadInput if the
    data cannot be divided; both before a child was asked for more.
    """
    started = time.monotonic()
    reading = datasets.reading(project, plan.reading_id)
    refuse_blocked(project, reading)
    run = _start(project, plan)
    recording = Recording(project, run, gates_of, on_candidate)
    recording.notes += divided_by_date(plan, reading)
    recording.notes += [] if split_asked else divided_by_chance(project, plan, reading)
    seconds = plan.seconds - reserve_s
    timed = TimedContext(ctx, started, seconds, seconds * GRACE, partial(_may_end, recording, started, seconds))
    state, reason = RunState.FAILED, "A fault in Modelyard ended the run."
    try:
        with project.scratch("train") as folder:
            order = order_for(project, plan, reading, (started, started + seconds - STORING_S), measured)
            if searches(plan.seconds, plan.search) and not only:
                _search(project, order, folder, recording, timed, TrialLog(project, run.id, on_trial), asked_to_stop)
            else:
                _fit_all(only or lineup(plan), order, folder, recording, timed)
        state, reason = recording.verdict()
    except TimeUp:
        recording.notes.append(f"What was not done after {plan.seconds:g} s was stopped.")
        state, reason = recording.verdict()
    except JobCancelled:
        state, reason = RunState.CANCELLED, "Cancelled."
    except BaseException as error:
        if isinstance(error, BadInput):
            error.hint = hint_by_chance(plan, reading) or error.hint
        reason = str(error) or reason
        raise
    finally:
        runs.end_run(project, run.id, state, reason=reason, notes=recording.all_notes())
    return runs.run(project, run.id)


def _may_end(recording: Recording, started: float, seconds: float) -> bool:
    late = time.monotonic() > started + FIRST_MODEL_WITHIN * seconds
    return recording.has_baseline and (recording.has_model or late)


def _start(project: Project, plan: Plan) -> Run:
    from app.training.environment import environment

    version = datasets.version(project, plan.version_id)
    return runs.start_run(project, version.dataset_id, plan, project.objects.put_json(environment()))


def order_for(
    project: Project, plan: Plan, reading: Reading, clock: tuple[float, float], measured: Measured
) -> FitOrder:
    """What every candidate's child is told. ``clock``: start and deadline by ``time.monotonic()``."""
    return FitOrder(
        plan=plan,
        inputs=tuple(c for c in reading.inputs if c.name != plan.split_column),
        target=reading.column(plan.target) if plan.target else NO_TARGET,
        table_path=str(project.objects.path(reading.table_sha256)),
        table_sha256=reading.table_sha256,
        started=clock[0],
        deadline=clock[1],
        split_by=reading.column(plan.split_column) if plan.split_column else None,
        measured=measured,
    )


def _fit_all(
    orders: Sequence[CandidateOrder], order: FitOrder, folder: Path, recording: Recording, ctx: JobContext
) -> None:
    """Each candidate once."""
    ctx.progress(0.0, "Starting")
    run_many(
        "app.training.fit:fit_candidate",
        orders,
        ctx,
        returns=Fitted,
        folder=folder,
        workers=WORKERS,
        limits=Limits(memory_bytes=MEMORY_BYTES),
        common=(order,),
        on_result=lambda task, result: recording.take(task, result, folder / str(orders.index(task))),
    )


def _search(
    project: Project,
    order: FitOrder,
    folder: Path,
    recording: Recording,
    ctx: JobContext,
    log: TrialLog,
    asked_to_stop: Callable[[], bool] | None,
) -> None:
    """Trials until the time is nearly up, then candidates of the best ones."""
    before = unfinished(project, order.plan, recording.run.dataset_id)
    search = Search(
        plan=order.plan,
        started=order.started,
        deadline=order.deadline,
        first=sorted(baselines(), key=lambda order: order.family == "sql"),
        asked_to_stop=asked_to_stop or (lambda: False),
        on_trial=log.take,
        known=before[1] if before else (),
    )
    if before:
        recording.notes.append(f"Went on with the best settings of run {before[0].number}, which was cut off.")

    def take(work: Work, result: Done | ModelyardError, own: Path) -> None:
        search.take(work, result, own)
        if work.candidate:
            fitted = result if isinstance(result, ModelyardError) else result.fitted
            assert fitted is not None
            recording.take(work.candidate, fitted, own)

    ctx.progress(0.0, "Starting")
    try:
        run_dynamic(
            "app.training.search.working:work",
            search.next,
            ctx,
            returns=Done,
            folder=folder,
            workers=WORKERS,
            limits=Limits(memory_bytes=MEMORY_BYTES),
            common=(order,),
            on_result=take,
        )
    finally:
        log.flush()
        recording.notes += [*search_note(search), *imbalance_note(order.plan, search.survey)]
