"""Rules that wait for a person: which challenger it is, how its decision is followed, and a promotion that was decided
but did not get through."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.core.automations import (
    BY_HAND,
    Automation,
    AutomationRun,
    Code,
    Occasion,
    Rule,
    RuleState,
    RunState,
    Step,
    StepResult,
)
from app.core.challenges import Challenge, ChallengeDecision, Decision
from app.core.models import ModelVersion
from app.core.progress import JobContext, Silent
from app.errors import ModelyardError, NotFound
from app.monitoring.automation.due import given_up

if TYPE_CHECKING:
    from app.registry.project import Project

NOTHING_NEW = " Nothing new is trained until then."
DECISION = "decision "
"""Begins the key of an occasion that is somebody's word about a challenger."""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A challenger that was promoted and is not live where a rule says. ``run``: of the rule, the last one about it."""

    decided: ChallengeDecision
    version: ModelVersion
    run: AutomationRun


def waiting_challenge(project: Project, rule: Rule) -> Challenge | None:
    """The model's newest challenger, if a person has yet to decide about it: one that a rule waits with, or, for a rule
    that waits itself, one that somebody made by hand and that may be promoted. What stopped at a gate asks nobody."""
    from app.monitoring.retraining.decide import why_not
    from app.registry import automation_runs, challenges

    made = next(iter(challenges.challenges(project, _model_id(project, rule.model))), None)
    if made is None or made.candidate_id is None or ended(project, made) is not None:
        return None
    mine = automation_runs.runs_about(project, made.id)
    if mine:
        return made if any(run.state is RunState.WAITING for run in mine) else None
    return made if Step.WAIT in rule.steps and not why_not(project, made) else None


def awaited(project: Project, run: AutomationRun) -> Challenge | None:
    """The challenger that a run waits with; of a run of an older Modelyard the newest one that was there then."""
    from app.registry import automations as kept
    from app.registry import challenges

    if run.challenge:
        return challenges.challenge(project, run.challenge)
    rule = next((a.rule for a in kept.automations(project) if a.id == run.automation_id), None)
    made = challenges.challenges(project, _model_id(project, rule.model)) if rule is not None else []
    return next((one for one in made if one.created_at <= run.last_at), None)


def ended(project: Project, made: Challenge) -> tuple[RunState, str] | None:
    """How the waiting for a decision about a challenger ended, in words; None while it goes on. A challenger that was
    compared with what is no longer in use, or after which another one was made, waits for nobody."""
    from app.monitoring.monitor import watched_version
    from app.registry import challenges, models

    champion = models.model_version(project, made.champion_version_id)
    decided = challenges.decision_of(project, made.id)
    if decided is not None:
        return RunState.DONE, decision_words(project, decided, champion)
    newest = challenges.challenges(project, made.model_id)[0]
    if newest.id != made.id:
        return RunState.STOPPED, f"Overtaken: a newer challenger of {champion.model_name} was made."
    now = watched_version(project, champion.model_name)
    return (RunState.STOPPED, _overtaken(project, made, champion, now)) if now.id != champion.id else None


def _overtaken(project: Project, made: Challenge, champion: ModelVersion, now: ModelVersion) -> str:
    """Why the comparison with a champion is out of date. ``now``: what is watched instead; only what is live is in
    use, and where a model was retired everywhere nothing is."""
    from app.registry import releases

    compared = f"the challenger was compared with {champion.label}."
    if now.id in {live.model_version_id for live in releases.live_on(project)}:
        return f"Overtaken: {now.label} is in use, {compared}"
    if now.created_at > made.created_at:
        return f"Overtaken: {now.label} was approved since, {compared}"
    return f"Overtaken: {champion.label} is live no longer, {compared}"


def decision_words(project: Project, decided: ChallengeDecision, champion: ModelVersion) -> str:
    """*Ada promoted it: people@2. Better on this summer.*"""
    from app.registry import models

    reason = decided.reason if decided.reason.endswith((".", "!", "?")) else f"{decided.reason}."
    if decided.decision is Decision.KEPT or decided.model_version_id is None:
        return f"{decided.actor} kept {champion.label}: {reason}"
    version = models.model_version(project, decided.model_version_id)
    return f"{decided.actor} promoted it to {version.label}: {reason}"


def follow_decisions(project: Project) -> list[AutomationRun]:
    """End every run that waited for a decision which was taken, or which nobody has to take any more."""
    from app.registry import automation_runs
    from app.registry import automations as kept

    followed = []
    for run in automation_runs.runs_that(project, RunState.WAITING):
        made = awaited(project, run)
        told = ended(project, made) if made is not None else None
        if made is not None and told is not None:
            told = (told[0], f"{told[1]}{_left_to_a_person(project, run, told[0])}")
            for step in run.steps:
                if step.state is RunState.WAITING:
                    kept.record_step(project, run.id, StepResult(step.step, *told, Code.PERSON, made.id))
            followed.append(kept.end_run(project, run.id, *told))
            tell(project, followed[-1], Silent())
    return followed


