"""What a candidate is made from: the raw table, its target and how its rows are divided. In a child only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from app.core.data import Column, Use
from app.core.runs import Recipe, Task
from app.data.split import Split, row_digests, split_rows
from app.data.target import read_target
from app.data.thin import load_thinned

Raw = npt.NDArray[np.generic]
Rows = npt.NDArray[np.intp]

READ_FACTOR = 2
"""Times ``max_rows``: of larger tables not every row is read (measured: ten million rows would take the whole time)."""


@dataclass(frozen=True, slots=True)
class Material:
    """``raw``: the input columns as read, rows without a target left out. ``y``: (n,) labels as text, or float64.
    ``rows``: (n,) position of each row in the stored table. ``missing``: rows read that have no target. ``every``:
    1, or n where only every n-th row of a very large table was read."""

    raw: dict[str, Raw]
    y: Raw
    rows: Rows
    split: Split
    missing: int
    every: int = 1

    def inputs(self, rows: Rows) -> dict[str, Raw]:
        """The raw input columns of some rows (positions within the material)."""
        return {name: values[rows] for name, values in self.raw.items()}

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out, sampled or fell back, in words."""
        thinned = (f"Of this large table one row in {self.every} was read.",) if self.every > 1 else ()
        left_out = (f"{self.missing:,} rows without a target were left out.",) if self.missing else ()
        return thinned + left_out + self.split.notes


def load_material(
    table_path: Path,
    inputs: Sequence[Column],
    target: Column,
    task: Task,
    *,
    seed: int,
    holdout: float,
    folds: int,
    max_rows: int,
) -> Material:
    """Read the stored table and divide its rows. The order of ``inputs`` does not matter for the division."""
    columns, positions = load_thinned(table_path, [*inputs, target], READ_FACTOR * max_rows)
    found = read_target(columns, target.name, target.type, task)
    raw = {c.name: columns[c.name][found.rows] for c in inputs}
    split = split_rows(
        row_digests(raw, sorted(raw)), found.y, task=task, seed=seed, holdout=holdout, folds=folds, max_rows=max_rows
    )
    every = int(positions[1] - positions[0]) if len(positions) > 1 else 1
    return Material(raw, found.y, positions[found.rows], split, found.missing, every)


def load_again(table_path: Path, recipe: Recipe) -> Material:
    """The material that a recipe was fitted on, divided in the same way: ``split.rule`` equals ``recipe.split`` but
    for its note."""
    return load_material(
        table_path,
        [Column(i.name, i.type, Use.INPUT) for i in recipe.inputs],
        Column(recipe.target, recipe.target_type, Use.TARGET),
        recipe.task,
        seed=recipe.split.seed,
        holdout=recipe.split.holdout,
        folds=recipe.split.folds,
        max_rows=recipe.max_rows,
    )
