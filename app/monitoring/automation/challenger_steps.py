"""The steps of an automation that are about a challenger: make one, let the gates judge it, wait, roll it out.

Nothing is done twice: while a person has a challenger to decide about no other is made, and a promotion that was
decided but did not get through is taken up instead of a new training.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.automations import Code, RunState, Step, StepResult
from app.core.challenges import SAME_PLAN, Challenge, Comparison, Decision, Standing, plan_words, sentence
from app.core.metrics import METRIC_WORDS
from app.core.progress import JobContext, Part
from app.core.releases import ReleaseKind
from app.errors import JobCancelled, ModelyardError, NotAllowed
from app.monitoring.automation.doing import Doing
from app.monitoring.automation.waiting import NOTHING_NEW, half_done, unfinished, waiting_challenge, with_challenge

if TYPE_CHECKING:
    from app.core.models import ModelVersion
    from app.core.releases import Environment

UNTOLD = "Nothing says which of two models of unusual rows is right."
STOPPED, WAITING, DONE = RunState.STOPPED, RunState.WAITING, RunState.DONE


def retrain_step(doing: Doing, ctx: JobContext) -> StepResult:
    """Train a challenger and compare it, unless one waits already. A model that a person took away is left alone."""
    from app.monitoring.automation.making import retired
    from app.monitoring.retraining.retrain import retrain
    from app.registry import automations as kept

    if gone := retired(doing.project, doing.rule.model):
        return StepResult(Step.RETRAIN, STOPPED, gone)
    if (found := _taken_up(doing)) is not None:
        return found

    def noted(made: Challenge) -> None:
        """With the challenger itself: who goes on with a run that was cut off finds what it had made."""
        kept.record_step(doing.project, doing.run, with_challenge(StepResult(Step.RETRAIN, RunState.RUNNING), made))

    try:
        doing.challenge = retrain(doing.project, doing.rule.model, changed=doing.rule.plan, ctx=ctx, on_made=noted)
    except NotAllowed as error:  # nothing newer, or a check that blocks: no fault of anybody's
        return StepResult(Step.RETRAIN, STOPPED, str(error), _why_refused(doing))
    return _retrained(doing, f"Trained{plan_words(doing.rule.plan)}. " if doing.rule.plan != SAME_PLAN else "")


def _retrained(doing: Doing, before: str) -> StepResult:
    """How the challenger compares."""
    from app.registry import challenges

    compared = challenges.comparison(doing.project, doing.challenger)
    if compared.problem:
        return StepResult(Step.RETRAIN, STOPPED, f"{before}{compared.problem}", Code.GATE)
    return StepResult(Step.RETRAIN, DONE, f"{before}{standing_words(compared)}")


def _taken_up(doing: Doing) -> StepResult | None:
    """What stands in the way of a new training: a promotion that is not through, a decision to come, or a challenger
    that this rule made when it was cut off."""
    from app.registry import challenges

    project = doing.project
    if (left := unfinished(project, doing.automation, doing.rule)) is not None:
        doing.challenge = challenges.challenge(project, left.decided.challenge_id)
        note = f"{left.version.label} was promoted before, but is not live in {doing.rule.environment}: it is taken up."
        return StepResult(Step.RETRAIN, DONE, note)
    if (made := waiting_challenge(project, doing.rule)) is not None:
        doing.challenge = made
        return StepResult(Step.RETRAIN, WAITING, f"{_waits(doing)}{NOTHING_NEW}")
    if (made := half_done(project, doing.automation)) is not None:
        doing.challenge = made
        return _retrained(doing, "Made before this was cut off, and taken up again. ")
    return None


def _why_refused(doing: Doing) -> Code:
    from app.data.standing import blocking
    from app.registry import datasets

    newest = datasets.newest_version(doing.project, doing.dataset.id)
    found = blocking(doing.project, datasets.current_reading(doing.project, newest.id))
    return Code.REFUSED if found else Code.NOTHING


def standing_words(found: Comparison) -> str:
    """Challenger against champion in a sentence."""
    if found.flags is not None:
        return sentence(found)
    gap, beside = found.difference, f"{found.challenger} against {found.champion} on {found.rows:,} rows"
    if gap is None:
        return f"{beside}: no difference can be told."
    words = {Standing.CHALLENGER: "better", Standing.CHAMPION: "worse", Standing.UNDECIDED: "not told apart"}
    told = f"{METRIC_WORDS[found.metric]} {gap.value:+.3g} [{gap.low:.3g}, {gap.high:.3g}]"
    return f"{beside}: {words[found.standing]} ({told})."


def gate_step(doing: Doing, _ctx: JobContext) -> StepResult:
    """Every gate passed, and better than the champion beyond the noise."""
    from app.monitoring.retraining.decide import why_not
    from app.registry import challenges

    made = doing.challenger
    if _promoted(doing) is not None:
        return StepResult(Step.GATE, DONE, "It was promoted before.")
    found = challenges.comparison(doing.project, made)
    if problem := why_not(doing.project, made):
        return StepResult(Step.GATE, STOPPED, problem, Code.GATE)
    if found.flags is not None:
        return StepResult(Step.GATE, DONE, f"Every gate passed. {UNTOLD}")
    if found.standing is not Standing.CHALLENGER:
        note = f"The champion stays: {standing_words(found)}"
        return StepResult(Step.GATE, STOPPED, note, Code.GATE)
    return StepResult(Step.GATE, DONE, "Every gate passed, and it is better beyond the noise.")


def wait_step(doing: Doing, _ctx: JobContext) -> StepResult:
    """Leave it to a person, unless one promoted it."""
    if (version := _promoted(doing)) is not None:
        return StepResult(Step.WAIT, DONE, f"It was promoted to {version.label}.")
    return StepResult(Step.WAIT, WAITING, _waits(doing))


def _waits(doing: Doing) -> str:
    from app.registry import challenges

    found = challenges.comparison(doing.project, doing.challenger)
    made = doing.challenger.created_at[:10]
    return f"{found.challenger}, made {made}, waits for your decision: promote it, or keep {found.champion}."


def promote_step(doing: Doing, ctx: JobContext) -> StepResult:
    """Approve the challenger, if nobody did, and roll it out; a person does that where the environment does not let
    rules. The environment's gates are asked before anything is approved."""
    from app.monitoring.retraining.decide import decide
    from app.registry import challenges, environments, models

    project, made = doing.project, doing.challenger
    target = environments.environment(project, doing.rule.environment)
    if (held := _held(doing, target)) is not None:
        return held
    version = _promoted(doing)
    words = standing_words(challenges.comparison(project, made))
    why = doing.why.removesuffix(".")
    reason = f"Automation {doing.name}, because {why[:1].lower()}{why[1:]}. {words}"
    if version is None:
        decided = decide(project, made.id, Decision.PROMOTED, reason, Part(ctx, 0.0, 0.2))
        version = models.model_version(project, str(decided.model_version_id))
    return _rolled_out(doing, version, target, reason, Part(ctx, 0.2, 1.0))


