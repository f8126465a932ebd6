"""``train`` divides rows as the line says, and ends with 4 where a check blocks that nobody waived."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.cli import main
from app.core.decisions import Decision
from app.registry import datasets, runs
from app.registry.decisions import decide
from app.registry.project import Project
from app.training import results


def told(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict]:
    code = main([*words, "--json"])
    return code, json.loads(capsys.readouterr().out)


@pytest.fixture
def project(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    lines = ["who,day,x,kind,y"]
    for i in range(240):
        month, day = divmod(i, 28)
        date, answer = f"2025-{month + 1:02d}-{day + 1:02d}", "no" if i * 7919 % 10 < 6 else "yes"
        lines.append(f"K{i * 37 % 60},{date},{i * 31 % 97},k{i % 130},{answer}")
    (tmp_path / "visits.csv").write_text("\n".join(lines) + "\n")
    made = str(tmp_path / "project")
    assert main(["new", made]) == 0
    assert main(["add", made, str(tmp_path / "visits.csv"), "--target", "y"]) == 0
    capsys.readouterr()
    return made


def rule_of(project: str):
    with Project.open(Path(project), actor="test") as opened:
        run = runs.runs(opened)[0]
        return results.recipe(opened, run.dummy).split


@pytest.mark.parametrize(("words", "kind", "column"), [("time:day", "time", "day"), ("group:who", "group", "who")])
def test_split_names_the_column_which_is_no_input_then(project, capsys, words, kind, column):
    code, answer = told(capsys, "train", project, "visits", "--split", words, "--seconds", "20")
    assert code in (0, 3) and answer["run"]
    rule = rule_of(project)
    assert (str(rule.kind), rule.column) == (kind, column)
    assert bool(rule.cut) is (kind == "time")
    code, _ = told(capsys, "train", project, "visits", "--split", "stratified", "--seconds", "20")
    assert str(rule_of(project).kind) == "stratified"


def test_a_split_by_a_column_that_is_not_there_is_an_error_in_words(project, capsys):
    code, answer = told(capsys, "train", project, "visits", "--split", "time:nowhere")
    assert code == 1 and "nowhere" in answer["error"]["message"]
    assert main(["train", project, "visits", "--split", "by:day"]) == 2


def test_a_check_that_blocks_is_4_and_named_until_it_is_waived(project, capsys):
    code, answer = told(capsys, "train", project, "visits", "--target", "kind", "--seconds", "20")
    assert code == 4 and answer["codes"] == ["TARGET_MANY_CLASSES"] and answer["run"] is None
    assert answer["findings"][0]["column"] == "kind"
    assert main(["train", project, "visits", "--seconds", "20"]) == 4
    assert "Or waive it on the Data page, with a reason." in capsys.readouterr().err
    with Project.open(Path(project), actor="test") as opened:
        version = datasets.find_version(opened, "visits")[1]
        decide(opened, version.id, "TARGET_MANY_CLASSES", "kind", Decision.WAIVE, "All are real.")
    code, answer = told(capsys, "train", project, "visits", "--seconds", "20")
    assert code != 4 and answer["run"]


def test_a_table_that_is_too_short_is_added_and_not_trained_on(tmp_path, project, capsys):
    (tmp_path / "short.csv").write_text("x,y\n1,a\n2,b\n4,a\n")
    code, answer = told(capsys, "add", project, str(tmp_path / "short.csv"), "--target", "y")
    assert (code, answer["outcome"]) == (0, "accept")
    code, answer = told(capsys, "train", project, "short")
    assert code == 4 and answer["codes"] == ["TARGET_FEW_ROWS"]
