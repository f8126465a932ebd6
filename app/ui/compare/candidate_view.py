"""Candidates of all runs as Train and Compare show them: gathered from the registry in one go."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from app.core.gates import GateResult
from app.core.runs import GREATER_IS_BETTER, METRIC_WORDS, Candidate, CandidateState, Evaluation, Plan, Run, RunState
from app.core.thresholds import ChosenThreshold
from app.ui.train.run_words import predicts_words

if TYPE_CHECKING:
    from app.registry.project import Project


def _tr(text: str) -> str:
    return QCoreApplication.translate("candidates", text)


@dataclass(frozen=True, slots=True)
class CandidateView:
    """A candidate with its run. ``approved``: ``churn@3`` once it is one; ``why_not``: why it cannot be approved;
    ``chosen``: the threshold that it answers by, None: the likeliest class is answered; ``bundle``: where a query's
    bundle lies."""

    run: Run
    candidate: Candidate
    data: str
    gates: tuple[GateResult, ...]
    approved: str
    why_not: str
    chosen: ChosenThreshold | None = None
    bundle: str = ""

    @property
    def threshold(self) -> float | None:
        """The chosen one; None: the likeliest class is answered."""
        return self.chosen.at if self.chosen is not None else None

    @property
    def note(self) -> str:
        """What a table says of it at the end of its line."""
        served = _tr("answers from {0} on").format(f"{self.threshold:.3g}") if self.threshold is not None else ""
        taken = _tr("taken along: {0}").format(self.bundle) if self.bundle else ""
        return " · ".join(filter(None, (self.approved, served, taken))) or self.candidate.note

    @property
    def group(self) -> str:
        """Only candidates of one group can be compared: the same data set, target and metric."""
        return f"{self.run.dataset_id}/{self.run.plan.target}/{self.run.plan.metric}"

    @property
    def passed_gates(self) -> int:
        """How many gates were passed."""
        return sum(result.passed for result in self.gates)

    @property
    def status(self) -> str:
        """``ok`` if it may be (or is) approved, ``info`` for a baseline, else ``warn`` or ``fail``."""
        if self.candidate.baseline:
            return "info"
        if self.candidate.state is not CandidateState.PASSED:
            return "fail"
        return "ok" if self.passed_gates == len(self.gates) else "warn"


@dataclass(frozen=True, slots=True)
class RunView:
    """A run with its data's name and its candidates, best first."""

    run: Run
    data: str
    candidates: tuple[CandidateView, ...]

    @property
    def best(self) -> CandidateView | None:
        """The one that would be approved."""
        best = self.run.best
        return next((view for view in self.candidates if best and view.candidate.id == best.id), None)


@dataclass(frozen=True, slots=True)
class RunViews:
    """``runs``: the newest of each question, newest first; ``whole``: how many runs there are."""

    runs: list[RunView]
    whole: int


def run_views(project: Project, also: Collection[str] = ()) -> RunViews:
    """The newest runs of each question, those that models were approved from, and those of ``also`` (ids of runs or
    candidates): ten thousand would take seconds to read, and nobody looks through them here."""
    from app.registry.newest_runs import newest_runs

    found = newest_runs(project, also)
    return RunViews(_viewed(project, found.runs), found.whole)


def _viewed(project: Project, found: Sequence[Run]) -> list[RunView]:
    from app.registry import datasets, models, query_bundles, runs, thresholds

    names = {}
    views = []
    decided = _Decided(
        project,
        runs.gate_results_of(project, [candidate.id for run in found for candidate in run.candidates]),
        models.labels_of_candidates(project),
        thresholds.thresholds(project),
        {bundle.run_id: bundle.path for bundle in reversed(query_bundles.query_bundles(project))},
    )
    for run in found:
        if run.plan.version_id not in names:
            version = datasets.version(project, run.plan.version_id)
            names[run.plan.version_id] = f"{datasets.dataset(project, run.dataset_id).name} v{version.number}"
        views.append(_run_view(decided, run, names[run.plan.version_id]))
    return views


@dataclass(slots=True)
class _Decided:
    """Everything that was decided of all candidates, read at once. ``sql``: whether a plan asks for more than a query,
    by its version and gates; ``thresholds``: by candidate; ``bundles``: a query's, by run."""

    project: Project
    gates: dict[str, tuple[GateResult, ...]]
    labels: dict[str, str]
    thresholds: dict[str, ChosenThreshold]
    bundles: dict[str, str]
    sql: dict[tuple[str, int], bool] = field(default_factory=dict)

    def asks_for_sql(self, plan: Plan) -> bool:
        """Read once for each version of the gates."""
        from app.approval.approve import asks_for_sql

        key = (plan.version_id, plan.gates)
        if key not in self.sql:
            self.sql[key] = asks_for_sql(self.project, plan)
        return self.sql[key]


def evaluation_of(project: Project, candidate: Candidate) -> Evaluation | None:
    """What was measured on the hold-out; None if the candidate did not get that far."""
    from app.training import results

    return results.evaluation(project, candidate) if candidate.evaluation_sha256 else None


def group_words(view: CandidateView | RunView) -> str:
    """What a group is called: data set, target, metric."""
    plan = view.run.plan
    name = view.data.rpartition(" v")[0]
    return f"{name} · {predicts_words(plan)} · {METRIC_WORDS[plan.metric]}"


def sort_key(candidate: Candidate, metric: str) -> float:
    """Best first when sorted upwards; those without a score last."""
    if candidate.cv is None:
        return float("inf")
    return -candidate.cv.value if GREATER_IS_BETTER[metric] else candidate.cv.value


def _run_view(decided: _Decided, run: Run, data: str) -> RunView:
    ordered = sorted(run.candidates, key=lambda c: sort_key(c, run.plan.metric))
    return RunView(run, data, tuple(_view(decided, run, candidate, data) for candidate in ordered))


def _view(decided: _Decided, run: Run, candidate: Candidate, data: str) -> CandidateView:
    from app.approval.approve import why_not_known

    label = decided.labels.get(candidate.id, "")
    gates = decided.gates.get(candidate.id, ())
    running = run.state is RunState.RUNNING
    reason = "" if running else why_not_known(run, candidate, label, gates, decided.asks_for_sql(run.plan))
    bundle = decided.bundles.get(run.id, "") if candidate.family == "sql" else ""
    shown = () if candidate.baseline else gates
    return CandidateView(run, candidate, data, shown, label, reason, decided.thresholds.get(candidate.id), bundle)
