"""Rows that passed: what the model takes, what the log keeps, what was dropped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from .contract import Value


@dataclass(slots=True)
class Rows:
    """``values``: a row's inputs in the contract's order. ``logged``: a row as it goes into the log (inputs
    and identifiers; anything that msgspec writes as a JSON object). ``dropped``: rows that held a column
    which the model does not use, by column. ``request_id``: what an inference protocol sends back. ``instead_of``:
    the bundle whose answer these were to be, had it had one. ``places``: of some of a request's rows where they stand
    in it, None: they are all. ``held``: they are logged once all of the request has its answer, by whoever asked."""

    values: list[tuple[Value, ...]]
    logged: Sequence[object]
    caller_ids: list[str | int] | None = None
    dropped: dict[str, int] = field(default_factory=dict)
    request_id: str | None = None
    instead_of: str | None = None
    places: Sequence[int] | None = None
    held: bool = False

    def __len__(self) -> int:
        """How many rows."""
        return len(self.values)

    def some(self, places: Sequence[int]) -> Rows:
        """Those at these places, in this order and held; what was dropped is told of all together only."""
        callers = self.caller_ids
        return Rows(
            [self.values[i] for i in places],
            [self.logged[i] for i in places],
            [callers[i] for i in places] if callers is not None else None,
            request_id=self.request_id,
            places=places,
            held=True,
        )
