"""A table beside a panel that tells of the chosen row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.ui.widgets.table import DataTable, RecordsModel, TableColumn

T = TypeVar("T")


class ChoiceTable(DataTable, Generic[T]):
    """One record is chosen, and stays chosen when the records are read again. ``id_of``: by what it is known then."""

    chosen_changed = Signal()

    def __init__(
        self,
        says: str,
        columns: Sequence[TableColumn[T]],
        id_of: Callable[[T], object],
        *,
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(says, name=name, parent=parent)
        self.records: RecordsModel[T] = RecordsModel(columns, self)
        self._id_of = id_of
        self._wanted: object = None
        self.setModel(self.records)
        self.setSelectionMode(DataTable.SelectionMode.SingleSelection)
        self.selectionModel().selectionChanged.connect(lambda *_: self.chosen_changed.emit())

    @property
    def chosen(self) -> T | None:
        """The record whose row is selected."""
        rows = self.selectionModel().selectedRows()
        return self.records.record(rows[0]) if rows else None

    @property
    def is_waiting(self) -> bool:
        """Whether the next records are to be chosen from anew."""
        return self._wanted is not None

    def want(self, id_: object) -> None:
        """Choose this one of the next records, if it is among them."""
        self._wanted = id_ or None

    def show_records(self, records: Sequence[T], first: Callable[[Sequence[T]], int] = lambda _records: 0) -> None:
        """Hold these; choose the wanted one, else the one that was chosen, else the ``first`` (a row's number)."""
        kept = self._id_of(self.chosen) if self.chosen is not None else None
        wanted, self._wanted = self._wanted or kept, None
        self.records.show(records)
        if records:
            ids = [self._id_of(record) for record in records]
            self.selectRow(ids.index(wanted) if wanted in ids else first(records))
