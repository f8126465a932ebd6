"""What the search orders from a child and what comes back: plain data, light to import."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.runs import Score
from app.training.order import CandidateOrder, Fitted

OOF = "unseen.npy"
"""A trial's answers to rows that it was not fitted on, fold after fold, in the child's folder of that trial."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What the table is like. ``fit_s``: about how long boosting with 100 iterations takes on all training rows.
    ``smallest``: the share of the rarest class, with its name. ``log``: whether a logarithm of the target makes sense.
    """

    rows: int
    features: int
    classes: int
    folds: int
    categories: int
    texts: int
    fit_s: float
    smallest: float = 1.0
    rarest: str = ""
    log: bool = False


@dataclass(frozen=True, slots=True)
class TrialOrder:
    """One setting to score. ``variant``: changes to the family's own, a JSON object; ``rows``: at most so many are
    fitted on, 0: all; ``folds``: how many of the plan's are used; ``seconds``: about what it may take."""

    number: int
    name: str
    family: str
    variant: str
    rows: int
    folds: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Tried:
    """``settings``: resolved, a JSON object; ``refit_s``: about how long a fit on all training rows takes. ``growing``:
    time was up while boosting still got better, which ``most`` iterations bound."""

    settings: str
    score: Score | None
    rows: int
    folds: int
    seconds: float
    refit_s: float
    note: str = ""
    growing: bool = False
    most: int = 0


@dataclass(frozen=True, slots=True)
class Ingredient:
    """A trial that a blend may take. ``path``: its answers."""

    number: int
    path: str
    refit_s: float


@dataclass(frozen=True, slots=True)
class BlendOrder:
    """Which of these trials to average, the best one first. ``seconds``: what all refits together may take."""

    ingredients: tuple[Ingredient, ...]
    folds: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Blended:
    """``weights``: trial and weight, which sum to 1; a single one where no average is better."""

    weights: tuple[tuple[int, float], ...]
    score: Score | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Work:
    """One task of a searching run: one of these, or a survey if there is none."""

    candidate: CandidateOrder | None = None
    trial: TrialOrder | None = None
    blend: BlendOrder | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it."""

    fitted: Fitted | None = None
    tried: Tried | None = None
    blended: Blended | None = None
    survey: Survey | None = None
