"""The command line's grammar, its help, and what it says when it was not understood."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys

import pytest

from app.cli import main
from app.cli.answer import Answer, Exit, Voice, to_json
from app.cli.parser import commands
from app.cli.plan_arguments import changed_plan, plan_arguments
from app.core.challenges import SAME_PLAN, ChangedPlan
from app.errors import BadInput, FileRefused, JobCancelled, NotFound

VERBS = [
    "new", "add", "refresh", "derive", "versions", "rename", "diff", "check", "gates", "train", "runs", "compare",
    "reproduce", "referee", "explain", "calibrate", "threshold", "approve", "bundle", "predict", "serve", "services",
    "stop", "promote", "rollback", "settle", "retire", "releases", "environments", "collect", "labels", "monitor",
    "worth", "retrain", "challenges", "rehearse", "decide", "alerts", "automations", "run-due",
    "trace", "verify", "audit", "sample",
]  # fmt: skip


def test_every_verb_is_there_in_the_order_of_the_loop() -> None:
    assert list(commands()) == VERBS


@pytest.mark.parametrize("verb", VERBS)
def test_help_teaches_with_an_example(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main([verb, "--help"])
    out = capsys.readouterr().out
    assert stop.value.code == 0
    assert "Example:" in out
    assert f"modelyard {verb}" in out
    assert "--json" in out
    assert "--as" in out


@pytest.mark.parametrize(
    "words",
    [
        ["train", "P"],
        ["add"],
        ["trane", "P", "churn"],
        ["train", "P", "d", "--seconds", "0"],
        ["train", "P", "d", "--families", "linear,trees"],
        ["runs", "P", "--limit", "0"],
        ["serve", "b", "--port", "x"],
    ],
)
def test_wrong_usage_is_2_and_json_all_the_same(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*words, "--json"]) == 2
    told = capsys.readouterr()
    assert json.loads(told.out)["error"]["kind"] == "Usage"
    assert told.err.startswith("modelyard: ")
    assert len(told.err.strip().splitlines()) <= 4


@pytest.mark.parametrize("words", [["run-due", "p", "--since", "nie"], ["alerts", "p", "--mute", "quatsch"]])
def test_a_date_that_is_none_is_told_with_the_form_of_one(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    assert "2026-03-31" in capsys.readouterr().err


def test_what_is_no_number_is_told_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["alerts", "p", "--most-an-hour", "many"]) == 2
    assert "'many' is no whole number" in capsys.readouterr().err


def test_a_changed_plan_keeps_what_the_line_does_not_say() -> None:
    parser = argparse.ArgumentParser()
    plan_arguments(parser)
    parser.add_argument("--same-recipe", action="store_true")
    before = ChangedPlan(True, ("linear",), 60)
    for line, plan in {
        "": before,
        "--seconds 90": ChangedPlan(True, ("linear",), 90),
        "--families forest,boosting": ChangedPlan(True, ("forest", "boosting"), 60),
        "--same-recipe": SAME_PLAN,
        "--same-recipe --seconds 90": ChangedPlan(seconds=90),
    }.items():
        assert changed_plan(parser.parse_args(line.split()), before) == plan, line


def test_a_mistyped_verb_is_suggested(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["aprove", "P", "1"]) == 2
    assert "Did you mean: modelyard approve" in capsys.readouterr().err


def test_a_path_that_is_not_there_is_told_as_such(tmp_path: object, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([f"{tmp_path}/nowhere"]) == 2
    assert f"there is no file or folder {tmp_path}/nowhere" in capsys.readouterr().err


def test_a_missing_project_is_one_sentence_and_a_hint(tmp_path: object, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", f"{tmp_path}/nowhere", "--json"]) == 1
    told = capsys.readouterr()
    assert json.loads(told.out)["error"]["kind"] == "NotFound"
    assert "no project" in told.err
    assert len(told.err.strip().splitlines()) == 2


@pytest.mark.parametrize(
    ("error", "code"),
    [(NotFound("a"), 1), (BadInput("a"), 1), (FileRefused("a", code="NOT_TEXT"), 4), (JobCancelled(), 130)],
)
def test_exit_codes_of_errors(error: NotFound, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert Voice(as_json=True).fail(error) == code
    assert json.loads(capsys.readouterr().out)["error"]["message"] == error.message


def test_json_is_strict_whatever_the_figures() -> None:
    told = to_json({"score": float("nan"), "interval": (float("inf"), 1.5), "deep": [{"x": float("-inf")}]})
    assert json.loads(told) == {"score": None, "interval": [None, 1.5], "deep": [{"x": None}]}


def test_lines_are_for_people_and_json_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    answer = Answer({"a": 1}, ["One."], Exit.GATE, "A gate failed.", "Look at it.")
    assert Voice(as_json=False).tell(answer) == 3
    told = capsys.readouterr()
    assert (told.out, told.err) == ("One.\n", "A gate failed.\nLook at it.\n")
    assert Voice(as_json=True).tell(answer) == 3
    assert json.loads(capsys.readouterr().out) == {"a": 1}


def test_the_command_line_imports_nothing_heavy() -> None:
    heavy = {"pandas", "sklearn", "onnx", "onnxruntime", "duckdb", "pyarrow", "sqlalchemy", "scipy", "numpy", "PySide6"}
    code = "import sys; from app.cli.parser import commands; commands(); print(*{m.split('.')[0] for m in sys.modules})"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not heavy & set(out.split())


@pytest.mark.skipif(os.name != "posix", reason="closed pipes are told otherwise there")
@pytest.mark.parametrize("as_json", [True, False])
def test_a_reader_that_has_read_enough_changes_no_exit_code(as_json, capsys):
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w", encoding="utf-8") as out:
        assert Voice(as_json, out, sys.stderr).tell(Answer({"rows": 3}, ["Three rows."], Exit.DRIFT, "Act.")) == 5
    assert capsys.readouterr().err == "Act.\n"
