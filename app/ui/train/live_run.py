"""A run while it is under way: what was tried and finished so far, and the wish to stop and keep the best."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from app.core.progress import JobContext
from app.core.runs import GREATER_IS_BETTER, Candidate, Plan, Run
from app.core.search import Trial
from app.ui.train.run_words import candidate_line, candidate_place, trial_line
from app.ui.widgets.scores import ScoreLine

if TYPE_CHECKING:
    from app.registry.project import Project

TRIAL = ", trial "
"""How a candidate's name tells which trial it was."""
SHOWN = 6
"""Lines of the leaderboard: what fits above the fold of a small window."""


@dataclass(slots=True)
class LiveRun:
    """Written by the job's thread, read by the window's; both lists only ever grow. ``seconds``: the budget."""

    metric: str
    seconds: float
    trials: list[Trial] = field(default_factory=list)
    candidates: list[Candidate] = field(default_factory=list)
    stop_asked: threading.Event = field(default_factory=threading.Event)
    on_candidate: Callable[[], None] = lambda: None

    def train(self, project: Project, plan: Plan, ctx: JobContext) -> Run:
        """Train and check, on the job's thread; ``on_candidate`` is called there when one finished."""
        from app.approval.check import train_and_check

        return train_and_check(
            project,
            plan,
            ctx,
            self._candidate_came,
            on_trial=self.trials.append,
            asked_to_stop=self.stop_asked.is_set,
        )

    def resume(self, project: Project, run: Run, ctx: JobContext) -> Run:
        """Go on with an interrupted run, on the job's thread."""
        from app.approval.check import resume

        return resume(
            project,
            run,
            ctx,
            self._candidate_came,
            on_trial=self.trials.append,
            asked_to_stop=self.stop_asked.is_set,
        )

    def _candidate_came(self, candidate: Candidate) -> None:
        self.candidates.append(candidate)
        self.on_candidate()

    @property
    def size(self) -> tuple[int, int]:
        """Changes whenever there is something new to show."""
        return len(self.trials), len(self.candidates)

    def leaders(self) -> list[Trial]:
        """Trials that led when they ended, in their order: the newest is the best so far. What was fitted on more
        rows comes before what scored better on fewer."""
        best: list[Trial] = []
        for trial in list(self.trials):
            if trial.score is not None and (not best or self._place(trial) < self._place(best[-1])):
                best.append(trial)
        return best

    def lines(self) -> list[ScoreLine]:
        """The leaderboard: candidates and the best trials by their score over folds, those on fewer rows below, then
        baselines. A trial that has become a candidate is left to it."""
        candidates, sign = list(self.candidates), self._sign
        rivals = [c for c in candidates if not c.baseline]
        baselines = [candidate_line(c, None) for c in candidates if c.baseline]
        made = {c.name.rpartition(TRIAL)[2] for c in rivals if TRIAL in c.name}
        scored = sorted((t for t in list(self.trials) if t.score and str(t.number) not in made), key=self._place)
        most = max((t.rows for t in scored), default=0)
        told = [((0, candidate_place(c, sign)), candidate_line(c, None)) for c in rivals]
        told += [((most - t.rows, -sign * t.score.value), trial_line(t)) for t in scored[:SHOWN] if t.score]
        ordered = [line for _place, line in sorted(told, key=lambda pair: pair[0])]
        first = [replace(line, best=True) for line in ordered[:1]]
        return [*first, *ordered[1 : max(len(rivals), SHOWN - len(baselines))], *baselines]

    @property
    def _sign(self) -> int:
        return 1 if GREATER_IS_BETTER[self.metric] else -1

    def _place(self, trial: Trial) -> tuple[int, float]:
        """Smaller is better."""
        assert trial.score is not None
        return -trial.rows, -self._sign * trial.score.value
