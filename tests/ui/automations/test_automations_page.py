"""The Automations page: an empty state that teaches, a rule made by a form that says it as a sentence, what it did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel
from pytestqt.qtbot import QtBot

from app.core.automations import Automation, Occasion, Rule, RuleState, RunState, Step, Trigger, When
from app.core.challenges import SAME_PLAN, Challenge, ChangedPlan
from app.core.maturity import Criterion, Lead, Maturity
from app.core.progress import Silent
from app.monitoring.automation.schedules import Kind, Status
from app.registry import automations as kept
from app.registry.project import Project
from app.ui.actions import Actions
from app.ui.automations.automation_form import AutomationForm
from app.ui.automations.automation_list import RuleRow, RuleVerbs
from app.ui.automations.automation_runs import PastTab, RecipesTab
from app.ui.automations.automation_view import ModelPlan, Names, PastView, RuleView
from app.ui.automations.automations_page import AutomationsPage
from app.ui.automations.schedule_bar import ScheduleBar
from app.ui.home.home_maturity import MaturityCard
from app.ui.session import Session
from app.ui.settings import Settings
from app.ui.window import MainWindow
from app.ui.words import when
from tests.ui.helpers import ClickCounter, visible_button, wait_until


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a small table."""
    from app.data.intake import add

    folder = tmp_path_factory.mktemp("automations")
    (folder / "people.csv").write_text("fee,left\n" + "".join(f"{i},{'yes' if i % 3 else 'no'}\n" for i in range(90)))
    with Project.create(folder / "people", actor="Ada") as made:
        add(made, folder / "people.csv", name="people", target="left", ctx=Silent())
    return folder / "people"


@pytest.fixture
def page(people: Path, make_window: Callable[..., MainWindow]) -> AutomationsPage:
    window = make_window(people)
    wait_until(lambda: window.session.project is not None, 30, "the project")
    window.show_page("automations")
    found = window.page
    assert isinstance(found, AutomationsPage)
    wait_until(lambda: found.empty.isVisible() or found.rules.isVisible(), 20, "the page")
    return found


def shown_button(window: MainWindow, name: str) -> QAbstractButton:
    """A row that was just made is shown in the next turn."""
    wait_until(lambda: any(b.isVisible() for b in window.findChildren(QAbstractButton, name)), 20, name)
    return visible_button(window, name)


def states(page: AutomationsPage) -> list[RunState]:
    return [view.run.state for view in page.view.runs]


def test_a_rule_is_made_run_paused_and_removed(page: AutomationsPage, click_counter: ClickCounter) -> None:
    window, form = page.window(), page.form
    assert isinstance(window, MainWindow)
    assert page.empty.isVisible()
    click_counter.click(shown_button(window, "automation.add"))
    assert form.isVisible()
    assert form.name.hasFocus()
    assert form.sentence.text() == "Every day at 06:30: collect predictions."
    QTest.keyClicks(form.name, "Data of the week")
    form.when.setCurrentIndex(form.when.findData(When.WEEK))
    form.at.setText("25:00")
    assert not form.button.isEnabled()
    assert form.problem.text().startswith("25:00 is no time of day.")
    form.at.setText("07:15")
    form.steps[Step.COLLECT].setChecked(False)
    assert form.problem.text().startswith("The automation does nothing yet.")
    form.steps[Step.CHECK].setChecked(True)
    assert form.problem.text().startswith("The automation does not say which data it is about.")
    form.data.setCurrentIndex(form.data.findData("people"))
    assert form.sentence.text() == "Every Monday at 07:15: check people."
    wait_until(lambda: form.past.text().startswith("On what was recorded so far"), 20, "the dry run")
    QTest.keyClick(form.button, Qt.Key.Key_Space)
    wait_until(lambda: len(page.view.rules) == 1, 20, "the rule")
    assert page.rules.isVisible()

    click_counter.click(shown_button(window, "automation.run.1"))
    wait_until(lambda: states(page) == [RunState.DONE], 60, "the run")
    page.tabs.setCurrentWidget(page.runs)
    assert page.runs.chosen is not None
    assert page.runs.chosen.run.steps[0].note == "people@1: no check blocks; it has no contract."
    page.tabs.setCurrentIndex(0)

    click_counter.click(shown_button(window, "automation.pause.1"))
    wait_until(lambda: page.view.rules[0].automation.state == "paused", 20, "the pause")
    click_counter.click(shown_button(window, "automation.remove.1"))
    wait_until(lambda: page.empty.isVisible(), 20, "the empty state")
    assert window.session.project is not None
    assert kept.automations(window.session.project) == []
    assert click_counter.dialogs == 0


