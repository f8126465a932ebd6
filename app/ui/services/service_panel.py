"""One service: its address, a form to try it, lines to call it with, and what it answered last."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QTabWidget, QVBoxLayout, QWidget

from app.core.deploy import ServiceState
from app.ui.actions import Actions
from app.ui.page import Page, scrolling
from app.ui.services.service_view import ServiceView, last_predictions, output_words, threshold_words
from app.ui.services.traffic_line import TrafficLine
from app.ui.services.tryform import BadField, TryForm, curl_line, python_lines
from app.ui.services.violation_words import violation_words
from app.ui.services.why_answer import WhyAnswer
from app.ui.widgets.buttons import ActionButton, Button
from app.ui.widgets.card import Card, column, label, row, within
from app.ui.widgets.chip import Chip
from app.ui.widgets.table import DataTable, RecordsModel, TableColumn
from app.ui.words import figure, percent, when

if TYPE_CHECKING:
    from app.registry.project import Project
    from app.serving.recent import RecentPrediction

FORM_PX = 220
"""The narrowest form in which a value can be read beside its column's name."""
ANSWER_PX = 278
"""A prediction id with a scroll bar beside it."""

STATES = {
    ServiceState.RUNNING: ("ok", "Running"),
    ServiceState.STARTING: ("running", "Starting"),
    ServiceState.RESTARTING: ("warn", "Restarting"),
    ServiceState.STOPPED: ("info", "Stopped"),
    ServiceState.FAILED: ("fail", "Failed"),
}


INPUTS = 5
"""A column that a narrow list of predictions does without: the trace tells what was asked."""
RETIRED = "Its model was retired there. Roll a version out to have it answer again."


def state_of(view: ServiceView) -> tuple[str, str]:
    """The chip's kind and word."""
    actual = view.status.actual
    stopped = actual in (ServiceState.STOPPED, ServiceState.FAILED)
    return ("info", "Retired") if view.retired and stopped else STATES[actual]


