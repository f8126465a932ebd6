"""Cells that a chosen type does not fit, or that would lose something by it: what is said before anything changes.

Standard library and msgspec only: the child finds them, the window offers what to do about them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from app.core.data import TYPE_WORDS, ColumnType, Finding, Outcome
from app.data.findings import ask, listed, shortened, shown
from app.errors import TypesRefused
from app.jobs.decoding import decode

SHOWN_CELLS = 3
SHOWN_COLUMNS = 4
_ONE = {
    ColumnType.NUMBER: "number",
    ColumnType.INTEGER: "whole number",
    ColumnType.BOOLEAN: "yes/no value",
    ColumnType.DATETIME: "date",
}
EXACT = "whole number of at most 15 digits"
_ADVICE = "Set them to missing, keep the column as text, or look at the rows."
_ADVICE_LOSS = "Change it anyway, keep the column as text, or look at the rows."


@dataclass(frozen=True, slots=True)
class Misfit:
    """``rows``: 1-based, at most 20, with what stands in ``cells``. ``loses``: what the cells would lose though they
    can be read ("zeros in front", "digits"); empty where they cannot."""

    column: str
    type: ColumnType
    bad: int
    total: int
    rows: tuple[int, ...]
    cells: tuple[str, ...]
    loses: str = ""

    @property
    def word(self) -> str:
        """What the cells are not."""
        long = self.type is ColumnType.INTEGER and any(_long(cell) for cell in self.cells)
        return EXACT if long else _ONE.get(self.type, "value of that type")


def refusal(misfits: Sequence[Misfit]) -> TypesRefused:
    """The error that names every column with its cells. ``misfits`` is not empty."""
    message = sentence(misfits[0]) if len(misfits) == 1 else _together(misfits)
    hint = _ADVICE_LOSS if all(m.loses for m in misfits) else _ADVICE
    details = "\n".join(f"{m.column}: rows {', '.join(map(str, m.rows))}" for m in misfits)
    return TypesRefused(message, hint, details, misfits=msgspec.json.encode(misfits).decode())


def emptied_note(misfit: Misfit) -> Finding:
    """What is said of cells that a person wants to be missing values."""
    count = "1 cell is a missing value" if misfit.bad == 1 else f"{misfit.bad:,} cells are missing values"
    message = f"{misfit.column}: {count} because it is no {misfit.word}, as you said: {_places(misfit)}."
    message = message if misfit.bad == 1 else message.replace("because it is no", "because they are no")
    cells = shortened(misfit.cells)
    return Finding("SET_MISSING", Outcome.ACCEPT, message, misfit.column, misfit.rows, cells=cells)


def outdated_question(misfit: Misfit) -> Finding:
    """What is asked where an answer for an earlier version does not fit this one."""
    message = (
        f"{misfit.column} was read as {TYPE_WORDS[misfit.type]} before, as somebody said; now "
        f"{misfit.bad:,} of {misfit.total:,} cells do not fit: {_places(misfit)}. It was judged anew."
    )
    return ask(
        "ANSWER_OUTDATED", message, "Look at the cells.", misfit.column, misfit.rows, cells=misfit.cells
    )  # fmt: skip


def misfits_of(told: str) -> tuple[Misfit, ...]:
    """The misfits that a ``TypesRefused`` carries; none of an empty text."""
    return decode(told, tuple[Misfit, ...]) if told else ()


def sentence(misfit: Misfit) -> str:
    """What is wrong with one column: how many cells, which rows, what stands there."""
    of = f"{misfit.bad:,} of {misfit.total:,} cells"
    where = f"row {misfit.rows[0]:,} {shown(misfit.cells[0])}"
    if misfit.loses:
        return f"{misfit.column}: {of} would lose {misfit.loses}: {_places(misfit)}."
    if misfit.bad == 1:
        return f"{misfit.column}: {where} is not a {misfit.word} - {of}."
    return f"{misfit.column}: {of} are no {_many(misfit.word)}: {_places(misfit)}."


def _places(misfit: Misfit) -> str:
    cells = listed([shown(cell) for cell in misfit.cells[:SHOWN_CELLS]])
    rows = listed(misfit.rows[:SHOWN_CELLS])
    more = misfit.bad - min(len(misfit.rows), SHOWN_CELLS)
    rows = f"{rows.replace(' and ', ', ')} and {more:,} more" if more else rows
    return f"{'rows' if misfit.bad > 1 else 'row'} {rows} ({cells}{', …' if more else ''})"


def _together(misfits: Sequence[Misfit]) -> str:
    shares = [
        f"{m.column} ({m.bad:,} of {m.total:,}{f' would lose {m.loses}' if m.loses else ''}, "
        f"row {m.rows[0]:,} {shown(m.cells[0], 20)})"
        for m in misfits
    ]
    verb = "would lose something" if all(m.loses for m in misfits) else "do not fit"
    return f"Cells of {len(misfits)} columns {verb}: {listed(shares, SHOWN_COLUMNS)}."


def _many(word: str) -> str:
    first, of, rest = word.partition(" of ")
    return f"{first}s{of}{rest}"


def _long(cell: str) -> bool:
    return len(cell) > 15 and cell.lstrip("+-").isdigit()
