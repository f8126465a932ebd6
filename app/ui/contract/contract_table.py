"""The table of rules: switched on and off, bounds typed in place, and whether each is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRectF,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.errors import BadInput
from app.ui.contract import contract_draft as draft
from app.ui.contract.contract_draft import KIND_WORDS
from app.ui.contract.contract_state import RuleRow
from app.ui.theme import color
from app.ui.widgets.chip import draw_shape
from app.ui.widgets.table import LEFT, DataTable, RecordsModel, TableColumn

ON, COLUMN, KIND, LEAST, MOST, BLOCKS, STATE = range(7)
WIDTHS = (44, 80, 92, 92, 120, 66)
STATE_WIDTH = 80
WIDER = {COLUMN: 90, KIND: 20, MOST: 130}
"""Which columns grow with the table, and by how many px at most; the state takes the rest."""
CHECKS = (ON, BLOCKS)
STATUS_ROLE = int(Qt.ItemDataRole.UserRole) + 1
Index = QModelIndex | QPersistentModelIndex


class RulesModel(RecordsModel[RuleRow]):
    """The rules of a draft. ``edited`` carries the place and the rule that a person made of it."""

    edited = Signal(int, object)
    refused = Signal(object)
    """A ``BadInput``: what was typed is no bound."""

    def __init__(self, tr: Callable[[str], str], parent: QObject | None = None) -> None:
        self.types: Mapping[str, str] = {}
        self.faint = False
        super().__init__(
            [
                TableColumn(tr("On"), lambda r: tr("on") if r.rule.on else tr("off")),
                TableColumn(tr("Column"), lambda r: r.rule.column or tr("whole table")),
                TableColumn(tr("Rule"), lambda r: tr(KIND_WORDS[r.rule.kind])),
                TableColumn(tr("Least"), lambda r: draft.least_text(r.rule, self.types)),
                TableColumn(tr("Most / allowed"), lambda r: draft.most_text(r.rule, self.types), tip=self._most_tip),
                TableColumn(
                    tr("Blocks"), lambda r: tr("blocks") if r.rule.blocks else tr("only said"), tip=_blocks_tip(tr)
                ),
                TableColumn(tr("State"), lambda r: r.said),
            ],
            parent,
        )

    def show(self, records: Sequence[RuleRow]) -> None:
        """Hold these rules instead; as many as before keep selection, place and what is just typed into a field: a
        view fills the field of a changed cell anew, so that only what did change is said to have."""
        if len(records) != len(self.records):
            super().show(records)
            return
        before, self.records = self.records, list(records)
        for row, (old, new) in enumerate(zip(before, self.records, strict=True)):
            if old != new:
                first = STATE if old.rule == new.rule else ON
                self.dataChanged.emit(self.index(row, first), self.index(row, STATE))

    def _most_tip(self, row: RuleRow) -> str:
        return draft.OPERATOR_TIPS if row.rule.kind == "relation" else draft.most_text(row.rule, self.types)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """As every table; switches have a check state instead of a text, and words for a screen reader."""
        row, column = self.records[index.row()], index.column()
        if column in CHECKS:
            if role == Qt.ItemDataRole.CheckStateRole:
                value = row.rule.on if column == ON else row.rule.blocks
                return Qt.CheckState.Checked if value else Qt.CheckState.Unchecked
            if role == Qt.ItemDataRole.AccessibleTextRole:
                return self.columns[column].text(row)
            return None if role == Qt.ItemDataRole.DisplayRole else super().data(index, role)
        if role == STATUS_ROLE:
            return row.status
        if role == Qt.ItemDataRole.EditRole:
            return self.columns[column].text(row)
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._colour(row, column)
        return super().data(index, role)

    def _colour(self, row: RuleRow, column: int) -> QColor | None:
        if self.faint or not row.rule.on:
            return color("text3")
        return color(row.status) if column == STATE and row.status in ("fail", "warn") else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Switches are checkable, bounds editable where the rule has them."""
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        rule = self.records[index.row()].rule
        if index.column() in CHECKS:
            return flags | Qt.ItemFlag.ItemIsUserCheckable
        if index.column() in (LEAST, MOST) and draft.is_editable(rule, least=index.column() == LEAST):
            return flags | Qt.ItemFlag.ItemIsEditable
        return flags

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Ask for the change; whoever holds the draft shows the outcome."""
        rule = self.records[index.row()].rule
        if role == Qt.ItemDataRole.CheckStateRole:
            checked = Qt.CheckState(value) == Qt.CheckState.Checked
            made = replace(rule, on=checked) if index.column() == ON else replace(rule, blocks=checked)
        else:
            read = draft.with_least if index.column() == LEAST else draft.with_most
            try:
                made = read(rule, str(value), self.types)
            except BadInput as problem:
                self.refused.emit(problem)
                return False
        self.edited.emit(index.row(), made)
        return True


def _blocks_tip(tr: Callable[[str], str]) -> Callable[[RuleRow], str]:
    stops, says = tr("When it is broken, training stops and check fails."), tr("When it is broken, it is only said.")
    return lambda row: stops if row.rule.blocks else says


class SwitchDelegate(QStyledItemDelegate):
    """A check mark in the middle of its cell, drawn as every other one; a click or Space turns it."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """The cell's ground, then frame and tick."""
        bare = QStyleOptionViewItem(option)
        bare.features &= ~QStyleOptionViewItem.ViewItemFeature.HasCheckIndicator
        style = option.widget.style() if option.widget is not None else None
        if style is not None:
            style.drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, bare, painter, option.widget)
        checked = index.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
        middle = QRectF(option.rect).center()
        box = QRectF(option.rect.left() + 12, middle.y() - 8, 16, 16)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        painter.setPen(
            QPen(color("focus" if focused else "accent" if checked else "border_strong"), 2 if focused else 1.5)
        )
        painter.setBrush(color("surface"))
        painter.drawRoundedRect(box.adjusted(0.75, 0.75, -0.75, -0.75), 4, 4)
        if checked:
            painter.setPen(QPen(color("accent"), 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            x, y = box.x(), box.y()
            painter.drawPolyline(QPolygonF([QPointF(x + 4, y + 8.5), QPointF(x + 7, y + 11.5), QPointF(x + 12, y + 5)]))
        painter.restore()

    def editorEvent(self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: Index) -> bool:
        """Turn the switch."""
        pressed = (
            event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Space
        )
        if not pressed and event.type() != QEvent.Type.MouseButtonRelease:
            return False
        on = index.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
        wanted = Qt.CheckState.Unchecked if on else Qt.CheckState.Checked
        return model.setData(model.index(index.row(), index.column()), wanted, Qt.ItemDataRole.CheckStateRole)


class BoundDelegate(QStyledItemDelegate):
    """A field in the cell, with a name."""

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """A line to type into, flush with its cell."""
        field = QLineEdit(parent)
        field.setStyleSheet("padding: 0px 5px; border-radius: 0px; min-height: 0px;")
        titles = index.model().headerData(index.column(), Qt.Orientation.Horizontal)
        column = index.sibling(index.row(), COLUMN).data()
        field.setAccessibleName(f"{titles}: {column}")
        return field


class StateDelegate(QStyledItemDelegate):
    """The status's shape before its words."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Shape, then the text beside it."""
        moved = QStyleOptionViewItem(option)
        self.initStyleOption(moved, index)
        status = index.data(STATUS_ROLE)
        style = option.widget.style() if option.widget is not None else None
        if style is not None:
            style.drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, moved, painter, option.widget)
        cell = QRectF(option.rect)
        if status:
            draw_shape(painter, status, QRectF(cell.left() + 12, cell.center().y() - 5, 10, 10))
        words = option.rect.adjusted(30 if status else 12, 0, -8, 0)
        painter.save()
        painter.setPen(moved.palette.color(moved.palette.ColorRole.Text))
        shown = moved.fontMetrics.elidedText(moved.text, Qt.TextElideMode.ElideRight, words.width())
        painter.drawText(words, LEFT, shown)
        painter.restore()


class RulesTable(DataTable):
    """The rules of a contract. Return edits a bound, Space turns a switch, Delete removes."""

    removal_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Rules of the contract"), name="contract.rules", parent=parent)
        self.model_ = RulesModel(self.tr, self)
        self.setModel(self.model_)
        for column in CHECKS:
            self.setItemDelegateForColumn(column, SwitchDelegate(self))
        for column in (LEAST, MOST):
            self.setItemDelegateForColumn(column, BoundDelegate(self))
        self.setItemDelegateForColumn(STATE, StateDelegate(self))
        self.horizontalHeader().setMinimumSectionSize(min(WIDTHS))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.set_widths(WIDTHS)
        trigger = QAbstractItemView.EditTrigger
        self.setEditTriggers(trigger.DoubleClicked | trigger.SelectedClicked | trigger.EditKeyPressed)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share what is left over; most of it goes to the state."""
        super().resizeEvent(event)
        spare = max(0, self.viewport().width() - sum(WIDTHS) - STATE_WIDTH) // 3
        for column, most in WIDER.items():
            self.setColumnWidth(column, WIDTHS[column] + min(most, spare * most // sum(WIDER.values())))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return edits where a bound can be typed, Delete asks to remove the selected rules."""
        current = self.currentIndex()
        if self.state() == QAbstractItemView.State.EditingState:  # what the field has not taken comes here once more
            event.accept()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and current.isValid():
            if self.model_.flags(current) & Qt.ItemFlag.ItemIsEditable:
                self.edit(current)
        elif event.key() == Qt.Key.Key_Delete:
            self.removal_wanted.emit()
        else:
            super().keyPressEvent(event)

    def places(self) -> list[int]:
        """The places of the selected rules."""
        return sorted(index.row() for index in self.selectionModel().selectedRows())
