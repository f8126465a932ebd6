"""Is a model still right: how its inputs and scores moved, how good it is on rows whose truth came, and the verdict."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.core.data import Histogram
from app.core.differences import ValueShare
from app.core.runs import Score


class Verdict(StrEnum):
    """What is to be done, mildest first but for ``UNKNOWN``: too little is there to tell."""

    OK = "ok"
    WATCH = "watch"
    ACT = "act"
    UNKNOWN = "unknown"


class DriftTest(StrEnum):
    """What a column's alarm was decided by. ``SHAPE``: Kolmogorov-Smirnov distance; ``SHARES``: Jensen-Shannon
    distance; ``MISSING``: the change of the share of missing values."""

    SHAPE = "ks"
    SHARES = "js"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Window:
    """The predictions that were looked at: times of the first and the last (ISO 8601, UTC), and how many."""

    first_at: str
    last_at: str
    rows: int


@dataclass(frozen=True, slots=True)
class ColumnDrift:
    """How a column's values in a window differ from those that the model was trained on.

    ``effect``: the distance that ``test`` names; ``low``, ``high``: where it lies without any drift, at the level
    that holds for all columns together; ``size``: the effect as Cohen's d. ``moved``: outside the band. ``alarm``:
    moved, and not too little to matter. ``statistics``: further figures by name (``wasserstein`` in reference standard
    deviations). ``importance``: how much the model's metric worsens without the column; ``harm``: size beyond the band
    times importance.
    """

    name: str
    test: DriftTest
    effect: float
    low: float
    high: float
    p_value: float
    size: float
    moved: bool
    alarm: bool
    missing_then: float
    missing_now: float
    statistics: tuple[tuple[str, float], ...] = ()
    out_of_range: int = 0
    appeared: tuple[ValueShare, ...] = ()
    vanished: tuple[ValueShare, ...] = ()
    then: Histogram | None = None
    now: Histogram | None = None
    importance: float = 0.0
    harm: float = 0.0


@dataclass(frozen=True, slots=True)
class Drift:
    """All columns, what harms most first, and the score. ``level``: the share of windows without drift in which any of
    them would move."""

    columns: tuple[ColumnDrift, ...]
    score: ColumnDrift | None
    level: float


ENOUGH_PREDICTIONS, ENOUGH_LABELS = 50, 200
"""With fewer nothing is said: an interval of a share of 200 rows is some 0.07 to each side (Wald, at one half)."""


@dataclass(frozen=True, slots=True)
class Performance:
    """How good the answers were whose truth is known. ``value`` None: too few labels, or none of one class.
    ``approved``: the figure that the model was approved with; ``limit``: what must not be undercut; ``unknown``: labels
    of classes that the model cannot answer, which no figure counts."""

    metric: str
    value: Score | None
    labels: int
    approved: Score | None
    limit: float | None
    limit_words: str = ""
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the metric would be if scores still mean what they meant (see ``app.monitoring.estimate``).
    ``past_error``: how far such estimates were off; ``on_window``: on labelled rows of this window, else on the
    hold-out."""

    metric: str
    value: float
    past_error: float
    on_window: bool


@dataclass(frozen=True, slots=True)
class Measured:
    """What was found in a window, not judged."""

    window: Window
    drift: Drift | None
    performance: Performance
    estimate: Estimate | None


@dataclass(frozen=True, slots=True)
class MonitorReport:
    """A look at one model version's window. ``line``: the verdict in a few words."""

    model_version: str
    verdict: Verdict
    line: str
    window: Window
    drift: Drift | None
    performance: Performance
    estimate: Estimate | None


@dataclass(frozen=True, slots=True)
class KeptReport:
    """A recorded report: what a list shows of it. ``sha256``: the ``MonitorReport`` as an object."""

    id: str
    model_version_id: str
    verdict: Verdict
    line: str
    from_at: str
    to_at: str
    rows: int
    sha256: str
    created_at: str


class Every(StrEnum):
    """How predictions are cut into windows: by days, weeks or months of their time (UTC), or by their number."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class WindowScore:
    """One window's performance. ``value`` None: too few of its labels are known."""

    first_at: str
    last_at: str
    rows: int
    labels: int
    value: Score | None


@dataclass(frozen=True, slots=True)
class OverTime:
    """A model version's performance from window to window, oldest first. ``told``: its limit and the approval's
    figure."""

    model_version: str
    told: Performance
    windows: tuple[WindowScore, ...]
