"""What gates ask of groups of the hold-out, and of its probabilities: the worst figure of each. In a child only."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from app.core.fairness import SMALL_ROWS
from app.core.gate_rules import GateKind
from app.core.runs import Score
from app.data import table
from app.training.bootstrap import interval, scores, weights
from app.training.explaining.fairness import groups_of, largest_gap
from app.training.explaining.groups import Group
from app.training.metrics import Answers, Floats, sign, value
from app.training.order import Grouped, GroupFigure
from app.training.thresholds import probability_groups

Rows = npt.NDArray[np.intp]
FEW_GROUPS = "fewer than two groups have {0} rows"


def group_figures(
    wanted: Sequence[Grouped], table_path: str, rows: Rows, answers: Answers, seed: int
) -> tuple[GroupFigure, ...]:
    """One figure for each rule. ``rows``: the positions in the stored table of the rows that were answered."""
    return tuple(_figure(one, table_path, rows, answers, seed) for one in wanted)


def _figure(wanted: Grouped, table_path: str, rows: Rows, answers: Answers, seed: int) -> GroupFigure:
    if wanted.kind == GateKind.CALIBRATION:
        return GroupFigure(wanted.name, calibration_error(answers, seed), "all rows", 1)
    if wanted.column is None:
        return GroupFigure(wanted.name, None, "the data has no such column")
    raw = {name: values[rows] for name, values in table.load(Path(table_path), [wanted.column]).items()}
    groups = [group for column in groups_of([wanted.column], raw) for group in column]
    judge = _largest_gap if wanted.kind == GateKind.FAIRNESS else _worst_group
    return judge(wanted, groups, answers, seed)


def calibration_error(answers: Answers, seed: int) -> Score:
    """The expected calibration error with its interval (see ``thresholds.calibration``), groups held fixed."""
    p, true, groups = probability_groups(answers)
    masks = np.zeros((answers.n, len(groups)))
    for i, group in enumerate(groups):
        masks[group, i] = 1.0
    gaps = masks * (p - true)[:, None]
    drawn: Floats = np.concatenate([np.abs(w @ gaps).sum(axis=1) / answers.n for w in weights(answers.n, seed)])
    return interval(float(np.abs(gaps.sum(axis=0)).sum() / answers.n), drawn)


def _largest_gap(wanted: Grouped, groups: Sequence[Group], answers: Answers, seed: int) -> GroupFigure:
    small = sum(int(group.mask.sum()) < SMALL_ROWS for group in groups)
    gap = largest_gap(groups, wanted.metric, answers, seed)
    if gap is None:
        return GroupFigure(wanted.name, None, FEW_GROUPS.format(SMALL_ROWS), 0, small)
    where = f"{gap.high}, against {gap.low}" if gap.high != gap.low else "all alike"
    return GroupFigure(wanted.name, gap.difference, where, len(groups) - small, small)


def _worst_group(wanted: Grouped, groups: Sequence[Group], answers: Answers, seed: int) -> GroupFigure:
    """The group whose interval reaches lowest; one without a figure (of one class alone) counts as small."""
    judged: list[tuple[str, Score]] = []
    for group in groups:
        own = answers.rows(group.mask)
        if own.n >= SMALL_ROWS and np.isfinite(value(wanted.metric, own)):
            judged.append((group.title, scores([wanted.metric], own, seed)[0]))
    if not judged:
        return GroupFigure(wanted.name, None, f"no group has {SMALL_ROWS} rows", 0, len(groups))
    better = sign(wanted.metric)
    title, score = min(judged, key=lambda pair: min(better * pair[1].low, better * pair[1].high))
    return GroupFigure(wanted.name, score, title, len(judged), len(groups) - len(judged))
