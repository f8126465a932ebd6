"""Blocks hold whole lines, whatever the writer was doing when it died."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.serving import segments


def line(number: int) -> bytes:
    return (
        b'{"id":"id-%d","at":"2026-01-01T00:00:00.000000Z","bundle":"sha256:ab","model":"m@1",'
        b'"inputs":{"x":%d},"output":{"value":1.0},"ms":0.5}\n' % (number, number)
    )


HEADER = b'{"segment":1,"worker":"w","bundle":"sha256:ab","model":"m@1","opened":"2026-01-01T00:00:00.000000Z"}\n'


@pytest.fixture
def segment(tmp_path: Path) -> Path:
    path = tmp_path / "one.jsonl"
    path.write_bytes(HEADER + b"".join(line(n) for n in range(100)))
    return path


def test_blocks_give_every_line_once(segment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "BLOCK_BYTES", 1000)
    found = list(segments.blocks(segment))
    assert len(found) > 5
    assert [e.line.id for b in found for e in b.entries if e.line] == [f"id-{n}" for n in range(100)]
    assert found[-1].end == segment.stat().st_size


def test_blocks_resume_at_the_end_of_a_block(segment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "BLOCK_BYTES", 1000)
    first, *rest = segments.blocks(segment)
    again = list(segments.blocks(segment, first.end))
    assert again == rest


def test_a_torn_end_is_left_for_the_next_time_and_told(segment: Path) -> None:
    whole = segment.stat().st_size
    with segment.open("ab") as file:
        file.write(line(100)[:-20])
    (block,) = segments.blocks(segment)
    assert block.end == whole
    assert block.torn_end
    with segment.open("ab") as file:
        file.write(line(100)[-20:])
    (rest,) = segments.blocks(segment, block.end)
    assert [e.line.id for e in rest.entries if e.line] == ["id-100"]
    assert not rest.torn_end


def test_an_empty_segment_has_no_block(tmp_path: Path) -> None:
    (tmp_path / "s.jsonl").touch()
    assert list(segments.blocks(tmp_path / "s.jsonl")) == []


@pytest.mark.parametrize("count", [1, 7, 100, 1000])
def test_newest_lines_come_from_the_end(segment: Path, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "_TAIL_STEP_BYTES", 300)
    with segment.open("ab") as file:
        file.write(b'{"id":"torn')
    newest = segments.newest_lines(segment, count)
    assert [told.id for told in newest] == [f"id-{n}" for n in range(99, 99 - min(count, 100), -1)]


def test_segments_of_a_bundle_are_those_of_its_logs(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "b.jsonl").touch()
    (tmp_path / "logs" / "a.jsonl").touch()
    (tmp_path / "logs" / "note.txt").touch()
    assert [p.name for p in segments.segments_of(tmp_path)] == ["a.jsonl", "b.jsonl"]
    assert segments.segments_of(tmp_path / "nowhere") == []


def test_a_segment_that_went_since_the_folder_was_listed_holds_nothing(tmp_path: Path) -> None:
    """A server that stops removes the one in which it logged nothing."""
    gone = tmp_path / "s.jsonl"
    assert list(segments.blocks(gone)) == list(segments.blocks(gone, 100)) == []
    assert segments.newest_lines(gone, 5) == []
