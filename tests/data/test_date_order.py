"""An order of day and month that one file's cells tell holds for the next file, whose cells do not."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq

from app.core.data import AddResult, ColumnType, Outcome
from app.core.progress import Silent
from app.data.intake import add
from app.registry.project import Project

SURE, OPEN, OTHER = "25/12/2023", "03/04/2024", "12/25/2023"


def add_dates(project: Project, folder: Path, name: str, dates: list[str]) -> AddResult:
    file = folder / f"{name}.csv"
    file.write_text("n,d\n" + "".join(f"{n},{d}\n" for n, d in enumerate(dates * 4)))
    return add(project, file, name="visits", ctx=Silent())


def months(project: Project, result: AddResult) -> set[int]:
    assert result.reading is not None
    table = pq.read_table(project.objects.path(result.reading.table_sha256))
    return {moment.month for moment in table.column("d").to_pylist()}


def test_an_order_that_was_found_holds_for_the_next_file_and_is_told(data_project: Project, tmp_path: Path) -> None:
    first = add_dates(data_project, tmp_path, "first", [SURE, OPEN])
    assert first.reading is not None and first.reading.recipe.day_first_of == (("d", True),)
    assert not [f for f in first.findings if f.code == "DATES_AMBIGUOUS"]
    second = add_dates(data_project, tmp_path, "second", [OPEN, "05/06/2024"])
    assert months(data_project, second) == {4, 6}
    (told,) = [f for f in second.findings if f.code == "DATES_AMBIGUOUS"]
    assert told.outcome is Outcome.ACCEPT and "day first" in told.message


def test_a_file_whose_cells_say_otherwise_is_read_as_they_say(data_project: Project, tmp_path: Path) -> None:
    add_dates(data_project, tmp_path, "first", [SURE, OPEN])
    other = add_dates(data_project, tmp_path, "other", [OTHER, OPEN])
    assert months(data_project, other) == {12, 3}
    assert other.reading is not None
    assert next(c for c in other.reading.columns if c.name == "d").type is ColumnType.DATETIME