class ServicePanel(Card):
    """The details of the service that is chosen on the Services page."""

    traced = Signal(str)

    def __init__(self, actions: Actions, page: Page) -> None:
        super().__init__(" ", name="services.details")
        self._page = page
        self.view: ServiceView | None = None
        self._state = Chip("info", "")
        self.head.addWidget(self._state)
        self.head.addStretch(1)
        self.start = ActionButton(actions["service.start"], role="primary", icon="start")
        self.stop = ActionButton(actions["service.stop"], icon="stop")
        self.head.addWidget(self.start)
        self.head.addWidget(self.stop)
        self._address = label("", "mono", name="service.address")
        self._address.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._copy = Button(self.tr("Copy the address"), lambda: _copy(self._address.text()), role="icon", icon="copy")
        self._browse = Button(self.tr("Open in the browser"), self._open_in_browser, role="flat", icon="link")
        self._message = label("", "quiet", wrap=True)
        self.body.addLayout(row(self._address, self._copy, self._browse, 1))
        self.traffic = TrafficLine()
        self.body.addWidget(self.traffic)
        self.body.addWidget(self._message)
        self._live = label("", wrap=True, name="service.live")
        back = ActionButton(actions["model.rollback"], icon="undo")
        line = row(self._live, back)
        line.setStretch(0, 1)
        self._place = within(line)
        self._place.hide()
        self.body.addWidget(self._place)
        self.tabs = QTabWidget(documentMode=True)
        self.tabs.setAccessibleName(self.tr("About this service"))
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.addTab(self._try_tab(), self.tr("Try it"))
        self.tabs.addTab(self._call_tab(), self.tr("Call it"))
        self.tabs.addTab(self._last_tab(), self.tr("Last predictions"))
        self.tabs.currentChanged.connect(lambda _index: self.ask_for_predictions())
        self.body.addWidget(self.tabs, 1)

    def show_view(self, view: ServiceView) -> None:
        """Show this service as it is now."""
        self.view = view
        status = view.status
        kind, word = state_of(view)
        runs = status.actual is ServiceState.RUNNING
        self.title.setText(status.service.name)
        self.setAccessibleName(status.service.name)
        self._state.say(kind, self.tr(word))
        self._address.setText(status.url or self.tr("No address while it does not run"))
        self._copy.setVisible(runs)
        self._browse.setVisible(runs)
        self.start.setVisible(status.actual in (ServiceState.STOPPED, ServiceState.FAILED))
        self.stop.setVisible(status.actual not in (ServiceState.STOPPED, ServiceState.FAILED))
        retired = self.tr(RETIRED) if view.retired and not runs else ""
        self._message.setText(retired or view.problem or status.message)
        self._message.setVisible(bool(self._message.text()))
        self._send.forbid("" if runs else self.tr("Start the service first."))
        if view.contract is not None:
            self.form.show_contract(view.contract, view.example)
        self._show_lines()
        self.ask_for_predictions()

    def show_place(self, words: str) -> None:
        """Where the service is live, with the way back; empty: in no environment."""
        self._live.setText(words)
        self._place.setVisible(bool(words))

    def ask_for_predictions(self) -> None:
        """Read the last predictions of the service."""
        if self.view is not None:
            id_ = self.view.id

            def ask(project: Project) -> list[RecentPrediction]:
                return last_predictions(project, id_)

            self._page.query(ask, self._show_predictions, key="recent")
            self.traffic.ask(self._page, self.view.status)

    def send(self) -> None:
        """Ask the service for the row in the form."""
        view = self.view
        if view is None or view.status.url is None:
            return
        try:
            values = self.form.row()
        except BadField as problem:
            self._show_answer_problem(str(problem))
            return
        url = view.status.url
        self._show_lines()

        def ask(_project: Project) -> dict[str, object]:
            from app.serving.client import predict

            return predict(url, [values])

        def show(answer: dict[str, object]) -> None:
            self._show_answer(answer)
            self.why.offer(view.model_version_id, values)

        self._page.query(ask, show, key="try", failed=lambda problem: self._show_answer_problem(problem.message))

    def _try_tab(self) -> QWidget:
        self.form = TryForm()
        self._send = Button(self.tr("Predict"), self.send, role="primary", name="service.try")
        self._answer = label("", "big", name="service.answer", wrap=True)
        self._shares = label("", "quiet", wrap=True)
        self._id = label("", "mono", name="service.prediction")
        self._id.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._trace = Button(self.tr("Trace"), lambda: self.traced.emit(self._id.text()), role="flat", icon="trace")
        self._copy_id = Button(
            self.tr("Copy the prediction id"), lambda: _copy(self._id.text()), role="icon", icon="copy"
        )
        self.why = WhyAnswer(self._page)
        self._answer.setText(self.tr("The answer appears here."))
        self._answer.setProperty("role", "quiet")
        for widget in (self._trace, self._copy_id):
            widget.hide()
        answer = QWidget()
        lines = column(spacing=8)
        lines.addLayout(row(self._send, 1))
        lines.addWidget(self._answer)
        lines.addWidget(self._shares)
        lines.addWidget(self._id)
        lines.addLayout(row(self._copy_id, self._trace, 1))
        lines.addWidget(self.why)
        lines.addStretch(1)
        answer.setLayout(lines)
        self.form.setMaximumWidth(460)
        tab = QWidget()
        form = scrolling(self.form)
        form.setMinimumWidth(FORM_PX)
        told = scrolling(answer)
        told.setMinimumWidth(ANSWER_PX)
        told.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        whole = row(form, told, spacing=24)
        whole.setStretch(0, 3)
        whole.setStretch(1, 2)
        whole.setContentsMargins(0, 12, 0, 0)
        tab.setLayout(whole)
        return tab

    def _call_tab(self) -> QWidget:
        tab = QWidget()
        whole = QVBoxLayout(tab)
        whole.setContentsMargins(0, 12, 0, 0)
        self._snippets: list[QPlainTextEdit] = []
        for title in (self.tr("From a terminal"), self.tr("From Python")):
            text = QPlainTextEdit(readOnly=True)
            text.setProperty("role", "mono")
            text.setAccessibleName(title)
            copy = Button(self.tr("Copy"), partial(_copy_all, text), role="flat", icon="copy")
            copy.setAccessibleName(self.tr("Copy: {0}").format(title))
            whole.addLayout(row(label(title, "strong"), 1, copy))
            whole.addWidget(text)
            self._snippets.append(text)
        return tab

    def _last_tab(self) -> QWidget:
        self.predictions = RecordsModel["RecentPrediction"](
            [
                TableColumn(self.tr("When"), lambda p: when(p.at), key=lambda p: p.at, tip=lambda p: p.at),
                TableColumn(self.tr("Answer"), lambda p: output_words(p.output)),
                TableColumn(self.tr("ms"), lambda p: figure(p.ms, 1), numeric=True, key=lambda p: p.ms),
                TableColumn(self.tr("Breaks"), lambda p: violation_words(p.violations, self.tr)),
                TableColumn(self.tr("Prediction id"), lambda p: p.id),
                TableColumn(self.tr("Inputs"), lambda p: p.inputs),
            ],
            self,
        )
        self.last = DataTable(self.tr("Last predictions"), name="service.predictions")
        self.last.setModel(self.predictions)
        self.last.set_widths([146, 96, 56, 100, 112, 116])
        self.last.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # ids begin alike; double click or copy tells all
        self.last.give_way(INPUTS)
        self.last.doubleClicked.connect(lambda index: self.traced.emit(self.predictions.record(index).id))
        self._none = label(self.tr("No predictions yet. Send one from “Try it”."), "quiet")
        self._trace_row = Button(self.tr("Trace the selected one"), self._trace_selected, icon="trace")
        tab = QWidget()
        whole = QVBoxLayout(tab)
        whole.setContentsMargins(0, 12, 0, 0)
        whole.addWidget(self._none)
        whole.addWidget(self.last, 1)
        whole.addLayout(row(1, self._trace_row))
        return tab

    def _trace_selected(self) -> None:
        rows = self.last.selectionModel().selectedRows()
        index = rows[0] if rows else self.predictions.index(0, 0)
        if index.isValid():
            self.traced.emit(self.predictions.record(index).id)

    def _show_lines(self) -> None:
        if self.view is None:
            return
        try:
            values = self.form.row()
        except BadField:
            values = self.view.example
        url = self.view.status.url or "http://127.0.0.1:8080"
        self._snippets[0].setPlainText(curl_line(url, values))
        self._snippets[1].setPlainText(python_lines(url, [values]))

    def _show_answer(self, answer: dict[str, object]) -> None:
        told = cast("list[dict[str, object]]", answer["predictions"])[0]
        shares = cast("dict[str, float]", told.get("probabilities") or {})
        value = cast("float | None", told.get("value"))
        text = figure(value, 4) if value is not None else str(told.get("label"))
        self._say(text, "big")
        ordered = sorted(shares.items(), key=lambda pair: -pair[1])[:6]
        lines = [", ".join(f"{name} {percent(share)}" for name, share in ordered)]
        if not shares and told.get("score") is not None:
            lines = [self.tr("Score {0}").format(figure(cast("float", told["score"]), 4))]
        if broken := cast("list[str]", told.get("violations") or []):
            lines.append(self.tr("Breaks the contract: {0}").format(violation_words(broken, self.tr)))
        lines.append(self._decided_words(str(told.get("model") or answer.get("model") or "")))
        self._shares.setText("\n".join(filter(None, lines)))
        self._id.setText(str(told["id"]))
        self._trace.show()
        self._copy_id.show()
        self.ask_for_predictions()

    def _decided_words(self, model: str) -> str:
        """By which threshold the answer was decided, and by which of the two models where a challenger is asked."""
        view = self.view
        known = [one for one in (view.contract, view.challenger) if one is not None] if view is not None else []
        contract = next((one for one in known if one.model == model), None)
        if contract is None:
            return ""
        words = threshold_words(contract, self.tr)
        return f"{self.tr('{0} answered.').format(model)} {words}".strip() if len(known) > 1 else words

    def _show_answer_problem(self, text: str) -> None:
        self._say(text, "problem")
        self._shares.clear()
        self._id.clear()
        self.why.clear()
        self._trace.hide()
        self._copy_id.hide()

    def _say(self, text: str, role: str) -> None:
        self._answer.setProperty("role", role)
        self._answer.style().polish(self._answer)
        self._answer.setText(text)

    def _open_in_browser(self) -> None:
        QDesktopServices.openUrl(QUrl(self._address.text()))

    def _show_predictions(self, predictions: list[RecentPrediction]) -> None:
        self.predictions.show(predictions)
        self._none.setVisible(not predictions)
        self._show_violating(predictions)
        self._trace_row.forbid("" if predictions else self.tr("There is no prediction yet."))

    def _show_violating(self, predictions: list[RecentPrediction]) -> None:
        """Beside the tab's title: how many of the last predictions broke a rule (see ``logline.Line``)."""
        violating = sum(bool(p.violations) for p in predictions)
        title = self.tr("Last predictions")
        if violating:
            title = self.tr("Last predictions · {0} of {1} break the contract").format(violating, len(predictions))
        self.tabs.setTabText(2, title)


def _copy(text: str) -> None:
    QGuiApplication.clipboard().setText(text)


def _copy_all(text: QPlainTextEdit) -> None:
    _copy(text.toPlainText())
