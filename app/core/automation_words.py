"""Automations as a person writes and reads them: ``monday 06:30``; *Every Monday at 06:30: collect …*"""

from __future__ import annotations

from collections.abc import Sequence

from app.core.automations import DAYS, Rule, Step, Trigger, When
from app.core.challenges import plan_words
from app.errors import BadInput

WHEN_HINT = "Write day:06:30, monday:06:30, labels:200, act, below or hand."

STEP_WORDS = {
    Step.COLLECT: "collect predictions",
    Step.REFRESH: "fetch the data again",
    Step.CHECK: "check the data",
    Step.MONITOR: "look whether it is still right",
    Step.RETRAIN: "retrain with fresh data",
    Step.GATE: "stop unless it is better and passes every gate",
    Step.WAIT: "wait for a person to promote it",
    Step.PROMOTE: "promote",
}


def trigger_of(text: str) -> Trigger:
    """``day:06:30``, ``monday:06:30``, ``labels:200``, ``act``, ``below``, ``hand``. BadInput for anything else."""
    word, _, rest = text.strip().lower().replace(" ", ":", 1).partition(":")
    if word == When.DAY:
        return Trigger(When.DAY, rest)
    if word in DAYS:
        return Trigger(When.WEEK, rest, DAYS.index(word))
    if word == When.LABELS and rest.isascii() and rest.isdigit():
        return Trigger(When.LABELS, labels=int(rest))
    if word in (When.ACT, When.BELOW, When.HAND) and not rest:
        return Trigger(When(word))
    raise BadInput(f"“{text}” is not a time that an automation knows.", WHEN_HINT)


def trigger_text(trigger: Trigger) -> str:
    """The inverse of ``trigger_of``."""
    if trigger.when is When.DAY:
        return f"day:{trigger.at}"
    if trigger.when is When.WEEK:
        return f"{DAYS[trigger.weekday]}:{trigger.at}"
    return f"labels:{trigger.labels}" if trigger.when is When.LABELS else trigger.when.value


def steps_of(text: str) -> tuple[Step, ...]:
    """``collect,monitor``. BadInput for a word that is no step."""
    words = [word for word in text.lower().replace(" ", ",").split(",") if word]
    known = {step.value for step in Step}
    if unknown := [word for word in words if word not in known]:
        raise BadInput(f"“{unknown[0]}” is no step of an automation.", f"There are {', '.join(known_in_order())}.")
    return tuple(Step(word) for word in words)


def known_in_order() -> Sequence[str]:
    """The names of all steps, in the order of the loop."""
    return [step.value for step in Step]


def when_words(rule: Rule) -> str:
    """*Every day at 06:30*, *When 200 new labels came for churn*."""
    trigger, about = rule.trigger, rule.model
    words = {
        When.DAY: f"Every day at {trigger.at}",
        When.WEEK: f"Every {DAYS[trigger.weekday].capitalize()} at {trigger.at}",
        When.LABELS: f"When {trigger.labels:,} new labels came for {about}",
        When.ACT: f"When a look at {about} says act",
        When.BELOW: f"When {about} is below its limit",
        When.HAND: "When somebody starts it",
    }
    return words[trigger.when]


def steps_words(rule: Rule) -> str:
    """*collect predictions, then promote to production*."""
    told = [step_words(step, rule) for step in rule.steps]
    return ", then ".join(told)


def step_words(step: Step, rule: Rule) -> str:
    """One step with what it is about."""
    data = rule.dataset or f"the data of {rule.model}"
    named = {
        Step.REFRESH: f"fetch {data} again",
        Step.CHECK: f"check {data}",
        Step.MONITOR: f"look whether {rule.model} is still right",
        Step.RETRAIN: f"retrain {rule.model} with fresh data{plan_words(rule.plan)}",
        Step.PROMOTE: f"{'roll it out' if Step.WAIT in rule.steps else 'promote'} to {rule.environment}",
    }
    return named.get(step, STEP_WORDS[step])


def sentence(rule: Rule) -> str:
    """The whole rule in a sentence."""
    return f"{when_words(rule)}: {steps_words(rule)}."
