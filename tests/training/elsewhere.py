"""Recorded recipes refitted in a process of their own, under another hash seed and other thread settings."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from app.core.runs import Candidate

ROOT = Path(__file__).parents[2]

_REFIT = """
import hashlib, json, sys
from pathlib import Path

from app.registry import runs
from app.registry.project import Project
from app.training import results
from app.training.answers import read_predictions
from app.training.refit import refit

found = {}
with Project.open(Path(sys.argv[1]), actor="test") as project:
    for id in sys.argv[2:]:
        candidate = runs.candidate(project, id)
        recipe = results.recipe(project, candidate)
        again = refit(recipe, project.objects.path(recipe.table_sha256))
        kept = project.objects.path(candidate.predictions_sha256)
        rows, answers = read_predictions(kept, recipe.task, recipe.labels, recipe.positive)
        same = (rows == again.rows).all() and (answers.predicted == again.answers.predicted).all()
        found[id] = {"onnx": hashlib.sha256(again.onnx).hexdigest(), "same_answers": bool(same)}
print(json.dumps(found))
"""


def refitted(project: Path, candidates: Sequence[Candidate], *, hash_seed: int, threads: int) -> dict[str, dict]:
    """Of each candidate's id: the hash of its ONNX file, and whether the hold-out's rows and answers are the same."""
    settings = {"PYTHONHASHSEED": hash_seed, "OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads}
    done = subprocess.run(
        [sys.executable, "-c", _REFIT, str(project), *(c.id for c in candidates)],
        cwd=ROOT,
        env={**os.environ, **{name: str(value) for name, value in settings.items()}},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def assert_same_bytes(project: Path, candidates: Sequence[Candidate]) -> None:
    """Half of the candidates in one process, half in another, each under its own settings."""
    for number in (0, 1):
        chosen = candidates[number::2]
        found = refitted(project, chosen, hash_seed=100 + number, threads=2 - number)
        for candidate in chosen:
            assert found[candidate.id] == {"onnx": candidate.onnx_sha256, "same_answers": True}, candidate.name
