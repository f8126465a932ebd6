"""Do what is due, and exit: from the window, the command line or the operating system's schedule.

Two who look at the same moment do not run a rule twice (``registry.automations.claim``); what a killed process left is
found and marked; a rule that fails says why and blocks no other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from typing import TYPE_CHECKING

from app.core.automations import (
    BY_HAND,
    EVENTS,
    Automation,
    AutomationRun,
    Code,
    Occasion,
    Rule,
    RuleState,
    RunState,
    Step,
)
from app.core.automations import StepResult as Result
from app.core.challenges import Challenge
from app.core.progress import JobContext, Part
from app.errors import JobCancelled, ModelyardError
from app.monitoring.automation.automation_steps import do
from app.monitoring.automation.doing import Doing
from app.monitoring.automation.due import AGAIN, due, given_up, occasions
from app.monitoring.automation.recorded import beginning, history
from app.monitoring.automation.waiting import DECISION, awaited, ended, follow_decisions, promised, tell, with_challenge

if TYPE_CHECKING:
    from app.registry.project import Project


@dataclass(frozen=True, slots=True)
class Ran:
    """An automation and what became of it. ``challenge``: the one that it waits with, if a person has yet to decide."""

    automation: Automation
    run: AutomationRun
    challenge: Challenge | None = None


@dataclass(frozen=True, slots=True)
class RanDue:
    """``ran``: in their order; ``interrupted``: runs of killed processes that were found and marked."""

    ran: tuple[Ran, ...]
    interrupted: tuple[AutomationRun, ...]

    def found(self, code: Code) -> list[Ran]:
        """Those with a step that found this."""
        return [ran for ran in self.ran if any(step.code == code for step in ran.run.steps)]

    @property
    def unanswered(self) -> list[Ran]:
        """Looks that said *act* to which no rule of the same model answered."""
        answered = {
            ran.automation.rule.model
            for ran in self.ran
            if Step.RETRAIN in ran.automation.rule.steps and ran.run.state in (RunState.DONE, RunState.WAITING)
        }
        return [ran for ran in self.found(Code.ACT) if ran.automation.rule.model not in answered]


@dataclass(frozen=True, slots=True)
class Past:
    """When a rule would have run. ``occasions``: oldest first; ``now``: the one that is due, if any."""

    automation: Automation
    occasions: tuple[Occasion, ...]
    now: Occasion | None


def run_due(project: Project, ctx: JobContext, zone: tzinfo | None = None) -> RanDue:
    """Run each active rule that is due, at most once; rules that wait for what another found come after it.

    ``zone``: of the times of day; None: this machine's. JobCancelled ends it; the run that was under way is marked.
    """
    from app.registry import automations as kept
    from app.registry import runs

    runs.mark_interrupted(project)
    interrupted = kept.mark_interrupted(project)
    for cut in interrupted:
        tell(project, cut, ctx)
    ran = carry_on(project, ctx)
    tried = {done.automation.id for done in ran}
    while (chosen := _next_due(project, tried, zone)) is not None:
        automation, occasion = chosen
        tried.add(automation.id)
        done = run_automation(project, automation, occasion, ctx)
        if done is not None:
            ran.append(Ran(automation, done))
    return RanDue(tuple(ran), tuple(interrupted))


def carry_on(project: Project, ctx: JobContext, challenge_id: str = "") -> list[Ran]:
    """Follow what people have decided, of one challenge if it is given: end the runs that waited for it, and roll out
    what was promoted where rules say so. What a rule promoted itself and could not roll out is tried once more."""
    from app.registry import automations as kept

    follow_decisions(project)
    ran = []
    for id_ in [automation.id for automation in kept.automations(project)]:
        automation = next((a for a in kept.automations(project) if a.id == id_), None)  # a roll-out takes its time
        word = promised(project, automation) if automation is not None else None
        if automation is None or word is None or not word.key.endswith(challenge_id):
            continue
        occasion = due([word], kept.runs(project, automation.id))
        done = run_automation(project, automation, occasion, ctx) if occasion is not None else None
        if done is not None:
            ran.append(Ran(automation, done))
    return ran


def run_now(project: Project, automation: Automation, ctx: JobContext) -> AutomationRun | None:
    """Run a rule because somebody asked for it; None if it runs already."""
    from app.registry import automations as kept

    kept.mark_interrupted(project)
    follow_decisions(project)
    at = project.now()
    return run_automation(project, automation, Occasion(f"{BY_HAND}{at}", at, f"{project.actor} started it"), ctx)


def run_automation(
    project: Project, automation: Automation, occasion: Occasion, ctx: JobContext
) -> AutomationRun | None:
    """Do a rule's steps in turn until one says stop; None if somebody else has this occasion. What the verbs refuse
    or cannot do is a result, not an error."""
    from app.registry import automations as kept

    run = kept.claim(project, automation.id, occasion)
    if run is None:
        return None
    doing = _begun(project, automation, occasion, run.id)
    state, note = RunState.FAILED, "A fault in Modelyard ended it."
    try:
        state, note = _steps(project, run.id, doing, ctx)
    except JobCancelled:
        state, note = RunState.INTERRUPTED, "Cancelled."
        raise
    finally:
        kept.end_run(project, run.id, state, note)
    done = kept.run(project, run.id)
    tell(project, done, ctx)
    return done


def _begun(project: Project, automation: Automation, occasion: Occasion, run_id: str) -> Doing:
    """Somebody's word about a challenger is an occasion to do what is left to do with that one."""
    from app.registry import challenges

    doing = Doing(project, automation.rule, automation.name, occasion.why, automation=automation.id, run=run_id)
    if occasion.key.startswith(DECISION):
        doing.challenge = challenges.challenge(project, occasion.key.removeprefix(DECISION).removesuffix(AGAIN))
    return doing


