"""A recorded recipe, refitted in a fresh process under other settings, gives the same bytes; else it says so."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from sklearn import datasets as real

from app.approval.check import train_and_check
from app.core.progress import Silent
from app.core.proofs import Verdict
from app.core.runs import CandidateState
from app.errors import CorruptObject
from app.registry import runs
from app.training import results
from app.training.reproduce import reproduce
from tests.training.elsewhere import assert_same_bytes

ROOT = Path(__file__).parents[2]


def diabetes() -> tuple[str, dict, str]:
    found = real.load_diabetes()
    return (
        "diabetes",
        {**dict(zip(found.feature_names, found.data.T, strict=True)), "progress": found.target},
        "progress",
    )


CASES = {"churn": None} | ({"diabetes": diabetes} if os.environ.get("MODELYARD_LONG") else {})


@pytest.fixture(scope="module", params=CASES.values(), ids=CASES.keys())
def run(request, training_project, write_csv, plan_of):
    if request.param is None:
        path, target = ROOT / "resources/sample/churn.csv", "churned"
    else:
        name, columns, target = request.param()
        path = write_csv(name, columns)
    return train_and_check(training_project, plan_of(path, target, seconds=90), Silent())


def elsewhere(project: Path, run_id: str, family: str, seed: str, threads: str) -> dict:
    """``modelyard reproduce`` as a process of its own, under another hash seed and thread setting."""
    settings = {"PYTHONHASHSEED": seed, "OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads}
    words = [sys.executable, "-m", "app", "reproduce", str(project), run_id, "--candidate", family, "--json"]
    done = subprocess.run(
        words, cwd=ROOT, env={**os.environ, **settings}, capture_output=True, text=True, timeout=120, check=False
    )
    return {"code": done.returncode, **json.loads(done.stdout)}


def test_every_family_is_reproduced_to_the_byte(run, training_project) -> None:
    made = {c.family: c for c in run.candidates if c.state is CandidateState.PASSED and c.onnx_sha256}
    assert made.keys() >= {"dummy", "tree", "linear", "forest", "boosting", "network"}
    assert_same_bytes(training_project.path, list(made.values()))


def test_the_command_says_identical_under_other_settings(run, training_project) -> None:
    told = elsewhere(training_project.path, run.id, "boosting", "7", "2")
    assert told["code"] == 0
    assert {told[stage] for stage in ("verdict", "split", "predictions", "onnx")} == {"identical"}


def with_recipe(project, candidate, **changes):
    """The candidate as if another recipe had been recorded for it."""
    recipe = replace(results.recipe(project, candidate), **changes)
    return replace(candidate, recipe_sha256=project.objects.put_json(recipe))


def test_another_recipe_is_found_to_be_different(run, training_project, monkeypatch) -> None:
    best = next(c for c in run.candidates if c.family == "tree")
    params = {**json.loads(results.recipe(training_project, best).params), "depth": 1}
    altered = with_recipe(training_project, best, params=msgspec.json.encode(params).decode())
    monkeypatch.setattr(runs, "candidate", lambda *_: altered)
    found = reproduce(training_project, best.id, Silent())
    assert (found.split, found.predictions, found.verdict) == (Verdict.IDENTICAL, Verdict.DIFFERENT, Verdict.DIFFERENT)


def test_another_division_is_the_first_stage_that_differs(run, training_project, monkeypatch) -> None:
    best = next(c for c in run.candidates if c.family == "tree")
    split = replace(results.recipe(training_project, best).split, seed=99)
    altered = with_recipe(training_project, best, split=split)
    monkeypatch.setattr(runs, "candidate", lambda *_: altered)
    assert reproduce(training_project, best.id, Silent()).split is Verdict.DIFFERENT


def test_changed_data_is_refused_and_not_refitted(run, training_project) -> None:
    best = next(c for c in run.candidates if c.family == "tree")
    path = training_project.objects.path(results.recipe(training_project, best).table_sha256)
    bytes_ = path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(bytes_[:-1] + bytes([bytes_[-1] ^ 1]))
    try:
        with pytest.raises(CorruptObject):
            reproduce(training_project, best.id, Silent())
    finally:
        path.write_bytes(bytes_)
