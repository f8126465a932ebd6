"""The tables of the *Differences* tab: what moved, changed cells, rows of one side, columns, checks and models."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt

from app.core.data import TYPE_WORDS
from app.core.differences import CellExample, ColumnChange, ColumnChangeKind, Differences, RowExample, Shift
from app.data.differences.difference_words import shift_words
from app.ui.data.data_columns import USE_WORDS
from app.ui.differences.difference_cells import SHIFT_ROLE, SIZE, THEN_NOW, shift_says
from app.ui.widgets.table import RecordsModel, TableColumn
from app.ui.words import count

T = TypeVar("T")
Tr = Callable[[str], str]

MISSING = "–"


@dataclass(frozen=True, slots=True)
class ChangedCell:
    """One example of a changed cell. ``of``: how many cells of the column changed."""

    column: str
    of: int
    cell: CellExample


@dataclass(frozen=True, slots=True)
class Consequence:
    """A check, a gate or a model that is affected. ``status``: ok | warn | fail | info."""

    what: str
    change: str
    message: str
    column: str = ""


class ShiftsModel(RecordsModel[Shift]):
    """How far each column's values moved; the shift itself is what two cells paint."""

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """As every table, and the shift for the painted cells."""
        if role == SHIFT_ROLE:
            return self.records[index.row()]
        if index.column() == THEN_NOW and role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return shift_says(self.records[index.row()])
        return super().data(index, role)


def shift_columns(tr: Tr) -> list[TableColumn[Shift]]:
    """Column, how far, then and now, in words."""
    made = [
        TableColumn[Shift](tr("Column"), lambda s: s.column, width=128),
        TableColumn[Shift](tr("Moved by"), _size_words, key=lambda s: s.size, tip=_size_tip, width=112),
        TableColumn[Shift](tr("Before and after"), lambda _s: "", width=160),
        TableColumn[Shift](tr("In words"), shift_words),
    ]
    assert made[SIZE].key is not None
    return made


def _size_words(shift: Shift) -> str:
    return f"{shift.size:.3f}"


def _size_tip(shift: Shift) -> str:
    beyond = "More than chance explains." if shift.beyond_noise else "Chance alone may explain it."
    return f"0: as before, 1: nothing in common. {beyond}"


def cell_columns(tr: Tr, key: Sequence[str]) -> list[TableColumn[ChangedCell]]:
    """Column, the row's key and number, before, after."""
    return [
        TableColumn(
            tr("Column"), lambda c: c.column, tip=lambda c: f"{c.column}: {count(c.of)} cells changed", width=140
        ),
        TableColumn(", ".join(key), lambda c: ", ".join(c.cell.key), width=140),
        TableColumn(tr("Row"), lambda c: count(c.cell.row_after), True, key=lambda c: c.cell.row_after, width=84),
        TableColumn(tr("Before"), lambda c: _cell(c.cell.before), width=150),
        TableColumn(tr("After"), lambda c: _cell(c.cell.after)),
    ]


def changed_cells(found: Differences) -> list[ChangedCell]:
    """All examples, column by column."""
    return [ChangedCell(c.name, c.cells, cell) for c in found.rows.columns for cell in c.examples]


def row_columns(tr: Tr, shown: Sequence[str]) -> list[TableColumn[RowExample]]:
    """The row's number and its first cells."""
    made: list[TableColumn[RowExample]] = [
        TableColumn(tr("Row"), lambda r: count(r.row), True, key=lambda r: r.row, width=84)
    ]
    return made + [TableColumn(name, _nth_cell(i), width=120) for i, name in enumerate(shown)]


def _nth_cell(place: int) -> Callable[[RowExample], str]:
    return lambda row: _cell(row.cells[place])


def change_columns(tr: Tr) -> list[TableColumn[ColumnChange]]:
    """Column, what happened, before, after."""
    words = {
        ColumnChangeKind.ADDED: tr("new column"),
        ColumnChangeKind.REMOVED: tr("column is gone"),
        ColumnChangeKind.TYPE: tr("another type"),
        ColumnChangeKind.USE: tr("used otherwise"),
    }
    return [
        TableColumn(tr("Column"), lambda c: c.name, width=180),
        TableColumn(tr("Change"), lambda c: words[c.kind], width=150),
        TableColumn(tr("Before"), lambda c: _value_words(c.before), width=140),
        TableColumn(tr("After"), lambda c: _value_words(c.after)),
    ]


def consequence_columns(tr: Tr) -> list[TableColumn[Consequence]]:
    """What is affected, how, and the sentence."""
    return [
        TableColumn(tr("What"), lambda c: c.what, width=190),
        TableColumn(tr("Change"), lambda c: c.change, width=110),
        TableColumn(tr("What it says"), lambda c: c.message),
    ]


def consequences(found: Differences, tr: Tr) -> list[Consequence]:
    """Gates first, then models, then checks."""
    gates = [
        Consequence(g.title, tr("passes now") if g.passes_after else tr("fails now"), g.message) for g in found.gates
    ]
    models = [Consequence(m.model, tr("fits") if m.fits else tr("does not fit"), m.message) for m in found.models]
    checks = [
        Consequence(_check_words(c.code), tr("new") if c.appears else tr("gone"), c.message, c.column or "")
        for c in found.checks
    ]
    return [*gates, *models, *checks]


def _check_words(code: str) -> str:
    """``DUPLICATE_ROWS`` -> ``Duplicate rows``."""
    return code.replace("_", " ").capitalize()


def _value_words(value: str) -> str:
    types = {type_.value: words for type_, words in TYPE_WORDS.items()}
    uses = {use.value: words for use, words in USE_WORDS.items()}
    return (types | uses).get(value, value) or MISSING


def _cell(value: str | None) -> str:
    return MISSING if value is None else value
