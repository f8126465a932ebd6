"""Models that a person answered for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Approval:
    """A decision with its reason. ``decision``: approved | rejected."""

    id: str
    model_version_id: str
    decision: str
    actor: str
    reason: str
    at: str


@dataclass(frozen=True, slots=True)
class Model:
    """A name under which versions are approved; named after its data set."""

    id: str
    name: str
    dataset_id: str


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """``model@number``: an approved candidate. ``card_sha256``: the model card (Markdown)."""

    id: str
    model_id: str
    model_name: str
    number: int
    run_id: str
    candidate_id: str
    card_sha256: str
    created_at: str

    @property
    def label(self) -> str:
        """``churn@3``, as it is written everywhere."""
        return f"{self.model_name}@{self.number}"