def tell(project: Project, run: AutomationRun, ctx: JobContext) -> None:
    """Have an alert say that a run waits for a decision, failed or was cut off twice, and close it once another one
    does not: who is not at this computer learns of it by the project's channels. A rule about no model has no alert; an
    older run that ends late takes nothing back that a newer one says."""
    from app.monitoring.alerting.alerts import tell_of_automation
    from app.registry import automations as kept

    automation = next((a for a in kept.automations(project) if a.id == run.automation_id), None)
    model_id = _model_id(project, automation.rule.model) if automation is not None else ""
    tried_again = run.state is RunState.INTERRUPTED and not given_up(run)
    if automation is None or not model_id or tried_again or not _is_newest(project, run):
        return
    needs = run.state in (RunState.WAITING, RunState.FAILED) or given_up(run)
    line = f"{automation.name}: {run.note.removesuffix(NOTHING_NEW)}" if needs else ""
    tell_of_automation(project, model_id, automation.id, line, f"{automation.name}: {run.note or 'done'}", ctx)


def _is_newest(project: Project, run: AutomationRun) -> bool:
    """Whether no later run of its rule came to an end or a decision."""
    from app.registry import automation_runs

    told = (RunState.DONE, RunState.STOPPED, RunState.FAILED, RunState.WAITING)
    later = automation_runs.runs_that(project, *told, automation_id=run.automation_id, most=1)
    return all(one.id == run.id or one.created_at < run.created_at for one in later)


def _left_to_a_person(project: Project, run: AutomationRun, state: RunState) -> str:
    """That a rule may not roll out where it was told to, once the challenger was promoted."""
    from app.registry import automations as kept
    from app.registry import challenges, environments

    rule = next((a.rule for a in kept.automations(project) if a.id == run.automation_id), None)
    decided = challenges.decision_of(project, run.challenge) if run.challenge else None
    promotes = rule is not None and Step.PROMOTE in rule.steps and state is RunState.DONE
    if rule is None or not promotes or decided is None or decided.decision is not Decision.PROMOTED:
        return ""
    place = next((p for p in environments.environments(project) if p.name == rule.environment), None)
    blocked = place is not None and not place.automated
    return (
        f" {rule.environment} does not let automations roll out: roll it out by modelyard promote, or on Services."
        if blocked
        else ""
    )


def promised(project: Project, automation: Automation) -> Occasion | None:
    """That an active rule has a promotion to carry out: a person promoted the challenger that it waited with, or its
    own promotion was decided and did not get through. One that was cut off is tried again as the rule's own occasion,
    where it has one."""
    if automation.state is not RuleState.ACTIVE:
        return None
    found = unfinished(project, automation.id, automation.rule, automation.since)
    if found is None:
        return None
    own = not found.run.trigger.startswith((DECISION, BY_HAND))
    if own and found.run.state is RunState.INTERRUPTED:
        return None
    decided, place = found.decided, automation.rule.environment
    why = f"{found.version.label} was promoted by {decided.actor}, and is not live in {place} yet"
    return Occasion(f"{DECISION}{decided.challenge_id}", decided.at, why)


def unfinished(project: Project, automation_id: str, rule: Rule, since: str = "") -> Unfinished | None:
    """The promotion that a rule's newest challenger was granted and that is not live where the rule says. Nothing of
    it is left once the environment has had another release since, or does not let the version in. ``since``: the rule
    is as it is since then; what was decided before was decided about another one."""
    from app.registry import automation_runs, challenges, environments, models, releases
    from app.serving.release_gates import results

    if Step.PROMOTE not in rule.steps:
        return None
    run = automation_runs.newest_about_any(project, automation_id)
    decided = challenges.decision_of(project, run.challenge) if run is not None else None
    if run is None or decided is None or decided.model_version_id is None or not _was_to_promote(rule, run):
        return None
    if decided.at <= since:
        return None
    version = models.model_version(project, decided.model_version_id)
    try:
        place = environments.environment(project, rule.environment)
    except NotFound:
        return None
    last = releases.last_release(project, place.id, version.model_id)
    if not place.automated or (last is not None and last.at > decided.at):
        return None
    try:
        passes = all(gate.passed for gate in results(project, version, place))
    except ModelyardError:  # a run says why, and the rules after this one are still looked at
        passes = True
    return Unfinished(decided, version, run) if passes else None


def half_done(project: Project, automation_id: str) -> Challenge | None:
    """The challenger that a rule had made when it was cut off, if a decision about it is still to come."""
    from app.registry import automation_runs, challenges

    run = automation_runs.newest_about_any(project, automation_id)
    if run is None or run.state is not RunState.INTERRUPTED:
        return None
    made = challenges.challenge(project, run.challenge)
    return made if made.candidate_id is not None and ended(project, made) is None else None


def _was_to_promote(rule: Rule, run: AutomationRun) -> bool:
    """Whether a run came to its promotion and not through it: one that waited before ends with the person's word."""
    step = next((one for one in run.steps if one.step is Step.PROMOTE), None)
    if step is None:
        return Step.WAIT in rule.steps and run.state is RunState.DONE
    return step.state in (RunState.FAILED, RunState.INTERRUPTED, RunState.RUNNING)


def with_challenge(result: StepResult, made: Challenge | None) -> StepResult:
    """A step's result, with the challenger that it is about."""
    return replace(result, challenge=made.id) if made is not None else result


def _model_id(project: Project, name: str) -> str:
    """Empty where there is no such model: nothing challenges it."""
    from app.registry import models

    return next((model.id for model in models.models(project) if model.name == name), "")
