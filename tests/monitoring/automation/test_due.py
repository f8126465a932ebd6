"""When a rule had reason to run, as pure rules: by the clock, by labels, by looks; once each, caught up once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from math import inf
from zoneinfo import ZoneInfo

import pytest

from app.core.automation_words import sentence, steps_of, trigger_of, trigger_text
from app.core.automations import AutomationRun, Rule, RunState, Step, Trigger, When, checked
from app.core.challenges import ChangedPlan
from app.core.monitoring import Performance, Verdict
from app.core.runs import Score
from app.errors import BadInput
from app.monitoring.automation.due import NOTHING, Arrival, History, Seen, due, next_time, occasions
from app.monitoring.automation.looks import is_below, says_act

BERLIN = ZoneInfo("Europe/Berlin")
DAILY = Rule(Trigger(When.DAY, "06:30"), (Step.COLLECT,))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def keys(rule: Rule, since: str, now: str, history: History = NOTHING, zone=UTC) -> list[str]:
    return [o.key for o in occasions(rule, since, utc(now), history, zone)]


def ran(key: str, state: RunState) -> AutomationRun:
    return AutomationRun("r", "a", key, "", "", state, (), "", "")


def test_a_time_of_day_comes_once_a_day_after_the_rule_was_made():
    found = keys(DAILY, "2026-03-01T06:30:00.000000Z", "2026-03-03T06:30:00")
    assert found == ["time 2026-03-02T06:30Z", "time 2026-03-03T06:30Z"]
    assert keys(DAILY, "2026-03-01T06:31:00.000000Z", "2026-03-02T06:29:59") == []


def test_a_weekday_comes_once_a_week_by_the_calendar_of_the_place():
    rule = Rule(Trigger(When.WEEK, "00:15", weekday=0), (Step.COLLECT,))
    found = keys(rule, "2026-03-01T00:00:00.000000Z", "2026-03-10T00:00:00", zone=BERLIN)
    assert found == ["time 2026-03-01T23:15Z", "time 2026-03-08T23:15Z"]


def test_when_the_clocks_change_no_day_is_left_out_and_none_counts_twice():
    rule = Rule(Trigger(When.DAY, "02:30"), (Step.COLLECT,))
    spring = keys(rule, "2026-03-27T12:00:00.000000Z", "2026-03-30T12:00:00", zone=BERLIN)
    assert spring == ["time 2026-03-28T01:30Z", "time 2026-03-29T01:30Z", "time 2026-03-30T00:30Z"]
    autumn = keys(rule, "2026-10-24T12:00:00.000000Z", "2026-10-26T12:00:00", zone=BERLIN)
    assert autumn == ["time 2026-10-25T00:30Z", "time 2026-10-26T01:30Z"]


def test_labels_count_from_the_last_time_on():
    rule = Rule(Trigger(When.LABELS, labels=200), (Step.RETRAIN,), "churn")
    came = [("a", 150), ("b", 60), ("c", 190), ("d", 9), ("e", 1)]
    history = History(arrivals=tuple(Arrival(i, f"2026-03-0{n}", c) for n, (i, c) in enumerate(came, start=1)))
    assert keys(rule, "2026-02-01", "2026-04-01T00:00:00", history) == ["labels b", "labels e"]
    assert keys(rule, "2026-03-01", "2026-04-01T00:00:00", history) == ["labels c"]


def look(id_: str, day: int, act: bool | None, below: bool | None = False, version: str = "churn@1") -> Seen:
    return Seen(id_, f"2026-03-{day:02}", version, act, below, "Below its limit.")


def test_a_model_that_stays_bad_is_one_occasion_until_it_was_good_again():
    looks = [look("1", 1, True), look("2", 2, True), look("3", 3, False), look("4", 4, True, below=True)]
    history = History(seen=(*looks, look("5", 5, True, version="churn@2")))
    act, below = (Rule(Trigger(w), (Step.RETRAIN,), "churn") for w in (When.ACT, When.BELOW))
    assert keys(act, "2026-02-01", "2026-04-01T00:00:00", history) == ["look 1", "look 4", "look 5"]
    assert keys(below, "2026-02-01", "2026-04-01T00:00:00", history) == ["look 4"]
    assert keys(act, "2026-03-01", "2026-04-01T00:00:00", history)[0] == "look 2"


def told(value: float, half: float, limit: float | None = 0.7, metric: str = "roc_auc") -> Performance:
    return Performance(metric, Score(value, value - half, value + half), 300, None, limit, "limit")


NO_LABELS = Performance("roc_auc", None, 37, None, 0.7, "limit")


@pytest.mark.parametrize(
    ("performance", "below"),
    [
        (told(0.6, 0.02), True),
        (told(0.69, 0.02), None),
        (told(0.70, 0.02), False),
        (told(0.8, 0.02), False),
        (told(0.6, 0.02, limit=None), None),
        (NO_LABELS, None),
        (told(0.9, 0.02, metric="rmse"), True),
        (told(0.6, 0.02, metric="rmse"), False),
    ],
)
def test_a_look_is_below_above_or_says_neither(performance: Performance, below: bool | None):
    assert is_below(performance) is below


@pytest.mark.parametrize(
    ("verdict", "performance", "act"),
    [
        (Verdict.ACT, NO_LABELS, True),
        (Verdict.UNKNOWN, NO_LABELS, None),
        (Verdict.WATCH, told(0.69, 0.02), None),
        (Verdict.WATCH, told(0.8, 0.02), False),
        (Verdict.WATCH, NO_LABELS, False),
        (Verdict.OK, told(0.8, 0.02), False),
    ],
)
def test_a_look_says_act_all_clear_or_neither(verdict: Verdict, performance: Performance, act: bool | None):
    assert says_act(verdict, performance) is act


def test_a_look_back_at_an_older_time_begins_and_ends_no_fall():
    """Somebody looks at March again in April, when April was looked at already."""
    days = (("1", 10, True), ("2", 3, False), ("3", 3, True), ("4", 11, True), ("5", 12, False), ("6", 4, True))
    seen = tuple(replace(look(id_, 20, bad, bad), until=f"2026-03-{day:02}") for id_, day, bad in days)
    for when in (When.ACT, When.BELOW):
        rule = Rule(Trigger(when), (Step.RETRAIN,), "churn")
        assert keys(rule, "2026-02-01", "2026-04-01T00:00:00", History(seen=seen)) == ["look 1"]


FALLS = [
    ([True, None, True], ["look 0"]),
    ([True, None, None, True, True], ["look 0"]),
    ([True, False, True], ["look 0", "look 2"]),
    ([True, None, False, None, True], ["look 0", "look 4"]),
    ([None, None, True], ["look 2"]),
    ([False, None, True, None], ["look 2"]),
    ([None, False], []),
]


@pytest.mark.parametrize(("looks", "fires"), FALLS)
def test_one_fall_is_one_occasion_also_if_labels_run_short_meanwhile(looks: list[bool | None], fires: list[str]):
    for when in (When.ACT, When.BELOW):
        rule = Rule(Trigger(when), (Step.RETRAIN,), "churn")
        seen = tuple(look(str(n), n + 1, bad, bad) for n, bad in enumerate(looks))
        assert keys(rule, "2026-02-01", "2026-04-01T00:00:00", History(seen=seen)) == fires


def test_a_fall_of_one_version_is_none_of_another():
    rule = Rule(Trigger(When.BELOW), (Step.RETRAIN,), "churn")
    seen = (look("1", 1, True, True), look("2", 2, False, None, "churn@2"), look("3", 3, True, True, "churn@2"))
    back = look("4", 4, True, True)
    found = keys(rule, "2026-02-01", "2026-04-01T00:00:00", History(seen=(*seen, back)))
    assert found == ["look 1", "look 3"]


def test_missed_times_are_caught_up_once_and_a_time_is_taken_once():
    found = occasions(DAILY, "2026-03-01T00:00:00.000000Z", utc("2026-03-05T12:00:00"), NOTHING, UTC)
    assert len(found) == 5
    assert due(found, []) == found[-1]
    assert due(found, [ran(found[0].key, RunState.DONE)]) == found[-1]
    for state in (RunState.DONE, RunState.FAILED, RunState.STOPPED, RunState.WAITING):
        assert due(found, [ran(found[-1].key, state)]) is None
    assert due(found, [ran(found[0].key, RunState.RUNNING)]) is None
    assert due([], []) is None


def test_what_was_cut_off_is_tried_once_more_and_no_more():
    found = occasions(DAILY, "2026-03-05T00:00:00.000000Z", utc("2026-03-05T12:00:00"), NOTHING, UTC)
    cut = ran(found[-1].key, RunState.INTERRUPTED)
    again = due(found, [cut])
    assert again is not None
    assert again.key == f"{found[-1].key} again"
    assert due(found, [cut, ran(again.key, RunState.INTERRUPTED)]) is None


def test_the_next_time_is_told():
    assert next_time(DAILY, utc("2026-03-05T06:30:00"), UTC) == utc("2026-03-06T06:30:00")
    weekly = Rule(Trigger(When.WEEK, "06:30", weekday=3), (Step.COLLECT,))
    assert next_time(weekly, utc("2026-03-05T06:31:00"), UTC) == utc("2026-03-12T06:30:00")
    assert next_time(Rule(Trigger(When.HAND), (Step.COLLECT,)), utc("2026-03-05T06:31:00"), UTC) is None


@pytest.mark.parametrize("text", ["day:06:30", "sunday:23:59", "labels:200", "act", "below", "hand"])
def test_a_trigger_is_written_as_it_is_read(text):
    assert trigger_text(trigger_of(text)) == text
    assert trigger_of(text.replace(":", " ", 1)) == trigger_of(text)


WRONG = [
    Rule(Trigger(When.DAY, "24:00"), (Step.COLLECT,)),
    Rule(Trigger(When.DAY, "6.30"), (Step.COLLECT,)),
    Rule(Trigger(When.HAND), ()),
    Rule(Trigger(When.LABELS, labels=0), (Step.COLLECT,), "churn"),
    Rule(Trigger(When.ACT), (Step.COLLECT,)),
    Rule(Trigger(When.HAND), (Step.MONITOR,)),
    Rule(Trigger(When.HAND), (Step.REFRESH,)),
    Rule(Trigger(When.HAND), (Step.GATE,), "churn"),
    Rule(Trigger(When.HAND), (Step.RETRAIN, Step.PROMOTE), "churn"),
    Rule(Trigger(When.HAND), (Step.MONITOR,), "churn", plan=ChangedPlan(True)),
    Rule(Trigger(When.HAND), (Step.RETRAIN,), "churn", plan=ChangedPlan(families=("oak",))),
    Rule(Trigger(When.HAND), (Step.RETRAIN,), "churn", plan=ChangedPlan(seconds=0.0)),
    Rule(Trigger(When.HAND), (Step.RETRAIN,), "churn", plan=ChangedPlan(seconds=inf)),
    Rule(Trigger(When.HAND), (Step.RETRAIN, Step.WAIT, Step.PROMOTE), "churn"),
]


@pytest.mark.parametrize("rule", WRONG)
def test_a_rule_that_cannot_be_done_is_refused_in_words(rule):
    with pytest.raises(BadInput) as refused:
        checked(rule)
    assert refused.value.message.endswith(".")
    assert refused.value.hint


@pytest.mark.parametrize("text", ["tomorrow", "labels:many", "act:now", ""])
def test_a_trigger_that_is_none_is_refused(text):
    with pytest.raises(BadInput, match="not a time"):
        trigger_of(text)


PLANS = [
    (ChangedPlan(), ""),
    (ChangedPlan(True), " by a whole new search"),
    (ChangedPlan(seconds=60), " within 60 s"),
    (ChangedPlan(False, ("linear",), 90), " by trying linear models within 90 s"),
    (ChangedPlan(True, ("linear", "forest", "boosting")), " by a new search among linear, forest and boosting models"),
]


@pytest.mark.parametrize(("plan", "words"), PLANS)
def test_a_changed_plan_stands_in_the_sentence(plan: ChangedPlan, words: str):
    rule = checked(Rule(trigger_of("hand"), steps_of("retrain,wait"), "churn", plan=plan))
    assert sentence(rule).startswith(f"When somebody starts it: retrain churn with fresh data{words}, then wait")


def test_steps_stand_in_the_order_of_the_loop_and_read_as_a_sentence():
    rule = checked(Rule(trigger_of("act"), steps_of("promote gate,retrain"), "churn", environment="production"))
    assert rule.steps == (Step.RETRAIN, Step.GATE, Step.PROMOTE)
    assert sentence(rule) == (
        "When a look at churn says act: retrain churn with fresh data, then stop unless it is better and passes every "
        "gate, then promote to production."
    )
