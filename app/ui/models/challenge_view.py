"""What the window shows of a model version's challenger, read in one go."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.core.challenges import Challenge, ChallengeDecision, Comparison, Fresh, Rehearsal
from app.core.gates import GateResult
from app.core.worth import KeptWorth

if TYPE_CHECKING:
    from app.core.runs import Run
    from app.registry.project import Project

MOST_RUNS = 5


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to get a challenger. ``data``: a data version by its label; ``run_id``: a run that is there already."""

    text: str
    fresh: Fresh = Fresh.AUTO
    data: str | None = None
    run_id: str | None = None


@dataclass(frozen=True, slots=True)
class ChallengeView:
    """``made`` None: this version has not been challenged yet. ``became``: the version that a promoted challenger is;
    ``choices``: where the next challenger may come from; ``seconds``: of the champion's search;
    ``families``, ``metric``: of the champion's plan, empty where there is no choice of families; ``live``: the
    environments that a version of the model is live in; ``worth``: what a retrain was last found to bring."""

    version_id: str
    label: str
    choices: tuple[Choice, ...]
    seconds: float
    made: Challenge | None = None
    comparison: Comparison | None = None
    decision: ChallengeDecision | None = None
    became: str = ""
    rehearsal: Rehearsal | None = None
    gates: tuple[GateResult, ...] = ()
    data: str = ""
    run_number: int = 0
    why_not: str = ""
    live: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    metric: str = ""
    worth: KeptWorth | None = None


def challenge_view(project: Project, version_id: str) -> ChallengeView:
    """The newest challenge of a version, or the one that it came from, as it is at one moment: a decision that is just
    being taken is there whole or not at all."""
    with project.database.read():
        return _read(project, version_id)


def _read(project: Project, version_id: str) -> ChallengeView:
    from app.registry import challenges, models, runs
    from app.registry.worth import newest_worth

    version = models.model_version(project, version_id)
    run = runs.run(project, version.run_id)
    plain = ChallengeView(
        version.id,
        version.label,
        _choices(project, run),
        run.plan.seconds,
        families=run.plan.families if run.plan.target else (),
        metric=run.plan.metric,
        worth=newest_worth(project, version.id),
    )
    every = challenges.challenges(project, version.model_id)
    own = (c for c in every if version.id == c.champion_version_id)
    origin = (c for c in every if version.candidate_id == c.candidate_id)
    made = next((c for found in (own, origin) for c in found), None)
    return _filled(project, plain, made) if made is not None else plain


def _filled(project: Project, plain: ChallengeView, made: Challenge) -> ChallengeView:
    from app.data.lineage import label
    from app.monitoring.retraining.decide import live_places, why_not
    from app.registry import challenges, models, runs

    decision = challenges.decision_of(project, made.id)
    became = decision.model_version_id if decision is not None else None
    return replace(
        plain,
        made=made,
        comparison=challenges.comparison(project, made),
        decision=decision,
        became=models.model_version(project, became).label if became else "",
        rehearsal=challenges.newest_rehearsal(project, made.id),
        gates=runs.gate_results(project, made.candidate_id) if made.candidate_id else (),
        data=label(project, made.data_version_id),
        run_number=runs.run(project, made.run_id).number,
        why_not="" if decision is not None else why_not(project, made),
        live=tuple(live_places(project, made)),
    )


def _choices(project: Project, run: Run) -> tuple[Choice, ...]:
    from app.core.origins import OriginKind
    from app.registry import datasets, origins
    from app.registry.newest_runs import later_alike

    name = datasets.dataset(project, run.dataset_id).name
    before = datasets.version(project, run.plan.version_id).number
    newer = [v.number for v in datasets.versions(project, run.dataset_id) if v.number > before]
    _, origin = origins.fetched_version(project, run.dataset_id)
    found = [Choice("What is newer"), Choice("Predictions with labels", Fresh.LOGGED)]
    if origin is not None and origin.kind not in (OriginKind.FILE, OriginKind.PASTE):
        found.append(Choice("What the source has now", Fresh.REFRESHED))
    found += [Choice(f"{name}, version {number}", data=f"{name}@{number}") for number in reversed(newer)]
    later = later_alike(project, run, MOST_RUNS)
    return (*found, *(Choice(f"Run {r.number} as it is", run_id=r.id) for r in later))
