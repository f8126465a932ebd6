"""One line, and what is to be done."""

from dataclasses import replace

import pytest

from app.core.alerts import AlertKind, Cause
from app.core.effect_sizes import LARGE, SMALL
from app.core.monitoring import (
    ColumnDrift,
    Drift,
    DriftTest,
    Estimate,
    Measured,
    MonitorReport,
    Performance,
    Verdict,
    Window,
)
from app.core.runs import Score
from app.monitoring.alerting.alerts import answers, cause_of
from app.monitoring.verdict import below_since, counted, verdict_of

APPROVED = Performance("roc_auc", None, 0, Score(0.8, 0.78, 0.82), 0.78, "limit")
BLANK = ColumnDrift("x", DriftTest.SHAPE, 0.0, 0.0, 0.05, 0.5, 0.0, False, False, 0.0, 0.0)


def column(size=0.0, name="x", importance=0.1):
    alarm = size >= SMALL
    return replace(BLANK, name=name, size=size, moved=alarm, alarm=alarm, importance=importance)


def measured(columns=(), score=BLANK, performance=APPROVED, estimate=None, rows=1_000):
    drift = Drift(tuple(columns), score, 0.01) if rows >= 50 else None
    return Measured(Window("a", "b", rows), drift, performance, estimate)


def verdict(**told):
    return verdict_of(measured(**told))


def report(**told):
    found = measured(**told)
    return MonitorReport("churn@1", *verdict_of(found), found.window, found.drift, found.performance, found.estimate)


def labelled(value, low, high):
    return replace(APPROVED, value=Score(value, low, high), labels=500)


TWO = (column(0.3, "a"), column(0.4, "b"), column())


@pytest.mark.parametrize(
    ("told", "expected", "line"),
    [
        ({"rows": 0}, Verdict.UNKNOWN, "No predictions yet."),
        ({"rows": 12}, Verdict.UNKNOWN, "Not enough predictions: 12 of 50."),
        ({}, Verdict.OK, "Still right, as far as can be told without labels."),
        ({"performance": replace(APPROVED, labels=37)}, Verdict.UNKNOWN, "Not enough labels: 37 of 200."),
        ({"columns": TWO}, Verdict.WATCH, "Two columns moved, scores inside the limit."),
        (
            {"columns": TWO, "score": column(0.3)},
            Verdict.ACT,
            "The scores and two columns moved; no labels tell if they are still right.",
        ),
        ({"score": column(0.3)}, Verdict.ACT, "The scores moved; no labels tell if they are still right."),
        (
            {"score": column(0.3), "performance": replace(APPROVED, labels=39)},
            Verdict.ACT,
            "The scores moved; 39 labels are too few to tell if they are still right.",
        ),
        (
            {"performance": replace(APPROVED, labels=300)},
            Verdict.UNKNOWN,
            "ROC AUC has no value on these 300 labels.",
        ),
        ({"columns": [column(LARGE, "fee")]}, Verdict.ACT, "fee moved far from what the model has seen."),
        (
            {"columns": [column(LARGE, "fee", importance=0.0)]},
            Verdict.WATCH,
            "One column moved, scores inside the limit.",
        ),
        ({"performance": labelled(0.8, 0.77, 0.83)}, Verdict.OK, "Still right."),
        (
            {"performance": labelled(0.7, 0.66, 0.74)},
            Verdict.ACT,
            "Below its limit: ROC AUC 0.7, limit 0.78.",
        ),
        (
            {"performance": labelled(0.77, 0.75, 0.79)},
            Verdict.WATCH,
            "ROC AUC 0.77 is below its limit 0.78, but may be by chance.",
        ),
        (
            {"performance": replace(labelled(0.43, 0.38, 0.48), metric="log_loss", limit=0.42)},
            Verdict.WATCH,
            "Log loss 0.43 is above its limit 0.42, but may be by chance.",
        ),
        (
            {"columns": TWO, "performance": labelled(0.77, 0.75, 0.79)},
            Verdict.WATCH,
            "ROC AUC 0.77 is below its limit 0.78, but may be by chance; two columns moved.",
        ),
        (
            {"columns": TWO, "score": column(1.0), "performance": labelled(0.8, 0.77, 0.83)},
            Verdict.WATCH,
            "Two columns moved, ROC AUC inside the limit.",
        ),
        (
            {"columns": TWO, "estimate": Estimate("roc_auc", 0.7, 0.02, False)},
            Verdict.ACT,
            "Two columns moved, and the estimate is below the limit.",
        ),
        (
            {"columns": TWO, "estimate": Estimate("roc_auc", 0.77, 0.02, False)},
            Verdict.WATCH,
            "Two columns moved, scores inside the limit.",
        ),
        (
            {"estimate": Estimate("roc_auc", 0.7, 0.02, False)},
            Verdict.WATCH,
            "The estimate is below the limit, though nothing moved.",
        ),
    ],
)  # fmt: skip
def test_a_window_is_judged(told, expected, line):
    assert verdict(**told) == (expected, line)