@pytest.fixture
def form(qtbot: QtBot) -> AutomationForm:
    made = AutomationForm(lambda _name, _rule: None, lambda: None, lambda rule: made.asked.append(rule))
    made.asked = []
    qtbot.addWidget(made)
    places = (("staging", True), ("production", False))
    made.offer(Names(("churn",), ("people",), places, (), (("churn", ModelPlan(("linear", "forest"), 20, "roc_auc")),)))
    made.begin()
    made.show()
    return made


def test_a_step_that_needs_a_challenger_waits_for_retrain(form: AutomationForm) -> None:
    steps = form.steps
    assert not steps[Step.PROMOTE].isEnabled()
    steps[Step.RETRAIN].setChecked(True)
    steps[Step.PROMOTE].setChecked(True)
    assert form.environment.isVisible()
    assert form.environment.itemText(1) == "production (a person decides)"
    assert form.rule.environment == "staging"
    steps[Step.RETRAIN].setChecked(False)
    assert not steps[Step.PROMOTE].isChecked()
    assert form.sentence.text() == "Every day at 06:30: collect predictions, then look whether churn is still right."


def test_a_rule_retrains_by_a_plan_of_its_own(form: AutomationForm) -> None:
    plan = form.plan
    assert not plan.how.isVisible()
    form.steps[Step.RETRAIN].setChecked(True)
    assert (plan.how.isVisible(), plan.row.isVisible(), form.rule.plan) == (True, False, SAME_PLAN)
    plan.how.setCurrentIndex(plan.how.findData("again"))
    assert form.rule.plan == ChangedPlan(True)
    plan.how.setCurrentIndex(plan.how.findData("changed"))
    assert plan.row.isVisible()
    plan.row.kinds["forest"].setChecked(False)
    plan.row.budget.choose(60)
    assert form.rule.plan == ChangedPlan(True, ("linear",), 60)
    assert form.sentence.text().endswith(
        "retrain churn with fresh data by a new search among linear models within 60 s."
    )
    form.steps[Step.RETRAIN].setChecked(False)
    assert form.rule.plan == SAME_PLAN
    assert not plan.row.isVisible()


def test_a_plan_that_the_form_cannot_say_is_kept_until_it_is_changed(form: AutomationForm) -> None:
    rule = Rule(Trigger(When.HAND), (Step.RETRAIN,), "churn", plan=ChangedPlan(seconds=90))
    form.begin(Automation("a", 1, "Renew", rule, RuleState.ACTIVE, "", "Ada"))
    assert form.rule == rule
    assert form.plan.row.isVisible()
    form.plan.row.kinds["linear"].setChecked(False)
    assert form.rule.plan == ChangedPlan(True, ("forest",), 90)


def test_a_rule_says_when_it_would_have_run_before_it_is_made(form: AutomationForm) -> None:
    form.when.setCurrentIndex(form.when.findData(When.LABELS))
    before, asked = form.rule, form.asked[-1]
    assert asked == before
    found = [Occasion(str(n), f"2026-03-0{n}T06:30:00.000000Z", "200 new labels") for n in (1, 2)]
    form.show_past(asked, found)
    assert form.past.text().startswith("On what was recorded so far it would have run 2 times, last ")
    form.labels.setValue(500)
    form.show_past(asked, found)
    assert form.past.text() == "", "that was another rule"
    form.show_past(form.rule, [])
    assert form.past.text() == "On what was recorded so far it would not have run yet."


def test_a_form_without_a_model_offers_none(form: AutomationForm) -> None:
    form.offer(Names((), ("people",), (("staging", True),)))
    form.begin()
    assert not form.steps[Step.MONITOR].isChecked()
    form.steps[Step.MONITOR].setChecked(True)
    assert form.problem.text().startswith("The automation does not say which model")
    assert not form.button.isEnabled()


def test_a_model_of_unusual_rows_is_promoted_by_a_person_only(form: AutomationForm) -> None:
    form.offer(Names(("sensors-unusual",), (), (("staging", True),), ("sensors-unusual",)))
    form.begin()
    for step in (Step.RETRAIN, Step.PROMOTE):
        form.steps[step].setChecked(True)
    assert form.problem.text().startswith("Nothing says which of two models of unusual rows is right")
    form.steps[Step.WAIT].setChecked(True)
    assert form.button.isEnabled()
    assert form.steps[Step.PROMOTE].text() == "Then roll it out to"
    assert form.sentence.text().endswith("then roll it out to staging.")


