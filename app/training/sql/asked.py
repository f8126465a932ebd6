"""Every rule that was found, run by the engine on the hold-out: the one that the folds chose first, the others as far
as there is time. Child side."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from app.training.bench import Bench
from app.training.order import FitOrder
from app.training.pace import Pace
from app.training.referee_order import AskedRule
from app.training.sql import engine
from app.training.sql.engine import Said
from app.training.sql.search import Found, Rules

NO_TIME = "Not run: no time was left."
REFUSED = "Not run: the engine said {0}"
SPARE = 3.0
"""A rule is asked if its candidate has time for so many of the slowest answers so far: scores and files are still to be
made."""
CHEAP = 0.01
"""Or if an answer takes less than this share of what the whole run has left: all five together cost it nothing."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A rule with its lines and what the engine said; None: ``note`` says why it was not asked."""

    found: Found
    lines: tuple[str, ...]
    said: Said | None
    note: str = ""

    def told(self, *, chosen: bool) -> AskedRule:
        """As the recipe keeps it."""
        return AskedRule(
            title=self.found.rule.title,
            sql="\n".join(self.lines),
            chosen=chosen,
            right=self.found.right,
            train_s=self.found.seconds,
            cv=self.found.cv,
            score_s=self.said.seconds if self.said is not None else None,
            note=self.note,
        )


class Hearing:
    """Asks the engine about the hold-out of one bench."""

    def __init__(self, bench: Bench, order: FitOrder, folder: Path) -> None:
        self._bench, self._plan, self._folder = bench, order.plan, folder
        self._table, self._deadline = Path(order.table_path), order.deadline
        self._rows = bench.material.rows[bench.material.split.holdout]

    def ask(self, found: Found) -> Asked:
        """What the engine says of the hold-out. Raises duckdb.Error."""
        plan, labels = self._plan, self._bench.labels
        lines = engine.expression(found.rule, plan.task, labels)
        return Asked(found, tuple(lines), engine.ask(lines, self._table, self._rows, plan.task, labels, self._folder))

    def ask_all(self, rules: Rules, pace: Pace) -> list[Asked]:
        """Every rule in its order; the chosen one in any case."""
        before = pace.elapsed
        chosen = self.ask(rules.chosen)
        slowest = pace.elapsed - before
        asked: list[Asked] = []
        for found in rules.found:
            before = pace.elapsed
            asked.append(chosen if found is rules.chosen else self._if_time(found, self._affords(pace, slowest)))
            slowest = max(slowest, pace.elapsed - before)
        return asked

    def _affords(self, pace: Pace, seconds: float) -> bool:
        return pace.left > SPARE * seconds or seconds < CHEAP * (self._deadline - time.monotonic())

    def _if_time(self, found: Found, there_is_time: bool) -> Asked:
        """A rule that is told for comparison fails alone."""
        import duckdb

        try:
            if there_is_time:
                return self.ask(found)
            why = NO_TIME
        except duckdb.Error as error:
            why = REFUSED.format(str(error).partition("\n")[0])
        return Asked(found, tuple(engine.expression(found.rule, self._plan.task, self._bench.labels)), None, why)