@pytest.mark.parametrize(
    ("told", "cause"),
    [
        ({"performance": labelled(0.7, 0.66, 0.74), "score": column(1.0)}, Cause(AlertKind.PERFORMANCE, "roc_auc")),
        ({"columns": [column(LARGE, "fee")], "score": column(0.3)}, Cause(AlertKind.SCORES)),
        ({"columns": [column(0.3), column(LARGE, "fee")]}, Cause(AlertKind.COLUMN, "fee")),
        ({"columns": TWO, "estimate": Estimate("roc_auc", 0.7, 0.02, False)}, Cause(AlertKind.ESTIMATE, "roc_auc")),
        ({"columns": TWO}, None),
    ],
)
def test_what_says_act_has_a_cause(told, cause):
    assert cause_of(report(**told)) == cause


@pytest.mark.parametrize(
    ("told", "of_performance", "of_others"),
    [
        ({}, False, True),
        ({"columns": TWO}, False, False),
        ({"performance": labelled(0.8, 0.77, 0.83)}, True, True),
        ({"performance": labelled(0.8, 0.77, 0.83), "columns": TWO}, True, True),
        ({"performance": labelled(0.77, 0.75, 0.79)}, False, False),
        ({"performance": labelled(0.7, 0.66, 0.74)}, False, False),
        ({"rows": 12}, False, False),
    ],
)
def test_labels_answer_every_alert_and_drift_alone_none_of_performance(told, of_performance, of_others):
    assert answers(report(**told), AlertKind.PERFORMANCE) is of_performance
    assert answers(report(**told), AlertKind.COLUMN) is of_others
    assert not answers(report(**told), AlertKind.SERVICE)


def test_looks_without_labels_do_not_break_what_was_below_its_limit():
    below, right, unknown = labelled(0.7, 0.66, 0.74), labelled(0.8, 0.77, 0.83), APPROVED
    assert below_since("2026-03-17", []) == "2026-03-17"
    assert (
        below_since("2026-03-17", [("2026-03-10", unknown), ("2026-03-03", below), ("2026-02-24", right)])
        == "2026-03-03"
    )
    assert below_since("2026-03-17", [("2026-03-10", right), ("2026-03-03", below)]) == "2026-03-17"


def test_an_error_has_its_limit_above():
    told = Performance("rmse", Score(12.0, 11.0, 13.0), 300, Score(9.0, 8.5, 9.5), 9.5, "limit")
    assert verdict(performance=told) == (Verdict.ACT, "Above its limit: RMSE 12, limit 9.5.")
    assert verdict(performance=replace(told, value=Score(8.0, 7.0, 9.0)))[0] is Verdict.OK


def test_labels_of_a_class_that_the_model_does_not_know_are_told():
    told = replace(labelled(0.8, 0.77, 0.83), unknown=74)
    line = f"74 of {told.labels + 74} labels name a class that the model does not know."
    assert verdict(performance=told) == (Verdict.WATCH, line)


def test_numbers_are_words_while_they_are_small():
    assert [counted(n) for n in (1, 2, 10, 11)] == ["One column", "Two columns", "Ten columns", "11 columns"]
