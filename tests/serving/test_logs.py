"""Collecting neither loses nor doubles a prediction, wherever it is stopped."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from app.core.progress import Recorder, Silent
from app.core.watch import Collected
from app.errors import JobCancelled, NotFound
from app.registry import deploy, watch
from app.registry.project import Project
from app.runtime.ids import new_ids
from app.runtime.log import LogWriter
from app.serving import segments
from app.serving.logs import collect, collect_services
from app.serving.own_calls import new_own_call
from tests.serving.conftest import encoded, one_line

Answer = Callable[..., list[str]]


def stored_ids(project: Project) -> list[str]:
    return [i for i, _, _ in watch.recent_predictions(project, 100_000)]


def test_every_prediction_comes_home_once(recorded: Any, answer_rows: Answer, tmp_path: Path) -> None:
    ids = answer_rows(tmp_path / "logs", 25)
    assert collect(recorded.project, tmp_path / "logs", ctx=Silent()) == Collected(25, 0, 0, 0)
    assert sorted(stored_ids(recorded.project)) == sorted(ids)
    assert collect(recorded.project, tmp_path / "logs", ctx=Silent()) == Collected(0, 25, 0, 0)
    assert len(watch.logs(recorded.project)) == 1


def test_what_no_client_was_told_is_counted_apart(recorded: Any, tmp_path: Path) -> None:
    log_dir, bundle = tmp_path / "logs", recorded.bundle.sha256
    said, shadow, tried = (one_line(i, bundle, 1.0) for i in new_ids(3))
    log_dir.mkdir()
    own_call = new_own_call(log_dir)
    lines = [said, structs.replace(shadow, shadow_of=said.id), structs.replace(tried, caller_id=own_call)]
    writer = LogWriter(log_dir, f"sha256:{bundle}", "churn@1")
    writer.append(b"".join(encoded(lines)), len(lines))
    writer.close()
    found = collect(recorded.project, log_dir, ctx=Silent())
    assert found == Collected(1, 0, 0, 0, shadow=1, tests=1)
    assert found.besides == ", 1 answer in the shadow, 1 test call"
    assert collect(recorded.project, log_dir, ctx=Silent()) == Collected(0, 3, 0, 0)


def test_a_copied_log_is_a_duplicate_wherever_it_lies(recorded: Any, answer_rows: Answer, tmp_path: Path) -> None:
    answer_rows(tmp_path / "logs", 5)
    collect(recorded.project, tmp_path / "logs", ctx=Silent())
    shutil.copytree(tmp_path / "logs", tmp_path / "copy")
    assert collect(recorded.project, tmp_path / "copy", ctx=Silent()) == Collected(0, 5, 0, 0)


def test_the_same_line_twice_in_one_segment_is_one_prediction(
    recorded: Any, answer_rows: Answer, tmp_path: Path
) -> None:
    answer_rows(tmp_path / "logs", 3)
    (segment,) = segments.segments_of(tmp_path / "logs")
    segment.chmod(0o600)
    with segment.open("ab") as file:
        file.write(segment.read_bytes().splitlines(keepends=True)[-1])
    assert collect(recorded.project, tmp_path / "logs", ctx=Silent()) == Collected(3, 1, 0, 0)


def test_lines_of_other_projects_are_counted_and_left(recorded: Any, answer_rows: Answer, tmp_path: Path) -> None:
    ours = answer_rows(tmp_path / "logs", 2)
    answer_rows(tmp_path / "logs", 4, bundle="cd" * 32)
    found = collect(recorded.project, tmp_path / "logs", ctx=Silent())
    assert found == Collected(2, 0, 4, 0)
    assert found.named == " (churn@1, sha256:cdcdcdcdcdcd)"
    assert sorted(stored_ids(recorded.project)) == sorted(ours)


@pytest.mark.parametrize("closed", [True, False])
def test_a_torn_last_line_is_counted(recorded: Any, answer_rows: Answer, tmp_path: Path, closed: bool) -> None:
    answer_rows(tmp_path / "logs", 3)
    (segment,) = segments.segments_of(tmp_path / "logs")
    segment.chmod(0o600)
    segment.write_bytes(segment.read_bytes()[:-15])
    if closed:
        segment.chmod(0o400)
    assert collect(recorded.project, tmp_path / "logs", ctx=Silent()) == Collected(2, 0, 0, 1)


def test_garbage_in_the_middle_loses_nothing_else(recorded: Any, answer_rows: Answer, tmp_path: Path) -> None:
    ids = answer_rows(tmp_path / "logs", 3)
    (segment,) = segments.segments_of(tmp_path / "logs")
    segment.chmod(0o600)
    header, first, *rest = segment.read_bytes().splitlines(keepends=True)
    segment.write_bytes(b"".join([header, first, b"\xff\xfe\x00 no line\n", b'{"id": 3}\n', *rest]))
    assert collect(recorded.project, tmp_path / "logs", ctx=Silent()) == Collected(3, 0, 0, 2)
    assert sorted(stored_ids(recorded.project)) == sorted(ids)


def test_an_empty_folder_holds_nothing_and_a_missing_one_is_an_error(recorded: Any, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    assert collect(recorded.project, tmp_path / "logs", ctx=Silent()) == Collected(0, 0, 0, 0)
    with pytest.raises(NotFound, match="no folder"):
        collect(recorded.project, tmp_path / "nowhere", ctx=Silent())


def test_a_cancelled_collection_goes_on_where_it_was(
    recorded: Any, answer_rows: Answer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segments, "BLOCK_BYTES", 2000)
    ids = answer_rows(tmp_path / "a", 50)
    answer_rows(tmp_path / "b", 1)
    for segment in segments.segments_of(tmp_path / "b"):
        shutil.move(segment, tmp_path / "a" / f"z{segment.name}")
    with pytest.raises(JobCancelled):
        collect(recorded.project, tmp_path / "a", ctx=Recorder(cancel_at=2))
    assert sorted(stored_ids(recorded.project)) == sorted(ids)
    assert collect(recorded.project, tmp_path / "a", ctx=Silent()) == Collected(1, 50, 0, 0)


def test_own_services_are_read_from_where_it_stopped(recorded: Any, answer_rows: Answer) -> None:
    project = recorded.project
    service = deploy.record_service(
        project, name="churn", bundle_id=recorded.bundle.id, port=8080, log_path="logs/churn"
    )
    assert collect_services(project, Silent()) == Collected(0, 0, 0, 0)
    first = answer_rows(project.path / "logs/churn", 4)
    assert collect_services(project, Silent()) == Collected(4, 0, 0, 0)
    second = answer_rows(project.path / "logs/churn", 2)
    assert collect_services(project, Silent()) == Collected(2, 0, 0, 0)
    assert collect_services(project, Silent()) == Collected(0, 0, 0, 0)
    assert sorted(stored_ids(project)) == sorted(first + second)
    assert {log.service_id for log in watch.logs(project)} == {service.id}


KILLED = """
import os, signal, sys
from pathlib import Path
from app.core.progress import Silent
from app.registry import watch
from app.registry.project import Project
from app.serving import segments
from app.serving.logs import collect

