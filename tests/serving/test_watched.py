"""Folders that logs of bundles elsewhere are copied to: read on where they were left, killed at any moment."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.cli import main
from app.core.progress import Silent
from app.core.watch import Collected
from app.errors import NotFound
from app.registry import watch
from app.registry.project import Project
from app.serving import watched
from app.serving.segments import segments_of

Answer = Callable[..., list[str]]
LONG = os.environ.get("MODELYARD_LONG") == "1"


def collect(project: Project) -> Collected:
    (told,) = watched.collect_folders(project, Silent())
    assert not told.problem
    return told.found


def stored(project: Project) -> list[str]:
    return sorted(i for i, _, _ in watch.recent_predictions(project, 100_000))


def test_a_watched_folder_is_read_on_from_where_it_was_left(recorded: Any, answer_rows: Answer, tmp_path: Path) -> None:
    project = recorded.project
    first = answer_rows(tmp_path / "in" / "host a", 3)
    watched.watch_folder(project, tmp_path / "in")
    assert watched.watch_folder(project, tmp_path / "in") == (str(tmp_path / "in"),)
    before = watched.look_of(project)
    assert collect(project) == Collected(3, 0, 0, 0)
    assert collect(project) == Collected(0, 0, 0, 0)
    assert watched.look_of(project) == before
    second = answer_rows(tmp_path / "in" / "host b", 2)
    assert watched.look_of(project) != before
    assert watched.collect_home(project, Silent()) == Collected(2, 0, 0, 0)
    assert stored(project) == sorted(first + second)


class Stops(Silent):
    """A server that stops the moment before its segment is read, and removes it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def progress(self, fraction: float | None, text: str) -> None:
        for segment in segments_of(self.folder):
            if segment.name in text:
                segment.unlink()


def test_a_file_that_goes_while_its_folder_is_read_is_no_problem(
    recorded: Any, answer_rows: Answer, tmp_path: Path
) -> None:
    project = recorded.project
    answer_rows(tmp_path / "in" / "host a", 1)
    kept = answer_rows(tmp_path / "in" / "host b", 2)
    watched.watch_folder(project, tmp_path / "in")
    (told,) = watched.collect_folders(project, Stops(tmp_path / "in" / "host a"))
    assert (told.problem, told.found) == ("", Collected(2, 0, 0, 0))
    assert stored(project) == sorted(kept)


def test_a_file_that_grew_gives_what_is_new_and_a_replaced_one_everything(
    recorded: Any, answer_rows: Answer, tmp_path: Path
) -> None:
    project = recorded.project
    answer_rows(tmp_path / "elsewhere", 4)
    answer_rows(tmp_path / "other", 30)
    (whole,), (other,) = segments_of(tmp_path / "elsewhere"), segments_of(tmp_path / "other")
    lines = whole.read_bytes().splitlines(keepends=True)
    (tmp_path / "in").mkdir()
    copy = tmp_path / "in" / "log.jsonl"
    copy.write_bytes(lines[0][:20])
    watched.watch_folder(project, tmp_path / "in")
    assert collect(project).collected == 0
    copy.write_bytes(b"".join(lines[:3]) + lines[3][:15])
    assert collect(project) == Collected(2, 0, 0, 1)
    copy.write_bytes(b"".join(lines))
    assert collect(project) == Collected(2, 0, 0, 0)
    copy.write_bytes(other.read_bytes())
    assert collect(project) == Collected(30, 0, 0, 0)


def test_a_folder_that_is_gone_is_told_and_stops_nothing(
    recorded: Any, answer_rows: Answer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project, path = recorded.project, str(recorded.project.path)
    answer_rows(tmp_path / "b", 2)
    (tmp_path / "a").mkdir()
    assert main(["collect", path, "--watch", str(tmp_path / "a"), "--json"]) == 0
    shutil.rmtree(tmp_path / "a")
    watched.watch_folder(project, tmp_path / "b")
    capsys.readouterr()
    assert main(["collect", path, "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["collected"] == 2
    assert [bool(folder["problem"]) for folder in told["folders"]] == [True, False]
    assert main(["collect", path, "--unwatch", str(tmp_path / "a"), "--json"]) == 0
    assert watched.log_folders(project) == (str(tmp_path / "b"),)
    with pytest.raises(NotFound, match="not watched"):
        watched.leave_folder(project, "a")
    with pytest.raises(NotFound, match="no folder"):
        watched.watch_folder(project, tmp_path / "a")


DYING = """
import signal, sys
from pathlib import Path
from app.core.progress import Silent
from app.registry.project import Project
from app.serving import segments, watched

segments.BLOCK_BYTES = 3000
with Project.open(Path(sys.argv[1]), actor="Ada") as project:
    signal.setitimer(signal.ITIMER_REAL, float(sys.argv[2]))
    watched.collect_folders(project, Silent())
"""


@pytest.mark.skipif(os.name != "posix", reason="timers that kill")
@pytest.mark.parametrize("seed", range(8 if LONG else 1))
def test_killed_at_any_moment_a_collector_neither_loses_nor_doubles(
    recorded: Any, answer_rows: Answer, tmp_path: Path, seed: int
) -> None:
    project, pick = recorded.project, random.Random(f"{seed} {os.getpid()}")
    ids = answer_rows(tmp_path / "in", 2_000 if LONG else 600)
    watched.watch_folder(project, tmp_path / "in")
    kills = 0
    for _ in range(20 if LONG else 3):
        done = subprocess.run(
            [sys.executable, "-c", DYING, str(project.path), str(pick.uniform(0.002, 0.15))], timeout=60, check=False
        )
        kills += done.returncode == -signal.SIGALRM
        there = stored(project)
        assert len(set(there)) == len(there)
    found = collect(project)
    assert found.torn == found.foreign == 0
    assert stored(project) == sorted(ids)
    assert sum(log.rows for log in watch.logs(project)) == len(ids)
    assert kills
