"""What is live in each environment, now or on a day of the past, and how it came to be so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING

from PySide6.QtCore import QDate, QSignalBlocker, Qt
from PySide6.QtWidgets import QDateEdit, QLineEdit, QSplitter, QWidget

from app.ui.actions import Actions
from app.ui.page import GAP, Page, scrolling
from app.ui.services.environments_editor import EnvironmentsEditor
from app.ui.services.place_panel import PlacePanel
from app.ui.services.rollout_desk import RolloutDesk
from app.ui.services.rollout_view import PlacesView, PlaceView, places_view
from app.ui.widgets.buttons import Button
from app.ui.widgets.card import Card, column, field_label, within
from app.ui.widgets.choice_table import ChoiceTable
from app.ui.widgets.field import field
from app.ui.widgets.table import ROW_HEIGHT, TableColumn
from app.ui.words import percent, when

if TYPE_CHECKING:
    from app.registry.project import Project

LIST_PX = 200
"""Room for the three environments of one model."""
FEW = 6
"""Places that one sees at once; more can be filtered."""
SPLIT_PX = LIST_PX + GAP + 270
"""Below this all of it scrolls: what is asked above the tabs takes its room."""


class EnvironmentsTab(QWidget):
    """The table of places, the chosen one below it. ``chose``: called when another place is."""

    def __init__(self, actions: Actions, page: Page, desk: RolloutDesk, chose: Callable[[], None]) -> None:
        super().__init__()
        self._page, self._desk, self._chose = page, desk, chose
        self._view = PlacesView((), (), False)
        self.day = QDateEdit(QDate.currentDate())
        self.day.setObjectName("environments.day")
        self.day.setAccessibleName(self.tr("Live on this day"))
        self.day.setDisplayFormat("yyyy-MM-dd")
        self.day.setMaximumDate(QDate.currentDate())
        self.day.setFixedSize(108, 32)
        edit = self.day.findChild(QLineEdit)
        if edit is not None:
            edit.setTextMargins(8, 0, 0, 0)
        self.day.dateChanged.connect(self._chose_day)
        self._is_today = True
        self._project: Project | None = None
        self.today = Button(self.tr("Today"), self._to_today, name="environments.today", role="flat")
        self.edit = Button(self.tr("Edit environments"), self._edit, name="environments.edit", role="flat", icon="edit")
        self.editor = EnvironmentsEditor(page, self._edited)
        self.filter = field("environments.filter", self.tr("Filter"), placeholder=self.tr("Model, version or place"))
        self.filter.setFixedWidth(200)
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(lambda _text: self._list())
        self.filter.hide()
        says = self.tr("What is live where")
        self.table = ChoiceTable(says, self._columns(), attrgetter("key"), name="environments.list")
        self.model = self.table.records
        self.table.set_widths([112, 160, 146, 140, 60])
        self.table.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # the number of a version stands at the end
        self.table.setMinimumHeight(4 * ROW_HEIGHT + 2)
        self.table.chosen_changed.connect(self.show_chosen)
        self.panel = PlacePanel(actions, desk)
        self._build()

    def _build(self) -> None:
        card = Card(self.tr("Live"))
        for part in (field_label(self.tr("on"), self.day), self.day, self.today):
            card.head.addWidget(part)
        card.head.addStretch(1)
        card.head.addWidget(self.filter)
        card.head.addWidget(self.edit)
        card.body.addWidget(self.table, 1)
        self._split = QSplitter(Qt.Orientation.Vertical)
        self._split.setHandleWidth(GAP)
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(card)
        self._split.addWidget(self.panel)
        self._split.setStretchFactor(1, 1)
        self._split.setSizes([LIST_PX, 2 * LIST_PX])
        self._split.setMinimumHeight(SPLIT_PX)
        whole = column(self.editor, spacing=12)
        whole.addWidget(self._split, 1)
        whole.addStretch(0)
        whole.setContentsMargins(0, 12, 0, 0)
        self.setLayout(column(scrolling(within(whole))))

    @property
    def chosen(self) -> PlaceView | None:
        """The place that is selected."""
        return self.table.chosen

    def refresh(self) -> None:
        """Ask what is live, now or on the chosen day; a new project, or midnight, begins with now."""
        if self._is_today or self._project is not self._page.session.project:
            self._project = self._page.session.project
            self._show_today()
        day = None if self._is_today else self.day.date().toString("yyyy-MM-dd")
        self._page.query(lambda project: places_view(project, day), self.show_places, key="places")

    def show_places(self, view: PlacesView) -> None:
        """Show them; the selection stays where it was, at first where something is live."""
        many = len(view.places) > FEW
        if many != self.filter.isVisibleTo(self):
            self._split.setSizes([2 * LIST_PX if many else LIST_PX, 2 * LIST_PX])
        self._view = view
        if not view.then:
            self._desk.know(view)
        self.filter.setVisible(many)
        self.today.setVisible(view.then)
        self.editor.show_environments(view.environments, view.used)
        self._list()

    def _list(self) -> None:
        """Those places that the filter lets through."""
        words = self.filter.text().casefold().split() if self.filter.isVisibleTo(self) else []
        shown = [place for place in self._view.places if all(word in _text(place) for word in words)]
        self.table.show_records(shown, _first)
        self.show_chosen()

    def choose(self, service_id: str) -> None:
        """Select the place that this service answers for, if it does for any."""
        for number, place in enumerate(self.model.records):
            if place.live is not None and place.live.release.service_id == service_id:
                self.table.selectRow(number)

    def _columns(self) -> list[TableColumn[PlaceView]]:
        return [
            TableColumn(self.tr("Environment"), lambda p: p.environment.name),
            TableColumn(self.tr("Version"), self._version),
            TableColumn(self.tr("Since"), lambda p: when(p.live.since) if p.live else "–", key=_since),
            TableColumn(self.tr("Challenger"), self._challenger),
            TableColumn(self.tr("Why"), lambda p: p.live.release.reason if p.live else ""),
        ]

    def _version(self, place: PlaceView) -> str:
        return place.live.version if place.live is not None else self.tr("{0}: none").format(place.model)

    def _challenger(self, place: PlaceView) -> str:
        live = place.live
        if live is None or live.challenger is None:
            return "–"
        return f"{live.challenger} · {percent(live.share) if live.share else self.tr('shadow')}"

    def show_chosen(self) -> None:
        """Show the chosen place below the list."""
        place = self.chosen
        self.panel.show_place(place, self._view.then)
        if not self._view.then:
            self._desk.place = place
        self._chose()

    def _chose_day(self, day: QDate) -> None:
        self._is_today = day >= QDate.currentDate()
        self.refresh()

    def _to_today(self) -> None:
        self._show_today()
        self.refresh()

    def _show_today(self) -> None:
        self._is_today = True
        with QSignalBlocker(self.day):
            self.day.setMaximumDate(QDate.currentDate())
            self.day.setDate(QDate.currentDate())

    def _edit(self) -> None:
        """The editor takes the place of the tables until it is done."""
        self.editor.show()
        self._split.hide()

    def _edited(self) -> None:
        self.editor.hide()
        self._split.show()


def _text(place: PlaceView) -> str:
    """What a filter looks at."""
    live = place.live
    words = (live.version, live.challenger or "", live.release.reason) if live is not None else ()
    return " ".join((place.model, place.environment.name, *words)).casefold()


def _first(places: Sequence[PlaceView]) -> int:
    """What is shown first: the last environment of the first model that something is live in, as it matters most."""
    live = [number for number, place in enumerate(places) if place.live is not None]
    of_one = [number for number in live if places[number].model_id == places[live[0]].model_id]
    return of_one[-1] if of_one else 0


def _since(place: PlaceView) -> str:
    return place.live.since if place.live is not None else ""
