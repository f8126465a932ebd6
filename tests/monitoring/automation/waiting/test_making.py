"""Rules about what is there, and what stands in the way of one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.cli import main
from app.core.automations import RunState, Step
from app.core.challenges import ChangedPlan
from app.core.progress import Silent
from app.errors import BadInput, ModelyardError
from app.monitoring.automation.automations import run_now
from app.monitoring.automation.making import make, problem_of
from app.registry import automations as kept
from tests.monitoring.automation.waiting.people import approved, live_and_retired, rule, trained

NOT_THERE = [
    (rule("hand", "monitor", model="nobody"), "There is no model nobody", "Models of this project: people."),
    (rule("hand", "monitor", model="people@1"), "not about people@1", "Write people."),
    (rule("hand", "check", dataset="sheep"), "There is no data set sheep", "people"),
    (rule("hand", "retrain,promote", model="people", environment="moon"), "no environment moon", "staging"),
    (rule("hand", "refresh", dataset="people"), "people cannot be fetched again", "drop the file again"),
]


@pytest.mark.parametrize(("wrong", "words", "hint"), NOT_THERE)
def test_a_rule_about_what_is_not_there_is_refused_and_told_what_is(project, wrong, words, hint):
    with pytest.raises(ModelyardError, match=words) as refused:
        make(project, "Rule", wrong)
    assert hint in refused.value.hint
    assert words in problem_of(project, wrong)
    assert kept.automations(project) == []


def test_no_rule_promotes_a_model_of_unusual_rows_by_itself(project):
    approved(project, trained(project, "sensors", None, target=""), "sensors-unusual")
    wrong = rule("hand", "retrain,gate,promote", model="sensors-unusual", environment="staging")
    with pytest.raises(BadInput, match="unusual rows"):
        make(project, "Rule", wrong)
    asked = replace(wrong, steps=(*wrong.steps, Step.WAIT))
    assert make(project, "Rule", asked).rule.steps == (Step.RETRAIN, Step.GATE, Step.WAIT, Step.PROMOTE)


def test_a_rule_for_unusual_rows_has_no_choice_of_kinds(project):
    approved(project, trained(project, "sensors", None, target=""), "sensors-unusual")
    wrong = replace(rule("hand", "retrain,wait", model="sensors-unusual"), plan=ChangedPlan(families=("linear",)))
    with pytest.raises(BadInput, match="one kind of model only"):
        make(project, "Rule", wrong)


def test_a_rule_says_in_its_row_that_its_model_was_retired(project, capsys):
    look = make(project, "Look", rule("hand", "monitor", model="people"))
    renew = make(project, "Renew", rule("hand", "retrain,gate", model="people"))
    assert problem_of(project, look.rule) == ""
    live_and_retired(project)
    gone = "people was retired: it is live nowhere any more."
    assert problem_of(project, look.rule) == gone
    for automation in (look, renew):
        run = run_now(project, automation, Silent())
        assert (run.state, run.note) == (RunState.STOPPED, gone), "nothing is trained or looked at for nobody"
    assert main(["automations", str(project.path)]) == 0
    assert "! people was retired" in capsys.readouterr().out


def test_a_rule_says_in_its_row_that_a_person_rolls_out_there(project):
    renew = rule("hand", "retrain,gate,promote", model="people", environment="Production")
    made = make(project, "Renew", renew)
    assert made.rule.environment == "production"
    assert problem_of(project, made.rule).startswith("production does not let automations roll out")
