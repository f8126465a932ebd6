"""Rules that act by themselves: in plain sentences, with what they did, and whether this computer keeps the time."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from PySide6.QtWidgets import QStackedWidget, QTabWidget, QWidget

from app.core.automations import Automation, AutomationRun, Occasion, Rule, RuleState, When
from app.core.challenges import Challenge
from app.core.progress import JobContext
from app.ui.actions import Actions
from app.ui.automations.automation_form import AutomationForm
from app.ui.automations.automation_list import RuleList, RuleVerbs
from app.ui.automations.automation_runs import PastTab, RecipesTab, RunsTab
from app.ui.automations.automation_view import AutomationsView, automations_view, past_views
from app.ui.automations.schedule_bar import ScheduleBar
from app.ui.page import Page
from app.ui.session import Session
from app.ui.widgets.buttons import ActionButton
from app.ui.widgets.card import Card, column, within
from app.ui.widgets.either import Either
from app.ui.widgets.empty import EmptyState
from app.ui.words import plural

if TYPE_CHECKING:
    from app.monitoring.automation.automations import RanDue
    from app.monitoring.automation.schedules import Status
    from app.registry.project import Project

CHANGES = frozenset(
    {"automation", "prediction", "data_version", "run", "model_version", "bundle", "service", "monitor"}
)


class AutomationsPage(Page):
    """A list and a form in one place; beside them what ran, what would have run, files for CI services."""

    listens_to: ClassVar[frozenset[str]] = frozenset(
        {"automation", "project", "model_version", "data_version", "challenge", "release"}
    )
    handles: ClassVar[dict[str, str]] = {
        "automation.add": "add",
        "automation.run_due": "run_due",
        "automation.schedule": "schedule",
        "automation.unschedule": "unschedule",
    }

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.view = AutomationsView()
        self._changed: Automation | None = None
        self._wanted = False

    def use_actions(self, actions: Actions) -> None:
        """Build the page."""
        super().use_actions(actions)
        self.empty = EmptyState(
            "clock",
            self.tr("No automation yet."),
            self.tr(
                "An automation does what you would do by hand, at a time or when something happens: look whether a "
                "model is still right, retrain it, check new data."
            ),
        )
        self.empty.add(ActionButton(actions["automation.add"], role="primary", icon="add"))
        self.bar = ScheduleBar(actions)
        self.rules = RuleList(RuleVerbs(self.run_one, self.change, self.pause, self.remove, self.decide))
        self.form = AutomationForm(self.save, self.leave, self.look_back)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.rules)
        self.stack.addWidget(self.form)
        self.card = Card(self.tr("Automations"), name="automation.list")
        self.due = ActionButton(actions["automation.run_due"], icon="start")
        self.more = ActionButton(actions["automation.add"], role="primary", icon="add")
        self.card.head.addStretch(1)
        self.card.head.addWidget(self.due)
        self.card.head.addWidget(self.more)
        self.card.body.addWidget(self.stack, 1)
        self.either = Either(self.empty, self._tabs())
        self.layout_.addWidget(self.either, 1)

    def _tabs(self) -> QTabWidget:
        rules = column(self.bar, self.card, spacing=12)
        rules.setContentsMargins(0, 8, 0, 0)
        rules.setStretch(1, 1)
        self.runs, self.past, self.recipes = RunsTab(), PastTab(), RecipesTab()
        self.tabs = QTabWidget(documentMode=True)
        self.tabs.setAccessibleName(self.tr("Automations"))
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.addTab(within(rules), self.tr("Rules"))
        self.tabs.addTab(self.runs, self.tr("Last runs"))
        self.tabs.addTab(self.past, self.tr("Would have run"))
        self.tabs.addTab(self.recipes, self.tr("For CI services"))
        self.tabs.currentChanged.connect(lambda _index: self._show_tab())
        return self.tabs

    def refresh(self) -> None:
        """Ask for the rules and their runs, and the system for its schedule."""
        self.query(automations_view, self._show)
        self._ask_schedule()

    def clear(self) -> None:
        """No project: no rules."""
        self.view, self._changed = AutomationsView(), None
        self.either.show_content(False)

    def settle(self) -> None:
        """What can be done as it stands."""
        none = "" if self.view.rules else self.tr("There is no automation yet.")
        self.actions_.forbid("automation.run_due", none)

    def open_at(self, what: object) -> None:
        """``add``: the form to add one; a run: what became of it."""
        if what == "add":
            self.add()
        elif isinstance(what, AutomationRun):
            self.runs.want(what.id)
            self.tabs.setCurrentWidget(self.runs)
            self.refresh()

    def add(self) -> None:
        """Open the form for a new one; without a project, the ways to one."""
        if self.session.project is None:
            self.session.go("home")
            return
        self._begin(None)

    def change(self, automation: Automation) -> None:
        """Open the form for this one."""
        self._begin(automation)

    def save(self, name: str, rule: Rule) -> None:
        """Keep what the form says."""
        before = self._changed

        def keep(project: Project, _ctx: JobContext) -> Automation:
            from app.monitoring.automation.making import change, make

            return make(project, name, rule) if before is None else change(project, before, name, rule)

        self.act(self.tr("Saving the automation"), keep, then=lambda _made: self.leave(), changes={"automation"})

    def look_back(self, rule: Rule) -> None:
        """Find out when a rule would have run, before it is made."""

        def ask(project: Project) -> tuple[Occasion, ...]:
            from app.monitoring.automation.automations import would_have_run

            return would_have_run(project, rule)

        if rule.trigger.when is not When.HAND:
            self.query(ask, lambda found: self.form.show_past(rule, found), key="look_back")

    def leave(self) -> None:
        """Back to the list, or to the empty state."""
        self._changed = None
        self.stack.setCurrentWidget(self.rules)
        self._show_form(False)
        self.either.show_content(bool(self.view.rules))

    def pause(self, automation: Automation) -> None:
        """Pause it, or resume it."""
        paused = automation.state is RuleState.PAUSED
        self._set_state(automation, RuleState.ACTIVE if paused else RuleState.PAUSED)

    def remove(self, automation: Automation) -> None:
        """Put it away; a note offers to take that back."""

        def back() -> None:
            self._set_state(automation, automation.state, put_back=True)

        self._set_state(automation, RuleState.REMOVED)
        self.session.tell(self.tr("{0} was removed.").format(automation.name), "ok", self.tr("Undo"), back)

    def decide(self, challenge: Challenge) -> None:
        """Show the challenger that a rule waits with."""
        self.session.go("models", challenge)

    def run_one(self, automation: Automation, button: QWidget) -> None:
        """Run one now."""

        def run(project: Project, ctx: JobContext) -> AutomationRun | None:
            from app.monitoring.automation.automations import run_now

            return run_now(project, automation, ctx)

        title = self.tr("Running {0}").format(automation.name)
        self.act(title, run, kind="automation", then=self._ran_one, changes=CHANGES, busy=button)

    def run_due(self) -> None:
        """Run every rule that is due."""

        def run(project: Project, ctx: JobContext) -> RanDue:
            from app.monitoring.automation.automations import run_due

            return run_due(project, ctx)

        title = self.tr("Doing what is due")
        self.act(title, run, kind="automation", then=self._ran_due, changes=CHANGES, busy=self.due)

    def schedule(self) -> None:
        """Write the system's schedule."""
        minutes = int(self.bar.minutes.currentData())

        def write(project: Project, _ctx: JobContext) -> Status:
            from app.monitoring.automation.schedules import activate

            return activate(project, minutes)

        self.act(self.tr("Scheduling"), write, then=self.bar.show_status, changes={"automation"}, busy=self.bar.start)

    def unschedule(self) -> None:
        """Take the system's schedule back."""

        def take(project: Project, _ctx: JobContext) -> Status:
            from app.monitoring.automation.schedules import deactivate

            return deactivate(project)

        title = self.tr("Taking the schedule back")
        self.act(title, take, then=self.bar.show_status, changes={"automation"}, busy=self.bar.stop)

    def _set_state(self, automation: Automation, state: RuleState, *, put_back: bool = False) -> None:
        def keep(project: Project, _ctx: JobContext) -> None:
            from app.registry import automations as kept

            kept.set_state(project, automation.id, state, put_back=put_back)

        self.act(self.tr("Saving the automation"), keep, changes={"automation"})

    def _begin(self, automation: Automation | None) -> None:
        self._changed = automation
        self.form.offer(self.view.names)
        self.either.show_content(True)
        self.tabs.setCurrentIndex(0)
        self.stack.setCurrentWidget(self.form)
        self._show_form(True)
        self.form.begin(automation)

    def _show_form(self, shown: bool) -> None:
        """The form takes the page to itself."""
        for part in (self.bar, self.more, self.due):
            part.setVisible(not shown)
        adding = self.tr("Add an automation") if self._changed is None else self.tr("Change an automation")
        self.card.title.setText(adding if shown else self.tr("Automations"))

    def _ran_one(self, run: AutomationRun | None) -> None:
        if run is None:
            self.session.tell(self.tr("It runs already."), "info")

    def _ran_due(self, done: RanDue) -> None:
        count = len(done.ran)
        ran = plural(count, self.tr("automation ran."), self.tr("automations ran."))
        self.session.tell(ran if count else self.tr("Nothing is due."), "ok" if count else "info")

    def _ask_schedule(self) -> None:
        def ask(project: Project) -> Status:
            from app.monitoring.automation.schedules import status

            return status(project)

        self.query(ask, self.bar.show_status, key="schedule")

    def _show(self, view: AutomationsView) -> None:
        self.view = view
        self.rules.show_rules(view.rules)
        self.runs.show_runs(view.runs)
        self.form.offer(view.names)
        active = sum(rule.automation.state is RuleState.ACTIVE for rule in view.rules)
        self.set_subtitle(plural(active, self.tr("active"), self.tr("active")) if view.rules else "")
        if self.stack.currentWidget() is not self.form:
            self.either.show_content(bool(view.rules))
        if self.isVisible():
            self.settle()
        self._show_tab()

    def _show_tab(self) -> None:
        if self.tabs.currentWidget() is self.past and self.session.project is not None:
            self.query(past_views, self.past.show_past, key="past")
        elif self.tabs.currentWidget() is self.recipes:
            self.recipes.fill()
