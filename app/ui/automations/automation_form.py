"""One automation to add or to change: when, what, about what; and the whole of it as a sentence while one types."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QFormLayout, QGridLayout, QWidget

from app.core.automation_words import STEP_WORDS, sentence, when_words
from app.core.automations import (
    ABOUT_MODEL,
    DAYS,
    EVENTS,
    NEEDS_CHALLENGER,
    UNJUDGED,
    Automation,
    Occasion,
    Rule,
    Step,
    Trigger,
    When,
    checked,
    promotes_by_itself,
)
from app.core.challenges import SAME_PLAN
from app.errors import BadInput
from app.ui.automations.automation_view import ModelPlan, Names
from app.ui.automations.plan_choice import PlanChoice
from app.ui.page import scrolling
from app.ui.widgets.buttons import Button
from app.ui.widgets.card import column, field_label, label, row, rule, within
from app.ui.widgets.choice import Check
from app.ui.widgets.combo import Combo
from app.ui.widgets.field import field
from app.ui.widgets.numbers import WholeNumber
from app.ui.words import plural
from app.ui.words import when as moment

USUAL_AT, USUAL_LABELS, MOST_LABELS = "06:30", 200, 10_000_000
USUAL = Rule(Trigger(When.DAY, USUAL_AT), (Step.COLLECT, Step.MONITOR))
"""What stands ready: look every morning."""


class AutomationForm(QWidget):
    """``save(name, rule)`` is called with a rule that can be done; ``leave`` when it is given up; ``look_back(rule)``
    when it changed, and somebody tells by ``show_past`` when it would have run."""

    def __init__(
        self,
        save: Callable[[str, Rule], object],
        leave: Callable[[], object],
        look_back: Callable[[Rule], object] = lambda _rule: None,
    ) -> None:
        super().__init__()
        self._save, self._names, self._look_back = save, Names(), look_back
        self.name = field("automation.name", self.tr("Name of the automation"), most_px=320)
        self._make_when()
        self._make_about()
        self.plan = PlanChoice(self._settle)
        self.steps = {step: Check(self._step_words(step)) for step in Step}
        for step, box in self.steps.items():
            box.setObjectName(f"automation.step.{step}")
            box.toggled.connect(lambda _on: self._settle())
        self.sentence = label("", "strong", wrap=True, name="automation.sentence")
        self._looked_back: Rule | None = None
        self.past = label("", "quiet", wrap=True, name="automation.would_have_run")
        self.problem = label("", "problem", wrap=True, name="automation.problem")
        self.button = Button(self.tr("Save"), self._ask, role="primary", name="automation.save")
        give_up = Button(self.tr("Leave it"), leave, name="automation.leave")
        foot = row(column(self.sentence, self.past, self.problem, spacing=2), give_up, self.button, spacing=8)
        foot.setStretch(0, 1)
        asked = within(column(self._fields(), self._step_grid(), self.plan.below, 1, spacing=12))
        whole = column(scrolling(asked), rule(), foot, spacing=12)
        whole.setStretch(0, 1)
        whole.setContentsMargins(0, 8, 0, 0)
        self.setLayout(whole)

    def _make_when(self) -> None:
        self.when = Combo(self.tr("When"), name="automation.when")
        words = {
            When.DAY: self.tr("Every day at"),
            When.WEEK: self.tr("Every week on"),
            When.LABELS: self.tr("When new labels came"),
            When.ACT: self.tr("When a look says act"),
            When.BELOW: self.tr("When it is below its limit"),
            When.HAND: self.tr("Only by hand"),
        }
        for when, text in words.items():
            self.when.addItem(text, when)
        self.day = Combo(self.tr("Day of the week"), name="automation.day")
        for number, day in enumerate(DAYS):
            self.day.addItem(self.tr(day.capitalize()), number)
        self.at = field("automation.at", self.tr("Time of day, as 06:30"), USUAL_AT, placeholder="06:30", most_px=72)
        self.labels = WholeNumber(minimum=1, maximum=MOST_LABELS, value=USUAL_LABELS, suffix=self.tr(" labels"))
        self.labels.setObjectName("automation.labels")
        self.labels.setAccessibleName(self.tr("How many new labels"))
        self.labels.setFixedHeight(32)
        self.labels.setMinimumWidth(128)
        self.labels.lineEdit().setTextMargins(8, 0, 8, 0)
        for changed in (self.when.currentIndexChanged, self.day.currentIndexChanged, self.labels.valueChanged):
            changed.connect(lambda _value: self._settle())
        self.at.textChanged.connect(lambda _text: self._settle())

    def _make_about(self) -> None:
        self.model = Combo(self.tr("Model"), name="automation.model")
        self.data = Combo(self.tr("Data set"), name="automation.data")
        self.environment = Combo(self.tr("Environment to promote to"), name="automation.environment")
        for combo in (self.model, self.data, self.environment):
            combo.currentIndexChanged.connect(lambda _index: self._settle())

    def _fields(self) -> QFormLayout:
        form = QFormLayout()
        form.setVerticalSpacing(8)
        form.setHorizontalSpacing(12)
        form.addRow(field_label(self.tr("Na&me"), self.name), self.name)
        form.addRow(field_label(self.tr("&When"), self.when), row(self.when, self.day, self.at, self.labels, 1))
        self._data_label = field_label(self.tr("&Data"), self.data)
        about = row(self.model, 12, self._data_label, self.data, 1)
        form.addRow(field_label(self.tr("&About"), self.model), about)
        return form

    def _step_grid(self) -> QWidget:
        """In the order of the loop, down the first column, then the second."""
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(32)
        grid.setVerticalSpacing(6)
        half = (len(self.steps) + 1) // 2
        besides = {self.steps[Step.RETRAIN]: self.plan.how, self.steps[Step.PROMOTE]: self.environment}
        for number, box in enumerate(self.steps.values()):
            beside = besides.get(box)
            place = within(row(box, beside, 1)) if beside is not None else box
            grid.addWidget(place, number % half, number // half)
        grid.setColumnStretch(2, 1)
        return within(grid)

    def _step_words(self, step: Step, *, once_promoted: bool = False) -> str:
        by_itself = self.tr("then roll it out to") if once_promoted else self.tr("promote by itself to")
        words = by_itself if step is Step.PROMOTE else self.tr(STEP_WORDS[step])
        return f"{words[:1].upper()}{words[1:]}"

    def offer(self, names: Names) -> None:
        """What a rule can be about; the choice is kept where it is still there."""
        if names == self._names:
            return
        self._names = names
        _refill(self.model, [(name, name) for name in names.models] or [(self.tr("no model yet"), "")])
        _refill(self.data, [(self.tr("the model's own"), ""), *((name, name) for name in names.datasets)])
        told = [
            (name if may else self.tr("{0} (a person decides)").format(name), name) for name, may in names.environments
        ]
        _refill(self.environment, told)

    def begin(self, automation: Automation | None = None) -> None:
        """Show one to change, or the usual one to add."""
        rule = automation.rule if automation is not None else USUAL
        self.name.setText(automation.name if automation is not None else "")
        self.when.setCurrentIndex(self.when.findData(rule.trigger.when))
        self.day.setCurrentIndex(rule.trigger.weekday)
        self.at.setText(rule.trigger.at or USUAL_AT)
        self.labels.setValue(rule.trigger.labels or USUAL_LABELS)
        for combo, value in ((self.model, rule.model), (self.data, rule.dataset), (self.environment, rule.environment)):
            _choose(combo, value, self.tr("{0} is not there any more").format(value))
        for step, box in self.steps.items():
            box.setChecked(step in rule.steps)
        self.plan.offer(self._plan_of_model())
        self.plan.begin(rule.plan)
        if automation is None:
            has_model = bool(self._names.models)
            self.steps[Step.MONITOR].setChecked(has_model)
        self._settle()
        self.name.setFocus()

    @property
    def rule(self) -> Rule:
        """As it stands. BadInput if it cannot be done."""
        when = When(self.when.currentData())
        trigger = Trigger(
            when,
            self.at.text().strip() if when in (When.DAY, When.WEEK) else "",
            int(self.day.currentData()) if when is When.WEEK else 0,
            self.labels.value() if when is When.LABELS else 0,
        )
        steps = tuple(step for step, box in self.steps.items() if box.isChecked())
        to = str(self.environment.currentData() or "") if Step.PROMOTE in steps else ""
        data = str(self.data.currentData() or "") if {Step.REFRESH, Step.CHECK} & set(steps) else ""
        needs_model = (
            bool(ABOUT_MODEL & set(steps)) or when in EVENTS or ({Step.REFRESH, Step.CHECK} & set(steps) and not data)
        )
        model = str(self.model.currentData() or "") if needs_model else ""
        plan = self.plan.plan if Step.RETRAIN in steps else SAME_PLAN
        made = checked(Rule(trigger, steps, model, data, to, plan))
        if model in self._names.unjudged and promotes_by_itself(made):
            raise BadInput(self.tr(UNJUDGED), self.tr("Add the step wait: a person decides then."))
        return made

    def _settle(self) -> None:
        """Show what this time and these steps need, and the rule in words."""
        when = When(self.when.currentData())
        self.day.setVisible(when is When.WEEK)
        self.at.setVisible(when in (When.DAY, When.WEEK))
        self.labels.setVisible(when is When.LABELS)
        on = {step for step, box in self.steps.items() if box.isChecked()}
        about_data = bool({Step.REFRESH, Step.CHECK} & on)
        self.data.setVisible(about_data)
        self._data_label.setVisible(about_data)
        self.environment.setVisible(Step.PROMOTE in on)
        self.plan.offer(self._plan_of_model())
        self.plan.show(Step.RETRAIN in on)
        for step in NEEDS_CHALLENGER:
            self.steps[step].setEnabled(Step.RETRAIN in on)
            self.steps[step].setChecked(step in on and Step.RETRAIN in on)
        promote = self._step_words(Step.PROMOTE, once_promoted=Step.WAIT in on)
        self.steps[Step.PROMOTE].setText(promote)
        self.steps[Step.PROMOTE].setAccessibleName(promote)
        try:
            told, problem = sentence(self.rule), ""
            self.name.setPlaceholderText(_usual_name(self.rule))
        except BadInput as error:
            told, problem = "", str(error)
        self.sentence.setText(told)
        self.sentence.setVisible(bool(told))
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
        self.past.setVisible(bool(told))
        self.button.forbid(problem)
        if told and self.rule != self._looked_back:
            self._looked_back = self.rule
            self.past.setText("")
            self._look_back(self.rule)

    def _plan_of_model(self) -> ModelPlan | None:
        return dict(self._names.plans).get(str(self.model.currentData() or ""))

    def show_past(self, rule: Rule, found: Sequence[Occasion]) -> None:
        """Say when a rule would have run; of another one than stands in the form, nothing."""
        if rule != self._looked_back:
            return
        times = plural(len(found), self.tr("time"), self.tr("times"))
        told = self.tr("On what was recorded so far it would have run {0}, last {1}.")
        none = self.tr("On what was recorded so far it would not have run yet.")
        self.past.setText(told.format(times, moment(found[-1].at)) if found else none)

    def _ask(self) -> None:
        rule = self.rule
        self._save(self.name.text().strip() or _usual_name(rule), rule)


def _usual_name(rule: Rule) -> str:
    """*Every day at 06:30*: what a rule is called where nobody names it."""
    return when_words(rule)


def _choose(combo: Combo, value: str, gone: str) -> None:
    """Show a rule's own choice; the first one for a rule that names none, none for what is not offered any more."""
    index = combo.findData(value) if value else 0
    combo.setPlaceholderText(gone if index < 0 else "")
    combo.setCurrentIndex(index)


def _refill(combo: Combo, items: list[tuple[str, str]]) -> None:
    before = combo.currentData()
    combo.blockSignals(True)
    combo.clear()
    for text, value in items:
        combo.addItem(text, value)
    lost = before is None and combo.placeholderText()
    combo.setCurrentIndex(-1 if lost else max(combo.findData(before), 0))
    combo.blockSignals(False)
