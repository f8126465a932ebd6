"""``train --metric`` and ``--cost`` choose and score by what was asked for, or say why they cannot."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from app.cli import main

QUICK = ("--seconds", "30", "--no-search", "--families", "linear")


def told(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict]:
    code = main([*words, "--json"])
    return code, json.loads(capsys.readouterr().out)


@pytest.fixture
def project(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    random = np.random.default_rng(0)
    lines = ["x,kind,amount,y"]
    for x, noise in zip(random.normal(size=400), random.normal(size=400), strict=True):
        amount = max(0, round(10 * (x + noise / 3), 1))
        lines.append(f"{x:.4f},k{int(abs(noise) * 3)},{amount},{'yes' if x + noise > 0.6 else 'no'}")
    (tmp_path / "visits.csv").write_text("\n".join(lines) + "\n")
    made = str(tmp_path / "project")
    assert main(["new", made]) == 0
    assert main(["add", made, str(tmp_path / "visits.csv"), "--target", "y"]) == 0
    capsys.readouterr()
    return made


def test_costs_are_what_is_scored(project, capsys):
    words = ["--cost", "yes:no=100", "--cost", "no:yes=5", *QUICK]
    code, answer = told(capsys, "train", project, "visits", *words)
    assert code in (0, 3)
    assert answer["metric"] == 'cost:[["no","yes",5.0],["yes","no",100.0]]'
    assert answer["greater_is_better"] is False
    assert answer["score"] < answer["baseline"]  # the baseline misses every yes
    better = next(gate for gate in answer["gates"] if gate["name"] == "better_than_baseline")
    assert better["passed"] and better["value"] > 0
    assert answer["sql_rule"]["verdict"] in {"enough", "not_enough", "undecided"}


def test_macro_f1_is_what_is_scored(project, capsys):
    code, answer = told(capsys, "train", project, "visits", "--metric", "macro_f1", *QUICK)
    assert code in (0, 3) and answer["metric"] == "macro_f1"
    assert 0 < answer["baseline"] < answer["score"] < 1


def test_a_percentage_of_zero_is_refused_in_words(project, capsys):
    code, answer = told(capsys, "train", project, "visits", "--target", "amount", "--metric", "mape")
    assert code == 1
    assert "MAPE is undefined where the target is 0" in answer["error"]["message"]


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--cost", "perhaps:no=1"], "perhaps"),
        (["--cost", "yes:no=-1"], "amount"),
        (["--metric", "accuracy", "--cost", "yes:no=1"], "accuracy"),
        (["--metric", "cost"], "cost"),
    ],
)
def test_costs_that_make_no_sense_are_refused_in_words(project, capsys, words, named):
    code, answer = told(capsys, "train", project, "visits", *words)
    assert code == 1 and named in answer["error"]["message"]


def test_a_cost_is_written_in_one_way(project):
    assert main(["train", project, "visits", "--cost", "yes=5"]) == 2
