"""When a rule had reason to run: pure rules over what was recorded, the same for *due now* and a dry run on the past.

A time that was missed because nothing looked is caught up once, however many of them passed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from app.core.automation_words import when_words
from app.core.automations import AutomationRun, Occasion, Rule, RunState, When, minutes

MOST_DAYS = 3660
"""Times of day are looked for no further back."""
AGAIN = " again"
"""Ends the key of the second try after one that was cut off."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A recorded look at a model. ``act``, ``below``: None where it says neither (see ``looks``); ``line``: its verdict
    in words; ``until``: the newest prediction that it looked at."""

    id: str
    at: str
    version: str
    act: bool | None
    below: bool | None
    line: str
    until: str = ""


@dataclass(frozen=True, slots=True)
class Arrival:
    """Labels that came for a model in one delivery."""

    id: str
    at: str
    labels: int


@dataclass(frozen=True, slots=True)
class History:
    """What rules wait for, oldest first."""

    seen: tuple[Seen, ...] = ()
    arrivals: tuple[Arrival, ...] = ()


NOTHING = History()


def occasions(rule: Rule, since: str, now: datetime, history: History, zone: tzinfo | None = None) -> list[Occasion]:
    """Every time after ``since`` and until ``now`` at which the rule had reason to run, oldest first.

    ``zone``: of its times of day; None: this machine's.
    """
    when = rule.trigger.when
    if when in (When.DAY, When.WEEK):
        return _by_clock(rule, since, now, zone)
    if when is When.LABELS:
        return _by_labels(rule, [a for a in history.arrivals if a.at > since])
    if when in (When.ACT, When.BELOW):
        return _by_looks(when, [s for s in history.seen if s.at > since])
    return []


def due(found: Sequence[Occasion], runs: Iterable[AutomationRun]) -> Occasion | None:
    """The newest occasion that nobody has taken. One whose run was cut off is tried once more; nothing is due while
    the rule runs."""
    before = {run.trigger: run.state for run in runs}
    if not found or RunState.RUNNING in before.values():
        return None
    newest = found[-1]
    if newest.key not in before:
        return newest
    again = Occasion(newest.key + AGAIN, newest.at, newest.why)
    cut_off = before[newest.key] is RunState.INTERRUPTED
    return again if cut_off and again.key not in before else None


def given_up(run: AutomationRun) -> bool:
    """Whether a run was cut off at its second try: it is not tried again, so somebody has to look at it."""
    return run.state is RunState.INTERRUPTED and run.trigger.endswith(AGAIN)


def next_time(rule: Rule, now: datetime, zone: tzinfo | None = None) -> datetime | None:
    """When the clock comes round to it next, UTC; None for a rule that waits for something else."""
    if rule.trigger.when not in (When.DAY, When.WEEK):
        return None
    today = now.astimezone(zone).date()
    moments = (_moment(rule, today + timedelta(days=ahead), zone) for ahead in range(-1, 9))
    return next(m for m in moments if m is not None and m > now)


def stamp(moment: datetime) -> str:
    """A moment as the registry writes it: UTC, sorts as text."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


def _by_clock(rule: Rule, since: str, now: datetime, zone: tzinfo | None) -> list[Occasion]:
    start = max(datetime.fromisoformat(since), now - timedelta(days=MOST_DAYS))
    day, last = start.astimezone(zone).date() - timedelta(days=1), now.astimezone(zone).date()
    found = []
    while day <= last:
        moment = _moment(rule, day, zone)
        if moment is not None and start < moment <= now:
            found.append(Occasion(f"time {moment:%Y-%m-%dT%H:%MZ}", stamp(moment), when_words(rule)))
        day += timedelta(days=1)
    return found


def _moment(rule: Rule, day: object, zone: tzinfo | None) -> datetime | None:
    """The rule's time on a day of the calendar, UTC; None if it is not its weekday. A time that the clocks skip in
    spring is an hour later, one that comes twice in autumn is the first (PEP 495, fold 0)."""
    date = datetime.fromisoformat(str(day))
    if rule.trigger.when is When.WEEK and date.weekday() != rule.trigger.weekday:
        return None
    hour, minute = minutes(rule.trigger.at)
    wall = date.replace(hour=hour, minute=minute, tzinfo=zone)
    return wall.astimezone(UTC)


def _by_labels(rule: Rule, arrivals: Iterable[Arrival]) -> list[Occasion]:
    found, counted = [], 0
    for arrival in arrivals:
        counted += arrival.labels
        if counted >= rule.trigger.labels:
            why = f"{counted:,} new labels came for {rule.model}"
            found.append(Occasion(f"labels {arrival.id}", arrival.at, why))
            counted = 0
    return found


def _by_looks(when: When, seen: Iterable[Seen]) -> list[Occasion]:
    """The first look of each stretch, so that a model that stays bad does not make the rule run at every look. Only a
    look that says it is good again ends a stretch; one at a time before that of an earlier look says nothing new."""
    found: list[Occasion] = []
    before: dict[str, bool] = {}
    reached: dict[str, str] = {}
    for look in seen:
        if look.until < reached.get(look.version, ""):
            continue
        reached[look.version] = look.until
        now = look.act if when is When.ACT else look.below
        if now and not before.get(look.version, False):
            found.append(Occasion(f"look {look.id}", look.at, f"{look.version}: {look.line}"))
        if now is not None:
            before[look.version] = now
    return found
