"""A waiver as a person writes it: ``CODE`` or ``CODE:COLUMN``, for every blocking finding that is called so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.core.data import Reading
from app.core.decisions import Decision, FindingDecision
from app.data.findings import listed
from app.data.standing import Standing, standing_findings
from app.errors import BadInput, NotAllowed, NotFound

if TYPE_CHECKING:
    from app.registry.project import Project


def waive(project: Project, reading: Reading, named: Sequence[str], reason: str) -> tuple[FindingDecision, ...]:
    """Record why training is right in spite of what blocks it. All of ``named`` or, if one cannot be, none of them.

    NotFound if nothing that blocks is called so, BadInput without a reason or where a column has to be named,
    NotAllowed for what no reason can mend.
    """
    from app.registry import decisions

    blocking = [s for s in standing_findings(project, reading) if s.blocks]
    chosen = {s.key: s for name in named for s in _called(blocking, name)}
    return tuple(
        decisions.decide(project, reading.version_id, code, column, Decision.WAIVE, reason) for code, column in chosen
    )


def _called(blocking: Sequence[Standing], name: str) -> list[Standing]:
    code, colon, column = name.partition(":")
    found = [s for s in blocking if s.finding.code == code and (not colon or s.finding.column == column)]
    if not found:
        there = listed([s.finding.question for s in blocking])
        hint = f"What blocks: {there}." if blocking else "Nothing blocks training on this version."
        raise NotFound(f"Nothing that blocks is called {name}.", hint)
    if not all(s.waivable for s in found):
        raise NotAllowed(f"{code} cannot be waived: no reason would help.", found[0].finding.hint)
    if len({s.finding.column for s in found}) > 1:
        raise BadInput(
            f"{code} blocks in several columns.", f"Name one: {listed([s.finding.question for s in found])}."
        )
    return found
