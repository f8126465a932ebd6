"""What the command line says when something is not as it should be: exit codes 3, 4, 6 and 130 on real processes."""

from __future__ import annotations

import json
import random
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

QUICK = ("--seconds", 30, "--no-search", "--families", "linear")


@pytest.fixture
def project(tmp_path: Path, command_line: Callable) -> Path:
    path = tmp_path / "p"
    assert command_line("new", path).code == 0
    return path


@pytest.fixture
def noise(tmp_path: Path) -> Path:
    """A target that no column knows anything about."""
    chance = random.Random(1)
    lines = [f"{chance.random():.6f},{chance.random():.6f},{chance.choice('ab')}" for _ in range(400)]
    path = tmp_path / "noise.csv"
    path.write_text("x,y,kind\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_refused_file_is_4_and_changes_nothing(project: Path, tmp_path: Path, command_line: Callable) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_bytes(b'a,b\n1,"never closed\n2,3\n')
    before = command_line("audit", project).json
    refused = command_line("add", project, bad)
    assert refused.code == 4
    assert refused.json["outcome"] == "reject"
    assert refused.json["codes"] == ["UNCLOSED_QUOTE"]
    assert refused.json["findings"][0].keys() == {"code", "message", "column", "rows", "cells", "blocks"}
    assert [refused.json[name] for name in ("dataset", "version", "sha256", "rows", "columns", "target")] == [None] * 6
    assert 1 <= len(refused.err.strip().splitlines()) <= 2
    assert command_line("audit", project).json == before
    assert command_line("verify", project).json["objects"] == 0


def test_a_gate_that_fails_is_3_and_approves_nothing(project: Path, noise: Path, command_line: Callable) -> None:
    assert command_line("add", project, noise, "--target", "y").json["target"] == "y"
    trained = command_line("train", project, "noise", "--target", "kind", *QUICK)
    assert trained.code == 3, trained
    assert (trained.json["target"], trained.json["task"]) == ("kind", "binary")
    assert trained.json["deployable"] is False
    assert [g["name"] for g in trained.json["gates"] if not g["passed"]] == ["better_than_baseline"]
    refused = command_line("approve", project, trained.json["run"], "--reason", "I want it")
    assert refused.code == 3
    assert refused.json["error"]["kind"] == "NotAllowed"
    assert command_line("bundle", project, "noise@1").code == 1


def test_a_check_that_blocks_is_4_before_any_run(project: Path, tmp_path: Path, command_line: Callable) -> None:
    table = tmp_path / "same.csv"
    table.write_text("x,kind\n" + "".join(f"{n},always\n" for n in range(50)), encoding="utf-8")
    added = command_line("add", project, table, "--target", "kind")
    assert added.code == 0
    assert "TARGET_ONE_CLASS" in added.json["codes"]
    blocked = command_line("train", project, "same")
    assert blocked.code == 4
    assert "TARGET_ONE_CLASS" in blocked.json["codes"]
    assert blocked.json["deployable"] is False
    assert command_line("runs", project).json == {"runs": []}


def test_a_version_that_is_not_there_is_named(project: Path, noise: Path, command_line: Callable) -> None:
    command_line("add", project, noise)
    for words in (
        ["train", project, "nois"],
        ["train", project, "noise@2"],
        ["predict", project, "noise@1", noise, "o.csv"],
    ):
        said = command_line(*words)
        assert (said.code, said.json["error"]["kind"]) == (1, "NotFound"), words


def test_a_new_file_with_the_same_columns_is_the_next_version(
    project: Path, noise: Path, command_line: Callable
) -> None:
    assert command_line("add", project, noise).json["version"] == 1
    more = noise.with_name("more.csv")
    shutil.copy(noise, more)
    with more.open("a", encoding="utf-8") as file:
        file.write("0.5,0.5,a\n")
    second = command_line("add", project, more)
    assert (second.json["dataset"], second.json["version"], second.json["rows"]) == ("noise", 2, 401)


def test_ctrl_c_is_130_and_the_run_is_cancelled(
    project: Path, noise: Path, command_line: Callable, background: Callable
) -> None:
    command_line("add", project, noise, "--target", "kind")
    training = background("train", project, "noise", "--seconds", 60, "--json")
    while not command_line("runs", project).json["runs"]:
        assert training.poll() is None
    training.send_signal(signal.SIGINT)
    out, err = training.communicate(timeout=60)
    assert training.returncode in {0, 3, 130}, err  # it may have been done in that very moment
    assert json.loads(out)
    if training.returncode == 130:
        (run,) = command_line("runs", project).json["runs"]
        assert run["state"] == "cancelled"
    assert command_line("verify", project).code == 0
