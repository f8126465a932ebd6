"""Roll out, asked inline: which version, where, how much of it, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from app.core.gates import GateResult
from app.core.releases import Mode
from app.ui.services.gate_lines import GateLines
from app.ui.services.rollout_view import PlaceView
from app.ui.widgets.buttons import Button
from app.ui.widgets.card import Card, field_label, label, row
from app.ui.widgets.combo import Combo
from app.ui.widgets.field import field
from app.ui.widgets.numbers import Slider
from app.ui.words import percent

NO_REASON = "No reason was given."
USUAL_PERCENT = 10
SHARING = (
    "The same id always hears the same version: rows that come with ids are shared out by these, without ids a request "
    "is answered as a whole. What the challenger cannot answer, the champion does."
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A roll-out as it stands in the form."""

    model_version_id: str
    version: str
    environment_id: str
    mode: Mode
    share: float
    reason: str


class ShareSlider(QWidget):
    """A part of the requests, in steps of a percent."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.slider = Slider()
        self.slider.setObjectName(name)
        self.slider.setAccessibleName(self.tr("Part of the requests"))
        self.slider.setRange(1, 100)
        self.slider.setMinimumWidth(120)
        self._words = label("", "strong")
        self._words.setFixedWidth(44)
        self._words.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.slider.valueChanged.connect(lambda value: self._words.setText(percent(value / 100)))
        self.slider.setValue(USUAL_PERCENT)
        whole = row(self.slider, self._words)
        whole.setStretch(0, 1)
        self.setLayout(whole)

    @property
    def share(self) -> float:
        """Above 0, at most 1."""
        return self.slider.value() / 100

    def show_share(self, share: float) -> None:
        """Stand at this part."""
        self.slider.setValue(max(1, round(share * 100)))


class RolloutForm(Card):
    """Hidden until it is asked for. ``wanted``: a ``Wanted``, on the button. ``weighed``: the ids of a version and of
    an environment whose gates are to be shown."""

    wanted = Signal(object)
    weighed = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(name="rollout.form", parent=parent)
        self._places: Sequence[PlaceView] = ()
        self.version = Combo(self.tr("Version to roll out"), name="rollout.version")
        self.environment = Combo(self.tr("Environment"), name="rollout.environment")
        self.how = Combo(self.tr("Which requests it answers"), name="rollout.how")
        self.share = ShareSlider("rollout.share")
        self.reason = field("rollout.reason", self.tr("Reason"), placeholder=self.tr("Why, for the history"))
        self.button = Button(self.tr("Roll out"), self._ask, role="primary", name="rollout.do", icon="services")
        leave = Button(self.tr("Leave it"), self.hide, name="rollout.leave")
        self._note = label("", "quiet", wrap=True)
        self._gates = GateLines()
        first = row(
            field_label(self.tr("Roll out"), self.version), self.version,
            field_label(self.tr("to"), self.environment), self.environment, self.how, self.share, 1,
        )  # fmt: skip
        second = row(field_label(self.tr("Reason"), self.reason), self.reason, leave, self.button)
        second.setStretch(1, 1)
        self.body.addLayout(first)
        self.body.addLayout(second)
        self.body.addWidget(self._note)
        self.body.addWidget(self._gates)
        self.version.currentIndexChanged.connect(lambda _index: self._settle())
        self.environment.currentIndexChanged.connect(lambda _index: self._settle())
        self.how.currentIndexChanged.connect(lambda _index: self._show_share())
        self.hide()

    def offer(self, places: Sequence[PlaceView], version_id: str, place: PlaceView | None) -> None:
        """Ask, with this version and place standing ready. ``version_id`` empty: the newest of the place's model."""
        if not places:
            return
        model = self._model(places, version_id) if version_id else (place or places[0]).model_id
        self._places = [one for one in places if one.model_id == model]
        for combo in (self.version, self.environment):
            combo.blockSignals(True)
            combo.clear()
        for id_, version in self._places[0].versions:
            self.version.addItem(version, id_)
        for one in self._places:
            self.environment.addItem(one.environment.name, one.environment.id)
        self.version.setCurrentIndex(max(0, self.version.findData(version_id)))
        chosen = place.environment.id if place is not None and place.model_id == model else ""
        at = self.environment.findData(chosen)
        self.environment.setCurrentIndex(at if at >= 0 else self.environment.count() - 1)
        for combo in (self.version, self.environment):
            combo.blockSignals(False)
        self._settle()
        self.show()
        self.reason.setFocus()

    def _model(self, places: Sequence[PlaceView], version_id: str) -> str:
        found = (one.model_id for one in places if version_id in dict(one.versions))
        return next(found, places[0].model_id)

    @property
    def _place(self) -> PlaceView | None:
        at = self.environment.currentIndex()
        return self._places[at] if 0 <= at < len(self._places) else None

    def _settle(self) -> None:
        """A challenger needs a champion that is another version."""
        place = self._place
        if place is None:
            return
        live = place.live.version if place.live is not None else ""
        challenges = bool(live) and live != self.version.currentText()
        ways = [(self.tr("for all requests"), Mode.ALL)]
        if challenges:
            ways += [(self.tr("for a share of them"), Mode.SHARE), (self.tr("in the shadow only"), Mode.SHADOW)]
        if self.how.count() != len(ways):
            self.how.clear()
            for words, mode in ways:
                self.how.addItem(words, mode.value)
        self._show_share()
        self._ask_for_gates(place)

    def _ask_for_gates(self, place: PlaceView) -> None:
        """An environment without gates of its own has none to show."""
        self._gates.clear()
        self.button.forbid("")
        if place.environment.gates:
            self._gates.ask(place.environment.name)
            self.weighed.emit(str(self.version.currentData()), place.environment.id)

    def show_gates(self, version_id: str, environment_id: str, found: Sequence[GateResult]) -> None:
        """How the version does at the environment's gates, if both still stand in the form."""
        place = self._place
        if place is None or (self.version.currentData(), place.environment.id) != (version_id, environment_id):
            return
        self.button.forbid(self._gates.show_results(found, place.environment.name))

    def _words(self, place: PlaceView, live: str) -> str:
        if not live and place.retired is not None:
            text = self.tr("{0} was retired in {1}; the service starts again at the same address.")
            return text.format(place.retired.version, place.environment.name)
        if not live:
            return self.tr("Nothing is live in {0} yet; a service is started there.").format(place.environment.name)
        if live == self.version.currentText():
            return self.tr("{0} is live in {1} already.").format(live, place.environment.name)
        text = self.tr("{0} is live in {1} and answers until the new one has proven itself; no request is lost.")
        return text.format(live, place.environment.name)

    def _show_share(self) -> None:
        shares = self.how.currentData() == Mode.SHARE.value
        self.share.setVisible(shares)
        if shares:
            self._note.setText(self.tr(SHARING))
        elif (place := self._place) is not None:
            self._note.setText(self._words(place, place.live.version if place.live is not None else ""))

    def _ask(self) -> None:
        place = self._place
        if place is None:
            return
        reason = self.reason.text().strip() or self.tr(NO_REASON)
        mode = Mode(str(self.how.currentData()))
        version_id, version = str(self.version.currentData()), self.version.currentText()
        self.wanted.emit(Wanted(version_id, version, place.environment.id, mode, self.share.share, reason))
