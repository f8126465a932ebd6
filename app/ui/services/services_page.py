"""What runs where, with a form to try it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QTabWidget, QWidget

from app.core.deploy import ServiceState, ServiceStatus
from app.core.progress import JobContext
from app.ui.actions import Actions
from app.ui.models import deploying
from app.ui.page import Page
from app.ui.services.environments_tab import EnvironmentsTab
from app.ui.services.rollout_desk import RolloutDesk
from app.ui.services.rollout_view import PlacesView, RollOut, places_view
from app.ui.services.service_panel import RETIRED, ServicePanel, state_of
from app.ui.services.service_view import ServiceView, service_views
from app.ui.session import Session
from app.ui.widgets.banner import Banner
from app.ui.widgets.card import Card, column, within
from app.ui.widgets.choice_table import ChoiceTable
from app.ui.widgets.either import Either
from app.ui.widgets.empty import EmptyState
from app.ui.widgets.split import side_by_side
from app.ui.widgets.table import TableColumn
from app.ui.words import count

if TYPE_CHECKING:
    from app.registry.project import Project
    from app.serving.predict import PredictedFile

LOOK_EVERY_MS = 2000


class ServicesPage(Page):
    """Services at the left, the chosen one at the right. A dropped file is predicted and logged like any request."""

    listens_to: ClassVar[frozenset[str]] = frozenset(
        {"service", "model_version", "prediction", "bundle", "release", "project"}
    )
    handles: ClassVar[dict[str, str]] = {
        "service.start": "start",
        "service.stop": "stop",
        "model.rollout": "desk.offer_roll_out",
        "model.rollback": "desk.offer_roll_back",
        "model.settle": "desk.offer_settle",
        "model.retire": "desk.offer_retire",
    }

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._shown: list[ServiceView] | None = None  # nobody knows yet
        self._known_of: Project | None = None
        self._timer = QTimer(self, interval=LOOK_EVERY_MS)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def use_actions(self, actions: Actions) -> None:
        """Build the page; its buttons are the commands'."""
        super().use_actions(actions)
        self.empty = EmptyState("services", self.tr("No service yet."), self.tr("Start one from an approved model."))
        self.empty.offer(self.tr("Go to Models"), lambda: self.session.go("models"), name="go.models", icon="models")
        self.table = ChoiceTable(self.tr("Services"), self._columns(), attrgetter("id"), name="services.list")
        self.model = self.table.records
        self.table.set_widths([0, 78])
        self.table.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # the number of a version stands at the end
        self.table.stretch_first()
        self.table.chosen_changed.connect(self._show_chosen)
        self.panel = ServicePanel(actions, self)
        self.panel.traced.connect(lambda id_: self.session.go("history", id_))
        self.predicted = Banner(name="services.predicted")
        card = Card(self.tr("Services"))
        card.body.addWidget(self.table, 1)
        split = side_by_side(card, self.panel, shares=(2, 5), sizes=(300, 560))
        self.desk = RolloutDesk(self)
        self.environments = EnvironmentsTab(actions, self, self.desk, self._know_places)
        listed = column()
        listed.setContentsMargins(0, 12, 0, 0)
        listed.addWidget(split)
        self.running = Either(self._none_running(), within(listed))
        self.tabs = QTabWidget(documentMode=True)
        self.tabs.setAccessibleName(self.tr("Services and environments"))
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.addTab(self.running, self.tr("Services"))
        self.tabs.addTab(self.environments, self.tr("Environments"))
        self.tabs.currentChanged.connect(lambda _index: self._turned())
        content = column(self.predicted, self.desk, spacing=12)
        content.addWidget(self.tabs, 1)
        self.either = Either(self.empty, within(content))
        self.layout_.addWidget(self.either, 1)

    def _none_running(self) -> EmptyState:
        hint = self.tr("Start one from an approved model, or roll it out.")
        made = EmptyState("services", self.tr("No service yet."), hint)
        made.offer(self.tr("Go to Models"), lambda: self.session.go("models"), name="go.models", icon="models")
        return made

    @property
    def chosen(self) -> ServiceView | None:
        """The service that is selected."""
        return self.table.chosen

    def refresh(self) -> None:
        """Ask how the services are, and what is live where."""
        self.query(service_views, self._show)
        self.environments.refresh()

    def open_at(self, what: object) -> None:
        """Select a service by its id, show the ``environments``, or ask to roll a version out."""
        if isinstance(what, RollOut):
            self.tabs.setCurrentWidget(self.environments)
            then = partial(self._roll_out, what)
            self.query(lambda project: places_view(project, None), then, key="roll out")
        elif what == "environments":
            self.tabs.setCurrentWidget(self.environments)
        else:
            self.tabs.setCurrentIndex(0)
            self.table.want(str(what))
        self.refresh()

    def _roll_out(self, what: RollOut, view: PlacesView) -> None:
        self.environments.show_places(view)
        self.desk.offer_roll_out(what.model_version_id)

    def settle(self) -> None:
        """Allow to start what is stopped and to stop what runs."""
        state = self.chosen.status.actual if self.chosen is not None else None
        stopped = state in (None, ServiceState.STOPPED, ServiceState.FAILED)
        retired = self.tr(RETIRED) if self.chosen is not None and self.chosen.retired else ""
        self.actions_.forbid("service.start", retired if stopped else self.tr("It runs already."))
        self.actions_.forbid("service.stop", self.tr("It does not run.") if stopped else "")
        self.actions_.forbid("model.rollout", self.desk.why_no_roll_out())
        self.actions_.forbid("model.rollback", self.desk.why_no_roll_back())
        self.actions_.forbid("model.settle", self.desk.why_no_settle())
        self.actions_.forbid("model.retire", self.desk.why_no_retire())

    def drop_offer(self, paths: Sequence[Path]) -> str:
        """A file dropped here is predicted by the chosen service's model."""
        if self.chosen is None or not self.panel.isVisible():
            return ""
        name = paths[0].name if len(paths) == 1 else self.tr("{0} files").format(len(paths))
        return self.tr("Drop to predict {0} with {1}").format(name, self.chosen.status.model_version)

    def take_drop(self, paths: Sequence[Path]) -> None:
        """Predict the files; they are logged as this service's."""
        view = self.chosen
        if view is None:
            return
        version_id, service_id = view.model_version_id, view.id

        def predict(project: Project, ctx: JobContext) -> list[PredictedFile]:
            return deploying.predict_files(project, version_id, paths, ctx, service_id)

        title = self.tr("Predicting {0}").format(paths[0].name)
        self.act(title, predict, then=self._show_predicted, changes={"prediction"})

    def start(self) -> None:
        """Start the chosen service again."""
        view = self.chosen
        if view is None:
            return
        id_ = view.id

        def start(project: Project, ctx: JobContext) -> ServiceStatus:
            from app.serving.local import start_again

            return start_again(project, id_, ctx)

        title = self.tr("Starting {0}").format(view.status.service.name)
        self.act(title, start, changes={"service"}, busy=self.panel.start)

    def stop(self) -> None:
        """Stop the chosen service; it finishes what it is answering."""
        view = self.chosen
        if view is None:
            return
        id_ = view.id

        def stop(project: Project, ctx: JobContext) -> ServiceStatus:
            return deploying.stop_service(project, id_, ctx)

        title = self.tr("Stopping {0}").format(view.status.service.name)
        self.act(title, stop, changes={"service"}, busy=self.panel.stop)

    def _columns(self) -> list[TableColumn[ServiceView]]:
        return [
            TableColumn(self.tr("Service"), lambda v: v.status.service.name, tip=_tip),
            TableColumn(self.tr("State"), lambda v: self.tr(state_of(v)[1])),
        ]

    def _look(self) -> None:
        if self.isVisible() and self.session.project is not None:
            self.query(service_views, self._show)

    def _turned(self) -> None:
        """What is rolled back and retired is what one sees."""
        if self.tabs.currentWidget() is self.environments:
            self.environments.show_chosen()
        else:
            self._follow()
            self.settle()

    def _follow(self) -> None:
        """Beside a service it is about its place; beside the places about the chosen one, whatever services do."""
        if self.chosen is not None and self.tabs.currentWidget() is not self.environments:
            self.environments.choose(self.chosen.id)
            self.desk.turn_to(self.chosen.id)

    def _know_places(self) -> None:
        self._known_of = self.session.project
        self._show_content()
        self._follow()
        if self.chosen is not None:
            self.panel.show_place(self.desk.live_words(self.chosen.id))
        if self.isVisible():
            self.settle()

    def _show_content(self) -> None:
        """Nothing to show is only said once both answers say so."""
        if self._shown or self._known_of is self.session.project:
            self.either.show_content(bool(self._shown or self.desk.places))

    def _show(self, views: list[ServiceView]) -> None:
        if views == self._shown and not self.table.is_waiting:
            if self.panel.view is not None:
                self.panel.ask_for_predictions()
            return
        self._shown = views
        self.table.show_records(views)
        self.running.show_content(bool(views))
        self._show_content()
        running = sum(view.status.actual is ServiceState.RUNNING for view in views)
        self.set_subtitle(self.tr("{0} running").format(count(running)) if views else "")
        self._show_chosen()

    def _show_chosen(self) -> None:
        if self.chosen is not None:
            self.panel.show_view(self.chosen)
            self._follow()
            self.panel.show_place(self.desk.live_words(self.chosen.id))
        if self.isVisible():
            self.settle()

    def _show_predicted(self, done: list[PredictedFile]) -> None:
        out = Path(done[-1].out)
        rows = self.tr("{0} rows predicted with {1}.").format(
            count(sum(item.rows for item in done)), done[-1].model_version
        )
        show = (self.tr("Open folder"), "predicted.open", lambda: deploying.show_in_folder(out))
        violating = sum(item.violating for item in done)
        if violating:
            rows += " " + self.tr("{0} break the contract of the data.").format(count(violating))
        self.predicted.ask("warn" if violating else "ok", rows, str(out), [show])


def _tip(view: ServiceView) -> str:
    service = view.status.service
    return f"{service.name}: {view.status.model_version}, port {view.status.port}"
