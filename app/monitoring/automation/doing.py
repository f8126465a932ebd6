"""A run of a rule as it goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.automations import Rule
from app.core.challenges import Challenge
from app.errors import BadInput, NotFound

if TYPE_CHECKING:
    from app.core.data import Dataset
    from app.registry.project import Project


@dataclass(slots=True)
class Doing:
    """``name``, ``automation``: the automation's name and id; ``run``: the id of this time that it runs; ``why``: its
    occasion; ``challenge``: what its retraining made, or what it takes up."""

    project: Project
    rule: Rule
    name: str
    why: str
    challenge: Challenge | None = None
    automation: str = ""
    run: str = ""

    @property
    def challenger(self) -> Challenge:
        """What was retrained. BadInput, should a rule of an older Modelyard have left that out."""
        if self.challenge is None:
            raise BadInput("There is no challenger.", "Add the step retrain.")
        return self.challenge

    @property
    def dataset(self) -> Dataset:
        """The one that the rule names, else the one of its model. NotFound, BadInput."""
        from app.registry import datasets, models

        if self.rule.dataset:
            return datasets.find_version(self.project, self.rule.dataset)[0]
        found = next((model for model in models.models(self.project) if model.name == self.rule.model), None)
        if found is None:
            raise NotFound(f"There is no model {self.rule.model} yet.", "Approve its first version.")
        return datasets.dataset(self.project, found.dataset_id)
