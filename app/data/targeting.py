"""The target of a reading: chosen by a person, as in the version before, or guessed. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.core.data import Column, Profile, Use
from app.data.findings import listed
from app.data.guess import classes_of, guess_positive, guess_target
from app.data.reading import Known
from app.errors import BadInput


@dataclass(frozen=True, slots=True)
class Targeted:
    """Columns of which at most one is the target, its positive class, and why it is the target."""

    columns: tuple[Column, ...]
    positive: str | None
    why: str


def settle_target(columns: tuple[Column, ...], profile: Profile, chosen: str | None, known: Known | None) -> Targeted:
    """Settle the target of a new reading. BadInput if the chosen column is not there."""
    if chosen is not None:
        return retarget(columns, profile, chosen, "")
    if known is not None:
        before = next((c for c in columns if c.use is Use.TARGET), None)
        positive = _positive(columns, profile, known.positive)
        return Targeted(columns, positive, "As in the version before." if before else "")
    name, why = guess_target(columns, profile.columns, profile.rows)
    return retarget(columns, profile, name, why)


def retarget(columns: Sequence[Column], profile: Profile, name: str | None, why: str) -> Targeted:
    """Make one column the target (or none); the one before becomes an input again. BadInput if it is not there."""
    if name is not None and name not in {c.name for c in columns}:
        raise BadInput(f"There is no column {name}.", f"The columns are {listed([c.name for c in columns], 20)}.")
    changed = tuple(_with_use(c, c.name == name, why) for c in columns)
    return Targeted(changed, _positive(changed, profile, None), why)


def _with_use(column: Column, is_target: bool, why: str) -> Column:
    if is_target:
        return replace(column, use=Use.TARGET, why=why)
    return replace(column, use=Use.INPUT, why="") if column.use is Use.TARGET else column


def _positive(columns: Sequence[Column], profile: Profile, before: str | None) -> str | None:
    """The positive class: the one before if it is still one of two, else a guess."""
    index = next((i for i, c in enumerate(columns) if c.use is Use.TARGET), None)
    if index is None:
        return None
    guessed = guess_positive(columns[index], profile.columns[index])
    if guessed is not None and before in classes_of(columns[index], profile.columns[index]):
        return before
    return guessed
