"""The table as models take it, made once for all candidates that one child fits. In a child only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from app.core.data import Column, ColumnType
from app.core.runs import InputSpec, Recipe, Task
from app.training.column_budget import columns_in_time, narrowed_note, texts_in_time
from app.training.inputs import canonical_inputs, specs
from app.training.material import Material, division_of, load_material
from app.training.narrowing import Screen, Wide
from app.training.order import FitOrder

Raw = npt.NDArray[np.generic]
Inputs = dict[str, Raw]
Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Bench:
    """``x``/``y``: training rows in the order of ``material.split.train``; ``x_out``/``y_out``: the hold-out.
    ``x`` maps input names to (n, 1) canonical arrays. ``labels``: sorted text, empty but for classes. ``wide``: all
    columns, where ``inputs`` are only some of them."""

    material: Material
    inputs: tuple[InputSpec, ...]
    labels: tuple[str, ...]
    x: Inputs
    y: Raw
    x_out: Inputs
    y_out: Raw
    wide: Wide | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out of the table, in words."""
        if self.wide is None:
            return self.material.notes
        target = self.material.target
        return (*self.material.notes, narrowed_note(len(self.wide.specs), len(self.inputs), target))

    def seen_by(self, rows: Rows) -> Inputs:
        """The columns that a model takes which is fitted on these training rows: all training rows of them."""
        if self.wide is None:
            return self.x
        return {spec.input: self.wide.x[spec.input] for spec in self.wide.chosen(rows)}

    def specs_of(self, x: Inputs) -> tuple[InputSpec, ...]:
        """What is known of some of the columns."""
        return self.inputs if self.wide is None else tuple(s for s in self.wide.specs if s.input in x)

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
            divided_by=() if self.wide is None else tuple((s.name, s.type) for s in self.wide.specs),
        )


@lru_cache(maxsize=1)
def bench_for(order: FitOrder) -> Bench:
    """The bench of a run: read, divided and made canonical the first time, then kept for the next candidate."""
    plan = order.plan
    division = division_of(plan, order.split_by)
    material = load_material(Path(order.table_path), order.inputs, order.target, plan.task, division)
    if plan.task is Task.ANOMALY:
        return lay_out(material, order.inputs, plan.task)
    every = sum(column.type is ColumnType.TEXT for column in order.inputs)
    texts = texts_in_time(every, plan.seconds)
    most = plan.columns or columns_in_time(len(order.inputs) - every + texts, plan.seconds)
    return lay_out(material, order.inputs, plan.task, most, texts)


def lay_out(
    material: Material, columns: Sequence[Column], task: Task, most: int | None = None, texts: int | None = None
) -> Bench:
    """The material as models take it. Categories, ranges and, where only ``most`` of the columns (``texts`` of them
    text) are wanted, the choice come from training rows alone."""
    split = material.split
    raw, y = material.inputs(split.train), material.y[split.train]
    every = specs(columns, raw)
    x = canonical_inputs(every, raw)
    narrow = most is not None and most < len(every)
    wide = Wide(every, x, Screen(every, x, y, task), most, texts) if most is not None and narrow else None
    inputs = every if wide is None else wide.chosen(np.arange(len(y)))
    return Bench(
        material=material,
        inputs=inputs,
        labels=tuple(sorted(set(y.tolist()))) if task.classifies else (),
        x=x if wide is None else {spec.input: x[spec.input] for spec in inputs},
        y=y,
        x_out=canonical_inputs(inputs, material.inputs(split.holdout)),
        y_out=material.y[split.holdout],
        wide=wide,
    )


def take(x: Inputs, rows: Rows) -> Inputs:
    """Some rows of all inputs."""
    return {name: values[rows] for name, values in x.items()}
