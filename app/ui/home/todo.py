"""Something that waits for a person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Tr = Callable[[str], str]
"""Says a text in the person's language."""


@dataclass(frozen=True, slots=True)
class Todo:
    """``page`` and ``what`` say where the button leads; ``first``: the most urgent, on the primary button."""

    status: str
    text: str
    button: str
    page: str
    what: object = None
    first: bool = False