segments.BLOCK_BYTES = 2000
at, step = int(sys.argv[3]), 0

def maybe_die(*_):
    global step
    step += 1
    if step == at:
        os.kill(os.getpid(), signal.SIGKILL)

def dying(function):
    def wrapped(*args, **kwargs):
        maybe_die()
        result = function(*args, **kwargs)
        maybe_die()
        return result
    return wrapped

with Project.open(Path(sys.argv[1]), actor="Ada") as project:
    project.objects.put_bytes = dying(project.objects.put_bytes)
    watch.record_log = dying(watch.record_log)
    collect(project, Path(sys.argv[2]), ctx=Silent())
"""


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
@pytest.mark.parametrize("at", [1, 2, 3, 4, 7, 10])
def test_killed_at_any_step_nothing_is_lost_or_doubled(
    recorded: Any, answer_rows: Answer, tmp_path: Path, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At: before and after the object, before and after the rows, in the first block and later ones."""
    ids = answer_rows(tmp_path / "logs", 40)
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(recorded.project.path), str(tmp_path / "logs"), str(at)],
        timeout=60,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    found = collect(recorded.project, tmp_path / "logs", ctx=Silent())
    assert found.collected + found.duplicates == 40
    assert found.torn == found.foreign == 0
    assert sorted(stored_ids(recorded.project)) == sorted(ids)