def _steps(project: Project, run_id: str, doing: Doing, ctx: JobContext) -> tuple[RunState, str]:
    from app.registry import automations as kept

    left = doing.rule.steps if doing.challenge is None else (Step.PROMOTE,)
    steps, note = left, ""
    for number, step in enumerate(steps):
        ctx.check_cancelled()
        kept.record_step(project, run_id, with_challenge(Result(step, RunState.RUNNING), doing.challenge))
        share = Part(ctx, number / len(steps), (number + 1) / len(steps), f"{doing.name}: ")
        result = with_challenge(_result(step, doing, share), doing.challenge)
        kept.record_step(project, run_id, result)
        note = result.note
        if result.state is not RunState.DONE:
            return result.state, note
    return RunState.DONE, note


def _result(step: Step, doing: Doing, ctx: JobContext) -> Result:
    try:
        return do(step, doing, ctx)
    except JobCancelled:
        raise
    except ModelyardError as error:
        return Result(step, RunState.FAILED, str(error))


def dry_run(project: Project, since: str = "", zone: tzinfo | None = None) -> list[Past]:
    """When each rule would have run since a moment (default: since the first thing that was recorded of what rules
    wait for), and which are due now. Nothing is done or recorded."""
    from app.registry import automations as kept

    now = project.clock()
    start = since or beginning(project)
    told = []
    for automation in kept.automations(project):
        past = occasions(automation.rule, start, now, history(project, automation.rule, start), zone)
        told.append(Past(automation, tuple(past), _due(project, automation, zone)))
    return told


def would_have_run(project: Project, rule: Rule, zone: tzinfo | None = None) -> tuple[Occasion, ...]:
    """When a rule that is not made yet would have run on what was recorded so far, oldest first."""
    start = beginning(project)
    return tuple(occasions(rule, start, project.clock(), history(project, rule, start), zone))


def needing(project: Project) -> list[Ran]:
    """Active automations whose newest run failed, was cut off twice, met data that were refused, or waits for a
    decision that nobody has taken yet."""
    from app.registry import automations as kept

    held = [a for a in kept.automations(project) if a.state is RuleState.ACTIVE]
    newest = [_ran(project, a, run) for a in held for run in kept.runs(project, a.id, limit=1)]
    return [ran for ran in newest if _needs_somebody(ran)]


def _needs_somebody(ran: Ran) -> bool:
    state = ran.run.state
    refused = any(step.code == Code.REFUSED for step in ran.run.steps)
    waits = state is RunState.WAITING and ran.challenge is not None
    return waits or state is RunState.FAILED or (state is RunState.STOPPED and refused) or given_up(ran.run)


def _ran(project: Project, automation: Automation, run: AutomationRun) -> Ran:
    made = awaited(project, run) if run.state is RunState.WAITING else None
    return Ran(automation, run, made if made is not None and ended(project, made) is None else None)


def _next_due(project: Project, tried: set[str], zone: tzinfo | None) -> tuple[Automation, Occasion] | None:
    """The clock's rules first: what they find may be what the others wait for."""
    from app.registry import automations as kept

    held = [a for a in kept.automations(project) if a.state is RuleState.ACTIVE and a.id not in tried]
    for automation in sorted(held, key=lambda a: (a.rule.trigger.when in EVENTS, a.number)):
        occasion = _due(project, automation, zone)
        if occasion is not None:
            return automation, occasion
    return None


def _due(project: Project, automation: Automation, zone: tzinfo | None) -> Occasion | None:
    from app.registry import automations as kept

    if automation.state is not RuleState.ACTIVE:
        return None
    since = automation.since
    found = occasions(automation.rule, since, project.clock(), history(project, automation.rule, since), zone)
    return due(found, kept.runs(project, automation.id)) if found else None
