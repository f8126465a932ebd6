"""The table of candidates: scores with interval bars on one scale, gates, parity, size."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QObject, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.core.runs import CandidateState
from app.ui.charts.intervals import Scale, draw_interval
from app.ui.compare.candidate_view import CandidateView, sort_key
from app.ui.theme import color
from app.ui.widgets.chip import SHAPE, draw_shape
from app.ui.widgets.table import DataTable, RecordsModel, TableColumn
from app.ui.words import ends, figure, size_words, with_ends

Index = QModelIndex | QPersistentModelIndex
RECORD = Qt.ItemDataRole.UserRole + 1
YIELDING = ("Size", "Seconds", "Over folds", "Note")
"""Columns that a narrow table does without, in this order."""
DIFFERING = ("Run", "Data")
"""Columns that say nothing where all candidates are alike in them."""


class CandidatesModel(RecordsModel[CandidateView]):
    """Candidates with the scale that all their interval bars share."""

    def __init__(self, columns: Sequence[TableColumn[CandidateView]], parent: QObject | None = None) -> None:
        super().__init__(columns, parent)
        self.scale = Scale(0.0, 1.0)

    def show(self, records: Sequence[CandidateView]) -> None:
        """Hold these candidates. The scale leaves the baselines out: beside them all rivals would look alike."""
        rivals = [view for view in records if not view.candidate.baseline] or records
        self.scale = Scale.over(view.candidate.holdout for view in rivals)
        super().show(records)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Also the record itself, for the delegates."""
        return self.record(index) if role == RECORD else super().data(index, role)


class IntervalDelegate(QStyledItemDelegate):
    """Draws the hold-out score with its interval."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """The bar on the cell's ground."""
        view = index.data(RECORD)
        super().paint(painter, option, QModelIndex())
        model = index.model()
        if view.candidate.holdout is None or not isinstance(model, CandidatesModel):
            return
        area = QRectF(option.rect).adjusted(12, 4, -12, -4)
        token = "text3" if view.candidate.baseline else "chart3" if view.approved else "chart1"
        draw_interval(painter, area, view.candidate.holdout, model.scale, token)


class StatusDelegate(QStyledItemDelegate):
    """Draws a status's shape before the cell's words."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Shape, then words."""
        super().paint(painter, option, QModelIndex())
        area = QRectF(option.rect)
        top = area.center().y() - SHAPE / 2
        draw_shape(painter, index.data(RECORD).status, QRectF(area.left() + 9, top, SHAPE, SHAPE))
        painter.save()
        painter.setPen(color("text"))
        words = area.adjusted(27, 0, -4, 0)
        text = painter.fontMetrics().elidedText(str(index.data()), Qt.TextElideMode.ElideRight, round(words.width()))
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, text)
        painter.restore()


class CandidateTable(DataTable):
    """Candidates with their scores. ``with_run``: also whose run and data they are, where these tell any two apart."""

    def __init__(self, says: str, *, name: str, with_run: bool, parent: QWidget | None = None) -> None:
        super().__init__(says, name=name, parent=parent)
        columns = _columns(self, with_run)
        self.candidates = CandidatesModel([column for column, _width in columns], self)
        self.setModel(self.candidates)
        self.set_widths([width for _column, width in columns])
        titles = [column.title for column, _width in columns]
        self._names = titles
        self._only = with_run
        self.give_way(*(titles.index(self.tr(title)) for title in YIELDING))
        self._intervals = IntervalDelegate(self)
        self._states = StatusDelegate(self)
        self.setItemDelegateForColumn(titles.index(self.tr("95% interval")), self._intervals)
        self.setItemDelegateForColumn(titles.index(self.tr("Gates")), self._states)
        self.setSelectionMode(DataTable.SelectionMode.ExtendedSelection)

    @property
    def chosen(self) -> list[CandidateView]:
        """The selected candidates, from the top."""
        rows = sorted(self.selectionModel().selectedRows(), key=lambda index: index.row())
        return [self.candidates.record(index) for index in rows]

    def show_candidates(self, views: Sequence[CandidateView]) -> None:
        """Show these and keep the selection where its candidates are still there."""
        before = {view.candidate.id for view in self.chosen}
        self.candidates.show(views)
        self._hide_alike()
        kept = [row for row, view in enumerate(views) if view.candidate.id in before]
        self.clearSelection()
        for row in kept:
            self.selectionModel().select(self.candidates.index(row, 0), _SELECT_ROW)

    def only_differences(self, only: bool) -> None:
        """Hide what is the same for all, or show it."""
        self._only = only
        self._hide_alike()

    def _hide_alike(self) -> None:
        for at in [self._names.index(title) for title in map(self.tr, DIFFERING) if title in self._names]:
            told = {self.candidates.columns[at].text(view) for view in self.candidates.records}
            self.setColumnHidden(at, self._only and len(told) == 1)
        self.fit()


