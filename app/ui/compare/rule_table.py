"""The model and every SQL rule side by side: score, time and lines; the selected rule's query can be taken away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.core.referee import Query, RefereeVerdict, TriedRule
from app.core.runs import METRIC_WORDS, Score
from app.ui.widgets.table import ROW_HEIGHT, DataTable, RecordsModel, TableColumn
from app.ui.words import brief_seconds, figure, with_ends

LEAST_NAME_PX = 200
WIDTHS = (LEAST_NAME_PX, 160, 168, 76, 72, 52)
BETTER = 2
"""The column that a narrow table does without: the verdict tells the difference that counts."""
SPARE_PX = 2


@dataclass(frozen=True, slots=True)
class Side:
    """A line. ``query``: None is the model; ``gap``: how much better the model is than this rule; ``score_s``: None
    where it was not measured; ``note``: why there are no figures."""

    name: str
    score: Score | None
    gap: Score | None
    train_s: float
    score_s: float | None
    query: Query | None = None
    judged: bool = False
    note: str = ""


class RuleTable(DataTable):
    """As high as its rows. ``chosen``: another rule was selected; the model's line chooses nothing."""

    chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("The model and every rule"), name="data.sql.rules", parent=parent)
        self._verdict: RefereeVerdict | None = None
        self._query: Query | None = None
        self.sides = RecordsModel[Side]([], self)
        self.setSelectionMode(DataTable.SelectionMode.SingleSelection)

    @property
    def query(self) -> Query | None:
        """The selected rule's; None: that of the rule that the verdict is about."""
        return self._query

    def show_verdict(self, verdict: RefereeVerdict) -> None:
        """Show a verdict's sides; what was selected stays while it is the same verdict."""
        if verdict == self._verdict:
            return
        self._verdict, self._query = verdict, None
        self.sides = RecordsModel(self._columns(verdict), self)
        self.sides.show(list(_sides(verdict)))
        self.setModel(self.sides)
        self.set_widths(WIDTHS)
        self.stretch_first(LEAST_NAME_PX)
        self.give_way(BETTER)
        self.setFixedHeight(ROW_HEIGHT * (self.sides.rowCount() + 1) + SPARE_PX)
        self.selectRow(next(at for at, side in enumerate(self.sides.records) if side.judged))
        self.selectionModel().selectionChanged.connect(lambda *_: self._choose())

    def _choose(self) -> None:
        side = next((self.sides.record(index) for index in self.selectionModel().selectedRows()), None)
        if side is not None and side.query is not None:
            self._query = None if side.judged else side.query
            self.chosen.emit()

    def _columns(self, verdict: RefereeVerdict) -> list[TableColumn[Side]]:
        return [
            TableColumn(self.tr("On the hold-out"), self._name_words, tip=self._tip),
            TableColumn(
                METRIC_WORDS[verdict.metric], self._score_words, tip=lambda s: s.note or _figure_words(s.score)
            ),
            TableColumn(self.tr("Model better by"), lambda s: with_ends(s.gap) or "–"),
            TableColumn(self.tr("Found"), lambda s: brief_seconds(s.train_s), numeric=True),
            TableColumn(self.tr("Scored"), _scored_in, numeric=True),
            TableColumn(self.tr("Lines"), lambda s: str(len(s.query.lines)) if s.query else "–", numeric=True),
        ]

    def _name_words(self, side: Side) -> str:
        return self.tr("{0} · chosen").format(side.name) if side.judged else side.name

    def _score_words(self, side: Side) -> str:
        return self.tr("not run") if side.note else _figure_words(side.score)

    def _tip(self, side: Side) -> str:
        return "\n".join(filter(None, (self._name_words(side), side.note)))


def _sides(verdict: RefereeVerdict) -> Iterator[Side]:
    """The model, then the rules; of a verdict of before they were kept the one that it is about."""
    model = verdict.model_interval or _point(verdict.model_score)
    yield Side(verdict.model, model, None, verdict.model_train_s, verdict.model_score_s)
    yield from map(_side, verdict.rules)
    if not verdict.rules:
        query, point = verdict.query, _point(verdict.query_score)
        yield Side(_listed(query.title), point, verdict.difference, query.train_s, query.score_s, query, judged=True)


def _side(rule: TriedRule) -> Side:
    query = rule.query
    scored = None if rule.note else query.score_s
    return Side(_listed(query.title), rule.score, rule.difference, query.train_s, scored, query, rule.chosen, rule.note)


def _listed(title: str) -> str:
    """``A tree of depth 2`` as a list has it."""
    bare = title.removeprefix("A ")
    return bare[:1].upper() + bare[1:]


def _point(value: float) -> Score:
    """A figure whose interval was not kept."""
    return Score(value, value, value)


def _figure_words(score: Score | None) -> str:
    """With its interval, where one was kept."""
    return figure(score.value) if score is not None and score.low == score.high else with_ends(score) or "–"


def _scored_in(side: Side) -> str:
    return "–" if side.score_s is None else brief_seconds(side.score_s)
