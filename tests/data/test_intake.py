"""Adding files: what is stored, what comes back, and that a refusal leaves no trace."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

from app.cli.answer import finding_body
from app.core.data import Outcome, Use
from app.core.progress import Recorder, Silent
from app.data.belonging import known_to
from app.data.intake import add, add_many, add_text, sniff
from app.errors import BadInput, JobCancelled, NotFound
from app.registry import audit, datasets
from app.registry.datasets import rename_dataset
from tests.data.corpus import parquet, workbook

PLAIN = b"age,city,churned\n31,Oslo,yes\n45,Rome,no\n20,Bonn,yes\n33,Oslo,no\n"


def state_of(project) -> tuple[object, ...]:
    """Everything a refusal must not change: the database's content, the objects, what lies around."""
    with sqlite3.connect(project.path / "modelyard.db") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        content = "\n".join(connection.iterdump())
    connection.close()
    files = sorted(str(p.relative_to(project.path)) for p in (project.path / "objects").rglob("*") if p.is_file())
    left = sorted(p.name for p in (project.path / "tmp").iterdir())
    return hashlib.sha256(content.encode()).hexdigest(), files, left


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "t.csv", "EMPTY_FILE"),
        (b"a,b\n", "t.csv", "NO_ROWS"),
        (b'a,b\n1,"x\n2,y\n', "t.csv", "UNCLOSED_QUOTE"),
        (b"PAR1 and nothing more", "t.parquet", "PARQUET_CORRUPT"),
        (workbook({"A": [["x"], [1]]})[:-30], "t.xlsx", "ARCHIVE_CORRUPT"),
        (b"\x80\x04\x95\x00.", "t.csv", "PICKLE_REFUSED"),
    ],
)
def test_refusal_leaves_the_project_as_it_was(data_project, drop, content, name, code):
    drop(PLAIN)
    before = state_of(data_project)

    result = drop(content, name)

    assert (result.outcome, result.codes, result.version) == (Outcome.REJECT, (code,), None)
    assert state_of(data_project) == before


def test_stored_bytes_are_the_dropped_bytes(data_project, drop):
    result = drop(PLAIN)

    assert result.version.sha256 == hashlib.sha256(PLAIN).hexdigest()
    assert data_project.objects.read(result.version.sha256) == PLAIN
    entry = audit.entries(data_project)[0]
    assert entry.verb == "data.add" and entry.payload is not None
    assert json.loads(entry.payload)["source"] == "file"


def test_same_bytes_make_no_new_version(data_project, drop):
    first = drop(PLAIN)
    before = state_of(data_project)

    again = drop(PLAIN, "copy.csv")

    assert again.already
    assert (again.outcome, again.codes) == (Outcome.ACCEPT, ("ALREADY_STORED",))
    assert again.version == first.version
    assert state_of(data_project) == before


def test_matching_columns_make_the_next_version(data_project, drop):
    first = drop(PLAIN)
    second = drop(b"city,churned,age\nOslo,no,50\nRome,yes,51\nBonn,no,52\n", "other.csv")

    assert second.dataset == first.dataset
    assert (second.version.number, second.version.parent_id) == (2, first.version.id)
    assert second.reading.target == "churned"
    assert second.reading.positive == first.reading.positive


def test_other_columns_make_another_data_set(drop):
    first, second = drop(PLAIN), drop(b"a,b\n1,x\n2,y\n3,x\n")

    assert second.dataset.id != first.dataset.id
    assert second.dataset.name == "table 2"


def test_what_fits_two_data_sets_is_stored_only_where_its_name_or_a_person_says(data_project, drop, tmp_path):
    def put(name: str, file: str, more: bytes):
        (tmp_path / file).write_bytes(PLAIN + more)
        return add(data_project, tmp_path / file, name=name, ctx=Silent())

    first, second = drop(PLAIN, "north.csv"), put("south", "export.csv", b"1,Oslo,no\n")
    before = state_of(data_project)

    asked = drop(PLAIN + b"2,Oslo,no\n", "march.csv")

    assert (asked.outcome, asked.codes, asked.version) == (Outcome.REJECT, ("SEVERAL_DATASETS",), None)
    assert [choice.value for choice in asked.unclear.choices] == ["north", "south"]
    assert "--name" in asked.unclear.hint
    assert finding_body(asked.unclear, blocks=False)["choices"] == ["north", "south"]
    assert state_of(data_project) == before
    assert put("north", "march.csv", b"2,Oslo,no\n").version.parent_id == first.version.id
    assert drop(PLAIN + b"3,Oslo,no\n", "south.csv").version.parent_id == second.version.id
    assert drop(PLAIN + b"4,Oslo,no\n", "export.csv").dataset == second.dataset, "a file of that name was one of it"
    assert drop(PLAIN[:-1] + b"\n2,Oslo,no", "again.csv").already, "the same rows are there, wherever they belong"
    rename_dataset(data_project, second.dataset.id, "east")
    assert drop(PLAIN + b"5,Oslo,no\n", "south.csv").dataset.id == second.dataset.id, "it was called so"
    assert put("new", "south.xlsx.csv", b"6,Rome,no\n").version.number == 1
    with pytest.raises(BadInput, match="cannot hold @"):
        put("new@2", "june.csv", b"7,Rome,no\n")
    rename_dataset(data_project, first.dataset.id, "may")

    def known(called: str, name: str | None = None, dataset_id: str | None = None) -> list[str]:
        return [one.name for one in known_to(data_project, called, name, dataset_id)]

    assert known("north.csv")[-1] == "may" and len(known("north.csv")) == 3, "the likeliest is last"
    assert known("south.xlsx.csv")[-2:] == ["new", "east"], "a name says more than what had a file of that name"
    assert (known("any.csv", "north"), known("any.csv", "may"), known("any.csv", "other")) == (["may"], ["may"], [])
    assert known("north.csv", dataset_id=second.dataset.id) == ["east"], "where the data set is known no name decides"


