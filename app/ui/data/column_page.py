"""One column closely: its distribution, its values, where it is missing, what it says about the target, and what
people say about it. It stands in the place of the table of columns; *Back* and Escape return to it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from app.core.data import TYPE_WORDS, Column, ColumnEdit, ColumnType
from app.core.progress import JobContext
from app.ui.charts.bars import CountsChart, HistogramChart, StretchChart
from app.ui.charts.chart import Chart
from app.ui.charts.effect import Effect, EffectChart
from app.ui.data.data_columns import USE_WORDS
from app.ui.data.data_view import DataView
from app.ui.data.finding_answers import Change
from app.ui.jobs import Job
from app.ui.page import Page
from app.ui.widgets.buttons import Button
from app.ui.widgets.card import label, row
from app.ui.widgets.choice import Check
from app.ui.widgets.field import field
from app.ui.words import count, figure, percent

if TYPE_CHECKING:
    from app.data.looking.about_column import ColumnPage
    from app.registry.project import Project

CHART_HEIGHT = 200
TELLING = 0.02
"""Of amounts the most frequent values are shown where the first has at least such a share."""


class ColumnView(QWidget):
    """``closed``: back to all columns. ``laid_out``: it has another height. ``wanted``: another column's page.
    ``edited``: a ``Change`` asked for."""

    closed = Signal()
    laid_out = Signal()
    wanted = Signal(str)
    edited = Signal(object)

    def __init__(self, page: Page, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("data.column")
        self._page = page
        self._view: DataView | None = None
        self._name = ""
        self._shown: object = None
        self._job: Job | None = None
        self.found: ColumnPage | None = None
        self.back = Button(self.tr("Columns"), self.closed.emit, name="data.column.back", role="flat", icon="left")
        self._title = label("", "card-title")
        self._what = label("", "quiet")
        self._facts = label("", "quiet", wrap=True)
        self._before = Button(self.tr("Column before"), lambda: self._step(-1), role="icon", icon="up")
        self._after = Button(self.tr("Next column"), lambda: self._step(1), role="icon", icon="down")
        self.unit = field("data.column.unit", self.tr("Unit"), placeholder=self.tr("like years, EUR, °C"), most_px=140)
        self.description = field(
            "data.column.description", self.tr("Description"), placeholder=self.tr("what the column tells")
        )
        self.personal = Check(self.tr("Personal data"))
        self.personal.setObjectName("data.column.personal")
        self.personal.setToolTip(self.tr("No rows of it are put into a bundle, no values into a model card."))
        self.histogram = HistogramChart("")
        self.top = CountsChart("")
        self.effect = EffectChart("")
        self.stretches = StretchChart("")
        self._together = label("", "quiet", wrap=True)
        self._panels: dict[Chart, QWidget] = {}
        self._build()

    def _build(self) -> None:
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 8, 0, 0)
        whole.setSpacing(8)
        head = row(self.back, self._title, self._what, 1, self._before, self._after)
        whole.addLayout(head)
        whole.addWidget(self._facts)
        unit, description = label(self.tr("&Unit")), label(self.tr("&Description"))
        unit.setBuddy(self.unit)
        description.setBuddy(self.description)
        line = row(unit, self.unit, description, self.description, self.personal)
        line.setStretch(3, 1)
        whole.addLayout(line)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(24)
        self._grid.setVerticalSpacing(12)
        for column in (0, 1):
            self._grid.setColumnStretch(column, 1)
        for chart in (self.histogram, self.top, self.effect, self.stretches):
            self._panels[chart] = _panel(chart, self._together if chart is self.stretches else None)
        whole.addLayout(self._grid, 1)
        self.unit.editingFinished.connect(lambda: self._say(unit=self.unit.text()))
        self.description.editingFinished.connect(lambda: self._say(description=self.description.text()))
        self.personal.clicked.connect(lambda on: self._say(personal=on))

    @property
    def job(self) -> Job | None:
        """The look that is under way."""
        return self._job

    @property
    def name(self) -> str:
        """The column that is shown."""
        return self._name

    def open(self, view: DataView, name: str) -> None:
        """Show a column's page; what is known already is there at once, the rest comes."""
        fresh = name != self._name
        self._view, self._name = view, name
        column = view.reading.column(name)
        self._show_known(view, column)
        names = [c.name for c in view.reading.columns]
        self._before.forbid("" if names.index(name) else self.tr("This is the first column."))
        self._after.forbid("" if names.index(name) < len(names) - 1 else self.tr("This is the last column."))
        key = (view.reading.table_sha256, view.reading.target, view.reading.positive, name)
        if key != self._shown:
            self._shown = key
            self._look(view, name, fresh)

    def forget(self) -> None:
        """Nothing is shown any more, and nothing looked for."""
        self._cancel()
        self._name, self._shown, self.found = "", None, None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape goes back to all columns."""
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def _show_known(self, view: DataView, column: Column) -> None:
        held = next(p for p in view.profile.columns if p.name == column.name)
        self._title.setText(column.name)
        self._what.setText(f"{self.tr(TYPE_WORDS[column.type])} · {self.tr(USE_WORDS[column.use])}")
        share = f" ({percent(held.missing / max(1, view.profile.rows))})" if held.missing else ""
        facts = [
            self.tr("{0} rows").format(count(view.profile.rows)),
            self.tr("{0} missing").format(count(held.missing)) + share,
            self.tr("{0} distinct").format(("≈ " if held.distinct_is_estimate else "") + count(held.distinct)),
        ]
        self._facts.setText("  ·  ".join([*facts, column.why] if column.why else facts))
        for edit, text in ((self.unit, column.unit), (self.description, column.description)):
            if not edit.hasFocus() or edit.text() == "":
                with QSignalBlocker(edit):
                    edit.setText(text)
        self.personal.setChecked(column.personal)

    def _look(self, view: DataView, name: str, fresh: bool) -> None:
        self._cancel()
        if fresh:
            self._lay_out([])

        def look(project: Project, ctx: JobContext) -> ColumnPage:
            from app.data.looking.about_column import about_column

            return about_column(project, view.reading, view.profile, name, ctx)

        self._job = self._page.session.act(
            self.tr("Looking at {0}").format(name), look, kind="column", then=self._came, finally_=self._ended
        )

    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._job = None

    def _ended(self, job: Job) -> None:
        if job is self._job:
            self._job = None

    def _came(self, found: ColumnPage) -> None:
        """Show what was found, if it is still what is asked for."""
        if self._view is None or found.name != self._name:
            return
        self.found = found
        column = self._view.reading.column(found.name)
        self._show_figures(found, column)
        shown: list[Chart] = []
        if found.histogram is not None:
            shown.append(self.histogram)
            of_days = column.type is ColumnType.DATETIME
            self._name_chart(self.histogram, self.tr("Distribution of {0}").format(_with_unit(column)))
            self.histogram.show_histogram(found.histogram, of_days=of_days, unit=column.unit)
        if found.top and (found.histogram is None or found.top[0][1] >= TELLING * (found.rows - found.missing)):
            shown.append(self.top)
            self._name_chart(self.top, self.tr("Most frequent values of {0}").format(column.name))
            most = 20 if found.histogram is None else 8
            self.top.show_counts(found.top[:most], found.rows - found.missing)
        if found.groups:
            shown.insert(1, self.effect)
            self._show_effect(found)
        if found.stretches:
            shown.append(self.stretches)
            self._name_chart(self.stretches, self.tr("Where {0} is missing").format(column.name))
            self.stretches.show_stretches(found.stretches, found.stretch_rows, found.rows)
            self._together.setText(self._together_words(found))
        self._lay_out(shown)

    def _show_figures(self, found: ColumnPage, column: Column) -> None:
        """Mean, deviation and quantiles, beside what was known."""
        if not found.quantiles:
            return
        low, _, median, _, high = found.quantiles
        parts = [self._facts.text().split("  ·  median")[0], self.tr("median {0}").format(median)]
        if found.mean is not None and column.type is not ColumnType.DATETIME:
            about = figure(found.mean) + (f" ± {figure(found.deviation)}" if found.deviation is not None else "")
            parts.append(self.tr("mean {0}").format(about))
        parts.append(self.tr("90 % between {0} and {1}").format(low, high))
        self._facts.setText("  ·  ".join(parts))

    def _show_effect(self, found: ColumnPage) -> None:
        told = self.tr("{0} = {1} by {2}").format(found.target, found.about, found.name)
        if found.about is None:
            told = self.tr("Mean {0} by {1}").format(found.target, found.name)
        self._name_chart(self.effect, told)
        effects = [Effect(g.label, g.rows, g.value, g.low, g.high) for g in found.groups]
        self.effect.show_effects(effects, is_rate=found.about is not None)

    def _together_words(self, found: ColumnPage) -> str:
        if not found.together:
            return self.tr("Not together with any other column.") if found.missing else ""
        parts = [
            self.tr("{0} ({1} of {2} rows)").format(one.name, count(one.both), count(found.missing))
            for one in found.together
        ]
        return self.tr("Missing together with {0}.").format(", ".join(parts))

    def _name_chart(self, chart: Chart, title: str) -> None:
        chart.title = title
        chart.setAccessibleName(title)
        heading = self._panels[chart].findChild(QLabel, "panel.title")
        if heading is not None:
            heading.setText(title)

    def _lay_out(self, shown: list[Chart]) -> None:
        for panel in self._panels.values():
            self._grid.removeWidget(panel)
            panel.hide()
        for number, chart in enumerate(shown):
            wide = 2 if number == len(shown) - 1 and number % 2 == 0 and len(shown) > 1 else 1
            self._grid.addWidget(self._panels[chart], number // 2, number % 2, 1, wide, Qt.AlignmentFlag.AlignTop)
            self._panels[chart].show()
        self._grid.setRowStretch(len(shown) // 2 + 1, 1)
        if shown:
            self.laid_out.emit()

    def _say(self, *, unit: str | None = None, description: str | None = None, personal: bool | None = None) -> None:
        """Ask for a new reading if something else is said than before."""
        if self._view is None or not self._name:
            return
        column = self._view.reading.column(self._name)
        told = ColumnEdit(column.name, unit=unit, description=description, personal=personal)
        now = (column.unit, column.description, column.personal)
        after = replace(
            column,
            unit=column.unit if unit is None else " ".join(unit.split()),
            description=column.description if description is None else " ".join(description.split()),
            personal=column.personal if personal is None else personal,
        )
        if (after.unit, after.description, after.personal) != now:
            self.edited.emit(Change(self._effect(told), (told,)))

    def _effect(self, told: ColumnEdit) -> str:
        if told.unit is not None:
            return self.tr("unit of {0}").format(told.name)
        if told.description is not None:
            return self.tr("description of {0}").format(told.name)
        return self.tr("mark of {0}").format(told.name)

    def _step(self, by: int) -> None:
        if self._view is not None:
            names = [c.name for c in self._view.reading.columns]
            self.wanted.emit(names[min(max(names.index(self._name) + by, 0), len(names) - 1)])


def _panel(chart: Chart, below: QWidget | None) -> QWidget:
    """A chart with its title and the button that copies and saves it."""
    made = QWidget()
    title = label("", "strong", name="panel.title")
    lines = QVBoxLayout(made)
    lines.setContentsMargins(0, 0, 0, 0)
    lines.setSpacing(2)
    lines.addLayout(row(title, 1, chart.more_button()))
    if isinstance(chart, HistogramChart):
        chart.setFixedHeight(CHART_HEIGHT)
    elif isinstance(chart, StretchChart):
        chart.setFixedHeight(72)
    lines.addWidget(chart)
    if below is not None:
        lines.addWidget(below)
    made.hide()
    return made


def _with_unit(column: Column) -> str:
    return f"{column.name} ({column.unit})" if column.unit else column.name
