"""A file's rows come back with their answers, or nothing happens and the reason is told."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet as pq
import pytest

from app.core.progress import Recorder, Silent
from app.errors import BadInput, FileRefused, JobCancelled, NotFound
from app.registry import deploy, watch
from app.runtime import manifest
from app.runtime.contract import Contract
from app.runtime.rules import Rule
from app.serving.predict import predict_file
from app.serving.trace import trace


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "new.csv"
    rows = [f"{n / 2},Bo {n},=x,{n}" for n in range(5000)]
    path.write_text("age,name,note,churned\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def run(served: Any, table: Path, out: Path, ctx: Any = None) -> Any:
    return predict_file(served.project, served.version.id, table, out, ctx or Silent())


def test_the_same_rows_with_their_answers(served: Any, table: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    done = run(served, table, out)
    assert (done.rows, done.out, done.model_version) == (5000, out, "churn@1")
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 5000
    assert list(rows[0]) == ["age", "name", "note", "churned", "prediction_id", "value"]
    assert [float(row["value"]) for row in rows] == [float(n) for n in range(5000)]
    assert rows[7]["name"] == "Bo 7"
    assert rows[7]["note"] == "'=x"
    assert len({row["prediction_id"] for row in rows}) == 5000


def test_every_answer_is_logged_like_a_request_and_traced(served: Any, table: Path, tmp_path: Path) -> None:
    run(served, table, tmp_path / "out.parquet")
    answered = pq.read_table(tmp_path / "out.parquet").to_pylist()
    assert len(watch.recent_predictions(served.project, 10_000)) == 5000
    for row in (answered[0], answered[-1]):
        found = trace(served.project, row["prediction_id"])
        assert found.whole
        assert f'"age":{row["age"]}' in str(found.inputs)
        assert "churned" not in str(found.inputs)
        assert "note" not in str(found.inputs)


def test_no_bundle_on_disk_is_needed_twice(served: Any, table: Path, tmp_path: Path) -> None:
    before = sorted(p.name for p in served.project.bundles_path.iterdir())
    run(served, table, tmp_path / "a.csv")
    run(served, table, tmp_path / "b.csv")
    assert sorted(p.name for p in served.project.bundles_path.iterdir()) == before


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name\nBo\n", "lacks the column age"),
        ("age\n1\nmany\n", "row 2 .*many.* is not a number"),
        ("age\n1\ninf\n", "age must be a number.*row 2"),
    ],
)
def test_rows_that_do_not_fit_answer_nothing(served: Any, tmp_path: Path, text: str, words: str) -> None:
    bad, out = tmp_path / "bad.csv", tmp_path / "out.csv"
    bad.write_text(text, encoding="utf-8")
    out.write_text("what was there", encoding="utf-8")
    with pytest.raises(FileRefused, match=words) as refused:
        run(served, bad, out)
    assert refused.value.code == "CONTRACT_MISMATCH"
    assert out.read_text(encoding="utf-8") == "what was there"
    assert watch.logs(served.project) == []


def test_faults_far_down_are_named_by_the_files_row(served: Any, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("age\n" + "1\n" * 4999 + "inf\n" + "2\n" * 100 + "-inf\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"rows 5000, 5101"):
        run(served, bad, tmp_path / "out.csv")


def test_what_is_no_table_is_refused(served: Any, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_bytes(b"\x00\x01\x02\x03" * 100)
    with pytest.raises(FileRefused):
        run(served, bad, tmp_path / "out.csv")


def test_no_file_and_a_folder_are_said_plainly(served: Any, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="There is no file"):
        run(served, tmp_path / "none.csv", tmp_path / "out.csv")
    with pytest.raises(FileRefused, match="is a folder"):
        run(served, tmp_path, tmp_path / "out.csv")


@pytest.mark.parametrize("name", ["out.xlsx", "out", "nowhere/out.csv", "new.csv"])
def test_a_place_that_cannot_be_written_is_refused_first(served: Any, table: Path, tmp_path: Path, name: str) -> None:
    before = table.read_bytes()
    with pytest.raises(BadInput):
        run(served, table, tmp_path / name)
    assert table.read_bytes() == before


def test_cancelled_nothing_appears(served: Any, table: Path, tmp_path: Path) -> None:
    with pytest.raises(JobCancelled):
        run(served, table, tmp_path / "out.csv", Recorder(cancel_at=2))
    assert [p.name for p in tmp_path.iterdir() if p.suffix in {".csv", ".part"}] == ["new.csv"]
    assert list((served.project.path / "tmp").iterdir()) == []


def under_contract(served: Any, tmp_path: Path) -> Any:
    """The same model in a bundle that carries rules; its bundle is the newest and so the one that answers."""
    source = served.project.path / served.bundle.path
    folder = served.project.bundles_path / "churn@1-ruled"
    shutil.copytree(source, folder)
    path = folder / "contract.json"
    contract = msgspec.json.decode(path.read_bytes(), type=Contract)
    path.write_bytes(msgspec.json.encode(replace(contract, rules=(Rule("range", "age", 0, 10),))))
    about = json.loads((folder / "manifest.json").read_text())["about"]
    (folder / "manifest.json").unlink()
    made = manifest.write(folder, about)
    deploy.record_bundle(
        served.project, model_version_id=served.version.id, sha256=made.id, path="bundles/churn@1-ruled", size_bytes=10
    )
    shutil.rmtree(source)
    return served


def test_rows_that_break_the_contract_are_answered_and_marked(served: Any, tmp_path: Path) -> None:
    rows, out = tmp_path / "new.csv", tmp_path / "out.csv"
    rows.write_text("age\n5\n50\n7\n-1\n", encoding="utf-8")
    done = run(under_contract(served, tmp_path), rows, out)
    assert (done.rows, done.violating) == (4, 2)
    with out.open(encoding="utf-8", newline="") as file:
        answers = list(csv.DictReader(file))
    assert [a["violations"] for a in answers] == ["", "age:range", "", "age:range"]
    assert all(a["value"] for a in answers)
    assert trace(served.project, answers[1]["prediction_id"]).violations == ("age:range",)
    assert trace(served.project, answers[0]["prediction_id"]).violations == ()