_SELECT_ROW = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows


def _columns(table: QWidget, with_run: bool) -> list[tuple[TableColumn[CandidateView], int]]:
    tr = table.tr
    run = TableColumn[CandidateView](
        tr("Run"), lambda v: f"{v.run.number}", numeric=True, key=lambda v: v.run.number, tip=lambda v: v.run.created_at
    )
    data = TableColumn[CandidateView](tr("Data"), lambda v: v.data, tip=lambda v: v.data)
    rest: list[tuple[TableColumn[CandidateView], int]] = [
        (TableColumn(tr("Score"), _holdout_words, numeric=True, key=_holdout_key, tip=_holdout_tip), 60),
        (TableColumn(tr("95% interval"), _interval_words, key=_holdout_key, tip=_holdout_tip), 104),
        (TableColumn(tr("Gates"), _gate_words, key=lambda v: v.passed_gates, tip=_gate_tip), 100),
        (TableColumn(tr("Over folds"), _cv_words, numeric=True, key=_cv_key, tip=_cv_tip), 94),
        (
            TableColumn(
                tr("Seconds"), lambda v: figure(v.candidate.seconds, 1), numeric=True, key=lambda v: v.candidate.seconds
            ),
            82,
        ),
        (TableColumn(tr("Size"), _size, numeric=True, key=lambda v: v.candidate.onnx_bytes), 84),
        (TableColumn(tr("Note"), lambda v: v.note, tip=lambda v: v.note), 100),
    ]
    name = TableColumn[CandidateView](tr("Candidate"), lambda v: v.candidate.name, tip=_name_tip)
    return [(name, 192), (run, 48), (data, 100), *rest] if with_run else [(name, 152), *rest]


def _name_tip(view: CandidateView) -> str:
    """Also the note: its column gives way where there is little room."""
    return "\n".join(filter(None, (view.candidate.name, view.note)))


def _holdout_words(view: CandidateView) -> str:
    return figure(view.candidate.holdout.value) if view.candidate.holdout else "–"


def _holdout_key(view: CandidateView) -> float:
    return view.candidate.holdout.value if view.candidate.holdout else float("-inf")


def _interval_words(view: CandidateView) -> str:
    score = view.candidate.holdout
    return ends(score)


def _holdout_tip(view: CandidateView) -> str:
    score = view.candidate.holdout
    return with_ends(score, _finely) if score else view.candidate.note


def _finely(value: float) -> str:
    return figure(value, 4)


def _cv_words(view: CandidateView) -> str:
    return figure(view.candidate.cv.value) if view.candidate.cv else "–"


def _cv_key(view: CandidateView) -> float:
    return -sort_key(view.candidate, view.run.plan.metric)


def _cv_tip(view: CandidateView) -> str:
    score = view.candidate.cv
    return with_ends(score, _finely) if score else ""


def _gate_words(view: CandidateView) -> str:
    candidate = view.candidate
    if candidate.baseline:
        return "plain SQL" if candidate.family == "sql" else "baseline"
    if candidate.state is CandidateState.FAILED:
        return "not finished"
    if candidate.state is CandidateState.PARITY_FAILED:
        return "parity failed"
    return f"{view.passed_gates} of {len(view.gates)}"


def _gate_tip(view: CandidateView) -> str:
    return "\n".join(result.message for result in view.gates) or view.candidate.note


def _size(view: CandidateView) -> str:
    return size_words(view.candidate.onnx_bytes) if view.candidate.onnx_bytes else "–"
