"""Predict a file: the same rows with their answers, each logged and traceable like any request."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.data import ParseRecipe
from app.core.progress import JobContext, Part
from app.errors import BadInput, BundleProblem, FileRefused, NotFound
from app.jobs.supervise import run_in_child
from app.serving.logs import collect

if TYPE_CHECKING:
    from app.core.deploy import Bundle
    from app.registry.project import Project

ANSWERS_FILE = "answers"
LOG_FOLDER = "logs"
DOES_NOT_FIT = "CONTRACT_MISMATCH"
"""The code of a file whose columns or rows are not what the model was trained on."""

FORMATS = {".csv": "csv", ".parquet": "parquet"}


@dataclass(frozen=True, slots=True)
class PredictedFile:
    """A file that was answered. ``model_version``: its label; ``violating``: rows that break the data's contract, which
    are answered all the same."""

    rows: int
    out: Path
    model_version: str
    violating: int = 0


@dataclass(frozen=True, slots=True)
class AnsweredRows:
    """What the child says: how many rows were answered, and how many of them break the contract."""

    rows: int
    violating: int


@dataclass(frozen=True, slots=True)
class PredictJob:
    """What the child needs. ``format``: csv | parquet; ``bundle_sha256``: what the log names; ``recipe``: how the data
    were read that the model was trained on."""

    source: Path
    bundle: Path
    bundle_sha256: str
    format: str
    recipe: ParseRecipe


def predict_file(
    project: Project, model_version_id: str, path: Path, out: Path, ctx: JobContext, service_id: str | None = None
) -> PredictedFile:
    """Answer every row of ``path`` and write the rows with their answers to ``out`` (.csv or .parquet).

    What is at ``out`` is replaced in one step, at the end. Every answer is in the project before the file appears.
    NotFound if there is no ``path``, FileRefused if it cannot be read or a row does not fit the contract (nothing is
    written then), BadInput if ``out`` cannot be.
    """
    from app.data.arrival import check_kind
    from app.registry import datasets, models, runs

    version = models.model_version(project, model_version_id)
    recipe = datasets.reading(project, runs.run(project, version.run_id).plan.reading_id).recipe
    if not path.exists():
        raise NotFound(f"There is no file {path}.", "Check the path.")
    check_kind(path.stat(), path.name)
    format_ = _format_of(path, out)
    bundle = _whole_bundle(project, model_version_id, Part(ctx, 0.0, 0.1))
    with project.scratch("predict") as folder:
        job = PredictJob(path, project.path / bundle.path, bundle.sha256, format_, recipe)
        answered = _answered(job, folder, Part(ctx, 0.1, 0.9))
        ctx.check_cancelled()
        collect(project, folder / LOG_FOLDER, service_id=service_id, ctx=Part(ctx, 0.9, 1.0))
        _publish(folder / ANSWERS_FILE, out)
    return PredictedFile(answered.rows, out, version.label, answered.violating)


def _answered(job: PredictJob, folder: Path, ctx: JobContext) -> AnsweredRows:
    """The child's work; rows that do not fit are a refused file, as one that is no table."""
    try:
        return run_in_child("app.serving.answering:answer_file", job, ctx=ctx, returns=AnsweredRows, folder=folder)
    except FileRefused:
        raise
    except BadInput as error:
        raise FileRefused(error.message, error.hint, error.details, DOES_NOT_FIT) from error


def _format_of(path: Path, out: Path) -> str:
    format_ = FORMATS.get(out.suffix.lower())
    if format_ is None:
        raise BadInput(f"Answers cannot be written as “{out.suffix or out.name}”.", "Name a .csv or .parquet file.")
    if not out.parent.is_dir():
        raise BadInput(f"There is no folder {out.parent}.", "Make it first, or name another one.")
    if out.is_dir() or (out.exists() and path.exists() and out.samefile(path)):
        raise BadInput(f"The answers would replace {out}.", "Name another file.")
    return format_


def _whole_bundle(project: Project, model_version_id: str, ctx: JobContext) -> Bundle:
    """A bundle of the model version that is whole on disk; built if there is none."""
    from app.bundles.build import build
    from app.bundles.verify import verify_bundle
    from app.registry import models, thresholds

    for bundle in thresholds.bundles_that_hold(project, models.model_version(project, model_version_id)):
        try:
            if verify_bundle(project.path / bundle.path).id == bundle.sha256:
                return bundle
        except BundleProblem:
            continue
    return build(project, model_version_id, ctx=ctx)


def _publish(answers: Path, out: Path) -> None:
    """Copy to the disk of ``out``, then give it the name in one step."""
    from app.registry import files
    from app.registry.problems import in_words

    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    with in_words("writing the answers", out, answers.stat().st_size):
        try:
            shutil.copyfile(answers, part)
            with part.open("rb+") as file:
                files.flush(file.fileno())
            files.replace_durably(part, out)
        finally:
            part.unlink(missing_ok=True)
