"""``train`` divides rows as the line says, and ends with 4 where a check blocks that nobody waived."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.cli import main
from app.core.runs import RunState
from app.registry import audit, datasets, runs
from app.registry.project import Project
from app.training import results
from app.training.plan import make_plan

QUICK = ("--seconds", "30", "--no-search", "--families", "linear")


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
    code, answer = told(capsys, "train", project, "visits", "--split", words, *QUICK)
    assert code in (0, 3) and answer["run"]
    rule = rule_of(project)
    assert (str(rule.kind), rule.column) == (kind, column)
    assert bool(rule.cut) is (kind == "time")
    code, _ = told(capsys, "train", project, "visits", "--split", "stratified", *QUICK)
    assert str(rule_of(project).kind) == "stratified"
    with Project.open(Path(project), actor="test") as opened:
        assert not any("divided by chance" in note for note in runs.runs(opened)[0].notes)


def test_a_split_by_a_column_that_is_not_there_is_an_error_in_words(project, capsys):
    code, answer = told(capsys, "train", project, "visits", "--split", "time:nowhere")
    assert code == 1 and "nowhere" in answer["error"]["message"]
    assert main(["train", project, "visits", "--split", "by:day"]) == 2


@pytest.mark.parametrize(
    ("words", "said"), [("group:y", "y is what is predicted"), ("time:kind", "neither a date nor a number")]
)
def test_a_split_that_is_refused_leaves_the_columns_as_they_were_used(project, capsys, words, said):
    with Project.open(Path(project), actor="test") as opened:
        _, version = datasets.find_version(opened, "visits")
        before = datasets.current_reading(opened, version.id)
        history = audit.entries(opened, verb="data.select", limit=1)
        code, answer = told(capsys, "train", project, "visits", "--split", words)
        assert code == 1 and said in answer["error"]["message"]
        assert datasets.current_reading(opened, version.id).columns == before.columns
        set_back = audit.entries(opened, verb="data.select", limit=1) != history
        assert set_back == (words == "time:kind"), "what never changed is not told to have been set back"


def test_a_run_that_was_cut_off_is_gone_on_with_by_its_own_plan(project, capsys):
    code, answer = told(capsys, "train", project, "visits", "--resume")
    assert code == 1 and "no run that was cut off" in answer["error"]["message"]
    with Project.open(Path(project), actor="test") as opened:
        _, version = datasets.find_version(opened, "visits")
        reading = datasets.current_reading(opened, version.id)
        plan = make_plan(opened, version, reading, seconds=30, seed=5, families=("linear",))
        cut = runs.start_run(opened, version.dataset_id, plan, opened.objects.put_json({}))
        runs.end_run(opened, cut.id, RunState.INTERRUPTED)
    code, answer = told(capsys, "train", project, "visits", "--resume", "--seed", "4")
    assert code == 1 and "Leave the other options out" in answer["error"]["hint"]
    code, answer = told(capsys, "train", project, "visits@1", "--resume")
    assert code in (0, 3) and answer["run"] != cut.id
    with Project.open(Path(project), actor="test") as opened:
        newest, before = runs.runs(opened)
    assert newest.plan == plan and newest.best is not None and before.state is RunState.DISCARDED


def test_a_check_that_blocks_is_4_and_named_until_it_is_waived(project, capsys):
    code, answer = told(capsys, "train", project, "visits", "--target", "kind", *QUICK)
    assert code == 4 and answer["codes"] == ["TARGET_MANY_CLASSES"] and answer["run"] is None
    assert answer["findings"][0]["column"] == "kind"
    assert main(["train", project, "visits", "--seconds", "20"]) == 4
    assert "modelyard check PROJECT visits@1 --waive 'TARGET_MANY_CLASSES:kind' --reason WHY" in capsys.readouterr().err
    code, answer = told(
        capsys, "check", project, "visits@1", "--waive", "TARGET_MANY_CLASSES:kind", "--reason", "All are real."
    )
    assert code == 0 and answer["ok"] and answer["findings"] == []
    assert answer["waived"] == [{"code": "TARGET_MANY_CLASSES", "column": "kind", "reason": "All are real."}]
    code, answer = told(capsys, "train", project, "visits", *QUICK)
    assert code != 4 and answer["run"]


def test_a_waiver_needs_a_reason_and_something_that_blocks(project, tmp_path, capsys):
    code, answer = told(capsys, "check", project, "visits", "--waive", "TARGET_LEAK", "--reason", "Why not")
    assert code == 1 and "Nothing that blocks" in answer["error"]["message"]
    lines = ["x,y", *(f"{i},{'rare' if i < 2 else 'common'}" for i in range(60))]
    (tmp_path / "rare.csv").write_text("\n".join(lines))
    added = told(capsys, "add", project, str(tmp_path / "rare.csv"), "--target", "y")[1]
    assert ("CLASS_FEW_ROWS", True) in [(f["code"], f["blocks"]) for f in added["findings"]]
    code, answer = told(capsys, "check", project, "rare", "--waive", "CLASS_FEW_ROWS")
    assert code == 1 and answer["error"]["message"] == "A waiver needs a reason."
    assert told(capsys, "check", project, "rare", "--waive", "CLASS_FEW_ROWS", "--reason", "Two suffice")[0] == 0


def test_what_no_reason_can_mend_is_not_waived(project, tmp_path, capsys):
    (tmp_path / "one.csv").write_text("x,y\n" + "".join(f"{i},yes\n" for i in range(60)))
    assert main(["add", project, str(tmp_path / "one.csv"), "--target", "y"]) == 0
    capsys.readouterr()
    code, answer = told(capsys, "check", project, "one", "--waive", "TARGET_ONE_CLASS", "--reason", "Because")
    assert code == 1 and "cannot be waived" in answer["error"]["message"]


def test_a_table_that_is_too_short_is_added_and_not_trained_on(tmp_path, project, capsys):
    (tmp_path / "short.csv").write_text("x,y\n1,a\n2,b\n4,a\n")
    code, answer = told(capsys, "add", project, str(tmp_path / "short.csv"), "--target", "y")
    assert (code, answer["outcome"]) == (0, "accept")
    code, answer = told(capsys, "train", project, "short")
    assert code == 4 and answer["codes"] == ["TARGET_FEW_ROWS"]
