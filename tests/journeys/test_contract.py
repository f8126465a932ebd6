"""One contract from the first file to the service: suggested, accepted, broken by a version and by requests."""

from __future__ import annotations

import csv
import json
import random
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from app.runtime import logline
from app.serving.client import predict

RULE = {"rule", "column", "rows", "count", "message", "cells", "blocks"}
CHECK = {"ok", "dataset", "version", "contract", "broken", "findings"}


def write(path: Path, rows: int, first: int = 0) -> list[dict[str, object]]:
    """Customers; the old and dear ones leave."""
    chance = random.Random(first)
    made: list[dict[str, object]] = []
    for i in range(rows):
        age, fee = chance.randint(18, 85), round(chance.uniform(5, 80), 2)
        left = "yes" if age / 85 + fee / 80 + chance.gauss(0, 0.15) > 1.1 else "no"
        row = {"customer": f"C{first + i:05}", "age": age, "fee": fee, "plan": "abc"[i % 3], "left": left}
        made.append(row)
    save(path, made)
    return made


def save(path: Path, rows: list[dict[str, object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def project(tmp_path: Path, command_line: Callable) -> Path:
    path = tmp_path / "p"
    assert command_line("new", path).code == 0
    write(tmp_path / "churn.csv", 600)
    assert command_line("add", path, tmp_path / "churn.csv", "--target", "left").code == 0
    return path


def add_a_bad_version(project: Path, tmp_path: Path, command_line: Callable) -> dict[str, object]:
    rows = write(tmp_path / "churn2.csv", 600, first=1000)
    for number in (17, 240, 599):
        rows[number - 1]["age"] = 150 + number
    rows[3]["plan"] = "gold"
    save(tmp_path / "churn2.csv", rows)
    return command_line("add", project, tmp_path / "churn2.csv", "--name", "churn").json


def test_a_bad_version_fails_the_check_and_names_its_rows(
    project: Path, tmp_path: Path, command_line: Callable
) -> None:
    before = command_line("check", project, "churn")
    assert (before.code, before.json["error"]["kind"]) == (1, "NotFound")
    assert "--accept" in before.err
    suggested = command_line("check", project, "churn", "--suggest")
    assert suggested.code == 0
    assert "age: from 0 to 119" in [rule["words"] for rule in suggested.json["suggested"]]
    assert command_line("check", project, "churn").code == 1
    accepted = command_line("check", project, "churn", "--accept")
    assert accepted.code == 0
    assert accepted.json == {
        "ok": True, "dataset": "churn", "version": 1, "contract": 1, "broken": [], "findings": [],
    }  # fmt: skip
    assert command_line("check", project, "churn", "--accept").code == 1

    added = add_a_bad_version(project, tmp_path, command_line)
    assert (added["outcome"], added["version"]) == ("warn", 2)
    assert "CONTRACT_BROKEN" in added["codes"]
    checked = command_line("check", project, "churn")
    assert checked.code == 4
    assert checked.json.keys() == CHECK
    assert (checked.json["ok"], checked.json["version"], checked.json["contract"]) == (False, 2, 1)
    ages, plans = checked.json["broken"]
    assert ages.keys() == RULE
    assert (ages["rule"], ages["column"], ages["rows"], ages["count"]) == ("range", "age", [17, 240, 599], 3)
    assert ages["message"] == "age: 3 rows are above 119: rows 17, 240 and 599."
    assert (plans["rule"], plans["rows"], plans["blocks"]) == ("categories", [4], False)
    assert command_line("check", project, "churn@1").code == 0
    refused = command_line("train", project, "churn", "--seconds", 5)
    assert refused.code == 4
    assert "above 119" in refused.err


def test_the_same_contract_judges_what_is_predicted(
    project: Path, tmp_path: Path, command_line: Callable, background: Callable
) -> None:
    assert command_line("check", project, "churn", "--accept").code == 0
    assert command_line("train", project, "churn@1", "--seconds", 30, "--no-search", "--families", "linear").code == 0
    assert command_line("approve", project, 1, "--reason", "For the journey").code == 0
    built = command_line("bundle", project, "churn@1")
    assert command_line("bundle", project, "churn@1").json["sha256"] == built.json["sha256"]
    bundle = Path(built.json["path"])
    carried = json.loads((bundle / "contract.json").read_bytes())["rules"]
    assert {rule["column"] for rule in carried} == {"age", "fee", "plan"}
    assert {rule["kind"] for rule in carried} == {"range", "categories", "missing"}
    told = json.loads((bundle / "manifest.json").read_bytes())["about"]
    assert told["data_contract_version"] == "1"

    logs = tmp_path / "served"
    server = background("serve", bundle, "--port", 0, "--log-dir", logs, "--json")
    ready = json.loads(server.stdout.readline() or server.communicate()[1])
    good = {"age": 40, "fee": 20.0, "plan": "a"}
    answer = predict(ready["url"], [good, {"age": 167, "fee": 20.0, "plan": "gold"}])
    server.send_signal(signal.SIGTERM)
    assert server.wait(timeout=15) == 0
    first, second = answer["predictions"]
    assert "violations" not in first
    assert sorted(second["violations"]) == ["age:range", "plan:categories"]
    lines = [e.line for p in logline.segments(logs) for e in logline.read(p) if e.line is not None]
    assert [sorted(line.violations) for line in lines] == [[], ["age:range", "plan:categories"]]
    assert command_line("collect", project, logs).code == 0
    traced = command_line("trace", project, second["id"])
    assert sorted(traced.json["violations"]) == ["age:range", "plan:categories"]

    added = add_a_bad_version(project, tmp_path, command_line)
    assert added["version"] == 2
    broken = command_line("check", project, "churn").json["broken"]
    out = tmp_path / "answers.csv"
    done = command_line("predict", project, "churn@1", tmp_path / "churn2.csv", out)
    with out.open(encoding="utf-8", newline="") as file:
        marked = [row["violations"] for row in csv.DictReader(file)]
    for rule in broken:  # the rows that the version breaks are the rows that the service would complain of
        code = f"{rule['column']}:{rule['rule']}"
        assert [n for n, codes in enumerate(marked, 1) if code in codes.split()] == rule["rows"]
    assert done.json["violating"] == len({row for rule in broken for row in rule["rows"]})
