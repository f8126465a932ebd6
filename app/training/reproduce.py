"""Reproduce: refit a candidate's recipe in a fresh process and compare split, predictions and ONNX bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.progress import JobContext
from app.core.proofs import Reproduction
from app.core.runs import Recipe
from app.errors import NotAllowed
from app.jobs.supervise import Limits, run_in_child
from app.registry import runs
from app.training import results

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
    """Refit and compare. NotFound if the candidate has no recipe, NotAllowed if it was not
    exported (a query is text), CorruptObject if its data changed."""
    candidate = runs.candidate(project, candidate_id)
    recipe = results.recipe(project, candidate)
    if not candidate.onnx_sha256:
        raise NotAllowed(f"{candidate.name} has no exported model to refit.", "Reproduce another candidate.")
    ctx.progress(0.0, "Checking the stored data")
    for digest in (recipe.table_sha256, candidate.predictions_sha256):
        project.objects.read(str(digest))
    order = ReproduceOrder(
        recipe,
        str(project.objects.path(recipe.table_sha256)),
        str(project.objects.path(str(candidate.predictions_sha256))),
        candidate.onnx_sha256,
    )
    with project.scratch("reproduce") as folder:
        return run_in_child(
            "app.training.refitting:compare_again",
            order,
            ctx=ctx,
            returns=Reproduction,
            folder=folder,
            limits=Limits(memory_bytes=MEMORY_BYTES),
        )
