"""What a candidate is made from: the raw table, its target and how its rows are divided. In a child only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypedDict

import numpy as np
import numpy.typing as npt

from app.core.data import Column, Use
from app.core.runs import Plan, Recipe, SplitKind, Task
from app.data.split import Digests, Split, row_digests, split_rows
from app.data.target import Target, read_target
from app.data.thin import load_thinned
from app.data.time_split import split_by_time

Raw = npt.NDArray[np.generic]
Rows = npt.NDArray[np.intp]

READ_FACTOR = 2
"""Times ``max_rows``: of larger tables not every row is read (measured: ten million rows would take the whole time)."""


@dataclass(frozen=True, slots=True)
class Division:
    """How rows are to be divided (see ``core.runs.Plan``). ``by``: the column of the time or the group."""

    seed: int
    holdout: float
    folds: int
    max_rows: int
    kind: SplitKind = SplitKind.STRATIFIED
    by: Column | None = None
    cut: str = ""


class _Asked(TypedDict):
    task: Task
    seed: int
    holdout: float
    folds: int
    max_rows: int


@dataclass(frozen=True, slots=True)
class Material:
    """``raw``: the input columns as read, rows without a target left out. ``y``: (n,) labels as text, or float64;
    zeros without a target. ``rows``: (n,) position of each row in the stored table. ``missing``: rows read that have no
    target. ``every``: 1, or n where only every n-th row of a very large table was read."""

    raw: dict[str, Raw]
    y: Raw
    rows: Rows
    split: Split
    missing: int
    every: int = 1
    target: str = ""

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
    table_path: Path, inputs: Sequence[Column], target: Column, task: Task, division: Division
) -> Material:
    """Read the stored table and divide its rows. The order of ``inputs`` does not matter for the division."""
    by = division.by
    wanted = [*inputs, *([target] if target.name else []), *([by] if by is not None else [])]
    columns, positions = load_thinned(table_path, wanted, READ_FACTOR * division.max_rows)
    found = read_target(columns, target.name, target.type, task) if target.name else _without_target(len(positions))
    raw = {c.name: columns[c.name][found.rows] for c in inputs}
    split = _divided(raw, found.y, None if by is None else columns[by.name][found.rows], task, division)
    every = int(positions[1] - positions[0]) if len(positions) > 1 else 1
    return Material(raw, found.y, positions[found.rows], split, found.missing, every, target.name)


def _without_target(rows: int) -> Target:
    """Every row, and nothing to know of it."""
    return Target(np.arange(rows), np.zeros(rows), 0)


def division_of(plan: Plan, by: Column | None) -> Division:
    """The division that a plan asks for."""
    return Division(plan.seed, plan.holdout, plan.folds, plan.max_rows, plan.split, by, plan.cut)


def load_again(table_path: Path, recipe: Recipe) -> Material:
    """The material that a recipe was fitted on, divided in the same way: ``split.rule`` equals ``recipe.split`` but
    for its note."""
    rule = recipe.split
    by = None if rule.column_type is None else Column(rule.column, rule.column_type, Use.IGNORED)
    inputs = [(spec.name, spec.type) for spec in recipe.inputs]
    return load_material(
        table_path,
        [Column(name, type_, Use.INPUT) for name, type_ in recipe.divided_by or inputs],
        Column(recipe.target, recipe.target_type, Use.TARGET),
        recipe.task,
        Division(rule.seed, rule.holdout, rule.folds, recipe.max_rows, rule.kind, by, rule.cut),
    )


def _divided(raw: dict[str, Raw], y: Raw, key: Raw | None, task: Task, division: Division) -> Split:
    """``key``: (n,) the time or the group of each row."""
    digests = row_digests(raw, sorted(raw))
    asked = _Asked(
        task=task,
        seed=division.seed,
        holdout=division.holdout,
        folds=division.folds,
        max_rows=division.max_rows,
    )
    by = division.by
    if by is None or key is None:
        return split_rows(digests, y, **asked)
    if division.kind is SplitKind.TIME:
        split = split_by_time(key, digests, y, cut=division.cut, **asked)
    else:
        split = split_rows(group_digests(by.name, key, digests), y, kind=SplitKind.GROUP, **asked)
        split = _with_group_note(split, key, by.name)
    return replace(split, rule=replace(split.rule, column=by.name, column_type=by.type))


def group_digests(name: str, key: Raw, own: Digests) -> Digests:
    """Equal for the rows of one group; a row without a group is a group of its own."""
    missing = np.array([value is None for value in key]) if key.dtype.kind == "O" else np.isnan(key)
    return np.where(missing, own, row_digests({name: key}, [name]))


def _with_group_note(split: Split, key: Raw, name: str) -> Split:
    held, every = (len(set(key[rows].tolist())) for rows in (split.holdout, np.union1d(split.train, split.holdout)))
    note = f"Tested on {held:,} of {every:,} groups of {name}: {len(split.holdout):,} rows; no group is on both sides."
    notes = (note, *split.notes)
    return replace(split, rule=replace(split.rule, note=" ".join(notes)), notes=notes)
