"""Reproduce: refit a candidate's recipe in a fresh process and compare split, predictions and ONNX bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.progress import JobContext
from app.core.proofs import Reproduction
from app.core.runs import Candidate, Recipe
from app.errors import EnvironmentProblem, JobCrashed, ModelyardError, NotAllowed, NotFound, OutOfMemory
from app.jobs.supervise import Limits, run_in_child
from app.registry import runs
from app.training import results
from app.training.differing import changed_words, since_then

if TYPE_CHECKING:
    from app.registry.project import Project

MEMORY_BYTES = 4 << 30


@dataclass(frozen=True, slots=True)
class ReproduceOrder:
    """What the child gets: paths of stored objects; it never opens the registry."""

    recipe: Recipe
    table_path: str
    predictions_path: str
    onnx_sha256: str


def reproduce(project: Project, candidate_id: str, ctx: JobContext) -> Reproduction:
    """Refit and compare. NotFound if the candidate has no recipe that can be read, NotAllowed if it was not exported (a
    query is text), CorruptObject if its data changed or is gone, EnvironmentProblem if the recipe cannot be fitted with
    what is installed here."""
    candidate = runs.candidate(project, candidate_id)
    recipe = results.recipe(project, candidate)
    if not candidate.onnx_sha256:
        raise NotAllowed(f"{candidate.name} has no exported model to refit.", "Reproduce another candidate.")
    if not candidate.predictions_sha256:
        raise NotFound(f"{candidate.name} has no recorded predictions to compare with.", candidate.note)
    ctx.progress(0.0, "Checking the stored data")
    for digest in (recipe.table_sha256, candidate.predictions_sha256):
        project.objects.check(digest, ctx)
    order = ReproduceOrder(
        recipe,
        str(project.objects.path(recipe.table_sha256)),
        str(project.objects.path(candidate.predictions_sha256)),
        candidate.onnx_sha256,
    )
    try:
        return _refitted(project, order, ctx)
    except OutOfMemory:
        raise
    except JobCrashed as error:
        raise _not_with_these(project, candidate, error) from error


def _not_with_these(project: Project, candidate: Candidate, error: JobCrashed) -> ModelyardError:
    """Where other packages are installed than then, they are the likeliest reason; else it is a fault of ours."""
    changed = changed_words(since_then(project, runs.run(project, candidate.run_id)))
    if not changed:
        return error
    hint = f"Since the run changed: {changed}. Reproduce it with what it was made with."
    return EnvironmentProblem(f"{candidate.name} cannot be fitted again here.", hint, str(error))


def _refitted(project: Project, order: ReproduceOrder, ctx: JobContext) -> Reproduction:
    with project.scratch("reproduce") as folder:
        return run_in_child(
            "app.training.refitting:compare_again",
            order,
            ctx=ctx,
            returns=Reproduction,
            folder=folder,
            limits=Limits(memory_bytes=MEMORY_BYTES),
        )
