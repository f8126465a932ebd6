"""The contract of a data set: what its versions and every prediction's inputs have to keep. Versioned."""

from __future__ import annotations

from dataclasses import dataclass

from app.runtime.rules import Rule


@dataclass(frozen=True, slots=True)
class DataContract:
    """One version of a data set's contract. ``reason``: why it was changed, in a person's words."""

    id: str
    dataset_id: str
    number: int
    rules: tuple[Rule, ...]
    reason: str
    actor: str
    created_at: str
