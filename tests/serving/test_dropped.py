"""What is no data gets its answer too: models, bundles and prediction logs; nothing of it is run."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.core.data import Outcome
from app.core.progress import Silent
from app.data.refusals import log_file
from app.registry import watch
from app.registry.project import Project
from app.serving.dropped import Thing, add_all_dropped, add_dropped, thing_at
from tests.data.strangers import MODELS, zipped_folder


def state_of(project: Project) -> tuple[str, list[str], list[str]]:
    """The database's content after a checkpoint, the objects, what lies around."""
    with sqlite3.connect(project.path / "modelyard.db") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        content = "\n".join(connection.iterdump())
    connection.close()
    files = sorted(str(p) for p in (project.path / "objects").rglob("*") if p.is_file())
    return hashlib.sha256(content.encode()).hexdigest(), files, sorted(p.name for p in (project.path / "tmp").iterdir())


@pytest.mark.parametrize(("content", "code"), [m[1:] for m in MODELS], ids=[m[0] for m in MODELS])
def test_models_are_told_from_data_and_bad_ones_are_named(
    recorded: Any, tmp_path: Path, content: bytes, code: str
) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(content)
    before = state_of(recorded.project)
    result = add_dropped(recorded.project, path, ctx=Silent())
    assert (result.outcome, result.codes) == (Outcome.REJECT, (code,)), result.findings
    assert state_of(recorded.project) == before
    assert json.loads(log_file().read_text().splitlines()[-1])["code"] == code


def test_a_table_that_is_called_a_model_is_a_table(recorded: Any, tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(b"a,b\n1,x\n2,y\n")
    assert add_dropped(recorded.project, path, ctx=Silent()).outcome is Outcome.ACCEPT


def test_the_bundle_of_this_project_is_recognised(served: Any, doubling_bundle: Any, tmp_path: Path) -> None:
    folder, _ = doubling_bundle
    packed = tmp_path / "bundle.zip"
    packed.write_bytes(zipped_folder(folder, "churn@1"))
    before = state_of(served.project)
    for path in (folder, packed):
        result = add_dropped(served.project, path, ctx=Silent())
        assert (result.outcome, result.codes) == (Outcome.ACCEPT, ("BUNDLE_KNOWN",)), result.findings
        assert "churn@1" in result.findings[0].message
    assert state_of(served.project) == before


def test_a_whole_bundle_of_others_says_what_it_is(recorded: Any, doubling_bundle: Any, tmp_path: Path) -> None:
    folder, _ = doubling_bundle
    packed = tmp_path / "bundle.zip"
    packed.write_bytes(zipped_folder(folder, "churn@1"))
    for path in (folder, packed):
        result = add_dropped(recorded.project, path, ctx=Silent())
        assert (result.outcome, result.codes) == (Outcome.REJECT, ("BUNDLE_NOT_DATA",))
        assert "bundle of churn@1" in result.findings[0].message


def test_a_changed_bundle_names_the_file(served: Any, doubling_bundle: Any, tmp_path: Path) -> None:
    folder, _ = doubling_bundle
    packed, copy = tmp_path / "bundle.zip", tmp_path / "churn@1"
    packed.write_bytes(zipped_folder(folder, "churn@1", serve=b"import os\n"))
    shutil.copytree(folder, copy)
    (copy / "serve.py").write_bytes(b"import os\n")
    for path in (copy, packed):
        result = add_dropped(served.project, path, ctx=Silent())
        assert (result.outcome, result.codes) == (Outcome.REJECT, ("BUNDLE_HASH",)), result.findings
        assert "serve.py was changed" in result.findings[0].message


def test_nothing_of_a_dropped_bundle_runs(served: Any, doubling_bundle: Any, tmp_path: Path) -> None:
    folder, _ = doubling_bundle
    mark = tmp_path / "ran"
    copy = tmp_path / "churn@1"
    shutil.copytree(folder, copy)
    (copy / "serve.py").write_text(f"open({str(mark)!r}, 'w')\n")
    add_dropped(served.project, copy, ctx=Silent())
    assert not mark.exists()
    assert not any(str(copy) in place for place in sys.path)


def test_a_log_of_this_project_is_collected(recorded: Any, answer_rows: Callable[..., Any], tmp_path: Path) -> None:
    ids = answer_rows(tmp_path / "logs", 4)
    (segment,) = (tmp_path / "logs").glob("*.jsonl")
    result = add_dropped(recorded.project, segment, ctx=Silent())
    assert (result.outcome, result.codes, result.version) == (Outcome.ACCEPT, ("LOG_COLLECTED",), None)
    assert "4 predictions were collected" in result.findings[0].message
    assert sorted(i for i, _, _ in watch.recent_predictions(recorded.project, 10)) == sorted(ids)
    again = add_dropped(recorded.project, tmp_path / "logs", ctx=Silent())
    assert "4 were here already" in again.findings[0].message


def test_a_log_of_others_is_refused(recorded: Any, answer_rows: Callable[..., Any], tmp_path: Path) -> None:
    answer_rows(tmp_path / "logs", 4, bundle="cd" * 32)
    (segment,) = (tmp_path / "logs").glob("*.jsonl")
    before = state_of(recorded.project)
    assert add_dropped(recorded.project, segment, ctx=Silent()).codes == ("LOG_FOREIGN",)
    assert state_of(recorded.project) == before


def test_several_things_at_once_go_each_their_way(
    recorded: Any, answer_rows: Callable[..., Any], tmp_path: Path
) -> None:
    answer_rows(tmp_path / "logs", 2)
    table = tmp_path / "t.csv"
    table.write_bytes(b"a,b\n1,x\n2,y\n")
    results = add_all_dropped(recorded.project, [tmp_path / "logs", table], mode="append", ctx=Silent())
    assert [r.codes for r in results] == [("LOG_COLLECTED",), ("OK",)]


def test_what_cannot_be_looked_at_is_left_to_the_reading(tmp_path: Path) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty").touch()
    paths = (loop, tmp_path / "pipe", tmp_path / "folder", tmp_path / "empty", tmp_path / "nowhere")
    assert {thing_at(path) for path in paths} == {Thing.DATA}
