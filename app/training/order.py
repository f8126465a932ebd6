"""What the parent orders from a child and what comes back: plain data, light to import."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.data import Column, ColumnType, Use
from app.core.runs import CandidateState, ParityCertificate, Plan, Recipe, Score

ONNX, PREDICTIONS, EVALUATION, RECIPE, PARITY = (
    "model.onnx",
    "predictions.parquet",
    "evaluation.json",
    "recipe.json",
    "parity.json",
)
"""Files of a finished candidate, in the child's folder of that task."""

NO_TARGET = Column("", ColumnType.CATEGORY, Use.IGNORED)
"""Stands where a target would: anomalies are looked for without one."""


@dataclass(frozen=True, slots=True)
class Champion:
    """The model that is in use. ``onnx_path``: its stored file; ``threshold``: the one that it answers by, None: the
    likeliest class."""

    label: str
    onnx_path: str
    recipe: Recipe
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class Grouped:
    """What a gate needs beyond the metrics of all rows. ``name``: the rule's; ``metric``: or fairness measure;
    ``column``: whose groups are looked at, None: all rows (calibration)."""

    name: str
    kind: str
    metric: str
    column: Column | None


@dataclass(frozen=True, slots=True)
class GroupFigure:
    """``score``: of the group that is worst, or of the largest difference; None if nothing could be judged, then
    ``where`` says why. ``judged``, ``small``: how many groups."""

    name: str
    score: Score | None
    where: str
    judged: int = 0
    small: int = 0


@dataclass(frozen=True, slots=True)
class Measured:
    """What the gates need beside what every candidate is measured by."""

    metrics: tuple[str, ...] = ()
    champion: Champion | None = None
    latency: bool = False
    grouped: tuple[Grouped, ...] = ()


@dataclass(frozen=True, slots=True)
class AgainstChampion:
    """``difference``: on the hold-out, paired, positive is better; None if the champion cannot answer these rows, then
    ``problem`` says why. ``may_have_seen``: it was not divided as this run was, so it may know some of the rows."""

    label: str
    difference: Score | None
    may_have_seen: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True)
class FitOrder:
    """The same for every candidate of a run. ``deadline``: ``time.monotonic()`` at which everything should be
    done (the clock is the machine's, the same in every process). ``split_by``: the column of the time or the group."""

    plan: Plan
    inputs: tuple[Column, ...]
    target: Column
    table_path: str
    table_sha256: str
    started: float
    deadline: float
    split_by: Column | None = None
    measured: Measured = Measured()


@dataclass(frozen=True, slots=True)
class CandidateOrder:
    """One candidate to make. ``share``: of the seconds left when it starts, how much it may take; ``variant``:
    changes to the family's own parameters, a JSON object; ``needs``: it is left out if fewer seconds are left;
    without, it is a first model, which is waited for.
    ``folds``: if not 0, a search has scored these settings on so many folds already: ``cv`` is the score, ``variant``
    is complete and neither folds nor a pilot are run again. ``scored_on``: if not 0, the score is over so many folds,
    fitted on at most ``scored_rows`` (0: all), as a search's trials are, so that scores can be compared. ``complete``:
    ``variant`` is a recipe's settings and nothing is resolved anew, but the folds are scored."""

    name: str
    family: str
    share: float
    baseline: bool = False
    variant: str = "{}"
    needs: float = 0.0
    cv: Score | None = None
    folds: int = 0
    scored_on: int = 0
    scored_rows: int = 0
    complete: bool = False


@dataclass(frozen=True, slots=True)
class Fitted:
    """How one candidate came out. ``against_baseline``: difference on the hold-out, positive is better; ``luck``:
    see ``baseline.Advantage``. ``skipped``: no time was left. ``notes``: about the data, the same for all.
    ``figures``: every metric on the hold-out; ``latency_ms``: of one row, the median with its interval."""

    name: str
    state: CandidateState
    seconds: float
    skipped: bool = False
    cv: Score | None = None
    holdout: Score | None = None
    against_baseline: Score | None = None
    luck: float | None = None
    holdout_rows: int = 0
    certificate: ParityCertificate | None = None
    onnx_bytes: int = 0
    note: str = ""
    notes: tuple[str, ...] = ()
    figures: tuple[tuple[str, Score], ...] = ()
    against_champion: AgainstChampion | None = None
    latency_ms: Score | None = None
    grouped: tuple[GroupFigure, ...] = ()
