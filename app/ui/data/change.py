"""What a person asks for on the data page: another reading, and the buttons and menus that ask for one."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.data import ColumnEdit, ParseRecipe


@dataclass(frozen=True, slots=True)
class Change:
    """A new reading that a person asks for. ``effect`` names it for the undo; ``recipe``: read the bytes with
    other settings; ``missing``: cells that do not fit a new type become missing; ``lossy``: they may lose digits."""

    effect: str
    edits: tuple[ColumnEdit, ...] = ()
    recipe: ParseRecipe | None = None
    missing: bool = False
    lossy: bool = False
    positive: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A button's text and what it does. ``menu``: the button opens a choice instead, and each of these is an item."""

    text: str
    change: Change
    menu: tuple[Answer, ...] = ()
