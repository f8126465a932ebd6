"""Which candidate of a run a line means."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.core.runs import Candidate, Run


def candidate_named(run: Run, name: str | None) -> Candidate:
    """By name, family or id; the best one by default. NotFound."""
    from app.errors import NotFound

    if name is None:
        if run.best is None:
            raise NotFound(f"Run {run.number} has no candidate to choose.", "Name one with --candidate.")
        return run.best
    for candidate in run.candidates:
        if name in {candidate.name, candidate.family, candidate.id}:
            return candidate
    names = ", ".join(c.name for c in run.candidates)
    raise NotFound(f"Run {run.number} has no candidate “{name}”.", f"It has: {names}.")
