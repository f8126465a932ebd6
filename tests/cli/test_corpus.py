"""The command line answers every nasty file with its outcome and code, and a refused one changes nothing.

One file of every code by default; all of the corpus with MODELYARD_LONG=1.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from app.cli import main
from app.data.refusals import log_file
from app.registry.project import Project
from tests.data.corpus import CASES, Case
from tests.data.strangers import MODELS
from tests.serving.test_dropped import state_of

LONG = bool(os.environ.get("MODELYARD_LONG"))
STRANGERS = [Case(f"model: {name}", content, "reject", {code}, "model.onnx") for name, content, code in MODELS]


def one_of_each(cases: list[Case]) -> list[Case]:
    """The first cases that bring a code no case before had."""
    seen: set[str] = set()
    chosen = []
    for case in cases:
        if not case.codes <= seen:
            chosen.append(case)
            seen |= case.codes
    return chosen


CHOSEN = [*CASES, *STRANGERS] if LONG else one_of_each([*CASES, *STRANGERS])
STORED = [case for case in CHOSEN if case.outcome != "reject"]
REFUSED = [case for case in CHOSEN if case.outcome == "reject"]


def answer(words: list[object], capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, object]]:
    code = main([*map(str, words), "--json"])
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("case", STORED, ids=[case.name for case in STORED])
def test_what_can_be_read_is_stored_with_its_findings(case: Case, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / case.file_name
    path.write_bytes(case.content)
    answer(["new", tmp_path / "p"], capsys)
    code, said = answer(["add", tmp_path / "p", path], capsys)
    assert (code, said["outcome"], set(said["codes"])) == (0, case.outcome, case.codes), said["findings"]
    assert case.rows in (None, said["rows"])


def test_what_is_refused_leaves_the_project_and_tells_the_users_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    answer(["new", tmp_path / "p"], capsys)
    with Project.open(tmp_path / "p", actor="Ada") as project:
        before = state_of(project)
    for case in REFUSED:
        path = tmp_path / case.file_name
        path.write_bytes(case.content)
        code, said = answer(["add", tmp_path / "p", path], capsys)
        assert (code, said["outcome"], set(said["codes"])) == (4, "reject", case.codes), (case.name, said)
        told = json.loads(log_file().read_text(encoding="utf-8").splitlines()[-1])
        assert (told["file"], told["code"]) == (case.file_name, said["codes"][0])
    with Project.open(tmp_path / "p", actor="Ada") as project:
        assert state_of(project) == before


def test_a_way_to_read_can_be_given(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "t.csv"
    path.write_bytes(b"x;y\n1,234;a\n5,678;b\n")
    answer(["new", tmp_path / "p"], capsys)
    code, said = answer(["add", tmp_path / "p", path, "--read", "decimal=comma"], capsys)
    assert (code, said["outcome"]) == (0, "accept")
    code, said = answer(["add", tmp_path / "p", path, "--read", "colour=red"], capsys)
    assert (code, said["error"]["kind"]) == (1, "BadInput")
