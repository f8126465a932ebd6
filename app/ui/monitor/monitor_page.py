"""Is it still right? One verdict a model, then what moved, and how good it is once labels come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtWidgets import QFileDialog, QWidget

from app.core.alerts import Alert, AlertState, Mute
from app.core.monitoring import Every, MonitorReport, OverTime
from app.core.outcomes import Delivery
from app.core.progress import JobContext
from app.monitoring.asked import LEVEL, alarms_a_year
from app.ui.actions import Actions
from app.ui.models.retraining import retrain_on
from app.ui.monitor.label_bar import LabelBar, delivery_words
from app.ui.monitor.monitor_panel import MonitorPanel
from app.ui.monitor.monitor_view import MonitorView, monitor_views, mutes, open_alerts
from app.ui.monitor.mute_bar import MuteBar
from app.ui.page import ALERTS, Page
from app.ui.session import Session
from app.ui.widgets.buttons import ActionButton
from app.ui.widgets.card import column, row, within
from app.ui.widgets.combo import Combo
from app.ui.widgets.either import Either
from app.ui.widgets.empty import EmptyState
from app.ui.words import count, figure

if TYPE_CHECKING:
    from app.registry.project import Project

WINDOWS = (1_000, 10_000, 100_000)
DAYS = (1, 7, 30)
USUAL = 10_000
LEVELS = (0.002, LEVEL, 0.05)


class MonitorPage(Page):
    """A dropped table is taken for labels; *Refresh* looks at the newest predictions."""

    listens_to: ClassVar[frozenset[str]] = frozenset(
        {"model_version", "bundle", "service", "prediction", "monitor", "alert", "project"}
    )
    handles: ClassVar[dict[str, str]] = {
        "monitor.refresh": "look",
        "monitor.labels": "choose_labels",
        "monitor.mute": "mute",
        "run.retrain": "retrain",
    }

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.views: list[MonitorView] = []
        self._views_known = False
        self._wanted = ""
        self._alerts = 0
        self._mutes: list[Mute] = []

    def use_actions(self, actions: Actions) -> None:
        """Build the page."""
        super().use_actions(actions)
        self.empty = EmptyState(
            "monitor",
            self.tr("No predictions yet."),
            self.tr(
                "Start a service, or predict a file; drop the log of a bundle that runs elsewhere, or watch its folder "
                "(Settings)."
            ),
        )
        self.empty.offer(self.tr("Go to Services"), lambda: self.session.go("services"), name="go.services")
        self.models = Combo(self.tr("Model version"), name="monitor.model")
        self.models.currentIndexChanged.connect(lambda _index: self._show_chosen())
        self.rows = self._windows()
        self.level = self._levels()
        self.refresh_button = ActionButton(actions["monitor.refresh"], role="primary", icon="refresh")
        self.retrain_button = ActionButton(actions["run.retrain"], icon="train")
        self.labels = LabelBar(self.join_labels, self)
        self.muting = MuteBar(self)
        self.panel = MonitorPanel(self, self.score)
        self.panel.fleet.chosen.connect(self._show_version)
        self.panel.tabs.currentChanged.connect(lambda _tab: self.muting.say_elsewhere(self.panel.shows_alerts))
        asked = row(self.models, self.rows, self.level, 1, self.retrain_button, self.refresh_button)
        content = within(column(asked, self.labels, self.muting, self.panel, spacing=12))
        self.either = Either(self.empty, content)
        self.layout_.addWidget(self.either, 1)

    @property
    def chosen(self) -> MonitorView | None:
        """The version that is looked at."""
        at = self.models.currentIndex()
        return self.views[at] if 0 <= at < len(self.views) else None

    def refresh(self) -> None:
        """Ask what was recorded."""
        self.query(monitor_views, self._show)
        self.query(open_alerts, self._show_open, key="open")
        self.query(mutes, self._show_mutes, key="mutes")
        self.panel.refresh_shown()

    def clear(self) -> None:
        """No project: nothing to watch."""
        self.views, self._alerts, self._views_known, self._mutes = [], 0, False, []
        self.labels.hide()
        self.muting.show_mutes(None, [])
        self.either.show_content(False)

    def open_at(self, what: object) -> None:
        """Show a model version by its id or its model's, an alert (see ``to_alert``), or the alerts."""
        kind, _, alert = str(what).partition(":")
        if kind == ALERTS:
            self.panel.show_alerts(alert)
        else:
            self._wanted = str(what)
        self.refresh()

    def settle(self) -> None:
        """There has to be a model that was asked something."""
        none = "" if self.views else self.tr("No predictions yet.")
        self.actions_.forbid("monitor.refresh", none)
        self.actions_.forbid("run.retrain", none)
        self.actions_.forbid("monitor.mute", none)
        blind = self.tr("This model predicts no column: nothing can be compared with its answers.")
        self.actions_.forbid("monitor.labels", none or ("" if self.chosen and self.chosen.target else blind))

    def look(self) -> None:
        """Look at the newest predictions of the chosen version now."""
        view = self.chosen
        if view is None:
            return
        model, level = view.version.label, float(self.level.currentData())
        rows, since = self._asked()

        def ask(project: Project, ctx: JobContext) -> MonitorReport:
            from app.monitoring.monitor import asked_for, monitor

            return monitor(project, model, asked_for(rows, since, level), ctx)

        self.act(
            self.tr("Looking at {0}").format(model), ask, kind="monitor", then=self._looked,
            changes={"monitor", "prediction", "alert"}, busy=self.refresh_button,
        )  # fmt: skip

    def mute(self) -> None:
        """Ask for how long no alert of the chosen model is to go out."""
        self.muting.ask()

    def retrain(self) -> None:
        """Train a challenger of the chosen version on what is newer, then show both on Models."""
        if (view := self.chosen) is not None:
            show = partial(self.session.go, "models")
            retrain_on(self, view.version.label, show, busy=self.retrain_button)

    def drop_offer(self, paths: Sequence[Path]) -> str:
        """A table dropped here says what really happened; a log is collected, as everywhere."""
        from app.serving.dropped import Thing, thing_at

        if len(paths) != 1 or self.either.currentWidget() != self.either.content:
            return ""
        if self.chosen is None or not self.chosen.target:
            return ""
        if not paths[0].is_file() or thing_at(paths[0]) is not Thing.DATA:
            return ""
        return self.tr("Drop to join the labels in {0} with predictions").format(paths[0].name)

    def choose_labels(self) -> None:
        """Ask for a table of what really happened, as if it had been dropped."""
        name, _kind = QFileDialog.getOpenFileName(self, self.tr("What really happened"))
        if name:
            self.take_drop([Path(name)])

    def take_drop(self, paths: Sequence[Path]) -> None:
        """Read the file's columns and ask which are which."""
        path, view = paths[0], self.chosen
        if view is None:
            return

        def read(project: Project, ctx: JobContext) -> list[str]:
            from app.monitoring.labels import columns_of_file

            return columns_of_file(project, path, ctx)

        self.act(
            self.tr("Reading {0}").format(path.name),
            read,
            then=lambda columns: self.labels.offer(path, columns, view.target),
        )

    def join_labels(self, path: Path, id_column: str, label_column: str) -> None:
        """Take the labels in, then look again."""
        view = self.chosen
        if view is None:
            return
        model = view.version.model_name  # what happened may belong to any of its versions

        def add(project: Project, ctx: JobContext) -> Delivery:
            from app.monitoring.labels import add_labels

            return add_labels(project, path, id_column=id_column, label_column=label_column, model=model, ctx=ctx)

        self.act(self.tr("Joining labels"), add, then=self._joined, changes={"prediction"}, busy=self.labels.button)

    def score(self, every: Every, rows: int) -> None:
        """Score the chosen version window by window."""
        view = self.chosen
        if view is None:
            return
        model = view.version.label

        def ask(project: Project, ctx: JobContext) -> OverTime:
            from app.monitoring.over_time import over_time

            return over_time(project, model, every, ctx, rows=rows)

        def show(found: OverTime) -> None:
            if self.chosen is not None and self.chosen.version.label == found.model_version:
                self.panel.over_time.show_windows(found)

        title = self.tr("Scoring windows of {0}").format(model)
        self.act(title, ask, kind="monitor", then=show, busy=self.panel.over_time.windows)

    def _windows(self) -> Combo:
        """By count, as rows; by time, as negative days."""
        made = Combo(self.tr("Window"), name="monitor.window")
        for rows in WINDOWS:
            made.addItem(self.tr("Newest {0} predictions").format(count(rows)), rows)
        for days in DAYS:
            text = self.tr("Last {0} days").format(days) if days > 1 else self.tr("Last 24 hours")
            made.addItem(text, -days)
        made.setCurrentIndex(WINDOWS.index(USUAL))
        return made

    def _levels(self) -> Combo:
        made = Combo(self.tr("Alarms by chance"), name="monitor.level")
        for level in LEVELS:
            made.addItem(self.tr("{0} chance alarms a year").format(figure(alarms_a_year(level), 1)), level)
        made.setCurrentIndex(LEVELS.index(LEVEL))
        made.setToolTip(
            self.tr("How many alarms a year a model without any drift gives at this setting, looked at weekly.")
        )
        return made

    def _asked(self) -> tuple[int | None, str]:
        """Rows, or since when, of the chosen window."""
        asked = int(self.rows.currentData())
        if asked > 0:
            return asked, ""
        since = datetime.now(UTC) - timedelta(days=-asked)
        return None, since.strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def _show_version(self, version_id: str) -> None:
        self.panel.tabs.setCurrentIndex(0)
        self.open_at(version_id)

    def _show_open(self, found: list[Alert]) -> None:
        self._alerts = len(found)
        self.panel.show_open(sum(alert.state is AlertState.OPEN for alert in found))
        self._show_content()

    def _show_mutes(self, found: list[Mute]) -> None:
        self._mutes = found
        self.muting.show_mutes(self.chosen.version if self.chosen else None, found)

    def _show_content(self) -> None:
        """A service may have failed before anybody asked it anything: then its alert is all there is. Which it is, is
        known once the models are: alerts may be read first."""
        if not self._views_known:
            return
        if not self.views and self._alerts:
            self.panel.show_nothing()
        self.either.show_content(bool(self.views or self._alerts))

    def _joined(self, made: Delivery) -> None:
        self.labels.hide()
        self.session.tell(delivery_words(made), "ok" if made.counts.joined else "warn")
        if made.counts.joined:
            self.look()

    def _looked(self, report: MonitorReport) -> None:
        if not report.window.rows:
            self.session.tell(self.tr("{0} was not asked anything yet.").format(report.model_version), "info")

    def _show(self, views: list[MonitorView]) -> None:
        before = self._wanted or (self.chosen.version.id if self.chosen else "")
        self._wanted, self.views, self._views_known = "", views, True
        self.models.blockSignals(True)
        self.models.clear()
        self.models.addItems([view.version.label for view in views])
        wanted = (i for i, view in enumerate(views) if before in (view.version.id, view.version.model_id))
        self.models.setCurrentIndex(next(wanted, 0 if views else -1))
        self.models.blockSignals(False)
        self._show_content()
        self._show_chosen()

    def _show_chosen(self) -> None:
        view = self.chosen
        if view is not None:
            self.panel.show_view(view)
            self.set_subtitle(self.tr("Live") if view.live else "")
        else:
            self.set_subtitle("")
        self._show_mutes(self._mutes)
        if self.isVisible():
            self.settle()