def test_next_version_keeps_types_and_uses(data_project, drop):
    from app.core.data import ColumnEdit
    from app.data.edit import edit_columns

    first = drop(b"zip,age,y\n01234,31,a\n90210,45,b\n11111,20,a\n")
    edit_columns(data_project, first.reading.id, [ColumnEdit("age", use=Use.IGNORED)], ctx=Silent())

    second = drop(b"zip,age,y\n12345,31,a\n90210,46,b\n11111,20,a\n", "newer.csv")

    assert str(second.reading.column("zip").type) == "category"
    assert second.reading.column("age").use is Use.IGNORED


def test_name_and_target_are_taken(drop):
    result = drop(PLAIN, name="customers", target="age")

    assert result.dataset.name == "customers"
    assert result.reading.target == "age"
    assert result.reading.column("churned").use is Use.INPUT


def test_unknown_target_names_the_columns_and_stores_nothing(data_project, drop):
    before = state_of(data_project)

    with pytest.raises(BadInput, match="nope"):
        drop(PLAIN, target="nope")

    assert state_of(data_project) == before


def test_target_is_guessed_and_said_why(drop):
    reading = drop(PLAIN).reading

    assert (reading.target, reading.positive) == ("churned", "yes")
    assert "churned" in reading.why_target


def test_one_class_blocks_training(drop):
    (finding,) = [f for f in drop(b"x,target\n1,a\n2,a\n4,a\n", target="target").findings if f.blocks_training]

    assert finding.code == "TARGET_ONE_CLASS"


def test_files_are_appended_by_name(data_project, tmp_path, cells_of):
    one, two = tmp_path / "one.csv", tmp_path / "two.parquet"
    one.write_bytes(b"a,b\n1,x\n2,y\n")
    two.write_bytes(parquet(pa.table({"b": ["z", "w"], "a": [3, 4]})))

    (result,) = add_many(data_project, [one, two], mode="append", ctx=Silent())

    assert result.version.rows == 4
    assert [s.name for s in result.version.sources] == ["one.csv", "two.parquet"]
    assert cells_of(result.reading) == [(1, "x"), (2, "y"), (3, "z"), (4, "w")]


def test_files_with_other_columns_are_not_appended(data_project, tmp_path):
    one, two = tmp_path / "one.csv", tmp_path / "two.csv"
    one.write_bytes(b"a,b\n1,x\n2,y\n")
    two.write_bytes(b"a,c\n1,x\n2,y\n")
    before = state_of(data_project)

    (result,) = add_many(data_project, [one, two], mode="append", ctx=Silent())

    assert result.outcome is Outcome.REJECT
    assert "two.csv" in result.findings[0].message
    assert state_of(data_project) == before


def test_separate_files_end_each_by_itself(data_project, tmp_path):
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_bytes(PLAIN)
    bad.write_bytes(b"")

    results = add_many(data_project, [bad, good], mode="separate", ctx=Silent())

    assert [r.outcome for r in results] == [Outcome.REJECT, Outcome.ACCEPT]


def test_pasted_table_is_data(data_project, cells_of):
    result = add_text(data_project, "age\tcity\n31\tOslo\n45\tRöm\n", called="Pasted table", ctx=Silent())

    assert result.dataset.name == "Pasted table"
    assert cells_of(result.reading)[1] == (45, "Röm")


