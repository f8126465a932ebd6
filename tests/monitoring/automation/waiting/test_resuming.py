"""A rule that was cut off goes on with what it had made."""

from __future__ import annotations

import threading

import pytest

from app.core.automations import Occasion, RunState, Step, StepResult
from app.core.challenges import Challenge, Comparison, Decision
from app.core.progress import Silent
from app.monitoring.automation.automations import needing, run_due, run_now
from app.monitoring.automation.making import make
from app.monitoring.automation.waiting import half_done, tell
from app.monitoring.retraining.decide import decide
from app.monitoring.retraining.retrain import recorded
from app.registry import alerts, challenges, models, runs
from app.registry import automations as kept
from app.registry.project import Project
from tests.monitoring.automation.waiting.people import GAIN, challenged, rule, trained
from tests.registry.crash import fork


def test_a_killed_rule_goes_on_with_the_challenger_that_it_had_made(project):
    """Whoever kills it between the challenger and the next step leaves both rows of one transaction, or none."""
    renew = make(project, "Renew", rule("below", "retrain,gate,wait", model="people"))
    path, champion = project.path, models.model_version_by_label(project, "people")
    candidate = trained(project, "", runs.run(project, champion.run_id).dataset_id)
    run = runs.run(project, candidate.run_id)
    found = Comparison(champion.label, candidate.name, "roc_auc", unseen=300, rows=300, difference=GAIN)

    def dies(_made: Challenge) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        recorded(project, champion, run, found, dies)
    assert challenges.challenges(project) == []

    def work(tell) -> None:
        with Project.open(path, actor="The schedule") as mine:
            doing = kept.claim(mine, renew.id, Occasion("look 1 again", mine.now(), "people@1: Below its limit."))
            kept.record_step(mine, doing.id, StepResult(Step.RETRAIN, RunState.RUNNING))

            def noted(made: Challenge) -> None:
                kept.record_step(mine, doing.id, StepResult(Step.RETRAIN, RunState.RUNNING, challenge=made.id))

            made = recorded(mine, champion, run, found, noted)
            tell("made", made.id)
            threading.Event().wait()

    child = fork(work)
    child.listen(20, lines=1)
    child.kill()
    run_due(project, Silent())
    (alert,) = alerts.alerts(project, closed=False)
    assert alert.line.startswith("Renew: "), "at its second try: nobody tries it again"
    again = run_now(project, renew, Silent())
    assert [(step.step, step.state) for step in again.steps] == [
        (Step.RETRAIN, RunState.DONE), (Step.GATE, RunState.DONE), (Step.WAIT, RunState.WAITING),
    ]  # fmt: skip
    assert again.steps[0].note.startswith("Made before this was cut off, and taken up again. Linear model against")
    (made,) = challenges.challenges(project)
    assert (made.id, again.challenge) == (child.confirmed[0][1], made.id)
    decide(project, made.id, Decision.KEPT, "Not on a Friday.")
    assert half_done(project, renew.id) is None


def test_a_rule_that_was_cut_off_twice_is_told_and_one_that_is_tried_again_is_not(project):
    renew = make(project, "Renew", rule("hand", "retrain", model="people"))
    for key, alerted in (("look 1", []), ("look 1 again", ["Renew: It was cut off."])):
        run = kept.claim(project, renew.id, Occasion(key, project.now(), "people@1: Below its limit."))
        tell(project, kept.end_run(project, run.id, RunState.INTERRUPTED, "It was cut off."), Silent())
        assert [alert.line for alert in alerts.alerts(project, closed=False)] == alerted
        assert [ran.run.id for ran in needing(project)] == [run.id][: len(alerted)]


def test_what_a_rule_had_made_and_somebody_overtook_is_not_taken_up(project):
    renew, made = make(project, "Renew", rule("hand", "retrain,gate", model="people")), challenged(project)
    run = kept.claim(project, renew.id, Occasion("hand 1", project.now(), "Ada started it"))
    kept.record_step(project, run.id, StepResult(Step.RETRAIN, RunState.RUNNING, challenge=made.id))
    assert half_done(project, renew.id) is None, "it runs"
    kept.end_run(project, run.id, RunState.INTERRUPTED, "Cancelled.")
    assert half_done(project, renew.id) == made
    challenged(project)
    assert half_done(project, renew.id) is None
