"""A large file is looked at while it is copied and read; what that finds is told early and changes nothing."""

from __future__ import annotations

import io
import threading
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.core.data import ColumnType, Outcome, Profile
from app.core.progress import Silent
from app.data import intake, reader
from app.data.arrival import bring
from app.data.intake import add
from app.data.look import look_or_read
from app.data.looking import announce
from app.data.read import read
from app.data.reading import PROFILE_FILE, ReaderTask, ReadRequest
from app.errors import CorruptObject, JobCancelled
from app.jobs.decoding import decode

ROWS = 30_000
CSV = "id,amount,note\n" + "".join(f'{n},{n % 97 / 8},"a, {n % 5}\nb"\n' for n in range(ROWS))


@pytest.fixture
def every_file_is_large(monkeypatch):
    for module in (intake, reader):
        monkeypatch.setattr(module, "LOOK_FROM_BYTES", 0, raising=False)
    monkeypatch.setattr(intake, "HASH_FIRST_BYTES", 0)


def parquet_bytes() -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({"a": range(ROWS), "b": ["x", "y"] * (ROWS // 2)}), out)
    return out.getvalue()


@pytest.mark.parametrize(("name", "content"), [("big.csv", CSV.encode()), ("big.parquet", parquet_bytes())])
def test_the_first_rows_are_told_before_the_exact_figures(every_file_is_large, drop, name, content):
    looks = []
    result = drop(content, name, on_first=looks.append)
    assert [look.profile.rows for look in looks] == sorted(look.profile.rows for look in looks)
    first, last = looks[0], looks[-1]
    assert first.profile.rows < ROWS and len(first.cells) == 200
    assert last.rows == pytest.approx(ROWS, rel=0.05) and last.rows_known == name.endswith("parquet")
    assert [c.name for c in first.columns] == [c.name for c in result.reading.columns]
    assert [c.type for c in last.columns] == [c.type for c in result.reading.columns]
    assert result.version.rows == ROWS


def test_a_look_changes_nothing_of_what_is_recorded(every_file_is_large, drop, data_project, tmp_path):
    from app.registry.project import Project

    looked = drop(CSV, "big.csv", on_first=lambda look: None)
    with Project.create(tmp_path / "other", actor="Ada <ada@example.org>") as other:
        plain = add(other, tmp_path / "big.csv", ctx=Silent())
    assert (looked.findings, looked.reading.columns) == (plain.findings, plain.reading.columns)
    assert looked.reading.table_sha256 == plain.reading.table_sha256
    assert looked.reading.profile_sha256 == plain.reading.profile_sha256


class Listening(Silent):
    """A child's context without a child, which keeps what is told in its order."""

    def __init__(self, folder):
        self.folder = folder
        self.told = []

    def progress(self, fraction, text):
        self.told.append(text)

    def emit(self, value):
        self.told.append(value)


def test_the_figures_of_all_rows_are_told_before_the_checks_and_are_the_recorded_ones(tmp_path, monkeypatch):
    monkeypatch.setattr(announce, "LEAST_CELLS", 0)
    (tmp_path / "big.csv").write_text(CSV)
    child = Listening(tmp_path)
    result = read(child, ReadRequest((tmp_path / "big.csv",), ("big.csv",), announce=True))
    (look,) = (one for one in child.told if not isinstance(one, str))
    assert look.exact and look.rows_known and look.rows == ROWS == look.profile.rows
    assert look.cells[0] == ("0", "0", "a, 0\nb") and len(look.cells) == 200
    stored = decode((tmp_path / PROFILE_FILE).read_bytes(), Profile)
    assert look.profile == replace(stored, content=look.profile.content) and look.columns == result.columns
    assert "Checking the rows" not in child.told[: child.told.index(look)]


def test_a_small_table_is_checked_before_anything_is_told(drop):
    looks = []
    drop(CSV, on_first=looks.append)
    assert not looks


def test_what_cannot_be_looked_at_in_pieces_is_read_all_the_same(every_file_is_large, drop):
    looks = []
    result = drop('[{"a": 1}, {"a": 2}]', "table.json", on_first=looks.append)
    assert not looks
    assert result.version.rows == 2


def test_no_time_is_spent_on_a_look_at_a_table_that_is_too_wide_to_be_shown(tmp_path):
    wide = ",".join(f"c{n}" for n in range(announce.MOST_COLUMNS + 1)) + "\n"
    (tmp_path / "wide.csv").write_text(wide + wide.replace("c", "") * 50)
    child = Listening(tmp_path)
    look_or_read(child, ReaderTask(look=ReadRequest((tmp_path / "wide.csv",), ("wide.csv",))))
    assert not child.told and not (tmp_path / "look").exists()


def test_a_refused_file_is_refused_after_a_look_as_well(every_file_is_large, drop):
    looks = []
    result = drop("a,b\n" + "1,2\n" * 200_000 + '3,"open\n', on_first=looks.append)
    assert result.outcome is Outcome.REJECT and result.codes == ("UNCLOSED_QUOTE",)
    assert looks and looks[0].columns[0].type is ColumnType.INTEGER


def test_a_look_whose_child_dies_does_not_stop_the_reading(every_file_is_large, drop, monkeypatch):
    monkeypatch.setattr(reader, "READER", "tests.data.dying:dies_of_a_look")
    assert drop(CSV, on_first=lambda look: None).version.rows == ROWS


def test_cancelling_at_the_first_look_leaves_nothing_behind(every_file_is_large, drop, data_project):
    cancelled = threading.Event()

    class Cancelling(Silent):
        def check_cancelled(self) -> None:
            if cancelled.is_set():
                raise JobCancelled

    path = data_project.path.parent / "big.csv"
    path.write_text(CSV)
    before = sorted(p for p in data_project.path.rglob("*") if "modelyard.db" not in p.name)
    with pytest.raises(JobCancelled):
        add(data_project, path, ctx=Cancelling(), on_first=lambda look: cancelled.set())
    assert sorted(p for p in data_project.path.rglob("*") if "modelyard.db" not in p.name) == before


def test_the_same_bytes_are_recognised_while_they_are_read(every_file_is_large, drop):
    first = drop(CSV)
    again = drop(CSV, "other.csv")
    assert again.already and again.version == first.version


def test_a_copy_that_somebody_wrote_to_is_not_stored(drop, monkeypatch):
    def tampered(file, copy, ctx, name):
        made = bring(file, copy, ctx, name)
        copy.write_bytes(b"a,b\n9,9\n")
        return made

    monkeypatch.setattr(intake, "bring", tampered)
    with pytest.raises(CorruptObject):
        drop("a,b\n1,2\n")
