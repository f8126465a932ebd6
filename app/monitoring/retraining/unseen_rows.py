"""Rows that neither of two models was fitted on, found by what the rows are. Child side.

A row is known by the inputs that the champion takes, by its time or its group where the champion's rows were divided by
that: never by its place, because a newer data version may have its rows in another order. What is equal in all of that
to a row that was fitted on counts as seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from app.core.data import Column, Use
from app.core.runs import Recipe, SplitKind
from app.data.split import Digests, row_digests, told_apart
from app.data.table import Raw
from app.data.thin import load_thinned
from app.training.material import READ_FACTOR, Material, group_digests, load_again

Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Unseen:
    """``rows``: positions within the challenger's ``material`` that both may be asked about, ``fresh``: (n,) which of
    them the champion's data did not have; ``left_out``: held out for the challenger, but known to the champion.
    ``raw``: the champion's inputs of ``rows``."""

    material: Material
    rows: Rows
    fresh: npt.NDArray[np.bool_]
    left_out: int
    raw: dict[str, Raw]


def unseen_rows(champion: Recipe, fitted_on: Path, challenger: Recipe, newer: Path) -> Unseen:
    """The challenger's hold-out without the rows that the champion was fitted on. KeyError if the newer table lacks a
    column that the champion takes."""
    then, now = load_again(fitted_on, champion), load_again(newer, challenger)
    columns, of_then = _columns_of(fitted_on, champion, then, champion.max_rows)
    raw, of_now = _columns_of(newer, champion, now, challenger.max_rows)
    before, here = _keys(champion, (columns, of_then), (raw, of_now))
    held = now.split.holdout
    known = np.isin(here[held], before[then.split.train])
    rows = held[~known]
    taken = {spec.name: raw[spec.name][rows] for spec in champion.inputs}
    fresh = _came_since(_whole(champion, columns, then), _whole(champion, raw, now))
    return Unseen(now, rows, fresh[rows], int(known.sum()), taken)


def _whole(recipe: Recipe, columns: dict[str, Raw], material: Material) -> Digests:
    """(n,) the row with its truth."""
    whole = columns | {recipe.target: material.y}
    return row_digests(whole, sorted(whole))


def _came_since(before: Digests, now: Digests) -> npt.NDArray[np.bool_]:
    """(n,) rows that are there more often than before: of equal ones the later, as nothing else tells them apart."""
    known, counts = np.unique(before, return_counts=True)
    order = np.argsort(now, kind="stable")
    ordered = now[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    occurrence = np.arange(len(now)) - np.repeat(starts, np.diff(np.r_[starts, len(now)]))
    place = np.minimum(np.searchsorted(known, ordered), max(len(known) - 1, 0))
    had = np.where(known[place] == ordered, counts[place], 0) if len(known) else np.zeros(len(now))
    fresh = np.zeros(len(now), dtype=bool)
    fresh[order] = occurrence >= had
    return fresh


def _columns_of(path: Path, recipe: Recipe, material: Material, max_rows: int) -> tuple[dict[str, Raw], Digests]:
    """A recipe's inputs and what its rows were divided by, and the digests of the inputs: of the material's rows."""
    inputs = [Column(spec.name, spec.type, Use.INPUT) for spec in recipe.inputs]
    wanted = list(inputs)
    if recipe.split.column_type is not None:
        wanted.append(Column(recipe.split.column, recipe.split.column_type, Use.IGNORED))
    table, positions = load_thinned(path, wanted, READ_FACTOR * max_rows)
    places = np.searchsorted(positions, material.rows)
    found = {name: values[places] for name, values in table.items()}
    return found, row_digests(found, sorted(column.name for column in inputs))


def _keys(
    recipe: Recipe, then: tuple[dict[str, Raw], Digests], now: tuple[dict[str, Raw], Digests]
) -> tuple[Digests, Digests]:
    """(n,) what each row is known by, in both tables. Where equal rows had to be told apart in one table only, they
    count as one: a row too few is better than one that was fitted on."""
    rule = recipe.split
    if rule.kind is SplitKind.GROUP:
        of_then, of_now = (group_digests(rule.column, columns[rule.column], own) for columns, own in (then, now))
        return of_then, of_now
    if rule.kind is SplitKind.TIME:
        return row_digests(then[0], sorted(then[0])), row_digests(now[0], sorted(now[0]))
    (one, note), (other, other_note) = told_apart(then[1]), told_apart(now[1])
    return (one, other) if bool(note) == bool(other_note) else (then[1], now[1])
