"""Time is shared out in advance and kept."""

import time

import pytest

from app.core.progress import Recorder
from app.core.runs import Plan, Task
from app.errors import JobCancelled
from app.training.lineup import lineup
from app.training.pace import FITTING, Pace, affordable
from app.training.watch import TimedContext, TimeUp


def plan(**changes):
    return Plan("v", "r", "y", Task.BINARY, "roc_auc", "yes", **changes)


def test_cheap_candidates_come_first_and_variants_last():
    orders = lineup(plan())
    families = ["dummy", "tree", "sql", "linear", "boosting", "forest", "network", "boosting", "boosting"]
    assert [o.family for o in orders] == families
    assert [o.baseline for o in orders] == [True, False, True] + [False] * 6
    assert len({o.name for o in orders}) == len(orders)
    assert [o.needs for o in orders] == sorted(o.needs for o in orders)


def test_only_the_families_of_the_plan_are_tried():
    assert [o.family for o in lineup(plan(families=("linear",)))] == ["dummy", "tree", "sql", "linear"]


def test_steps_are_cut_to_what_is_affordable_but_never_below_the_least():
    assert affordable(100, 0.1, 4.01, 10) == 40
    assert affordable(100, 0.1, 400.0, 10) == 100
    assert affordable(100, 0.1, -3.0, 10) == 10


def test_a_fold_is_afforded_only_if_the_final_fit_still_fits():
    pace = Pace(10.0, reserve=1.0)
    assert pace.affords_fold(1.0, 10.0 * FITTING - 1.5)
    assert not pace.affords_fold(1.0, 10.0 * FITTING - 0.5)


def test_what_is_needed_after_fitting_is_kept_free():
    assert Pace(10.0, reserve=6.0).fitting_left < 4.0 < Pace(10.0).fitting_left


def always() -> bool:
    return True


def test_an_estimate_stands_behind_the_text_after_three_seconds():
    heard = Recorder()
    TimedContext(heard, time.monotonic() - 1, 20, 21, always).progress(0.5, "fold 1")
    TimedContext(heard, time.monotonic() - 5, 20, 21, always).progress(0.5, "fold 2")
    TimedContext(heard, time.monotonic() - 18, 20, 21, always).progress(0.5, "fold 3")
    assert [text for _, text in heard.lines] == ["fold 1", "fold 2 · about 5 s left", "fold 3 · about 2 s left"]


def test_beyond_the_time_the_work_is_ended_and_a_real_cancel_is_told_apart():
    with pytest.raises(TimeUp):
        TimedContext(Recorder(), time.monotonic() - 30, 20, 21, always).check_cancelled()
    TimedContext(Recorder(), time.monotonic(), 20, 21, always).check_cancelled()
    TimedContext(Recorder(), time.monotonic() - 30, 20, 21, lambda: False).check_cancelled()
    cancelled = Recorder(cancel_at=0)
    with pytest.raises(JobCancelled) as caught:
        TimedContext(cancelled, time.monotonic() - 30, 20, 21, always).check_cancelled()
    assert not isinstance(caught.value, TimeUp)
