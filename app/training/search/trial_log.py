"""The trials of a run: written down while it runs, and found again by a run that goes on with them."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from app.core.metrics import GREATER_IS_BETTER
from app.core.runs import Plan, Run, RunState
from app.core.search import Trial
from app.errors import NotFound
from app.registry import runs
from app.registry.trials import record_trials, trials_of

if TYPE_CHECKING:
    from app.registry.project import Project

EVERY_S = 1.0
"""Trials of small tables take hundredths of a second: not each is worth a transaction."""
GONE_ON_WITH = 8
"""Settings of an unfinished run that are tried first."""
UNFINISHED = (RunState.INTERRUPTED, RunState.CANCELLED, RunState.DISCARDED)


class TrialLog:
    """Tells each trial and writes them down about once a second, the rest when it is closed."""

    def __init__(self, project: Project, run_id: str, on_trial: Callable[[Trial], None] | None) -> None:
        self._project = project
        self._run_id = run_id
        self._on_trial = on_trial
        self._open: list[Trial] = []
        self._at = time.monotonic()

    def take(self, trial: Trial) -> None:
        """A trial ended."""
        self._open.append(trial)
        if self._on_trial:
            self._on_trial(trial)
        if time.monotonic() - self._at > EVERY_S:
            self.flush()

    def flush(self) -> None:
        """Write down what is not written yet."""
        waiting, self._open = self._open, []
        record_trials(self._project, self._run_id, waiting)
        self._at = time.monotonic()


def unfinished(project: Project, plan: Plan, dataset_id: str) -> tuple[Run, tuple[Trial, ...]] | None:
    """The newest run that asked the same and was cut off, with the best of what it had tried, best first."""
    here = partial(runs.runs_that, project, dataset_id=dataset_id, version_id=plan.version_id)
    for run in here(*UNFINISHED):  # of ten thousand finished ones a training has no time to read
        if _same_question(run.plan, plan) and (found := trials_of(project, run.id)):
            finished = here(RunState.FINISHED, after=run.number)
            return None if any(_same_question(one.plan, plan) for one in finished) else (run, _best(found, plan.metric))
    return None


def cut_off(project: Project, dataset_id: str, version_id: str | None = None) -> Run:
    """The run to go on with: the newest of a data set (or of one of its versions) that was interrupted or cancelled
    after its last finished one. NotFound if there is none."""
    telling = (RunState.INTERRUPTED, RunState.CANCELLED, RunState.FINISHED)
    newest = runs.runs_that(project, *telling, dataset_id=dataset_id, version_id=version_id or "", most=1)
    if not newest or newest[0].state is RunState.FINISHED:
        raise NotFound("There is no run that was cut off.", "Train without --resume.")
    return newest[0]


def _same_question(one: Plan, other: Plan) -> bool:
    """Whether scores of one are scores of the other: all but the time is equal."""
    names = (
        "version_id",
        "reading_id",
        "target",
        "metric",
        "positive",
        "seed",
        "split",
        "split_column",
        "cut",
        "families",
    )
    return one.search and all(getattr(one, name) == getattr(other, name) for name in names)


def _best(trials: tuple[Trial, ...], metric: str) -> tuple[Trial, ...]:
    sign = 1 if GREATER_IS_BETTER[metric] else -1
    scored = [(-t.rows, -sign * t.score.value, t.number, t) for t in trials if t.score]
    return tuple(t for *_, t in sorted(scored)[:GONE_ON_WITH])
