"""A challenger: a model trained anew, set beside the one in use on rows that neither has seen; and what was decided."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from app.core.metrics import METRIC_WORDS
from app.core.runs import Score

USUAL_REQUESTS, MOST_REQUESTS = 500, 10_000
"""Logged requests that are rehearsed."""


class Fresh(StrEnum):
    """Where newer rows come from. ``AUTO``: a newer version, else labelled predictions, else what the source has."""

    AUTO = "auto"
    NEWEST = "newest"
    REFRESHED = "refreshed"
    LOGGED = "logged"


@dataclass(frozen=True, slots=True)
class ChangedPlan:
    """How a challenger is trained: by the champion's recipe, by its whole search again (``search``), with other
    ``families`` than its plan's, within other ``seconds``. Nothing of it: the champion's plan."""

    search: bool = False
    families: tuple[str, ...] = ()
    seconds: float | None = None


SAME_PLAN = ChangedPlan()


def plan_words(plan: ChangedPlan) -> str:
    """What is changed, to go on a sentence with: `` by a new search among linear and boosting models within 60 s``;
    empty if nothing is."""
    *others, last = plan.families or ("",)
    kinds = f"{', '.join(others)} and {last} models" if others else f"{last} models"
    told = ""
    if plan.search:
        told = f" by a new search among {kinds}" if last else " by a whole new search"
    elif last:
        told = f" by trying {kinds}"
    return told if plan.seconds is None else f"{told} within {plan.seconds:g} s"


class Standing(StrEnum):
    """Who is better on the same rows, beyond the noise."""

    CHALLENGER = "challenger"
    CHAMPION = "champion"
    UNDECIDED = "undecided"


class Decision(StrEnum):
    """What a person made of a challenge."""

    PROMOTED = "promoted"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Changed:
    """A row that the two answer differently. ``row``: its place in the data version, from 1; ``actual``: the truth;
    ``scores``: P(positive), of several classes P(the answer), the value of a regression; ``values``: the cells of
    the comparison's ``columns``."""

    row: int
    actual: str
    champion: str
    challenger: str
    champion_score: float
    challenger_score: float
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupChange:
    """Rows under one condition. ``changed``: answered differently, ``right``, ``wrong``: of them right only now, and
    right no longer; ``gain``: by how much the mean loss falls, with its interval, None of a single row; ``worse``: the
    challenger is worse here, judged together with all other groups; ``small``: too few rows to judge."""

    title: str
    rows: int
    changed: int
    right: int
    wrong: int
    gain: Score | None
    small: bool
    worse: bool