def _held(doing: Doing, target: Environment) -> StepResult | None:
    """Why the rule does not roll out: the environment's policy, its gates, or the comparison."""
    from app.monitoring.retraining.decide import threshold_taken_over
    from app.registry import challenges, releases
    from app.serving.release_gates import results_of

    if not target.automated:
        note = f"{target.name} does not let automations roll out: a person decides."
        return StepResult(Step.PROMOTE, WAITING, note)
    last = releases.last_release(doing.project, target.id, doing.challenger.model_id)
    if last is not None and last.kind is ReleaseKind.RETIRE:
        note = f"{last.actor} took {doing.rule.model} out of {target.name}: a person decides whether it comes back."
        return StepResult(Step.PROMOTE, WAITING, note)
    found = challenges.comparison(doing.project, doing.challenger)
    by_a_person = _promoted(doing) is not None and Step.WAIT in doing.rule.steps
    if not by_a_person and (held := held_back(found, _live_in(doing, target.id))) is not None:
        return held
    taken_over = threshold_taken_over(doing.project, doing.challenger)
    at = None if taken_over is None else taken_over.at
    gates = results_of(doing.project, str(doing.challenger.candidate_id), target, at=at)
    if failed := [gate.message for gate in gates if not gate.passed]:
        note = f"{found.challenger} does not pass the gates of {target.name}. {' '.join(failed)}"
        return StepResult(Step.PROMOTE, STOPPED, note, Code.GATE)
    return None


def _rolled_out(doing: Doing, version: ModelVersion, target: Environment, reason: str, ctx: JobContext) -> StepResult:
    """What is approved stays approved if the roll-out fails: that is said, and taken up the next time."""
    from app.serving.rollout import promote

    try:
        promote(doing.project, version.id, target.name, reason, ctx=ctx)
    except JobCancelled:
        raise
    except ModelyardError as error:
        note = f"{version.label} is approved, and is not live in {target.name} yet: {error} It is taken up again."
        return StepResult(Step.PROMOTE, RunState.FAILED, note)
    code = Code.PERSON if Step.WAIT in doing.rule.steps else Code.NOTHING
    return StepResult(Step.PROMOTE, DONE, f"{version.label} is live in {target.name}.", code)


def _live_in(doing: Doing, environment_id: str) -> str:
    from app.registry import releases

    live = [one for one in releases.live_on(doing.project) if one.environment.id == environment_id]
    return next((one.version for one in live if one.model_id == doing.challenger.model_id), "")


def _promoted(doing: Doing) -> ModelVersion | None:
    """What the challenger was promoted to before, by whomever."""
    from app.registry import challenges, models

    decided = challenges.decision_of(doing.project, doing.challenger.id)
    made = decided.model_version_id if decided is not None else None
    return models.model_version(doing.project, made) if made is not None else None


def held_back(found: Comparison, live: str) -> StepResult | None:
    """Why no rule may promote a challenger: it is worse, nothing says whether it is, or it was not set beside what it
    would replace (say, because another version was rolled back to). ``live``: the version that answers there now, empty
    without one."""
    if found.standing is Standing.CHAMPION:
        return StepResult(Step.PROMOTE, STOPPED, f"The champion stays: {standing_words(found)}", Code.GATE)
    if found.flags is not None:
        return StepResult(Step.PROMOTE, WAITING, f"{UNTOLD} A person decides.")
    if live in ("", found.champion):
        return None
    note = f"{live} is live there, but the challenger was compared with {found.champion}: a person decides."
    return StepResult(Step.PROMOTE, WAITING, note)
