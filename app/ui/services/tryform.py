"""A form made from a model's contract: one field an input, filled with a real row, checked as one types."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QCoreApplication, QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QLineEdit, QPlainTextEdit, QWidget

from app.runtime.contract import Contract, Field, Value
from app.ui.widgets.card import column, field_label, label
from app.ui.widgets.combo import Combo
from app.ui.words import count

MOST_FIELDS = 40
"""Inputs with a field at the same time."""
WORDS = {"number": "a number", "integer": "a whole number", "datetime": "a date, as 2024-05-31"}


Widget = QLineEdit | QComboBox | QPlainTextEdit
TEXT_PX = 76


class BadField(ValueError):
    """A field does not hold what its type asks for; the message names both."""


@dataclass(frozen=True, slots=True)
class _Entry:
    field: Field
    widget: Widget


class TryForm(QWidget):
    """Fields for the inputs of one model. ``changed``: something else stands in one.

    Of many inputs the first ``MOST_FIELDS`` have fields, and those whose names hold what is typed above: a thousand
    fields would stop the window for seconds. The others keep the values that they were filled with.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._form = QFormLayout()
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setVerticalSpacing(8)
        self._form.setHorizontalSpacing(12)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.search = QLineEdit(placeholderText=self.tr("Find inputs…"))
        self.search.setObjectName("try.find")
        self.search.setAccessibleName(self.tr("Find inputs"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(lambda _text: self._show_found())
        self.told = label("", "quiet", wrap=True)
        self.setLayout(column(self.search, self.told, self._form, 1, spacing=8))
        self._entries: list[_Entry] = []
        self._texts: dict[str, str] = {}
        self._contract: Contract | None = None
        self._order: tuple[Field, ...] = ()

    def show_contract(self, contract: Contract, example: dict[str, Value], first: Sequence[str] = ()) -> None:
        """Build the fields anew if it is another contract; what was typed stays otherwise. ``first``: names of inputs
        that come first where there are many."""
        if contract == self._contract:
            return
        self._contract = contract
        many = len(contract.inputs) > MOST_FIELDS
        place = {name: at for at, name in enumerate(first)}
        ranked = sorted(contract.inputs, key=lambda f: place.get(f.name, len(place)))
        self._order = tuple(ranked) if many else contract.inputs
        for part in (self.search, self.told):
            part.setVisible(many)
        with QSignalBlocker(self.search):
            self.search.clear()
        self._entries = []
        self.fill(example)
        self._show_found()

    def _show_found(self) -> None:
        """Fields of the first inputs that are looked for."""
        self._remember()
        words = self.search.text().casefold().split()
        found = [f for f in self._order if all(word in f.name.casefold() for word in words)]
        while self._form.rowCount():
            self._form.removeRow(0)
        self._entries = [_Entry(field, _widget(field)) for field in found[:MOST_FIELDS]]
        for entry in self._entries:
            self._form.addRow(field_label(entry.field.name.replace("&", "&&"), entry.widget), entry.widget)
            entry.widget.setAccessibleName(entry.field.name)
            _put(entry, self._texts[entry.field.name])
            self._listen(entry.widget)
        told = self.tr("{0} of {1} inputs; the others are as in the row.")
        self.told.setText(told.format(len(self._entries), count(len(self._order))))

    def _listen(self, widget: Widget) -> None:
        if isinstance(widget, QPlainTextEdit):
            widget.textChanged.connect(self.changed.emit)
        elif isinstance(widget, QLineEdit):
            widget.textChanged.connect(lambda _text: self.changed.emit())
        else:
            widget.currentIndexChanged.connect(lambda _index: self.changed.emit())
            if widget.isEditable():
                widget.editTextChanged.connect(lambda _text: self.changed.emit())

    def fill(self, row: dict[str, Value]) -> None:
        """Put a row's values into the fields."""
        self._texts = {field.name: _text_of(field, row.get(field.name)) for field in self._order}
        for entry in self._entries:
            _put(entry, self._texts[entry.field.name])

    def row(self) -> dict[str, Value]:
        """What is in the fields, with the types that the contract asks for. Raises ``BadField``."""
        self._remember()
        inputs = self._contract.inputs if self._contract is not None else ()
        return {field.name: value_of(field, self._texts[field.name]) for field in inputs}

    def _remember(self) -> None:
        self._texts |= {entry.field.name: _typed(entry.widget) for entry in self._entries}


def _put(entry: _Entry, text: str) -> None:
    if isinstance(entry.widget, QComboBox):
        entry.widget.setCurrentIndex(max(0, entry.widget.findData(text)))
        if entry.widget.isEditable():
            entry.widget.setEditText(text)
    elif isinstance(entry.widget, QPlainTextEdit):
        entry.widget.setPlainText(text)
    else:
        entry.widget.setText(text)
        entry.widget.setCursorPosition(0)


def value_of(field: Field, text: str) -> Value:
    """A typed text as the contract's type; empty means missing. Raises ``BadField``."""
    if text == "":
        if not field.missing_allowed:
            raise BadField(_tr("{0} may not be empty.").format(field.name))
        return None
    if field.type in ("category", "text"):
        return text
    if field.type == "boolean":
        return text == "true"
    try:
        return _parsed(field.type, text)
    except (ValueError, OverflowError):
        raise BadField(_tr("{0} has to be {1}, not “{2}”.").format(field.name, _tr(WORDS[field.type]), text)) from None


def curl_line(url: str, row: dict[str, Value]) -> str:
    """A command line that asks the service for this row."""
    import json

    body = json.dumps({"rows": [row]}, ensure_ascii=False).replace("'", "'\\''")
    return f"curl -s {url}/predict -H 'Content-Type: application/json' -d '{body}'"


def python_lines(url: str, rows: Sequence[dict[str, Value]]) -> str:
    """Python that asks the service, with nothing but the standard library."""
    return (
        "import json, urllib.request\n"
        f"rows = {list(rows)!r}\n"
        f'request = urllib.request.Request("{url}/predict", json.dumps({{"rows": rows}}).encode(),\n'
        '                                 {"Content-Type": "application/json"})\n'
        "print(json.load(urllib.request.urlopen(request)))\n"
    )


def _widget(field: Field) -> Widget:
    if field.type == "boolean":
        return _choice(field, [("true", _tr("yes")), ("false", _tr("no"))], editable=False)
    if field.type == "category" and 0 < len(field.categories) <= 200:
        return _choice(field, [(name, name) for name in field.categories], editable=True)
    if field.type == "text":
        edit = QPlainTextEdit(placeholderText=_hint(field), tabChangesFocus=True)
        edit.setFixedHeight(TEXT_PX)
        return edit
    return QLineEdit(placeholderText=_hint(field))


def _choice(field: Field, options: list[tuple[str, str]], *, editable: bool) -> QComboBox:
    combo = Combo(field.name)
    combo.setEditable(editable)
    combo.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
    if (edit := combo.lineEdit()) is not None:
        edit.setTextMargins(8, 0, 0, 0)
    for data, text in options:
        combo.addItem(text, data)
    if field.missing_allowed:
        combo.addItem("" if editable else _tr("missing"), "")
    return combo


def _typed(widget: Widget) -> str:
    if isinstance(widget, QPlainTextEdit):
        return widget.toPlainText().strip()
    if isinstance(widget, QLineEdit):
        return widget.text().strip()
    return widget.currentText().strip() if widget.isEditable() else str(widget.currentData())


def _parsed(type_: str, text: str) -> Value:
    if type_ == "integer":
        return int(text)
    if type_ == "number":
        value = float(text)
        if not math.isfinite(value):
            raise ValueError(text)
        return value
    datetime.fromisoformat(text)
    return text


def _text_of(field: Field, value: Value) -> str:
    if value is None:
        return ""
    if field.type == "datetime":
        return str(value).removesuffix(".000000").removesuffix("T00:00:00")
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else str(value)


def _hint(field: Field) -> str:
    if field.type == "datetime":
        return "2024-05-31"
    if field.minimum is not None and field.maximum is not None:
        return _tr("{0:.6g} to {1:.6g} in training").format(field.minimum, field.maximum)
    return _tr("missing") if field.missing_allowed else ""


def _tr(text: str) -> str:
    return QCoreApplication.translate("tryform", text)
