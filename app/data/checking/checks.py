"""What is worth saying about a table once it is read: rows and columns are named, cells are shown. Child side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypedDict

import duckdb
import numpy as np

from app.core.data import Choice, ColumnProfile, Finding, Profile
from app.data import engine
from app.data.checking.fewer import Teller
from app.data.checking.wide_checks import Suspects
from app.data.differences.row_hashes import row_hashes
from app.data.findings import SHOWN_ROWS, ask, listed, shown, warn
from app.data.formats.raw import Kind
from app.data.types import cells
from app.data.types.cells import Form
from app.data.types.measure import (
    Look,
    almost,
    ambiguous_commas,
    ambiguous_dates,
    either_order,
    lost_digits,
    lost_zeros,
)
from app.data.types.schema import Seen

MANY_COLUMNS = 2_000
FORMULA_START = r"[=@\t\r].+|[+-].*[(|!].*"
"""Cells that a spreadsheet may run when the table is exported; plain negative numbers are none."""

_SPACED = " OR ".join(f"suffix(cell, chr({code}))" for code in (9, 32, 160))
_TELLING = (
    "((cell < 'A' AND NOT (cell >= '0' AND cell < ':')) OR (cell >= chr(160) AND cell < chr(161)) OR "
    f"(((cell >= 'N' AND cell < 'O') OR (cell >= 'n' AND cell < 'o')) AND (strlen(cell) <= 4 OR {_SPACED})))"
)
"""Whether a cell begins as a word for *missing* or a formula may: cheap, and of most texts nothing is left. Those
words that begin with a letter begin with an n and have no more than four letters."""

_FORM_WORDS = {
    Form.NUMBER: "number",
    Form.COMMA_NUMBER: "number",
    Form.GROUPED_NUMBER: "number",
    Form.MOMENT: "date",
    Form.BOOLEAN: "true or false",
}


_COMMA_WORDS = {
    Form.COMMA_NUMBER: "read as the decimal point",
    Form.GROUPED_NUMBER: "taken to separate thousands",
}


class Places(TypedDict):
    """Where the cells of a finding are, and what stands there."""

    rows: list[int]
    cells: list[str]


def _at(found: Sequence[tuple[int, str]]) -> Places:
    return Places(rows=[n for n, _ in found], cells=[cell for _, cell in found])


@dataclass(frozen=True, slots=True)
class Table:
    """A typed table with what is known about it. ``source``: a FROM clause that yields c0, c1, ...;
    ``decimal``: a comma if a person said so."""

    connection: duckdb.DuckDBPyConnection
    source: str
    seen: tuple[Seen, ...]
    profile: Profile
    decimal: str = "."
    suspects: Suspects | None = None
    """Of a very wide table: the columns that are looked at closely."""

    def rows_where(self, index: int, condition: str) -> list[tuple[int, str]]:
        """The first rows (1-based) and cells of a column that meet a condition."""
        query = (
            f"SELECT n, cell::VARCHAR FROM (SELECT row_number() OVER () AS n, c{index} AS cell FROM {self.source}) "
            f"WHERE {condition} LIMIT {SHOWN_ROWS}"
        )
        return [(int(n), str(cell)) for n, cell in self.connection.execute(query).fetchall()]

    def count_where(self, conditions: Sequence[tuple[int, str]]) -> list[int]:
        """How many cells meet each of several (column, condition on ``cell``)."""
        counts: list[int] = []
        size = engine.BLOCK if len(self.seen) > engine.VERY_WIDE else 100
        for start in range(0, len(conditions), size):
            parts = [  # several times faster than a FILTER where there are many
                f"count(CASE WHEN {c.replace('cell', f'c{i}')} THEN 1 END)" for i, c in conditions[start : start + size]
            ]
            counts += map(int, map(str, engine.one(self.connection, f"SELECT {', '.join(parts)} FROM {self.source}")))
        return counts


def table_findings(table: Table) -> tuple[Finding, ...]:
    """Everything to be said about a table but for its target."""
    found: list[Finding] = []
    if len(table.seen) > MANY_COLUMNS:
        message = (
            f"The table has {len(table.seen):,} columns. Where its seconds do not allow for all of them, training uses "
            "those that tell most about the target."
        )
        found.append(warn("MANY_COLUMNS", message, "Ignore the columns that cannot matter."))
    teller = Teller()
    for index, seen in enumerate(table.seen):
        if seen.kind is Kind.CELL and seen.look is not None and seen.stored == "VARCHAR":
            found += _text_cells(table, index, seen, seen.look, teller)
    found += _decimal_commas(table)
    found += _texts(table)
    found += _non_finite(table)
    return (*found, *_duplicate_rows(table))


def _text_cells(table: Table, index: int, seen: Seen, look: Look, teller: Teller) -> list[Finding]:
    """Why a column that looks like something else was kept as text."""
    if seen.cells is not None and seen.cells.chosen:
        return []
    for applies, say in _KEPT:
        if applies(look):
            return [teller.say(say, seen.name, partial(say, table, index, seen, look))]
    return []


def _long(table: Table, index: int, seen: Seen, look: Look) -> Finding:
    rows = table.rows_where(index, f"length(ltrim(trim(cell), '+-0')) > {cells.EXACT_DIGITS}")
    message = (
        f"{seen.name} holds whole numbers of more than {cells.EXACT_DIGITS} digits; kept as written, every digit exact."
    )
    return warn("INT_OVERFLOW", message, "Set the type to number to round them.", seen.name, **_at(rows))


def _zeros(table: Table, index: int, seen: Seen, look: Look) -> Finding:
    rows = table.rows_where(index, cells.matches("cell", "[+-]?0[0-9].*"))
    hint = "Set the type to whole number to drop the zeros."
    return warn("LEADING_ZEROS", f"{seen.name} has leading zeros: kept as written.", hint, seen.name, **_at(rows))


def _dates(table: Table, index: int, seen: Seen, look: Look) -> Finding:
    rows = table.rows_where(index, f"NOT {cells.is_missing_word('cell')}")
    message = (
        f"{seen.name}: in {shown(rows[0][1])} either number may be the day; kept as text and not used until you say."
    )
    return ask("DATES_AMBIGUOUS", message, "Choose day first or month first.", seen.name, **_at(rows))


def _thousands(table: Table, index: int, seen: Seen, look: Look) -> Finding:
    rows = table.rows_where(index, cells.matches("cell", cells.GROUPED_PATTERN))
    message = (
        f"{seen.name}: the comma in {shown(rows[0][1])} may separate decimals or thousands; kept as text, not used."
    )
    return ask("DELIMITER_DECIMAL", message, "Say which it is.", seen.name, **_at(rows))


def _mixed(table: Table, index: int, seen: Seen, look: Look) -> Finding:
    """A column that is nearly all numbers (dates, yes/no): row, column and cell of what is not."""
    intended = almost(look)
    assert intended is not None
    form, count = intended
    guess = cells.Cells(form, missing=look.words)
    condition = cells.misfit("cell", guess, cells.value("cell", guess))
    if form is Form.MOMENT:
        condition = (
            f"NOT {cells.is_missing_word('cell')} AND NOT {cells.matches('cell', '[0-9]+[-/.][0-9]+[-/.][0-9]+.*')}"
        )
    rows = table.rows_where(index, condition)
    where = f"row {rows[0][0]:,} {shown(rows[0][1])}" if rows else "some cells"
    message = (
        f"{seen.name}: {where} is not a {_FORM_WORDS[form]} - {count:,} of {look.present:,} cells. "
        "The column is kept as text and not used until you decide."
    )
    hint = "Set them to missing, keep as text, or show the rows."
    orders = (Choice("day first"), Choice("month first")) if form is Form.MOMENT and either_order(look) else ()
    return ask("MIXED_TYPES", message, hint, seen.name, **_at(rows), choices=orders)


_KEPT: tuple[tuple[Callable[[Look], object], Callable[[Table, int, Seen, Look], Finding]], ...] = (
    (lost_digits, _long),
    (lost_zeros, _zeros),
    (ambiguous_dates, _dates),
    (ambiguous_commas, _thousands),
    (almost, _mixed),
)


def _decimal_commas(table: Table) -> list[Finding]:
    """One question each for all columns that were read with a comma for the decimal point, or for thousands."""
    found = []
    for form, words in _COMMA_WORDS.items():
        names = [s.name for s in table.seen if s.cells and s.cells.form is form and not s.cells.chosen]
        if names and not (form is Form.COMMA_NUMBER and table.decimal == ","):
            choices = [Choice(name) for name in names]
            hint = "Say that this is right, or keep the column as text."
            found.append(
                ask("DELIMITER_DECIMAL", f"{listed(names)}: the comma was {words}.", hint, names[0], choices=choices)
            )
    return found


def _texts(table: Table) -> list[Finding]:
    """Words that may stand for a missing value, and cells that a spreadsheet would run."""
    texts = [i for i, seen in enumerate(table.seen) if seen.stored == "VARCHAR" and seen.present]
    if table.suspects is not None:
        texts = [i for i in texts if i in table.suspects.texts]
    word = f"{cells.is_missing_word('cell')} AND trim(cell) <> '' AND length(trim(cell)) > 1"
    formula = f"regexp_full_match(cell, {engine.text(FORMULA_START)}, 's')"
    counts = table.count_where([(i, f"CASE WHEN {_TELLING} THEN {c} END") for c in (word, formula) for i in texts])
    words, formulas = counts[: len(texts)], counts[len(texts) :]
    found, teller = list[Finding](), Teller()
    for index, ambiguous, runnable in zip(texts, words, formulas, strict=True):
        name = table.seen[index].name
        if ambiguous:
            found.append(teller.say("word", name, partial(_word, table, index, word, ambiguous)))
        if runnable:
            found.append(teller.say("formula", name, partial(_formula, table, index, formula)))
    return found


def _word(table: Table, index: int, condition: str, count: int) -> Finding:
    name, rows = table.seen[index].name, table.rows_where(index, condition)
    message = f"{name}: {shown(rows[0][1])} in {count:,} rows may be a word or mean missing; kept as a word."
    return warn("NA_AMBIGUOUS", message, "Say if it means missing.", name, **_at(rows))


def _formula(table: Table, index: int, condition: str) -> Finding:
    name, rows = table.seen[index].name, table.rows_where(index, condition)
    message = f"{name}: {shown(rows[0][1])} looks like a spreadsheet formula; kept as written, never run."
    return warn("CSV_FORMULA", message, "Exports quote such cells.", name, **_at(rows))


def _non_finite(table: Table) -> list[Finding]:
    numbers = [i for i, seen in enumerate(table.seen) if seen.stored == "DOUBLE"]
    if table.suspects is not None:
        numbers = [i for i in numbers if i in table.suspects.numbers]
    found, teller = list[Finding](), Teller()
    for index, count in zip(numbers, table.count_where([(i, "isinf(cell)") for i in numbers]), strict=True):
        if count:
            found.append(teller.say("infinite", table.seen[index].name, partial(_infinite, table, index, count)))
    return found


def _infinite(table: Table, index: int, count: int) -> Finding:
    name, rows = table.seen[index].name, table.rows_where(index, "isinf(cell)")
    message = f"{name} holds {count:,} infinite values; models take them for missing."
    return warn("NON_FINITE", message, "Look at how they came about.", name, **_at(rows))


def _told_apart(column: ColumnProfile, rows: int) -> bool:
    """Whether every row has a value of its own in this column, so that no two rows are the same."""
    return not column.missing and not column.distinct_is_estimate and column.distinct == rows


def _duplicate_rows(table: Table) -> list[Finding]:
    if any(_told_apart(column, table.profile.rows) for column in table.profile.columns):
        return []
    if len(table.seen) > engine.VERY_WIDE:
        hashes = row_hashes(table.connection, table.source, engine.positions(len(table.seen)))
        _, first = np.unique(hashes, return_index=True)
        again = np.delete(np.arange(1, len(hashes) + 1), first)
        return _repeated(len(again), again[:SHOWN_ROWS].tolist())
    columns = ", ".join(engine.positions(len(table.seen)))
    total, distinct = engine.one(
        table.connection, f"SELECT count(*), count(DISTINCT hash({columns})) FROM {table.source}"
    )
    double = int(str(total)) - int(str(distinct))
    if not double:
        return []
    query = (
        f"SELECT n FROM (SELECT row_number() OVER () AS n, row_number() OVER (PARTITION BY hash({columns})) AS k "
        f"FROM {table.source}) WHERE k > 1 ORDER BY n LIMIT {SHOWN_ROWS}"
    )
    rows = [int(n) for (n,) in table.connection.execute(query).fetchall()] if table.profile.rows <= 1_000_000 else []
    return _repeated(double, rows)


def _repeated(double: int, rows: Sequence[int]) -> list[Finding]:
    if not double:
        return []
    times = "row repeats" if double == 1 else "rows repeat"
    return [
        warn(
            "DUPLICATE_ROWS",
            f"{double:,} {times} an earlier row in every column.",
            "Check that none was added twice. Equal rows stay on one side when rows are divided by chance.",
            rows=rows,
        )
    ]
