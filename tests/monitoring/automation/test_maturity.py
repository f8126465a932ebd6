"""What a project lacks of a level, where that is mended, and how long its models took."""

from dataclasses import replace

from app.core.automations import Rule, RuleState, Step, Trigger, When
from app.core.monitoring import MonitorReport, Performance, Verdict, Window
from app.core.releases import DEFAULT_ENVIRONMENTS, ReleaseKind
from app.monitoring.automation.maturity import maturity
from app.registry import automations, monitoring, releases
from tests.registry.conftest import STORY as story


def approved(project, story_run=None):
    run = story_run or story.start(project, *story.add(project, "a", name="churn"))
    version = story.approve(project, run, story.fit(project, run))
    return version, story.bundle(project, version)


def live(project, version, bundle):
    releases.record_release(
        project, environment_id=DEFAULT_ENVIRONMENTS[-1].id, model_id=version.model_id, bundle_id=bundle.id,
        service_id=None, kind=ReleaseKind.PROMOTE, reason="Better.",
    )  # fmt: skip


def look(project, version, verdict):
    window = Window(project.now(), project.now(), 400)
    told = Performance("roc_auc", None, 0, None, None)
    monitoring.record_report(
        project, version.id, MonitorReport(version.label, verdict, "Said.", window, None, told, None)
    )


def led_to(project):
    return {one.name: (one.page, one.what) for one in maturity(project).criteria if not one.met}


def test_each_lack_leads_to_where_it_is_mended(project):
    of_models = ("live", "contract", "watched", "labelled", "triggered", "retrained", "rehearsed")
    empty = led_to(project)
    assert {empty[name] for name in of_models} == {("data", "")}, "first of all a model"
    version, bundle = approved(project)
    nowhere = led_to(project)
    assert {nowhere[name] for name in of_models} == {("services", "")}, "then one that answers"
    live(project, version, bundle)
    lacks = led_to(project)
    assert "live" not in lacks
    assert lacks["contract"] == ("data", f"{project_version(project)}#contract")
    assert lacks["watched"] == lacks["labelled"] == ("monitor", version.id)
    assert lacks["retrained"] == lacks["rehearsed"] == ("models", f"{version.id}#challenger")
    assert lacks["triggered"] == lacks["unattended"] == lacks["promoted"] == ("automations", "add")
    assert lacks["staged"] == ("services", "environments")


def project_version(project):
    from app.registry import datasets

    return datasets.versions(project, datasets.datasets(project)[0].id)[-1].id


def test_a_rule_that_is_paused_is_named_and_not_asked_for_again(project):
    version, bundle = approved(project)
    live(project, version, bundle)
    rule = Rule(Trigger(When.LABELS, labels=100), (Step.RETRAIN, Step.PROMOTE), "churn")
    made = automations.add_automation(project, "Renew", rule)
    assert {"triggered", "promoted"} & led_to(project).keys() == {"promoted"}
    automations.set_state(project, made.id, RuleState.PAUSED)
    lacks = led_to(project)
    assert lacks["triggered"] == lacks["promoted"] == ("automations", "")
    told = next(one.missing for one in maturity(project).criteria if one.name == "triggered")
    assert told.endswith(" Renew: paused.")
    live(project, *approved(project, story.start(project, *story.add(project, "b", name="signup"))))
    assert led_to(project)["triggered"] == ("automations", "add"), "signup has none that could be resumed"


def test_a_paused_rule_of_another_model_or_by_hand_is_no_way_to_mend_it(project):
    live(project, *approved(project))
    for name, rule in {
        "Other": Rule(Trigger(When.LABELS, labels=100), (Step.RETRAIN,), "signup"),
        "Ask": Rule(Trigger(When.HAND), (Step.RETRAIN,), "churn"),
    }.items():
        automations.set_state(project, automations.add_automation(project, name, rule).id, RuleState.PAUSED)
    assert led_to(project)["triggered"] == ("automations", "add")
    assert "paused" not in next(one.missing for one in maturity(project).criteria if one.name == "triggered")


def test_an_alarm_that_a_later_look_took_back_waits_for_no_successor(project, clock):
    run = story.start(project, *story.add(project, "a", name="churn"))
    version, bundle = approved(project, run)
    live(project, version, bundle)
    clock.advance(days=1)
    look(project, version, Verdict.ACT)
    (lead,) = maturity(project).leads
    assert (lead.live[:10], lead.alarm[:10], lead.answered) == ("2026-07-27", "2026-07-28", "")
    clock.advance(days=1)
    look(project, version, Verdict.WATCH)
    assert maturity(project).leads == (replace(lead, alarm=""),)
    clock.advance(days=1)
    look(project, version, Verdict.ACT)
    clock.advance(days=1)
    live(project, *approved(project, run))
    (lead,) = maturity(project).leads
    assert (lead.alarm[:10], lead.answered[:10]) == ("2026-07-30", "2026-07-31")
    clock.advance(days=1)
    look(project, version, Verdict.OK)
    assert maturity(project).leads == (lead,), "what was answered stays so"


def test_a_version_that_goes_live_later_answers_no_alarm_that_was_taken_back(project, clock):
    run = story.start(project, *story.add(project, "a", name="churn"))
    version, bundle = approved(project, run)
    live(project, version, bundle)
    for verdict in (Verdict.ACT, Verdict.UNKNOWN, Verdict.OK):
        clock.advance(days=1)
        look(project, version, verdict)
    clock.advance(days=80)
    live(project, *approved(project, run))
    (lead,) = maturity(project).leads
    assert (lead.alarm, lead.answered) == ("", "")
