"""Fit a recorded recipe once more: no search, no clock, nothing but the recipe and the stored table. In a child."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from app.core.runs import Recipe, SplitRule
from app.export.convert import convert
from app.training.answers import answers_of
from app.training.bench import Inputs, Raw
from app.training.candidates import AnyModel, build, canonical_inputs
from app.training.material import Material, load_again
from app.training.metrics import Answers


@dataclass(frozen=True, slots=True)
class Refitted:
    """``rows``: positions of the hold-out in the stored table, ``answers``: what the model says of them."""

    rule: SplitRule
    rows: Raw
    model: AnyModel
    answers: Answers
    onnx: bytes


def refit(recipe: Recipe, table_path: Path) -> Refitted:
    """Load, divide, fit, answer the hold-out and export, as the run did.

    Categories and ranges come from the recipe: they were decided then. ParityFailed if it cannot be exported.
    """
    material = load_again(table_path, recipe)
    train, holdout = material.split.train, material.split.holdout
    model = fit_recipe(recipe, _x(recipe, material, train), material.y[train])
    answers = answers_of(
        model, recipe.task, _x(recipe, material, holdout), material.y[holdout], recipe.labels, recipe.positive
    )
    onnx = convert(model, recipe.inputs, recipe.task, recipe.labels)
    return Refitted(material.split.rule, material.rows[holdout], model, answers, onnx)


def fit_recipe(recipe: Recipe, x: Inputs, y: Raw) -> AnyModel:
    """A recipe's model, fitted on these rows."""
    return build(recipe.family, json.loads(recipe.params), recipe.inputs, recipe.task, recipe.seed).fit(x, y)


def _x(recipe: Recipe, material: Material, rows: Raw) -> Inputs:
    return canonical_inputs(recipe.inputs, material.inputs(rows))  # type: ignore[arg-type]
