"""What the data page shows, read in one go beside the window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.core.data import Dataset, DataVersion, Profile, Reading
from app.core.deploy import Bundle, ServiceStatus
from app.core.gates import Gate, GateResult
from app.core.models import ModelVersion
from app.core.origins import Origin
from app.core.referee import RefereeVerdict
from app.core.runs import Candidate, Plan, Run, RunState
from app.errors import ModelyardError
from app.ui.data.version_notes import VersionNote, read_notes

if TYPE_CHECKING:
    from app.data.standing import Standing
    from app.registry.project import Project


@dataclass(frozen=True, slots=True)
class Result:
    """The newest run on a version and what became of it. ``reason``: prefilled for the approval."""

    run: Run
    best: Candidate | None
    gates: tuple[GateResult, ...]
    reason: str
    model: ModelVersion | None
    bundle: Bundle | None
    service: ServiceStatus | None
    verdict: RefereeVerdict | None = None


@dataclass(frozen=True, slots=True)
class DataView:
    """One version as it is read now. ``plan`` is None where training is impossible; ``why_not`` says why."""

    all: tuple[tuple[Dataset, tuple[DataVersion, ...]], ...]
    dataset: Dataset
    version: DataVersion
    reading: Reading
    profile: Profile
    plan: Plan | None
    why_not: str
    gates: tuple[Gate, ...]
    result: Result | None
    interrupted: tuple[Run, ...]
    standings: tuple[Standing, ...] = ()
    notes: Mapping[str, VersionNote] = field(default_factory=dict)
    origin: Origin | None = None
    tried: int = 0
    """Trials of the newest interrupted run: with some it can be gone on with."""
    asked: str = ""
    """About a time that does not divide the rows; it is answered on Train."""


def read_view(project: Project, version_id: str | None) -> DataView | None:
    """The view of a version, of the newest one if it is unknown; None in a project without data."""
    from app.approval.gates import gates_for
    from app.data.looking import profile as profiles
    from app.data.standing import standing_findings
    from app.registry import datasets, origins, runs, trials

    every = tuple((d, tuple(datasets.versions(project, d.id))) for d in datasets.datasets(project))
    known = [(d, v) for d, versions in every for v in versions]
    if not known:
        return None
    lost = runs.runs_that(project, RunState.INTERRUPTED)
    version_id = version_id or next((run.plan.version_id for run in lost), None)
    newest = max(known, key=lambda pair: pair[1].created_at)
    dataset, version = next((pair for pair in known if pair[1].id == version_id), newest)
    reading = datasets.current_reading(project, version.id)
    plan, why_not = _plan(project, version, reading)
    interrupted = tuple(run for run in lost if run.plan.version_id == version.id)
    return DataView(
        every,
        dataset,
        version,
        reading,
        profiles.load(project, reading),
        plan,
        why_not,
        tuple(gates_for(project, reading)),
        _result(project, version),
        interrupted,
        standing_findings(project, reading),
        read_notes(project),
        origin=origins.origin_of(project, version.id),
        tried=len(trials.trials_of(project, interrupted[0].id)) if interrupted else 0,
        asked=_asked(project, reading, plan),
    )


def _asked(project: Project, reading: Reading, plan: Plan | None) -> str:
    from app.data.dividing import question_of

    asked = question_of(project, reading, plan.split) if plan is not None else None
    return asked.message if asked is not None else ""


def _plan(project: Project, version: DataVersion, reading: Reading) -> tuple[Plan | None, str]:
    from app.training.plan import make_plan

    try:
        return make_plan(project, version, reading), ""
    except ModelyardError as error:
        return None, str(error)


def _result(project: Project, version: DataVersion) -> Result | None:
    from app.approval.gates import summary
    from app.registry import deploy, models, runs, thresholds, verdicts
    from app.serving.local import statuses

    ended = (RunState.FINISHED, RunState.CANCELLED, RunState.FAILED)
    run = next(iter(runs.runs_that(project, *ended, version_id=version.id, most=1)), None)
    if run is None:
        return None
    best = run.best
    if best is None:
        return Result(run, None, (), "", None, None, None)
    gates = tuple(runs.gate_results(project, best.id))
    model = models.version_of_candidate(project, best.id)
    bundles = deploy.bundles(project, model.id) if model is not None else []
    bundle = next(iter(thresholds.bundles_that_hold(project, model)), None) if model is not None else None
    ids = {b.id for b in bundles}
    service = next((s for s in statuses(project) if s.service.bundle_id in ids), None)
    return Result(run, best, gates, summary(gates), model, bundle, service, verdicts.verdict_of(project, run.id))