def test_a_rule_whose_model_is_gone_is_not_given_another_one(form: AutomationForm) -> None:
    rule = Rule(Trigger(When.HAND), (Step.MONITOR,), "sheep")
    form.begin(Automation("a", 1, "Look", rule, RuleState.ACTIVE, "", "Ada"))
    assert (form.model.currentIndex(), form.model.placeholderText()) == (-1, "sheep is not there any more")
    assert not form.button.isEnabled()
    form.model.setCurrentIndex(0)
    assert form.rule.model == "churn"


def test_a_row_says_what_is_gone_and_leads_to_what_waits(qtbot: QtBot) -> None:
    rule = Rule(Trigger(When.HAND), (Step.RETRAIN, Step.WAIT), "churn")
    made = Challenge("c", "m", "v", "r", "k", "d", "", "")
    asked: list[object] = []
    verbs = RuleVerbs(*[lambda *_: None] * 4, decide=asked.append)
    held = Automation("a", 1, "Renew", rule, RuleState.ACTIVE, "", "Ada")
    long = RuleRow(RuleView(replace(held, name="Renew the model " * 12), "", "", None, "", None), verbs)
    qtbot.addWidget(long)
    assert long.minimumSizeHint().width() < 500
    row = RuleRow(RuleView(held, "", "", None, "churn was retired: it is live nowhere any more.", made), verbs)
    qtbot.addWidget(row)
    assert row.findChild(QLabel, "automation.problem.1").text().startswith("churn was retired")
    row.findChild(QAbstractButton, "automation.decide.1").click()
    assert asked == [made]


def test_the_past_and_the_files_for_ci_services_are_shown(qtbot: QtBot) -> None:
    past, recipes = PastTab(), RecipesTab()
    qtbot.addWidget(past)
    qtbot.addWidget(recipes)
    past.show_past([PastView("Watch", Occasion("k", "2026-03-01T06:30:00.000000Z", "Every day at 06:30"))])
    assert past.told.text().endswith("would have run 1 time.")
    recipes.fill()
    recipes.services.setCurrentText("GitLab CI")
    recipes.findChild(QAbstractButton, "automation.recipe.copy").click()
    assert QGuiApplication.clipboard().text() == recipes.text.toPlainText()
    assert "junit: reports/*.xml" in recipes.text.toPlainText()


def test_the_bar_says_what_the_system_says(qtbot: QtBot) -> None:
    owner = QObject()
    bar = ScheduleBar(Actions(owner))
    qtbot.addWidget(bar)
    bar.show()
    active = Status(Kind.CRON, True, True, 15, "Active: cron runs it every 15 minutes.")
    bar.show_status(active)
    assert (bar.words.text(), bar.start.isVisible(), bar.stop.isVisible()) == (active.words, False, True)
    bar.show_status(Status(Kind.CRON, True, False, 15, "The line is there, but cron does not run."))
    assert (bar.mark.status, bar.stop.isVisible()) == ("warn", True)
    bar.show_status(Status(Kind.CRON, False, False, None, "cron has no line for this project."))
    assert (bar.words.text(), bar.start.isVisible()) == ("Nothing runs by itself yet.", True)


def test_home_says_the_level_and_leads_to_what_is_missing(qtbot: QtBot, settings: Settings) -> None:
    session = Session(settings)
    card, asked = MaturityCard(session), []
    qtbot.addWidget(card)
    session.asked_for.connect(lambda page, what: asked.append((page, what)))
    criteria = (
        Criterion(1, "live", "A model answers", "", "services"),
        Criterion(1, "triggered", "Retraining starts by itself", "No automation retrains churn.", "automations", "add"),
        Criterion(2, "promoted", "A better model goes live by itself", "", "automations"),
    )
    day = "2026-03-{0:02}T00:00:00.000000Z"
    card.show_maturity(Maturity(criteria, (Lead("churn", day.format(1), day.format(4), day.format(8)),)))
    assert card.level.text() == "Level 0 of 2: parts of the loop wait for a person."
    said = [text.text() for text in card.findChildren(QLabel)]
    since = f"Since its alarm of {when(day.format(8))} no newer version is live."
    assert {"3 days from the first data to live.", since} <= set(said)
    assert "No automation retrains churn." in said
    (button,) = card.findChildren(QAbstractButton)
    assert button.accessibleName() == "Do something about: Retraining starts by itself"
    button.click()
    assert asked == [("automations", "add")]
    session.shut()


@pytest.mark.parametrize(("unmet", "level"), [((), 2), ((2,), 1), ((1,), 0), ((1, 2), 0)])
def test_a_level_needs_all_of_its_own_and_of_those_below(unmet: tuple[int, ...], level: int) -> None:
    criteria = tuple(Criterion(n, str(n), "", "missing" if n in unmet else "", "home") for n in (1, 2))
    assert Maturity(criteria).level == level
