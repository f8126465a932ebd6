"""Lines over each other: the champion's colour, and lift and costs from a ROC curve."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QLabel

from app.core.runs import Candidate, CandidateState, Curve, Evaluation, Importance, Plan, Run, RunState, Task
from app.core.thresholds import ChosenThreshold
from app.ui.compare.candidate_view import CandidateView
from app.ui.compare.difference_tab import opponents
from app.ui.compare.evaluation_panel import EvaluationPanel
from app.ui.compare.overlays import Measured, champion_of, costs, lift, tokens

PLAN = Plan("v", "r", "y", Task.BINARY, "roc_auc", positive="yes")
ROC = Curve("roc", (0.0, 0.0, 0.5, 1.0), (0.0, 0.5, 1.0, 1.0))
EVALUATION = Evaluation(100, (), labels=("no", "yes"), confusion=((70, 10), (5, 15)), curves=(ROC,))


def made(id_: str, *, approved: str = "", baseline: bool = False) -> Measured:
    state = CandidateState.PASSED
    candidate = Candidate(id_, "run", id_, "linear", state, baseline, 1.0, predictions_sha256="p")
    run = Run("run", 1, "d", PLAN, "e", RunState.FINISHED, "2026-01-01T00:00:00Z", (candidate,))
    return Measured(CandidateView(run, candidate, "d v1", (), approved, ""), EVALUATION)


def test_the_champion_is_always_the_third_colour_and_a_baseline_the_quiet_one() -> None:
    items = [made("a"), made("dummy", baseline=True), made("b", approved="m@9"), made("c", approved="m@10"), made("d")]
    champion = champion_of(item.view for item in items)
    assert champion == "c"
    assert tokens(items, champion) == ["chart1", "text3", "chart2", "chart3", "chart4"]


def test_the_chosen_one_is_compared_with_the_others_else_the_champion_else_its_baseline() -> None:
    a, b, champion, dummy = (made(i, baseline=i == "dummy").view for i in ("a", "b", "champion", "dummy"))
    every = [dummy, a, b, champion]
    assert opponents([a, b, dummy], every, "champion") == [b, dummy]
    assert opponents([a], every, "champion") == [champion]
    assert opponents([champion], every, "champion") == [dummy]
    assert opponents([a], [a], "") == []


def test_a_threshold_and_columns_that_time_did_not_reach_are_told_beside_the_pictures(qtbot) -> None:
    panel = EvaluationPanel()
    qtbot.addWidget(panel)
    panel.show_measured([made("a")])
    assert panel.served.isHidden()
    item, matter = made("a"), (Importance("x", 0.1, 0.0, 0.2),)
    answering = replace(item.view, chosen=ChosenThreshold(0.3, 1, 1, "", "Ada", ""))
    panel.show_measured([Measured(answering, replace(EVALUATION, importance=matter, unreached=7))])
    assert not panel.served.isHidden() and "from 0.3 on" in panel.served.text()
    assert panel.confusion.table().rows == (("no", 70, 10), ("yes", 5, 15)), "what it does was not kept"
    kept = replace(item.view, chosen=ChosenThreshold(0.3, 1, 1, "", "Ada", "", mistakes=(25, 2)))
    panel.show_measured([Measured(kept, replace(EVALUATION, importance=matter, unreached=7))])
    assert panel.confusion.table().rows == (("no", 55, 25), ("yes", 2, 18))
    assert panel.confusion.accessibleDescription().endswith("From 0.3 on.")
    assert "as the confusion matrix does" in panel.served.text()
    assert any("7 columns were not reached" in label.text() for label in panel.findChildren(QLabel))


def test_lift_is_how_much_oftener_than_by_chance() -> None:
    curve = lift(made("a"))
    assert curve is not None
    assert curve.x == pytest.approx((0.1, 0.6, 1.0))
    assert curve.y == pytest.approx((5.0, 1 / 0.6, 1.0))


def test_costs_begin_with_every_miss_and_end_with_every_false_alarm() -> None:
    curve = costs(made("a"), alarm=2.0, miss=10.0)
    assert curve is not None
    assert (curve.y[0], curve.y[-1]) == pytest.approx((10.0 * 0.2, 2.0 * 0.8))
    assert curve.y[1:3] == pytest.approx((10.0 * 0.2 * 0.5, 2.0 * 0.8 * 0.5))
