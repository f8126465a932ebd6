"""How much of the data a trial sees: all folds of a small table, one of a larger one, few rows of a very large one."""

from __future__ import annotations

from dataclasses import dataclass

from app.training.search.search_orders import Survey

WANTED_TRIALS = 16
"""As many should fit into the time, else folds or rows are fewer."""
SMALL_TABLE, WANTED_OF_SMALL, WANTED_FEWEST = 12_000, 10, 6
"""Up to so many rows one fold alone would choose by luck: fewer trials, the fewest where only two folds fit."""
USUAL_COST = 3.5
"""Of a usual trial's fit, times that of 100 iterations with 31 leaves."""
LEAST_ROWS, RUNGS_APART, MOST_RUNGS = 8_000, 4, 3


@dataclass(frozen=True, slots=True)
class Rung:
    """``rows``: fitted on at most, 0 for all; ``folds``: of the plan's."""

    rows: int
    folds: int


def rungs_for(survey: Survey, seconds: float) -> tuple[Rung, ...]:
    """From little of the data to most, so that enough trials fit into these (processor) seconds."""
    trial_s = USUAL_COST * survey.fit_s * (1 - 1 / max(2, survey.folds))
    small = survey.rows <= SMALL_TABLE
    for folds in sorted({min(few, survey.folds) for few in (survey.folds, 3, 2, 1)}, reverse=True):
        wanted = WANTED_TRIALS if not small else WANTED_OF_SMALL if folds > 2 else WANTED_FEWEST
        if wanted * trial_s * folds <= seconds:
            return (Rung(0, folds),)
    found = [Rung(0, 1)]
    rows = max(LEAST_ROWS, int(survey.rows * seconds / (1.5 * WANTED_TRIALS * trial_s)))
    while rows * 2 < survey.rows and len(found) < MOST_RUNGS:
        found.insert(len(found) - 1, Rung(rows, 1))
        rows *= RUNGS_APART
    return tuple(found)
