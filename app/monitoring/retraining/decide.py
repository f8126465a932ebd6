"""Promote the challenger or keep the champion: a person's word, once, with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.challenges import Challenge, ChallengeDecision, Decision
from app.core.progress import JobContext, Part, Silent
from app.errors import JobCancelled, ModelyardError, NotAllowed

if TYPE_CHECKING:
    from app.core.releases import Release
    from app.core.thresholds import ChosenThreshold
    from app.registry.project import Project


def decide(
    project: Project, challenge_id: str, decision: Decision | str, reason: str, ctx: JobContext | None = None
) -> ChallengeDecision:
    """Record what becomes of a challenger, and end the runs of rules that waited for it. ``promoted``: it is approved
    as the model's next version, with the champion's threshold, in the same transaction as the decision; the gates
    apply. Rolling out is another verb.

    Raises BadInput without a reason; NotAllowed, with the reason, if it was decided before or may not be promoted.
    """
    from app.approval.approve import approve
    from app.monitoring.automation.waiting import follow_decisions
    from app.registry import challenges

    wanted, told = Decision(decision), ctx or Silent()
    about = challenges.challenge(project, challenge_id)
    if wanted is Decision.KEPT:
        kept = challenges.record_decision(project, challenge_id, wanted, reason)
        follow_decisions(project)
        return kept
    if problem := why_not(project, about):
        decided = challenges.decision_of(project, about.id) is not None
        raise NotAllowed(problem, "Retrain again." if decided else "Keep the champion, or retrain.")
    with project.database.write("promoting a challenger"):
        challenges.record_decision(project, challenge_id, wanted, reason)
        _take_threshold_over(project, about)
        approve(project, about.run_id, candidate_id=about.candidate_id, reason=reason, ctx=told)
    follow_decisions(project)
    made = challenges.decision_of(project, challenge_id)
    assert made is not None
    return made


def why_not(project: Project, about: Challenge) -> str:
    """Why a challenger may not be promoted now, in words; empty if it may."""
    from app.approval import approve
    from app.registry import challenges, runs

    before = challenges.decision_of(project, about.id)
    if before is not None:
        return f"This was decided already: {before.decision.value} by {before.actor}."
    if about.candidate_id is None:
        return "No challenger was finished."
    return approve.why_not(project, runs.run(project, about.run_id), runs.candidate(project, about.candidate_id))


def threshold_taken_over(project: Project, about: Challenge) -> ChosenThreshold | None:
    """The champion's, by which the challenger was compared and will answer; None where neither has one, or the
    challenger has its own."""
    from app.registry import models, thresholds

    if about.candidate_id is None or thresholds.threshold_of(project, about.candidate_id) is not None:
        return None
    champion = models.model_version(project, about.champion_version_id)
    return thresholds.threshold_of(project, champion.candidate_id)


def _take_threshold_over(project: Project, about: Challenge) -> None:
    """The challenger answers from the same probability on as the champion: it was compared so."""
    from app.registry import models, thresholds

    chosen = threshold_taken_over(project, about)
    if chosen is None or about.candidate_id is None:
        return
    champion = models.model_version(project, about.champion_version_id)
    summary = f"From {chosen.at:.3g} on, taken over from {champion.label}."
    thresholds.record_threshold(
        project, about.candidate_id, at=chosen.at, alarm=chosen.alarm, miss=chosen.miss, summary=summary
    )


def live_places(project: Project, about: Challenge) -> list[str]:
    """The names of the environments in which a version of the challenged model is live."""
    from app.serving.rollout import live_on

    return [live.environment.name for live in live_on(project) if live.model_id == about.model_id]


def roll_out(project: Project, decided: ChallengeDecision, ctx: JobContext) -> list[Release]:
    """Have a promoted challenger answer wherever its model is live now, with the decision's reason. Raises as
    ``serving.rollout.promote``, saying first that the approval stands."""
    from app.registry import challenges, models
    from app.serving.rollout import promote

    if decided.model_version_id is None:
        raise NotAllowed("The champion was kept: there is nothing to roll out.")
    places = live_places(project, challenges.challenge(project, decided.challenge_id))
    share = 1 / max(len(places), 1)
    try:
        return [
            promote(project, decided.model_version_id, place, decided.reason, ctx=Part(ctx, i * share, (i + 1) * share))
            for i, place in enumerate(places)
        ]
    except JobCancelled:
        raise
    except ModelyardError as error:
        label = models.model_version(project, decided.model_version_id).label
        error.message = f"{label} is approved, and is not rolled out: {error.message}"
        raise
