"""A raw table becomes the typed Parquet table: a guess from the first rows, proven while converting. Child side."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from app.core.data import ColumnType
from app.data import engine
from app.data.findings import SHOWN_ROWS
from app.data.formats.raw import Kind, RawTable
from app.data.types import cells
from app.data.types.cells import Cells, Form
from app.data.types.expect import Expected, comma_in, day_first_in, expected_form
from app.data.types.measure import NEARLY, Look, almost, decide, fitting, look
from app.data.types.misfits import Misfit, refusal
from app.data.types.typed import write_table

SAMPLE_ROWS = 4_096
SAMPLE_CELLS = 1_000_000
_NATIVE = {Kind.INTEGER: "BIGINT", Kind.BOOLEAN: "BOOLEAN", Kind.MOMENT: "TIMESTAMP"}
_LOSABLE = (Form.NUMBER, Form.COMMA_NUMBER, Form.GROUPED_NUMBER, Form.LOOSE_INTEGER)
_LOSSES = {
    "zeros in front": "regexp_full_match({0}, '[+-]?0[0-9]+')",
    "digits": "regexp_full_match({0}, '[+-]?0*[1-9][0-9]{{15,}}')",
}
"""What whole numbers that are written out may lose as a number, and how to see it."""


@dataclass(frozen=True, slots=True)
class Converted:
    """The typed table. ``cells``: the forms of columns that were text; ``looks``: what their cells look like;
    ``emptied``: cells that a person wants to be missing values; ``given_up``: answers for an earlier file that do not
    fit this one."""

    path: Path
    rows: int
    cells: Mapping[int, Cells]
    looks: Mapping[int, Look]
    emptied: tuple[Misfit, ...] = ()
    given_up: tuple[Misfit, ...] = ()


class Conversion:
    """One table on its way. Text columns are looked at in the first rows; writing then checks every cell. Only if a
    later cell does not fit, all cells of such columns are looked at, and the table is written again."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        raw: RawTable,
        expected: Mapping[int, Expected],
        careful: Container[str] = (),
        sample_rows: int = SAMPLE_ROWS,
    ) -> None:
        """``careful``: chosen columns whose cells must not lose digits either; else a person has accepted that.
        ``sample_rows``: so many first rows at most are looked at."""
        self._connection = connection
        self._expected = expected
        self._careful = careful
        self._sample_rows = sample_rows
        self._raw = _as_text(raw, [i for i, e in expected.items() if e.chosen and not _exact(e, raw.kinds[i])])
        self.looks: dict[int, Look] = {}
        self.cells: dict[int, Cells] = {}
        self._given_up: list[Misfit] = []

    def run(self, out: Path) -> Converted:
        """Write the typed table to ``out``. TypesRefused if a chosen type does not fit."""
        engine.plan_for(self._connection, len(self._raw.names))
        loose = [i for i, kind in enumerate(self._raw.kinds) if kind in (Kind.CELL, Kind.TEXT)]
        self._look_at_first_rows(loose)
        doubtful = [i for i in loose if self._is_doubtful(i)]
        if doubtful:
            self._settle(doubtful, self._raw.relation)
            self._forget([i for i in doubtful if self.cells[i].lenient and not self._mostly_fits(i)])
        if not self._written(out):
            self._mend(out)
        self._refuse(self._losses())
        (rows,) = engine.one(self._connection, f"SELECT count(*) FROM read_parquet({engine.file(out)})")
        return Converted(
            out, int(str(rows)), self.cells, self.looks, tuple(self._emptied()), tuple(self._given_up)
        )  # fmt: skip

    def _is_doubtful(self, index: int) -> bool:
        """Whether the first rows do not settle a column: all its cells are looked at."""
        if self._raw.names[index] in self._raw.recipe.missing_words_of:
            return True
        form = self.cells[index]
        return (form.form is Form.TEXT and almost(self.looks[index]) is not None) or form.lenient

    def _mostly_fits(self, index: int) -> bool:
        """Whether what a person said of an earlier file's few bad cells can be meant for this one's too."""
        seen = self.looks[index]
        insisted = not self._expected[index].remembered
        return insisted or fitting(seen, self.cells[index].form) >= NEARLY * seen.present

    def _forget(self, indices: Sequence[int]) -> None:
        """Give up what was answered for an earlier file, and judge the columns by their own cells."""
        for i in indices:
            self._given_up.append(self._named(i, self._misfit(i)))
        self._expected = {i: e for i, e in self._expected.items() if i not in indices}
        if indices:
            self._settle(indices, self._raw.relation)

    def _emptied(self) -> list[Misfit]:
        """The cells that became missing values because a person said so."""
        lenient = [i for i, form in self.cells.items() if form.lenient]
        return [found for found in (self._named(i, self._misfit(i)) for i in lenient) if found.bad]

    def _look_at_first_rows(self, loose: Sequence[int]) -> None:
        """Only the columns whose form is open: a sample of ten thousand others would not fit the memory."""
        if not loose:
            return
        few = min(self._sample_rows, sample_rows(len(self._raw.names)))
        columns = ", ".join(f"c{i}" for i in loose)
        first = f"(SELECT {columns} FROM {self._raw.relation} LIMIT {few})"
        self._connection.execute(f"CREATE TEMP TABLE sample AS SELECT * FROM {first}")
        self._settle(loose, "sample")
        self._connection.execute("DROP TABLE sample")

    def _settle(self, indices: Sequence[int], relation: str) -> None:
        """Look at columns and choose their forms."""
        columns = [f"c{i}" for i in indices]
        for i, seen in zip(indices, look(self._connection, relation, columns), strict=True):
            self.looks[i] = seen
            self.cells[i] = self._form(i, seen)

    def _form(self, index: int, seen: Look) -> Cells:
        """A source that says *text* is believed, but for dates: few formats have a type for them."""
        expected = self._expected.get(index)
        recipe = self._raw.recipe
        name = self._raw.names[index]
        comma, day_first = comma_in(recipe, name), day_first_in(recipe, name)
        form = decide(seen, day_first, comma)
        if expected is not None:
            form = expected_form(expected, form, seen, comma, day_first)
        elif self._raw.kinds[index] is Kind.TEXT and form.form not in (Form.MOMENT, Form.EMPTY):
            form = Cells(Form.TEXT)
        if form.form is Form.TEXT and name in recipe.missing_words_of:
            return replace(form, missing=seen.words)
        return form

    def _written(self, out: Path) -> bool:
        """Write the table, False at the first cell that does not fit."""
        columns = [self._typed(i) for i in range(len(self._raw.names))]
        try:
            write_table(self._connection, columns, self._raw.names, self._read_once(), out)
        except duckdb.ConversionException:
            out.unlink(missing_ok=True)
            return False
        return True

    def _mend(self, out: Path) -> None:
        """Look at every cell of the columns that did not fit, and write again."""
        wrong = self._misfits()
        chosen = [i for i in wrong if self.cells[i].chosen]
        insisted = [self._named(i, self._misfit(i)) for i in chosen if not self._expected[i].remembered]
        if insisted:
            self._refuse([*insisted, *self._losses()])
        self._forget(chosen)
        self._expected = {i: e for i, e in self._expected.items() if i not in wrong}
        self._settle(wrong, self._raw.relation)
        if not self._written(out):
            raise AssertionError(f"cells of {[self._raw.names[i] for i in wrong]} fit no form")

    def _read_once(self) -> str:
        """The raw table with every typed value beside its cell as ``v0, v1, ...``, so that each is computed once."""
        values = ", ".join(f"{cells.value(f'c{i}', form)} AS v{i}" for i, form in self.cells.items())
        return f"(SELECT *, {values} FROM {self._raw.relation})" if values else self._raw.relation

    def _misfit(self, index: int) -> str:
        return cells.misfit(f"c{index}", self.cells[index], f"v{index}")

    def _misfits(self) -> list[int]:
        tested = [i for i, form in self.cells.items() if form.form is not Form.TEXT and not form.lenient]
        tests = ", ".join(f"coalesce(bool_or({self._misfit(i)}), false)" for i in tested)
        row = engine.one(self._connection, f"SELECT {tests} FROM {self._read_once()}")
        return [i for i, bad in zip(tested, row, strict=True) if bad]

    def _refuse(self, found: Sequence[Misfit]) -> None:
        """Types that a person chose do not fit: say so of all such columns at once."""
        if found:
            raise refusal(found)

    def _named(self, index: int, test: str, loses: str = "") -> Misfit:
        """The cells of a column for which a test holds: how many, the first rows, what stands there."""
        column = f"c{index}"
        source = f"(SELECT row_number() OVER () AS n, * FROM {self._read_once()})"
        query = f"SELECT n, {column} FROM {source} WHERE {test} LIMIT {SHOWN_ROWS}"
        rows = self._connection.execute(query).fetchall()
        counts = f"SELECT count(*) FILTER (WHERE {test}), count({column}) FROM {self._read_once()}"
        bad, total = (int(str(n)) for n in engine.one(self._connection, counts))
        numbers, texts = tuple(int(n) for n, _ in rows), tuple(str(cell)[:200] for _, cell in rows)
        return Misfit(self._raw.names[index], self._expected[index].type, bad, total, numbers, texts, loses)

    def _losses(self) -> list[Misfit]:
        """Columns whose cells can be read as the chosen type, but not without losing something."""
        tests = {
            (i, what): test.format(cells.bare(f"c{i}"))
            for i, form in self.cells.items()
            if form.form in _LOSABLE and self._raw.names[i] in self._careful
            for what, test in _LOSSES.items()
        }
        if not tests:
            return []
        parts = ", ".join(f"coalesce(bool_or({test}), false)" for test in tests.values())
        row = engine.one(self._connection, f"SELECT {parts} FROM {self._raw.relation}")
        return [self._named(i, tests[i, what], what) for (i, what), lost in zip(tests, row, strict=True) if lost]

    def _typed(self, index: int) -> str:
        column, kind = f"c{index}", self._raw.kinds[index]
        if index in self.cells:
            return cells.strict(column, self.cells[index], f"v{index}")
        if kind is Kind.NUMBER:
            return f"CASE WHEN NOT isnan({column}::DOUBLE) THEN {column}::DOUBLE END"
        return f"{column}::{_NATIVE.get(kind, 'VARCHAR')}"


def sample_rows(width: int) -> int:
    """How many first rows of a table are looked at."""
    return max(SAMPLE_ROWS // 16, min(SAMPLE_ROWS, SAMPLE_CELLS // width))


def _exact(expected: Expected, kind: Kind) -> bool:
    """Whole numbers of the source stay as they are, however many digits they have."""
    return kind is Kind.INTEGER and expected.type is ColumnType.INTEGER


def _as_text(raw: RawTable, indices: Sequence[int]) -> RawTable:
    """The raw table with some columns as text, so that a person's choice of type reads them like cells."""
    native = {i for i in indices if raw.kinds[i] not in (Kind.CELL, Kind.TEXT)}
    kinds = tuple(Kind.CELL if i in indices else kind for i, kind in enumerate(raw.kinds))
    columns = ", ".join(f"c{i}::VARCHAR AS c{i}" if i in native else f"c{i}" for i in range(len(raw.names)))
    relation = f"(SELECT {columns} FROM {raw.relation})" if native else raw.relation
    return RawTable(relation, raw.names, kinds, raw.recipe, raw.findings, raw.rows)