def test_cancelled_add_leaves_nothing(data_project, tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes(PLAIN)
    before = state_of(data_project)

    with pytest.raises(JobCancelled):
        add(data_project, path, ctx=Recorder(cancel_at=2))

    assert state_of(data_project) == before


def test_missing_file_is_not_found(data_project, tmp_path):
    with pytest.raises(NotFound, match=r"nowhere\.csv"):
        add(data_project, tmp_path / "nowhere.csv", ctx=Silent())


def test_folder_pipe_and_link_to_itself_are_refused(data_project, tmp_path):
    folder, pipe, loop, device = tmp_path / "folder", tmp_path / "pipe", tmp_path / "loop", Path("/dev/null")
    folder.mkdir()
    os.mkfifo(pipe)
    loop.symlink_to(loop)

    codes = [add(data_project, path, ctx=Silent()).codes for path in (folder, pipe, loop, device)]

    assert codes == [("IS_DIRECTORY",), ("NOT_REGULAR_FILE",), ("SYMLINK_LOOP",), ("NOT_REGULAR_FILE",)]


def test_link_to_a_file_is_that_file(data_project, tmp_path):
    (tmp_path / "real.csv").write_bytes(PLAIN)
    link = tmp_path / "link.csv"
    link.symlink_to(tmp_path / "real.csv")

    assert add(data_project, link, ctx=Silent()).version.sha256 == hashlib.sha256(PLAIN).hexdigest()


_AS_NOBODY = """
import os, sys
from pathlib import Path
from app.core.progress import Silent
from app.data.arrival import arrive
from app.errors import FileRefused
if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
try:
    arrive(Path(sys.argv[1]), Path(sys.argv[2]), Silent())
except FileRefused as error:
    print(error.code)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_file_without_permission_is_refused():
    """In a process that became an unprivileged user where this one may read everything."""
    with tempfile.TemporaryDirectory() as outside:
        secret, copy = Path(outside) / "secret.csv", Path(outside) / "copy"
        secret.write_bytes(PLAIN)
        secret.chmod(0)
        Path(outside).chmod(0o777)
        command = [sys.executable, "-c", _AS_NOBODY, str(secret), str(copy)]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        secret.chmod(0o600)

    assert run.stdout.strip() == "NO_PERMISSION", run.stderr


def test_deadly_parquet_is_a_refusal(data_project, tmp_path, monkeypatch):
    """A file whose reader dies is refused like one that cannot be read; the reader here is killed by its deadline."""
    from app.data import reader

    path = tmp_path / "table.parquet"
    path.write_bytes(parquet(pa.table({"a": [1, 2], "b": ["x", "y"]})))
    monkeypatch.setattr(reader, "deadline_s", lambda size: 0.0)
    before = state_of(data_project)

    assert add(data_project, path, ctx=Silent()).codes == ("PARQUET_CORRUPT",)
    assert state_of(data_project) == before


def test_preview_tells_what_a_drop_would_do(data_project, drop, tmp_path):
    drop(PLAIN, "churn.csv")
    matching, other, empty = tmp_path / "next.csv", tmp_path / "other.csv", tmp_path / "empty.csv"
    matching.write_bytes(PLAIN + b"1,Oslo,no\n")
    other.write_bytes(b"a,b\n1,2\n")
    empty.write_bytes(b"")

    assert "version 2 of churn" in sniff(matching, data_project)
    assert "new data" in sniff(other, data_project)
    same = tmp_path / "next.parquet"
    pq.write_table(pacsv.read_csv(matching), same)
    assert "version 2 of churn" in sniff(same, data_project)
    add(data_project, matching, name="other", ctx=Silent())
    matching.write_bytes(PLAIN + b"2,Oslo,no\n")
    assert sniff(matching, data_project).endswith("as version 2 of other"), "it had a file of that name"
    matching = matching.rename(tmp_path / "may.csv")
    assert sniff(matching, data_project).endswith("as version 2 of churn or as version 2 of other")
    wide = ",".join(f"a long name of a column {n}" for n in range(5_000)).encode()
    other.write_bytes(wide + b"\n" + wide.replace(b"a long name of a column ", b"") + b"\n")
    assert "new data" in sniff(other, data_project)
    assert "empty" in sniff(empty, data_project)
    assert sniff(tmp_path / "nowhere.csv", data_project) is None


def test_versions_of_a_project_survive_a_second_look(data_project, drop):
    added = drop(PLAIN)

    assert datasets.current_reading(data_project, added.version.id) == added.reading


@pytest.mark.skipif(sys.platform != "linux", reason="file names of any bytes")
def test_a_name_that_is_no_text_is_stored_under_one_that_is(data_project, tmp_path):
    good, bad = (Path(os.fsdecode(os.fsencode(tmp_path) + name)) for name in (b"/\xff\xfe.csv", b"/\xfd.csv"))
    good.write_bytes(PLAIN)
    bad.write_bytes(b"")

    added = add(data_project, good, ctx=Silent())
    assert (added.outcome, added.codes) == (Outcome.ACCEPT, ("OK_NAME_ESCAPED",))
    assert added.version.sources[0].name == "\ufffd\ufffd.csv"
    assert add(data_project, bad, ctx=Silent()).findings[0].message == "\ufffd.csv is empty."


def test_what_can_be_refused_at_sight_is_not_copied(data_project, tmp_path):
    """A sparse file of 500 GB, which takes no room but would when copied."""
    path = tmp_path / "disk.csv"
    with path.open("wb") as file:
        file.truncate(500 << 30)

    assert add(data_project, path, ctx=Silent()).codes == ("NOT_TEXT",)
