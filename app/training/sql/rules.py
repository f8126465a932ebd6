"""Four kinds of rules: the same answer for all, a lookup by one column, a small tree, a weighted sum. In a child only.

Each rule answers rows itself (to be chosen by cross-validation) and writes itself as one SQL expression, which a real
engine then runs on the hold-out: what is reported is what the engine answered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from app.core.runs import Task
from app.training.bench import Inputs
from app.training.sql import text
from app.training.sql.features import Feature

Floats = npt.NDArray[np.float64]
MARGIN = "  "


class Rule(Protocol):
    """``answer``: (n,) the positive class's share, a value, or (several classes) the position of a label."""

    @property
    def title(self) -> str:
        """What it is, in words."""

    def answer(self, x: Inputs) -> Floats:
        """What it says of rows."""

    def lines(self, say: Say) -> list[str]:
        """The SQL expression, one line a list entry."""


@dataclass(frozen=True, slots=True)
class Say:
    """How an answer is written: a number, or the label at that position."""

    task: Task
    labels: tuple[str, ...]

    def __call__(self, answer: float) -> str:
        """The literal of one answer."""
        return text.string(self.labels[int(answer)]) if self.task is Task.MULTICLASS else text.number(answer)


@dataclass(frozen=True, slots=True)
class Constant:
    """Majority, share or mean: the same for every row."""

    value: float

    @property
    def title(self) -> str:
        """What it is, in words."""
        return "The same answer for every row"

    def answer(self, x: Inputs) -> Floats:
        """The value, for every row."""
        return np.full(len(next(iter(x.values()))), self.value)

    def lines(self, say: Say) -> list[str]:
        """One literal."""
        return [say(self.value)]


@dataclass(frozen=True, slots=True)
class Lookup:
    """GROUP BY of one column: the share, mean or majority of each of its values; ``other`` for everything else."""

    features: tuple[Feature, ...]
    values: tuple[float, ...]
    other: float

    @property
    def title(self) -> str:
        """What it is, in words."""
        return f"A lookup by {self.features[0].spec.name}"

    def answer(self, x: Inputs) -> Floats:
        """Each row's group's value."""
        out = np.full(len(next(iter(x.values()))), self.other)
        for feature, value in zip(self.features, self.values, strict=True):
            out[feature.values(x) > 0.5] = value
        return out

    def lines(self, say: Say) -> list[str]:
        """``CASE WHEN plan = 'basic' THEN 0.1 ... ELSE 0.3 END``."""
        whens = [f"{MARGIN}WHEN {f.above(0.5)} THEN {say(v)}" for f, v in zip(self.features, self.values, strict=True)]
        return ["CASE", *whens, f"{MARGIN}ELSE {say(self.other)}", "END"]


@dataclass(frozen=True, slots=True)
class Leaf:
    """The end of a path in a tree."""

    value: float


@dataclass(frozen=True, slots=True)
class Branch:
    """``low`` is for rows whose figure is at most ``bound``, ``high`` for the others."""

    feature: Feature
    bound: float
    low: Leaf | Branch
    high: Leaf | Branch


@dataclass(frozen=True, slots=True)
class Tree:
    """A decision tree of at most three levels."""

    root: Leaf | Branch
    depth: int

    @property
    def title(self) -> str:
        """What it is, in words."""
        return f"A tree of depth {self.depth}"

    def answer(self, x: Inputs) -> Floats:
        """Each row's leaf's value."""
        return _walk(self.root, x, np.arange(len(next(iter(x.values())))))

    def lines(self, say: Say) -> list[str]:
        """Nested CASE WHEN."""
        return _case(self.root, say)


@dataclass(frozen=True, slots=True)
class Term:
    """``weight`` times the figure (``fill`` where it is missing), or ``weight`` where the category is this one."""

    feature: Feature
    weight: float
    fill: float

    def values(self, x: Inputs) -> Floats:
        """(n,) this term of the sum."""
        figures = self.feature.values(x)
        return self.weight * np.where(np.isneginf(figures), self.fill, figures)

    def line(self) -> str:
        """``+ 0.03 * COALESCE(age, 41)`` or ``+ CASE WHEN plan = 'basic' THEN 0.4 ELSE 0 END``."""
        spec, sign = self.feature.spec, "+" if self.weight >= 0 else "-"
        size = text.number(abs(self.weight))
        if self.feature.level is not None or spec.type == "boolean":
            return f"{sign} CASE WHEN {self.feature.above(0.5)} THEN {size} ELSE 0 END"
        column = text.name(spec.name)
        figure = f"COALESCE({column}, {text.number(self.fill, 6)})" if self.feature.missing else column
        return f"{sign} {size} * {figure}"


@dataclass(frozen=True, slots=True)
class Sum:
    """A weighted sum of few columns; for two classes through the logistic function."""

    terms: tuple[Term, ...]
    start: float
    logistic: bool

    @property
    def title(self) -> str:
        """What it is, in words."""
        return f"A weighted sum of {len(self.terms)} terms"

    def answer(self, x: Inputs) -> Floats:
        """The sum of each row."""
        total = np.full(len(next(iter(x.values()))), self.start)
        for term in self.terms:
            total += term.values(x)
        return 1 / (1 + np.exp(-np.clip(total, -700, 700))) if self.logistic else total

    def lines(self, say: Say) -> list[str]:
        """One term a line."""
        inner = [text.number(self.start), *(term.line() for term in self.terms)]
        if not self.logistic:
            return inner
        return ["1.0 / (1 + EXP(-(", *(f"{MARGIN}{line}" for line in inner), ")))"]


def _walk(node: Leaf | Branch, x: Inputs, rows: npt.NDArray[np.intp]) -> Floats:
    if isinstance(node, Leaf):
        return np.full(len(rows), node.value)
    low = node.feature.values({name: cells[rows] for name, cells in x.items()}) <= node.bound
    out = np.empty(len(rows))
    out[low] = _walk(node.low, x, rows[low])
    out[~low] = _walk(node.high, x, rows[~low])
    return out


def _case(node: Leaf | Branch, say: Say) -> list[str]:
    if isinstance(node, Leaf):
        return [say(node.value)]
    by_order = node.feature.level is None and node.feature.spec.type != "boolean"
    condition = node.feature.at_most(node.bound) if by_order else node.feature.above(node.bound)
    first, second = (node.low, node.high) if by_order else (node.high, node.low)
    return ["CASE", *_arm(f"WHEN {condition} THEN", first, say), *_arm("ELSE", second, say), "END"]


def _arm(head: str, node: Leaf | Branch, say: Say) -> list[str]:
    inner = _case(node, say)
    if len(inner) == 1:
        return [f"{MARGIN}{head} {inner[0]}"]
    return [f"{MARGIN}{head}", *(f"{MARGIN * 2}{line}" for line in inner)]
