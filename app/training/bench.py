"""The table as models take it, made once for all candidates that one child fits. In a child only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from app.core.data import Column
from app.core.runs import InputSpec, Recipe, Task
from app.training.inputs import canonical_inputs, specs
from app.training.material import Material, division_of, load_material
from app.training.order import FitOrder

Raw = npt.NDArray[np.generic]
Inputs = dict[str, Raw]
Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Bench:
    """``x``/``y``: training rows in the order of ``material.split.train``; ``x_out``/``y_out``: the hold-out.
    ``x`` maps input names to (n, 1) canonical arrays. ``labels``: sorted text, empty for a regression."""

    material: Material
    inputs: tuple[InputSpec, ...]
    labels: tuple[str, ...]
    x: Inputs
    y: Raw
    x_out: Inputs
    y_out: Raw

    def recipe(self, order: FitOrder, family: str, params: str) -> Recipe:
        """Everything that a refit of one candidate needs."""
        plan = order.plan
        return Recipe(
            family=family,
            params=params,
            inputs=self.inputs,
            target=plan.target,
            target_type=order.target.type,
            task=plan.task,
            labels=self.labels,
            positive=plan.positive,
            split=self.material.split.rule,
            seed=plan.seed,
            table_sha256=order.table_sha256,
            max_rows=plan.max_rows,
            rows_fitted=len(self.y),
        )


@lru_cache(maxsize=1)
def bench_for(order: FitOrder) -> Bench:
    """The bench of a run: read, divided and made canonical the first time, then kept for the next candidate."""
    plan = order.plan
    division = division_of(plan, order.split_by)
    material = load_material(Path(order.table_path), order.inputs, order.target, plan.task, division)
    return lay_out(material, order.inputs, plan.task)


def lay_out(material: Material, columns: Sequence[Column], task: Task) -> Bench:
    """The material as models take it. Categories and ranges come from training rows alone."""
    split = material.split
    raw = material.inputs(split.train)
    inputs = specs(columns, raw)
    y = material.y[split.train]
    return Bench(
        material=material,
        inputs=inputs,
        labels=() if task is Task.REGRESSION else tuple(sorted(set(y.tolist()))),
        x=canonical_inputs(inputs, raw),
        y=y,
        x_out=canonical_inputs(inputs, material.inputs(split.holdout)),
        y_out=material.y[split.holdout],
    )


def take(x: Inputs, rows: Rows) -> Inputs:
    """Some rows of all inputs."""
    return {name: values[rows] for name, values in x.items()}
