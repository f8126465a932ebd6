"""new, verify, audit, and the errors every verb shares, on a real project."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.cli import main
from app.cli.sample_command import next_free, sample_file

Capture = pytest.CaptureFixture[str]


def said(capsys: Capture) -> dict[str, object]:
    return dict(json.loads(capsys.readouterr().out))


@pytest.fixture
def project(tmp_path: Path, capsys: Capture) -> str:
    path = str(tmp_path / "p")
    assert main(["new", path, "--name", "Churn", "--as", "Ada", "--json"]) == 0
    assert said(capsys) == {"project": path, "name": "Churn"}
    return path


def test_the_actor_is_who_was_named(project: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(["audit", project, "--json"]) == 0
    (entry,) = said(capsys)["entries"]  # type: ignore[misc]
    assert entry.keys() == {"seq", "at", "actor", "verb", "noun", "payload", "hash"}
    assert (entry["verb"], entry["actor"]) == ("project.create", "Ada")
    monkeypatch.setenv("MODELYARD_ACTOR", "Bo")
    assert main(["new", project + "2", "--json"]) == 0
    capsys.readouterr()
    assert main(["audit", project + "2", "--json"]) == 0
    assert said(capsys)["entries"][0]["actor"] == "Bo"  # type: ignore[index]


def test_a_second_project_in_the_same_place_is_refused(project: str, capsys: Capture) -> None:
    assert main(["new", project, "--json"]) == 6
    told = capsys.readouterr()
    assert json.loads(told.out)["error"]["kind"] == "NotAllowed"
    assert project in told.err


def test_verify_of_a_whole_project(project: str, capsys: Capture) -> None:
    assert main(["verify", project, "--json"]) == 0
    assert said(capsys) == {"ok": True, "objects": 0, "entries": 1, "problems": []}


def test_verify_names_what_is_wrong_and_fails(project: str, capsys: Capture) -> None:
    stray = Path(project) / "objects" / "ab" / ("cd" * 31)
    stray.parent.mkdir()
    stray.write_bytes(b"not what its name says")
    assert main(["verify", project, "--json"]) == 1
    told = capsys.readouterr()
    report = json.loads(told.out)
    assert report["ok"] is False
    assert len(report["problems"]) == 1
    assert "not whole" in told.err


@pytest.mark.parametrize("words", [["trace", "X"], ["collect", "nowhere"], ["approve", "7"], ["bundle", "no@1"]])
def test_what_is_not_there_is_said_in_one_sentence(project: str, words: list[str], capsys: Capture) -> None:
    verb, *rest = words
    assert main([verb, project, *rest, "--json"]) == 1
    told = capsys.readouterr()
    assert json.loads(told.out)
    assert 1 <= len(told.err.strip().splitlines()) <= 2


def test_a_trace_without_links_is_null_everywhere(project: str, capsys: Capture) -> None:
    assert main(["trace", project, "0199b0c2-6f5e-7c1a-9d0e-0a5f6e7d8c9b", "--json"]) == 1
    told = said(capsys)
    assert not any(told.values())
    assert list(told) == [
        "prediction", "inputs", "output", "violations", "bundle", "model_version", "run", "plan", "seed",
        "data_version", "sha256", "lineage", "approval",
    ]  # fmt: skip


def test_the_sample_ships_and_its_project_never_overwrites(tmp_path: Path) -> None:
    assert sample_file().read_bytes().count(b"\n") > 1000
    assert next_free(tmp_path / "Sample").name == "Sample"
    (tmp_path / "Sample").mkdir()
    (tmp_path / "Sample 2").mkdir()
    assert next_free(tmp_path / "Sample").name == "Sample 3"
