"""The prediction log: whole lines, chained segments, and what happens when the disk is full."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import msgspec
import pytest

from app.runtime import logline
from app.runtime.log import LOOK_EVERY_S, LogFull, LogWriter
from app.runtime.logline import Line, Output

Write = Callable[..., LogWriter]


def line(number: int, size: int = 0) -> bytes:
    made = Line(f"id-{number}", "2026-01-01T00:00:00Z", "sha256:b", "m@1", {"x": "y" * size}, Output(value=1.0), 0.1)
    return msgspec.json.encode(made) + b"\n"


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Write]:
    made: list[LogWriter] = []

    def one(**kind: object) -> LogWriter:
        made.append(LogWriter(tmp_path / "logs", "sha256:b", "m@1", **kind))
        return made[-1]

    yield one
    for log in made:
        if not log._stopping.is_set():
            log.close()


def ids(folder: Path) -> list[str]:
    return [e.line.id for path in logline.segments(folder) for e in logline.read(path) if e.line]


def test_lines_are_in_the_file_when_append_returns(writer: Write) -> None:
    log = writer()
    log.append(line(1) + line(2), 2)
    assert ids(log.folder) == ["id-1", "id-2"]


def test_segments_rotate_by_size_become_read_only_and_form_a_chain(writer: Write) -> None:
    log = writer(max_bytes=2_000)
    for number in range(30):
        log.append(line(number, 300), 1)
    log.close()
    paths = logline.segments(log.folder)
    assert len(paths) > 3
    assert ids(log.folder) == [f"id-{n}" for n in range(30)]
    assert all(logline.is_closed(path) for path in paths)
    assert logline.chain_problems(paths) == []
    assert [next(logline.read(p)).header.segment for p in paths] == list(range(1, len(paths) + 1))


@pytest.mark.parametrize("victim", [0, 1])
def test_a_changed_or_missing_segment_breaks_the_chain(writer: Write, victim: int) -> None:
    log = writer(max_bytes=1_000)
    for number in range(12):
        log.append(line(number, 300), 1)
    log.close()
    paths = logline.segments(log.folder)
    assert logline.chain_problems([p for i, p in enumerate(paths) if i != victim])
    content = paths[victim].read_bytes()
    paths[victim].chmod(0o600)
    paths[victim].write_bytes(content.replace(b'"ms":0.1', b'"ms":0.2', 1))
    assert logline.chain_problems(paths)


def test_segments_rotate_by_age(writer: Write) -> None:
    now = [0.0]
    log = writer(max_age_s=10, monotonic=lambda: now[0])
    log.append(line(1), 1)
    now[0] = 11
    log.append(line(2), 1)
    assert len(logline.segments(log.folder)) == 2


def test_a_log_without_predictions_leaves_no_file(writer: Write) -> None:
    log = writer()
    log.close()
    assert logline.segments(log.folder) == []


def test_a_torn_last_line_is_told_as_such_and_read_again_once_whole(writer: Write) -> None:
    log = writer()
    log.append(line(1), 1)
    path = logline.segments(log.folder)[0]
    with path.open("ab") as file:
        file.write(line(2)[:20])
    *_, last = logline.read(path)
    assert last.torn
    assert last.unfinished
    with path.open("ab") as file:
        file.write(line(2)[20:])
    again = list(logline.read(path, last.offset))
    assert [e.line.id for e in again if e.line] == ["id-2"]


class FullDisk:
    """``os.write`` on a disk that takes ``room`` more bytes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, room: int) -> None:
        self.room = room
        self._write = os.write
        monkeypatch.setattr(os, "write", self.write)

    def write(self, fd: int, data: bytes) -> int:
        if self.room == 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        part = bytes(data[: self.room])
        self.room -= len(part)
        return self._write(fd, part)


def test_a_full_disk_refuses_and_leaves_no_half_line(writer: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    log = writer()
    log.append(line(1), 1)
    disk = FullDisk(monkeypatch, room=25)
    with pytest.raises(LogFull, match="No space left"):
        log.append(line(2), 1)
    assert log.degraded
    disk.room = 10_000
    log.append(line(3), 1)
    assert not log.degraded
    path = logline.segments(log.folder)[0]
    assert ids(log.folder) == ["id-1", "id-3"]
    assert not any(e.torn for e in logline.read(path))


def test_counting_goes_on_without_the_disk_and_stays_degraded(writer: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    log = writer(refuse_when_full=False)
    disk = FullDisk(monkeypatch, room=0)
    log.append(line(1) + line(2), 2)
    assert (log.unlogged, log.degraded) == (2, True)
    disk.room = 10_000
    log.append(line(3), 1)
    assert ids(log.folder) == ["id-3"]
    assert (log.unlogged, log.degraded) == (2, True)


def test_a_full_disk_at_rotation_keeps_the_old_segment(writer: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    log = writer(max_bytes=500)
    log.append(line(1, 600), 1)
    disk = FullDisk(monkeypatch, room=0)
    with pytest.raises(LogFull):
        log.append(line(2), 1)
    disk.room = 10_000
    log.append(line(3), 1)
    log.close()
    assert ids(log.folder) == ["id-1", "id-3"]
    assert logline.chain_problems(logline.segments(log.folder)) == []


def test_two_workers_write_chains_of_their_own(writer: Write) -> None:
    first, second = writer(), writer()
    first.append(line(1), 1)
    second.append(line(2), 1)
    workers = {next(logline.read(p)).header.worker for p in logline.segments(first.folder)}
    assert len(workers) == 2
    assert sorted(ids(first.folder)) == ["id-1", "id-2"]


@pytest.mark.skipif(os.name == "nt", reason="Windows moves no folder of open files")
def test_a_log_that_was_moved_is_written_on_and_finished_where_it_is_now(writer: Write, tmp_path: Path) -> None:
    log = writer(max_bytes=500)
    log.append(line(1, 600), 1)
    moved = log.folder.rename(tmp_path / "moved")
    log.append(line(2), 1)
    log.close()
    assert (ids(moved), log.degraded, log.folder.exists()) == (["id-1", "id-2"], False, False)
    (segment,) = logline.segments(moved)
    assert logline.is_closed(segment)
    empty = writer()
    empty.folder.rename(tmp_path / "moved empty")
    empty.close()  # it had nothing to keep


@pytest.mark.skipif(os.name == "nt", reason="Windows deletes no open file")
def test_a_deleted_log_is_begun_again_and_without_its_folder_nothing_is_answered(writer: Write) -> None:
    log = writer(monotonic=count(0, LOOK_EVERY_S).__next__)
    log.append(line(1), 1)
    for path in logline.segments(log.folder):
        path.unlink()
    log.append(line(2), 1)
    assert ids(log.folder) == ["id-2"]
    for path in logline.segments(log.folder):
        path.unlink()
    log.folder.rmdir()
    for _ in range(2):
        with pytest.raises(LogFull):
            log.append(line(3), 1)
    assert log.degraded
    log.folder.mkdir()
    log.append(line(4), 1)
    assert (ids(log.folder), log.degraded) == (["id-4"], False)


def test_where_links_are_not_counted_no_file_is_taken_for_deleted(
    writer: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.fstat

    class NoLinks:
        st_nlink = 0

    monkeypatch.setattr(os, "fstat", lambda fd: NoLinks() if real(fd).st_nlink else real(fd))
    log = writer(monotonic=count(0, LOOK_EVERY_S).__next__)
    for number in range(3):
        log.append(line(number), 1)
    assert len(logline.segments(log.folder)) == 1
