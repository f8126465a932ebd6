"""Runs: what was asked (plan), what was tried (candidates), how it would be done again (recipe)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.core.data import ColumnType
from app.core.metrics import GREATER_IS_BETTER as GREATER_IS_BETTER
from app.core.metrics import METRIC_WORDS as METRIC_WORDS


class Task(StrEnum):
    """What kind of answer the target asks for."""

    BINARY = "binary"
    MULTICLASS = "multiclass"
    REGRESSION = "regression"
    ANOMALY = "anomaly"  # there is no target: which rows are unlike the others

    @property
    def classifies(self) -> bool:
        """Whether the answer is a class with its probabilities; else it is one number."""
        return self in (Task.BINARY, Task.MULTICLASS)


TASK_WORDS = {
    Task.BINARY: "one of two classes",
    Task.MULTICLASS: "one of several classes",
    Task.REGRESSION: "a number",
    Task.ANOMALY: "unusual or not",
}
"""What is answered, in words."""


class RunState(StrEnum):
    """The last event of a run. Append-only: a state is never overwritten."""

    RUNNING = "running"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    DISCARDED = "discarded"


class SplitKind(StrEnum):
    """How rows are divided into those that train and those that test. ``stratified``: by each row's own content, the
    classes in proportion; ``group``: all rows of one group on one side; ``time``: the newest rows test."""

    STRATIFIED = "stratified"
    GROUP = "group"
    TIME = "time"


FOLDS, HOLDOUT = 5, 0.2
DEFAULT_METRIC = {
    Task.BINARY: "roc_auc",
    Task.MULTICLASS: "log_loss",
    Task.REGRESSION: "rmse",
    Task.ANOMALY: "stability:0.05",
}
ANOMALY, NORMAL = "anomaly", "normal"
"""What is answered where there is no target."""


FAMILIES = ("linear", "forest", "boosting", "network")
"""Kinds of models that may be tried."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a person asked for. ``seconds`` bounds the whole job; ``max_rows``: above it training samples.
    ``split_column``: the time or the group; ``cut``: the first moment that is held out, empty: where it fits.
    ``target``: empty where there is none (an anomaly). ``gates``: the version of the data set's additional gates, 0:
    the defaults alone. ``search``: look for better settings until the seconds are used (see ``core.search``); else each
    family is fitted once. ``columns``: how many are taken at most, 0: as many as the seconds allow."""

    version_id: str
    reading_id: str
    target: str
    task: Task
    metric: str
    positive: str | None = None
    seconds: float = 20.0
    seed: int = 0
    folds: int = FOLDS
    holdout: float = HOLDOUT
    families: tuple[str, ...] = FAMILIES
    max_rows: int = 200_000
    split: SplitKind = SplitKind.STRATIFIED
    split_column: str | None = None
    cut: str = ""
    gates: int = 0
    search: bool = False
    columns: int = 0


@dataclass(frozen=True, slots=True)
class SplitRule:
    """How rows were divided; enough to divide them again (see ``app.data.split``).

    A row is held out if the hash of (seed, canonical row) is below ``holdout``; ``moved``: digests of
    rows moved into or out of the hold-out because a class would have been missing. ``kind`` group: the hash is of
    ``column``'s value; time: a row is held out if its ``column`` is at or after ``cut`` (ISO 8601, or a number).
    """

    seed: int
    holdout: float
    folds: int
    stratified: bool
    moved: tuple[str, ...] = ()
    note: str = ""
    kind: SplitKind = SplitKind.STRATIFIED
    column: str = ""
    column_type: ColumnType | None = None
    cut: str = ""


@dataclass(frozen=True, slots=True)
class InputSpec:
    """One raw column as the model takes it. ``input``: the ONNX input's name.

    ``categories``: the explicit list, frequent enough in training; everything else is *other*.
    ``minimum``/``maximum``: seen in training, in canonical units (float32; datetimes in days).
    """

    name: str
    type: ColumnType
    input: str
    missing: int
    minimum: float | None = None
    maximum: float | None = None
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that a refit needs: no search, no clock. ``params``: a JSON object as text. ``divided_by``: name and
    type of the columns by whose values rows were divided, empty: the inputs."""

    family: str
    params: str
    inputs: tuple[InputSpec, ...]
    target: str
    target_type: ColumnType
    task: Task
    labels: tuple[str, ...]
    positive: str | None
    split: SplitRule
    seed: int
    table_sha256: str
    max_rows: int
    rows_fitted: int
    divided_by: tuple[tuple[str, ColumnType], ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """A figure with its 95 % interval, in the metric's natural sign."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Importance:
    """How much the metric worsens when a column is shuffled (permutation importance)."""

    column: str
    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Curve:
    """A line to draw: ``x`` and ``y`` of equal length, at most 500 points."""

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was measured on the hold-out. Classification fills ``confusion`` and ``curves``
    (``roc``, ``pr``, ``calibration``; multi-class: the last alone; anomalies: ``scores``), regression fills ``actual``
    and ``predicted`` (at most 2,000 points). ``score_s``: seconds that the exported model took for these rows, None of
    what was not exported or made before this was measured; ``unreached``: columns that ``importance`` had no time
    for."""

    rows: int
    metrics: tuple[tuple[str, Score], ...]
    labels: tuple[str, ...] = ()
    confusion: tuple[tuple[int, ...], ...] = ()
    curves: tuple[Curve, ...] = ()
    actual: tuple[float, ...] = ()
    predicted: tuple[float, ...] = ()
    importance: tuple[Importance, ...] = ()
    score_s: float | None = None
    unreached: int = 0


@dataclass(frozen=True, slots=True)
class ParityCertificate:
    """Proof that the exported model answers as the trained one did (see ``app.export.parity``)."""

    passed: bool
    rows: int
    probe_rows: int
    label_differences: int
    differences_no_ties: int
    max_difference: float
    nan_count: int
    tolerance: float
    onnx_sha256: str
    failing: tuple[str, ...] = ()  # up to 5 failing rows in words


class CandidateState(StrEnum):
    """How a candidate ended."""

    PASSED = "passed"  # evaluated, converted, parity proven
    PARITY_FAILED = "parity_failed"  # evaluated, but the export answers otherwise: never approvable
    FAILED = "failed"  # did not get that far; ``note`` says why


@dataclass(frozen=True, slots=True)
class Candidate:
    """One fitted way to answer. Digests name objects: recipe, onnx, parity (``ParityCertificate``),
    predictions (hold-out, Parquet), evaluation (``Evaluation``). ``cv``: over the folds; ``holdout``: untouched."""

    id: str
    run_id: str
    name: str
    family: str
    state: CandidateState
    baseline: bool
    seconds: float
    cv: Score | None = None
    holdout: Score | None = None
    recipe_sha256: str | None = None
    onnx_sha256: str | None = None
    parity_sha256: str | None = None
    predictions_sha256: str | None = None
    evaluation_sha256: str | None = None
    onnx_bytes: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """One press of *Train and check*. ``state``: from the newest event. ``environment_sha256``: package
    versions, Python, OS, CPU and thread settings, as JSON. ``notes``: what was left out, sampled or fell back."""

    id: str
    number: int
    dataset_id: str
    plan: Plan
    environment_sha256: str
    state: RunState
    created_at: str
    candidates: tuple[Candidate, ...] = ()
    notes: tuple[str, ...] = ()
    reason: str = ""  # of the newest event, e.g. why it failed or where it was interrupted

    @property
    def best(self) -> Candidate | None:
        """The deployable candidate with the best cross-validated score (the hold-out does not choose)."""
        able = [c for c in self.candidates if c.state is CandidateState.PASSED and not c.baseline and c.cv]
        sign = 1 if GREATER_IS_BETTER[self.plan.metric] else -1
        return max(able, key=lambda c: sign * c.cv.value, default=None)  # type: ignore[union-attr]

    @property
    def dummy(self) -> Candidate | None:
        """The baseline that looks at no column."""
        return next((c for c in self.candidates if c.family == "dummy"), None)
