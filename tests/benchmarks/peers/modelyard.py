"""Modelyard as a person uses it: the table is added, *Train and check* runs, and the exported ONNX model answers the
unseen rows through the code that every bundle serves with. ``python modelyard.py JOB.json``, application's interpreter.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

ROOT = Path(__file__).parents[3]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from job import TIMED_ROWS, Job, median_ms  # noqa: E402 -- runs without being installed

from app.core.progress import Silent  # noqa: E402

if TYPE_CHECKING:
    from app.core.data import Reading
    from app.core.runs import Run
    from app.registry.project import Project
    from app.runtime.logline import Output
    from app.runtime.model import Model

BATCH = 1000


def run(job: Job) -> None:
    """Adding the data is not counted, as reading them is not for the peers; everything after the click is."""
    from app.approval.check import train_and_check
    from app.data.intake import add
    from app.registry.project import Project
    from app.training.plan import make_plan

    with (
        tempfile.TemporaryDirectory() as folder,
        Project.create(Path(folder) / "p", name="Benchmark", actor="Benchmark") as project,
    ):
        added = add(project, Path(job.data) / "train.parquet", target=job.target, ctx=Silent())
        assert added.version and added.reading, added.findings
        begun = time.perf_counter()
        plan = make_plan(
            project, added.version, added.reading, seconds=job.seconds, seed=job.seed, metric=job.metric, search=True
        )
        trained = train_and_check(project, plan, Silent())
        fit_s = time.perf_counter() - begun
        _answer(job, project, trained, added.reading, fit_s)


def _answer(job: Job, project: Project, trained: Run, reading: Reading, fit_s: float) -> None:
    best = trained.best
    assert best is not None and best.onnx_sha256 is not None, trained.reason
    onnx = project.objects.path(best.onnx_sha256).read_bytes()
    model = _served(project, trained, reading, onnx)
    values = _values(model, Path(job.data) / "test.csv")
    predicted = np.concatenate([_predicted(job, model, values[i : i + BATCH]) for i in range(0, len(values), BATCH)])
    few = (values * (TIMED_ROWS // len(values) + 1))[:TIMED_ROWS]
    job.answer(predicted, fit_s, median_ms(lambda: model.answer(few)), len(onnx), best.name)


def _served(project: Project, trained: Run, reading: Reading, onnx: bytes) -> Model:
    """The model with its contract, as a bundle has them."""
    from app.bundles.contract_of import contract_of
    from app.core.data import Profile
    from app.core.runs import Recipe
    from app.runtime.model import Model

    assert trained.best and trained.best.recipe_sha256
    recipe = project.objects.read_json(trained.best.recipe_sha256, Recipe)
    profile = project.objects.read_json(reading.profile_sha256, Profile)
    return Model(onnx, contract_of("benchmark@1", recipe, reading, profile))


def _values(model: Model, table: Path) -> list[tuple[object, ...]]:
    """The unseen rows as a client sends them, in requests of a thousand."""
    from app.runtime.csvrows import CsvRows

    head, *lines = table.read_text("utf-8").splitlines(keepends=True)
    reader = CsvRows(model.contract)
    requests = ("".join([head, *lines[i : i + BATCH]]) for i in range(0, len(lines), BATCH))
    return [values for request in requests for values in reader.read(request.encode()).values]


def _predicted(job: Job, model: Model, values: list[tuple[object, ...]]) -> np.ndarray:
    """(n, labels) or (n,)."""
    outputs = model.answer(values).outputs  # type: ignore[arg-type]
    return np.array([_one(job, output) for output in outputs], dtype=np.float64)


def _one(job: Job, output: Output | None) -> object:
    assert output is not None, "The model has no finite answer."
    if job.task == "regression":
        return output.value
    assert isinstance(output.probabilities, dict)
    return [output.probabilities.get(label, 0.0) for label in job.labels]


if __name__ == "__main__":
    run(Job.read(sys.argv[1]))
