"""Calibrate: a new candidate from a recorded recipe whose probabilities come true more often as they say.

It stands in a run of its own, with the baselines of the run it comes from, and has to pass the same gates as any other.
"""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from app.approval.check import gates_after, gates_of_plan
from app.core.ids import new_id
from app.core.progress import JobContext, Part
from app.core.runs import Candidate, Plan, Run, RunState
from app.core.thresholds import CALIBRATED
from app.errors import JobCancelled, NotAllowed
from app.jobs.supervise import Limits, run_in_child
from app.registry import datasets, runs
from app.registry.gates import gate_set_of
from app.training import results
from app.training.calibrate_order import CalibrateOrder
from app.training.order import CandidateOrder, Fitted
from app.training.recording import Recording
from app.training.train import MEMORY_BYTES, order_for

if TYPE_CHECKING:
    from app.registry.project import Project

CALIBRATION = "calibration"
MOST_S = 3600.0
"""What the child may take: a recipe that was fitted once within a plan's seconds is fitted once a fold more."""


def calibrate(project: Project, candidate_id: str, ctx: JobContext) -> Run:
    """The run with the calibrated candidate, its gates decided. NotAllowed for what has no probabilities, was not
    exported, or is calibrated already."""
    base = runs.candidate(project, candidate_id)
    source = runs.run(project, base.run_id)
    recipe = results.recipe(project, base)
    if problem := why_not(source.plan, base, recipe.params):
        raise NotAllowed(problem, "Choose another candidate.")
    wanted = CalibrateOrder(base.name + CALIBRATED, recipe.family, recipe.params)
    plan = _plan(project, source)
    run = runs.start_run(project, source.dataset_id, plan, _environment(project))
    notes = (f"{base.name} of run {source.number}, its probabilities mapped by a sigmoid.",)
    state, reason = RunState.FAILED, "A fault in Modelyard ended the run."
    try:
        _carry_baselines(project, source, run)
        state, reason = _make(project, run, wanted, Part(ctx, 0.0, 0.95))
    except JobCancelled:
        state, reason = RunState.CANCELLED, "Cancelled."
        raise
    except BaseException as error:
        reason = str(error) or reason
        raise
    finally:
        runs.end_run(project, run.id, state, reason=reason, notes=notes)
    return gates_after(project, runs.run(project, run.id), Part(ctx, 0.95, 1.0))


def why_not(plan: Plan, base: Candidate, params: str) -> str:
    """Why this cannot be calibrated, in words; empty if it can."""
    if not plan.task.classifies:
        return "Only classes have probabilities to calibrate."
    if base.baseline or not base.onnx_sha256:
        return f"{base.name} has no exported model to calibrate."
    if CALIBRATION in json.loads(params):
        return f"{base.name} is calibrated already."
    return ""


def _plan(project: Project, source: Run) -> Plan:
    """The same question, the same rows, nothing searched; the gates of today."""
    held = gate_set_of(project, source.dataset_id)
    return replace(source.plan, search=False, gates=held.number if held else 0)


def _environment(project: Project) -> str:
    from app.training.environment import environment

    return project.objects.put_json(environment())


def _carry_baselines(project: Project, source: Run, run: Run) -> None:
    """What has to be beaten is the same; its objects are there already."""
    for baseline in source.candidates:
        if baseline.baseline:
            gates = runs.gate_results(project, baseline.id)
            runs.record_candidate(project, replace(baseline, id=new_id(), run_id=run.id), gates)


def _make(project: Project, run: Run, wanted: CalibrateOrder, ctx: JobContext) -> tuple[RunState, str]:
    reading = datasets.reading(project, run.plan.reading_id)
    gates_of, measured = gates_of_plan(project, run.plan)
    started = time.monotonic()
    order = order_for(project, run.plan, reading, (started, started + MOST_S), measured)
    recording = Recording(project, run, gates_of, None)
    with project.scratch("calibrate") as folder:
        fitted = run_in_child(
            "app.training.calibrating:calibrate_candidate",
            wanted,
            order,
            ctx=ctx,
            returns=Fitted,
            folder=folder,
            limits=Limits(memory_bytes=MEMORY_BYTES),
        )
        recording.take(CandidateOrder(wanted.name, wanted.family, 1.0), fitted, folder)
    return recording.verdict()
