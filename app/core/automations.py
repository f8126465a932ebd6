"""Automations: rules that say when something is done by itself, and what; and what became of each time."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum

from app.core.challenges import SAME_PLAN, ChangedPlan
from app.core.runs import FAMILIES
from app.errors import BadInput


class When(StrEnum):
    """What a rule waits for. ``ACT``: a look that says *act*; ``BELOW``: one that finds the performance below its
    limit; ``HAND``: nobody but a person starts it."""

    DAY = "day"
    WEEK = "week"
    LABELS = "labels"
    ACT = "act"
    BELOW = "below"
    HAND = "hand"


class Step(StrEnum):
    """What a rule does, in the order of the loop. ``GATE``: go on only with a challenger that passed every gate and is
    better; ``WAIT``: go on once a person has promoted it; ``PROMOTE``: by itself, where the environment allows it."""

    COLLECT = "collect"
    REFRESH = "refresh"
    CHECK = "check"
    MONITOR = "monitor"
    RETRAIN = "retrain"
    GATE = "gate"
    WAIT = "wait"
    PROMOTE = "promote"


ABOUT_MODEL = frozenset({Step.MONITOR, Step.RETRAIN, Step.GATE, Step.WAIT, Step.PROMOTE})
NEEDS_CHALLENGER = (Step.GATE, Step.WAIT, Step.PROMOTE)
EVENTS = frozenset({When.LABELS, When.ACT, When.BELOW})
UNJUDGED = "Nothing says which of two models of unusual rows is right: no rule promotes one by itself."
"""There is no truth to compare them by."""
ONE_KIND = "Unusual rows are found by one kind of model only."
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class RuleState(StrEnum):
    """Whether a rule is looked at."""

    ACTIVE = "active"
    PAUSED = "paused"
    REMOVED = "removed"


class RunState(StrEnum):
    """How a time that a rule ran stands, and each of its steps. ``STOPPED``: a step found a reason not to go on (bad
    data, a gate that failed); ``FAILED``: it could not be done; ``WAITING``: a person decides; ``INTERRUPTED``: the
    program ended meanwhile."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"
    WAITING = "waiting"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Trigger:
    """``at``: HH:MM by this machine's clock; ``weekday``: 0 is Monday; ``labels``: how many new ones."""

    when: When
    at: str = ""
    weekday: int = 0
    labels: int = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """``model``: its name; ``dataset``: its name, empty for the one that the model was trained on; ``environment``:
    where *promote* goes; ``plan``: what *retrain* does otherwise than the champion's plan."""

    trigger: Trigger
    steps: tuple[Step, ...]
    model: str = ""
    dataset: str = ""
    environment: str = ""
    plan: ChangedPlan = SAME_PLAN


@dataclass(frozen=True, slots=True)
class Automation:
    """A rule with its name. ``number``: by the order in which they were made; ``since``: when its rule was last changed
    or resumed: nothing that was before makes it run."""

    id: str
    number: int
    name: str
    rule: Rule
    state: RuleState
    since: str
    actor: str


BY_HAND = "hand "
"""Begins the key of an occasion that is somebody's wish."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """A time at which a rule has reason to run. ``key``: the same for everybody who looks; ``at``: UTC, ISO 8601;
    ``why``: in words."""

    key: str
    at: str
    why: str


@dataclass(frozen=True, slots=True)
class StepResult:
    """What became of a step. ``note``: what it found, or why it failed. ``code``: what a gate, a check or a verdict
    says to whoever asked for an exit code (see ``Code``). ``challenge``: the id of the challenger that it is about."""

    step: Step
    state: RunState
    note: str = ""
    code: str = ""
    challenge: str = ""


class Code(StrEnum):
    """What a step found that a schedule or a CI service should learn of; ``PERSON``: a person did it, or said so."""

    NOTHING = ""
    PERSON = "person"
    REFUSED = "refused"
    GATE = "gate"
    ACT = "act"


@dataclass(frozen=True, slots=True)
class AutomationRun:
    """One time that a rule ran. ``why``: its occasion in words; ``note``: how it ended, in words; ``last_at``: of its
    last event."""

    id: str
    automation_id: str
    trigger: str
    why: str
    created_at: str
    state: RunState
    steps: tuple[StepResult, ...]
    note: str
    last_at: str

    @property
    def challenge(self) -> str:
        """The id of the challenger that it made, waits with or rolled out; empty if it is about none."""
        return next((step.challenge for step in reversed(self.steps) if step.challenge), "")


def checked(rule: Rule) -> Rule:
    """The rule with its steps in the order of the loop. BadInput, in words, for one that cannot be done."""
    if not rule.steps:
        raise BadInput("The automation does nothing yet.", "Choose at least one step.")
    _check_trigger(rule.trigger)
    if not rule.model and (ABOUT_MODEL & set(rule.steps) or rule.trigger.when in EVENTS):
        raise BadInput("The automation does not say which model it is about.", "Name a model.")
    if not (rule.model or rule.dataset) and {Step.REFRESH, Step.CHECK} & set(rule.steps):
        raise BadInput("The automation does not say which data it is about.", "Name a data set or a model.")
    later = [step for step in NEEDS_CHALLENGER if step in rule.steps]
    if later and Step.RETRAIN not in rule.steps:
        raise BadInput(f"There is no challenger to {later[0].value}.", "Add the step retrain.")
    if Step.PROMOTE in rule.steps and not rule.environment:
        raise BadInput("Promote needs an environment.", "Name the one that a new version goes to.")
    _check_plan(rule)
    return replace(rule, steps=tuple(step for step in Step if step in rule.steps))


def _check_plan(rule: Rule) -> None:
    plan = rule.plan
    if plan != SAME_PLAN and Step.RETRAIN not in rule.steps:
        raise BadInput("Nothing is retrained, so there is no plan to change.", "Add the step retrain.")
    if unknown := [family for family in plan.families if family not in FAMILIES]:
        raise BadInput(f"There is no kind of model {unknown[0]}.", f"There are {', '.join(FAMILIES)}.")
    if plan.seconds is not None and not 0 < plan.seconds < math.inf:
        raise BadInput("The time for a retraining must be a number of seconds above zero.", "Write 60.")


def promotes_by_itself(rule: Rule) -> bool:
    """Whether no person is asked before a challenger goes live."""
    return Step.PROMOTE in rule.steps and Step.WAIT not in rule.steps


def _check_trigger(trigger: Trigger) -> None:
    if trigger.when in (When.DAY, When.WEEK):
        minutes(trigger.at)
    if trigger.when is When.WEEK and not 0 <= trigger.weekday < len(DAYS):
        raise BadInput("There is no such day of the week.", f"Write one of {', '.join(DAYS)}.")
    if trigger.when is When.LABELS and trigger.labels < 1:
        raise BadInput("At least one new label has to be asked for.", "Write labels:200.")


def minutes(at: str) -> tuple[int, int]:
    """``06:30`` as hour and minute. BadInput if it is no time of day."""
    hour, colon, minute = at.partition(":")
    if colon and hour.isascii() and hour.isdigit() and minute.isascii() and minute.isdigit() and len(minute) == 2:
        found = int(hour), int(minute)
        if found[0] < 24 and found[1] < 60:
            return found
    raise BadInput(f"{at or 'Nothing'} is no time of day.", "Write it as 06:30.")
