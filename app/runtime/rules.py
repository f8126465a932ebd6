"""The rules of a data contract: one implementation judges data versions and, inside the bundle, predictions."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that data have to keep.

    ``kind``: type | range | categories | missing | unique | rows | relation; ``column``: None where the rule is about
    the whole table. ``minimum``/``maximum``: inclusive bounds of a range (canonical units), of a missing share in
    0..1, or of a number of rows. ``values``: the allowed categories, or the type's name. ``operator`` and ``other``:
    a relation to another column (<, <=, =, >=, >, !=). ``blocks``: breaking it stops training and fails ``check``;
    otherwise it is only said.
    """

    kind: str
    column: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    values: tuple[str, ...] = ()
    operator: str = ""
    other: str | None = None
    blocks: bool = True
    note: str = ""
