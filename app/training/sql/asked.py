"""Every rule that was found, run by the engine on the hold-out: the one that the folds chose first, the others as far
as there is time. Child side."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.runs import Task
from app.training.bench import Bench
from app.training.order import FitOrder
from app.training.pace import Pace
from app.training.referee_order import AskedRule
from app.training.sql import engine
from app.training.sql.engine import Said
from app.training.sql.search import Found, Rules

if TYPE_CHECKING:
    import duckdb

NO_TIME = "Not run: no time was left."
REFUSED = "Not run: the engine said {0}"
SPARE = 3.0
"""A rule is asked if its candidate has time for so many of the slowest answers so far: scores and files are still to be
made."""
CHEAP = 0.06
"""Or if all that are still to be asked take less than this share of what the whole run has left."""


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


def ask_all(bench: Bench, order: FitOrder, rules: Rules, pace: Pace, folder: Path) -> list[Asked]:
    """Every rule in its order; the chosen one in any case. Raises duckdb.Error if that one cannot be asked."""
    with engine.opened(bench.material.rows[bench.material.split.holdout], folder) as connection:
        hearing = Hearing(connection, Path(order.table_path), order.plan.task, bench.labels)
        return hearing.ask_all(rules, pace, order.deadline)


def affords(seconds: float, rules: int, left: float, run_left: float) -> bool:
    """Whether another rule is asked. ``seconds``: of the slowest answer so far; ``rules``: still to be asked; ``left``,
    ``run_left``: the seconds that the candidate and the whole run have left."""
    return left > SPARE * seconds or rules * seconds < CHEAP * run_left


@dataclass(frozen=True, slots=True)
class Hearing:
    """An engine that is opened for some rows of a stored table."""

    connection: duckdb.DuckDBPyConnection
    table: Path
    task: Task
    labels: tuple[str, ...]

    def ask_all(self, rules: Rules, pace: Pace, deadline: float) -> list[Asked]:
        """As the function; ``deadline``: the run's, by ``time.monotonic()``."""
        before = pace.elapsed
        chosen = self._ask(rules.chosen)
        slowest = pace.elapsed - before
        asked: list[Asked] = []
        for place, found in enumerate(rules.found):
            before, still = pace.elapsed, len(rules.found) - place
            there_is_time = affords(slowest, still, pace.left, deadline - time.monotonic())
            asked.append(chosen if found is rules.chosen else self._if_time(found, there_is_time))
            slowest = max(slowest, pace.elapsed - before)
        return asked

    def _ask(self, found: Found) -> Asked:
        lines = self._lines(found)
        return Asked(found, lines, engine.ask(self.connection, lines, self.table, self.task, self.labels))

    def _lines(self, found: Found) -> tuple[str, ...]:
        return tuple(engine.expression(found.rule, self.task, self.labels))

    def _if_time(self, found: Found, there_is_time: bool) -> Asked:
        """A rule that is told for comparison fails alone."""
        import duckdb

        try:
            if there_is_time:
                return self._ask(found)
            why = NO_TIME
        except duckdb.Error as error:
            why = REFUSED.format(str(error).partition("\n")[0])
        return Asked(found, self._lines(found), None, why)
