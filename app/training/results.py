"""What a candidate left behind, read back from the object store."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from app.core.runs import Candidate, Evaluation, ParityCertificate, Recipe
from app.errors import NotFound, Unreadable

if TYPE_CHECKING:
    from app.registry.project import Project

T = TypeVar("T")


def evaluation(project: Project, candidate: Candidate) -> Evaluation:
    """What was measured on the hold-out. NotFound if the candidate did not get that far."""
    return _read(project, candidate, candidate.evaluation_sha256, Evaluation, "scores")


def certificate(project: Project, candidate: Candidate) -> ParityCertificate:
    """How the exported model was compared with the trained one. NotFound if it was not exported."""
    return _read(project, candidate, candidate.parity_sha256, ParityCertificate, "parity certificate")


def recipe(project: Project, candidate: Candidate) -> Recipe:
    """Everything that a refit needs. NotFound if the candidate did not get that far, or if it is recorded in
    another form."""
    return _read(project, candidate, candidate.recipe_sha256, Recipe, "recipe")


def _read(project: Project, candidate: Candidate, sha256: str | None, type_: type[T], what: str) -> T:
    if sha256 is None:
        raise NotFound(f"{candidate.name} has no {what}.", candidate.note)
    try:
        return project.objects.read_json(sha256, type_)
    except Unreadable as error:
        raise NotFound(
            f"The {what} of {candidate.name} was recorded in a form that this version does not know.",
            "Train again on the same data version; what was recorded stays as it is.",
            error.details,
        ) from error
