"""The *What if?* tab: a row whose inputs can be changed, the answer that moves with them, what moved it, and the
training rows that are most like it. All asked of the exported model."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from app.core.explanations import Example, Neighbour, Reasons
from app.core.methods import NEAREST, REASONS, WORDS
from app.errors import ModelyardError
from app.runtime.contract import Contract, Value
from app.ui.charts.axes import number
from app.ui.charts.contributions import ContributionsChart, word_words
from app.ui.compare.candidate_view import CandidateView
from app.ui.compare.explain_tab import SentenceTab
from app.ui.jobs import Mailbox
from app.ui.page import Page, scrolling
from app.ui.services.tryform import MOST_FIELDS, BadField, TryForm
from app.ui.widgets.buttons import Button
from app.ui.widgets.card import column, label, row, within
from app.ui.widgets.numbers import WholeNumber
from app.ui.widgets.table import DataTable, RecordsModel, TableColumn
from app.ui.words import count

if TYPE_CHECKING:
    from app.core.progress import JobContext
    from app.registry.project import Project
    from app.training.explaining.explain import ExplainOrder
    from app.training.explaining.what_if import WhatIf

SOON_MS = 120
"""Whoever types is not asked after each letter."""
FORM_PX, NUMBER_PX = 230, 92
MOST_ROW = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Opened:
    """A model to play with. ``example``: the row to begin from; ``project``: where it lies; ``first``: the inputs that
    matter, the most important first."""

    contract: Contract
    example: Example
    order: ExplainOrder
    first: tuple[str, ...]
    project: Project = field(repr=False)


class WhatIfTab(SentenceTab[Opened]):
    """The form at the left; the answer with its contributions beside it; similar rows at the right.

    ``_first``: the inputs of the row as it is, whose answer is ``_before``; ``_asked``: those that an answer is waited
    for, empty where there are none; ``_answered``: those whose answer is shown.
    """

    wide = True
    method = f"{REASONS} {NEAREST} {WORDS}"

    def __init__(self, page: Page) -> None:
        super().__init__(page, "")
        self.title = self.tr("What if?")
        self._open: Opened | None = None
        self._talk: WhatIf | None = None
        self._before: float | None = None
        self._first = self._asked = self._answered = ""
        self._inputs: tuple[tuple[int, str], ...] = ()
        self._mailbox = Mailbox(self)
        self._soon = QTimer(self, singleShot=True, interval=SOON_MS)
        self._soon.timeout.connect(self._ask_now)
        self.form = TryForm()
        self.form.changed.connect(self._soon.start)
        self.number = WholeNumber()
        self.number.setObjectName("whatif.row")
        self.number.setAccessibleName(self.tr("Row of the data to begin from"))
        self.number.setRange(1, MOST_ROW)
        self.number.setFixedHeight(32)
        self.number.setFixedWidth(NUMBER_PX)
        self.number.lineEdit().setTextMargins(8, 0, 8, 0)
        self.load = Button(self.tr("Take it"), self._load_row, name="whatif.load")
        self.back = Button(self.tr("As it was"), self._put_back, name="whatif.back", role="link")
        self.answer = label("", "big", name="whatif.answer", wrap=True)
        self.moved = label("", "quiet", wrap=True, name="whatif.moved")
        self.chart = ContributionsChart(self.tr("What each input added"))
        self.words_told = label("", "quiet", wrap=True, name="whatif.words")
        self.words_told.hide()
        self.near = RecordsModel[Neighbour](self._near_columns(), self)
        self.table = DataTable(self.tr("The most similar training rows"), name="whatif.near")
        self.table.setModel(self.near)
        self.lay_out(self._laid_out(), "whatif.sentence")

    def _laid_out(self) -> QWidget:
        form = scrolling(self.form)
        form.setMinimumWidth(FORM_PX)
        start = row(label(self.tr("Row"), "quiet"), self.number, self.load, self.back, 1)
        left = column(start, spacing=8)
        left.addWidget(form, 1)
        head = row(self.answer, self.chart.more_button())
        head.setStretch(0, 1)
        moved = column(self.chart, self.words_told, 1, spacing=4)
        told = column(head, self.moved, spacing=4)
        told.addWidget(scrolling(within(moved)), 1)
        near = column(label(self.tr("The most similar training rows"), "strong"), spacing=4)
        near.addWidget(self.table, 1)
        whole = row(within(left), within(told), within(near), spacing=16)
        for at, share in enumerate((2, 3, 3)):
            whole.setStretch(at, share)
        return within(whole)

    def fits(self, view: CandidateView) -> bool:
        """A baseline has nothing to change."""
        return not view.candidate.baseline

    def words(self, name: str) -> str:
        """For the job strip."""
        return self.tr("Opening {0}").format(name)

    def ask(self, project: Project, candidate_id: str, ctx: JobContext) -> Opened:
        """Beside the window: what the form needs."""
        from app.bundles.contract_of import contract_of
        from app.core.data import Profile
        from app.registry import datasets, runs
        from app.training import results
        from app.training.explaining.explain import example_of, order_of

        order = order_of(project, candidate_id)
        candidate = runs.candidate(project, candidate_id)
        plan = runs.run(project, candidate.run_id).plan
        first = tuple(i.column for i in results.evaluation(project, candidate).importance)
        reading = datasets.reading(project, plan.reading_id)
        profile = project.objects.read_json(reading.profile_sha256, Profile)
        contract = contract_of("candidate", order.recipe, reading, profile)
        return Opened(contract, example_of(project, candidate_id, None, ctx), order, first, project)

    def show_answer(self, answer: Opened) -> None:
        """Begin with a row as it is."""
        self._hang_up()
        self._open = answer
        names = [spec.name for spec in answer.order.recipe.inputs]
        place = {name: at for at, name in enumerate(answer.first)}
        most = sorted(range(len(names)), key=lambda at: place.get(names[at], len(place)))[:MOST_FIELDS]
        self._inputs = tuple((at, names[at]) for at in (sorted(most) if len(names) <= MOST_FIELDS else most))
        self._lay_columns()
        self._begin_with(answer.example)
        self.show_content()

    def show_menu_at(self, widget: QWidget) -> None:
        """The chart's menu."""
        self.chart.show_menu_at(widget)

    def showEvent(self, event: QShowEvent) -> None:
        """What was typed just before nobody looked has no answer yet."""
        super().showEvent(event)
        if self._open is not None:
            self._soon.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks: the child is let go."""
        super().hideEvent(event)
        self._hang_up()

    def _begin_with(self, example: Example) -> None:
        opened = self._open
        if opened is None:
            return
        values: dict[str, Value] = json.loads(example.inputs)
        self._example = values
        self._before = None
        self.number.setValue(example.row)
        self.form.show_contract(opened.contract, values, opened.first)
        self.form.fill(values)
        self._asked = self._answered = ""
        self._first = self._typed()
        self._soon.start()

    def _typed(self) -> str:
        """What is in the form, as the model is asked; empty and said why where it cannot be."""
        try:
            return json.dumps(self.form.row())
        except BadField as problem:
            self._say_problem(str(problem))
            return ""

    def _begin_if_shown(self, candidate_id: str, example: Example) -> None:
        """A row that was asked for: another model may be looked at by now."""
        if self._shown == candidate_id:
            self._begin_with(example)

    def _put_back(self) -> None:
        self.form.fill(self._example)

    def _load_row(self) -> None:
        opened, wanted, view = self._open, self.number.value(), self.view
        if opened is None or view is None:
            return

        def ask(project: Project, ctx: JobContext) -> Example:
            from app.training.explaining.explain import example_of

            return example_of(project, view.candidate.id, wanted, ctx)

        self._page.act(
            self.tr("Taking row {0}").format(count(wanted)),
            ask,
            kind="explain",
            then=partial(self._begin_if_shown, view.candidate.id),
            busy=self.load,
            failed=lambda problem: self._say_problem(problem.message),
        )

    def _ask_now(self) -> None:
        opened = self._open
        if opened is None or not self.isVisible():
            return
        self._asked = self._typed()
        if not self._asked or self._asked == self._answered:
            return
        if self._talk is None:
            self._talk = self._call(opened)
        self._talk.ask(self._asked)

    def _call(self, opened: Opened) -> WhatIf:
        from app.training.explaining.what_if import WhatIf

        def told(inputs: str, found: Reasons | ModelyardError) -> None:
            self._mailbox.post(partial(self._hear, talk, inputs, found))

        talk = WhatIf(opened.project, opened.order, told)
        return talk

    def _hear(self, talk: WhatIf, inputs: str, found: Reasons | ModelyardError) -> None:
        if talk is not self._talk or not self._asked:
            return  # another model, or what stands in the form by now cannot be asked
        if isinstance(found, ModelyardError):
            self._say_problem(str(found))
            return
        self._answered = inputs
        if inputs == self._first:
            self._before = found.output
        self.answer.setProperty("role", "big")
        self.answer.style().polish(self.answer)
        self.answer.setText(self._answer_words(found))
        self.moved.setText(self._moved_words(found))
        self.chart.show_reasons(found)
        self.words_told.setText(word_words(found.words))
        self.words_told.setVisible(bool(found.words))
        self.near.show(list(found.neighbours))

    def _answer_words(self, found: Reasons) -> str:
        """The probability, value or score."""
        if found.of:
            return self.tr("{0}: {1} %").format(found.of, number(100 * found.output))
        return self.tr("Score {0}").format(number(found.output)) if self._has_no_target else number(found.output)

    def _moved_words(self, found: Reasons) -> str:
        before, typical = self._before, self.tr("A typical row: {0}.").format(self._amount(found, found.base))
        if before is None:
            return typical
        if self._answered == self._first:
            return self.tr("The row as it is. {0}").format(typical)
        if found.output == before:
            return self.tr("No other answer than as it was. {0}").format(typical)
        told = (
            self.tr("Up from {0} as it was. {1}") if found.output > before else self.tr("Down from {0} as it was. {1}")
        )
        return told.format(self._amount(found, before), typical)

    def _amount(self, found: Reasons, value: float) -> str:
        return f"{number(100 * value)} %" if found.of else number(value)

    def _say_problem(self, text: str) -> None:
        self._answered = ""
        self.answer.setProperty("role", "problem")
        self.answer.style().polish(self.answer)
        self.answer.setText(text)
        self.moved.setText("")

    @property
    def _has_no_target(self) -> bool:
        return self.view is not None and not self.view.run.plan.target

    def _hang_up(self) -> None:
        if self._talk is not None:
            self._talk.close()
        self._talk = None

    def _lay_columns(self) -> None:
        """One column an input (of many those that matter most), after the row, its distance and its truth."""
        self.near = RecordsModel[Neighbour](self._near_columns(), self)
        self.table.setModel(self.near)
        self.table.set_widths([64, 74, 96, *(110 for _ in self._inputs)])

    def _near_columns(self) -> list[TableColumn[Neighbour]]:
        target = self.view.run.plan.target if self.view is not None else ""
        told = [TableColumn[Neighbour](target, lambda n: n.actual)] if target else []
        inputs = [TableColumn[Neighbour](name, partial(_value, at)) for at, name in self._inputs]
        return [
            TableColumn(self.tr("Row"), lambda n: count(n.row), numeric=True, key=lambda n: n.row),
            TableColumn(self.tr("Distance"), lambda n: number(n.distance), numeric=True, key=lambda n: n.distance),
            *told,
            *inputs,
        ]


def _value(place: int, neighbour: Neighbour) -> str:
    return neighbour.values[place]
