"""Gates as they are typed: every rule is written and read alike, and what is none is told in words."""

import pytest

from app.core.gate_rules import GateKind, GateRule, refuse_impossible, why_impossible
from app.core.gate_words import rule_of, text_of
from app.errors import BadInput

RULES = {
    "roc_auc>=0.8": GateRule(GateKind.BOUND, 0.8, "roc_auc"),
    "log_loss<=0.4": GateRule(GateKind.BOUND, 0.4, "log_loss"),
    "pinball:0.9<=12": GateRule(GateKind.BOUND, 12, "pinball:0.9"),
    "stability:0.05>=0.3": GateRule(GateKind.BOUND, 0.3, "stability:0.05"),
    "r2>=-0.5": GateRule(GateKind.BOUND, -0.5, "r2"),
    'cost:[["no","yes",5.0]]<=2': GateRule(GateKind.BOUND, 2, 'cost:[["no","yes",5.0]]'),
    "baseline+0.00001": GateRule(GateKind.BASELINE, 1e-5),
    "baseline+0.02": GateRule(GateKind.BASELINE, 0.02),
    "champion-1%": GateRule(GateKind.CHAMPION, -0.01, relative=True),
    "champion+0": GateRule(GateKind.CHAMPION),
    "sql_rule": GateRule(GateKind.SQL_RULE),
    "size<=500": GateRule(GateKind.SIZE, 500),
    "latency<=2.5": GateRule(GateKind.LATENCY, 2.5),
    "calibration<=0.05": GateRule(GateKind.CALIBRATION, 0.05),
    "selection_rate@sex<=0.1": GateRule(GateKind.FAIRNESS, 0.1, "selection_rate", column="sex"),
    "live>=200": GateRule(GateKind.LIVE, 200),
    "mean_absolute_error@sex<=12": GateRule(GateKind.FAIRNESS, 12, "mean_absolute_error", column="sex"),
    "accuracy@home town>=0.7": GateRule(GateKind.SLICE, 0.7, "accuracy", column="home town"),
}


@pytest.mark.parametrize("text", RULES)
def test_a_gate_is_read_as_it_is_written(text):
    assert rule_of(text) == RULES[text]
    assert text_of(RULES[text]) == text


def test_a_margin_is_impossible_by_the_metric_that_it_is_of():
    wide = rule_of("baseline+9")
    assert "ROC AUC lies between 0 and 1" in why_impossible(wide, "roc_auc")
    assert not why_impossible(wide, "rmse") and not why_impossible(rule_of("baseline+90%"), "roc_auc")


def test_an_impossible_gate_that_was_there_before_may_stay():
    wide, other = GateRule(GateKind.SIZE, -5), GateRule(GateKind.LATENCY, 0)
    refuse_impossible([wide], before=[wide])
    with pytest.raises(BadInput, match="more than 0"):
        refuse_impossible([wide, other], before=[wide])


def test_a_colon_and_spaces_say_the_same():
    assert rule_of("roc_auc:0.8") == rule_of(" roc_auc >= 0.8 ") == RULES["roc_auc>=0.8"]
    assert rule_of("pinball:0.9:12") == RULES["pinball:0.9<=12"]
    assert rule_of("champion") == RULES["champion+0"] and rule_of("champion - 1 %") == RULES["champion-1%"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("roc_auc<=0.8", "more is better"),
        ("size>=3", "less is better"),
        ("beauty>=3", "nothing a gate looks at"),
        ("selection_rate<=0.1", "needs a column"),
        ("roc_auc", "is no gate"),
        ("roc_auc>=1.2.3", "is no number"),
        ("cost:5", "does not say what a mistake costs"),
        ("pinball:0.9", "between 0 and 1"),
        ("pinball:2:1", "between 0 and 1"),
        ("roc_auc:0.5:1", "takes no “0.5”"),
        ("", "is no gate"),
        ("size:-5", "more than 0"),
        ("size<=0", "more than 0"),
        ("live:0", "more than 0"),
        ("roc_auc:2", "between 0 and 1"),
        ("accuracy@plan:-0.1", "between 0 and 1"),
        ("selection_rate@plan:3", "between 0 and 1"),
        ("calibration:7", "between 0 and 1"),
        ("rmse:-1", "never less than 0"),
        ("r2:1.5", "never more than 1"),
    ],
)
def test_what_is_no_gate_is_told_in_words(text, words):
    with pytest.raises(BadInput, match=words):
        rule_of(text)