@dataclass(frozen=True, slots=True)
class Flagging:
    """What two models of unusual rows flag: the shares of all rows; how many rows ``both`` flag, or one alone.
    ``overlap``: of what either flags the part that both do, 1 if they agree (Dice 1945); None if neither flags any."""

    champion: Score
    challenger: Score
    both: int
    champion_alone: int
    challenger_alone: int
    overlap: Score | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The challenger against the champion on the same rows.

    ``unseen``: rows that neither was fitted on, ``fresh``: of them those that the champion's data did not have,
    ``left_out``: held out for the challenger, but known to the champion. ``rows``: how many the scores and the
    difference are of: the fresh ones if there are enough to judge by, else all. ``difference``: paired, positive where
    the challenger is better; ``older_difference``: on the others, None where there are none. ``changed``, ``right``,
    ``wrong``, ``groups``: of all unseen rows. ``measure``: what ``GroupChange.gain`` is in; ``moved``: from which
    difference on a number counts as answered differently, 0 for classes. ``listed``: at most 1,000, what moved most
    first. ``problem``: why nothing could be compared, then the rest is empty. ``flags``: of models of unusual rows, of
    which nothing says who is right: then the scores are the shares that each flags, and there is no difference.
    """

    champion: str
    challenger: str
    metric: str
    unseen: int = 0
    fresh: int = 0
    left_out: int = 0
    rows: int = 0
    champion_score: Score | None = None
    challenger_score: Score | None = None
    difference: Score | None = None
    older_difference: Score | None = None
    changed: int = 0
    right: int = 0
    wrong: int = 0
    measure: str = ""
    moved: float = 0.0
    columns: tuple[str, ...] = ()
    listed: tuple[Changed, ...] = ()
    groups: tuple[GroupChange, ...] = ()
    problem: str = ""
    flags: Flagging | None = None

    @property
    def on_fresh(self) -> bool:
        """Whether the figures are of rows that came since alone."""
        return 0 < self.rows < self.unseen

    @property
    def standing(self) -> Standing:
        """Who is better."""
        gap = self.difference
        if gap is None or gap.low <= 0 <= gap.high:
            return Standing.UNDECIDED
        return Standing.CHALLENGER if gap.low > 0 else Standing.CHAMPION


def sentence(found: Comparison) -> str:
    """Who is better, by how much, on how many rows: ``ROC AUC 0.014 better [0.003, 0.026] on 342 newer rows ...``."""
    gap = found.difference
    if found.flags is not None:
        return _flag_words(found, found.flags)
    if gap is None:
        return found.problem
    than = "better" if gap.value >= 0 else "worse"
    by, low, high = (f"{value:.{_decimals(gap)}f}" for value in (abs(gap.value), gap.low, gap.high))
    what = f"{METRIC_WORDS[found.metric]} is {by} {than} [{low}, {high}]"
    rows = f"{found.rows:,} newer rows" if found.on_fresh else f"{found.rows:,} rows"
    noise = "" if found.standing is not Standing.UNDECIDED else ", which is not more than the noise"
    return f"The challenger's {what} on {rows} that neither has seen{noise}."


def _flag_words(found: Comparison, told: Flagging) -> str:
    """``Of 300 rows that neither has seen churn@1 flags 5 %, the challenger 6 %; of what either flags ...``."""
    shares = f"{found.champion} flags {told.champion.value:.1%}, the challenger {told.challenger.value:.1%}"
    agreed = ""
    if told.overlap is not None:
        agreed = f"; they agree on {told.overlap.value:.0%} of that [{told.overlap.low:.0%}, {told.overlap.high:.0%}]"
    return f"Of {found.rows:,} rows that neither has seen {shares}{agreed}."


def _decimals(gap: Score) -> int:
    """So many that the interval's width has two digits: what comes after them is noise."""
    width = gap.high - gap.low
    return min(6, max(0, 1 - math.floor(math.log10(width)))) if width > 0 else 3


@dataclass(frozen=True, slots=True)
class Challenge:
    """A retraining that came out. ``candidate_id`` None: no candidate was finished. ``sha256``: the ``Comparison`` as
    an object."""

    id: str
    model_id: str
    champion_version_id: str
    run_id: str
    candidate_id: str | None
    data_version_id: str
    sha256: str
    created_at: str


@dataclass(frozen=True, slots=True)
class ChallengeDecision:
    """``model_version_id``: what the challenger became, where it was promoted."""

    challenge_id: str
    decision: Decision
    reason: str
    actor: str
    at: str
    model_version_id: str | None = None


@dataclass(frozen=True, slots=True)
class Pace:
    """Milliseconds for one row: the median and what 95 of 100 stay below."""

    median_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class Replayed:
    """A logged request that the challenger answers differently. ``at``: when it was asked (ISO 8601, UTC)."""

    prediction_id: str
    at: str
    champion: str
    challenger: str
    champion_score: float
    challenger_score: float


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """The champion's newest logged requests, answered by the challenger as well. ``asked``: how many were wanted;
    ``champion_ms``, ``challenger_ms``: both models timed here, one row at a time; ``logged_ms``: what the service took
    then. ``shift``: the mean difference of the scores. ``listed``: at most 200, what moved most first."""

    asked: int
    rows: int
    first_at: str
    last_at: str
    changed: int
    shift: float
    moved: float
    champion_ms: Pace
    challenger_ms: Pace
    logged_ms: Pace
    listed: tuple[Replayed, ...] = ()


@dataclass(frozen=True, slots=True)
class KeptRehearsal:
    """A recorded rehearsal. ``sha256``: the ``Rehearsal`` as an object."""

    id: str
    challenge_id: str
    sha256: str
    created_at: str
