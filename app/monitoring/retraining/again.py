"""The champion's plan once more, on newer rows: the recorded recipe, or the same search."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from app.core.automations import ONE_KIND
from app.core.data import ColumnProfile, DataVersion, Reading
from app.core.runs import Candidate, Plan, Recipe, Run, Task
from app.data.findings import listed
from app.errors import BadInput, NotAllowed
from app.training.lineup import baselines
from app.training.order import CandidateOrder
from app.training.plan import make_plan

if TYPE_CHECKING:
    from app.registry.project import Project

MOST_NAMED = 3
SLOWER, LEAST_S = 6.0, 10.0
"""A recipe is bounded by so many times what the champion took for each row: folds are scored besides."""


def plan_again(
    project: Project,
    run: Run,
    version: DataVersion,
    reading: Reading,
    *,
    seconds: float | None = None,
    families: tuple[str, ...] = (),
) -> Plan:
    """The run's plan for other rows, with other seconds or families if they are given. The hold-out is found by the
    same rule and seed, so what was held out stays held out; a fixed cut in time is dropped, as it would hold out all
    that is new. NotAllowed where it does not fit; BadInput for families where there is no choice."""
    before = run.plan
    target = reading.target or ""
    if target != before.target:
        raise NotAllowed(
            f"The newer data predict {target or 'nothing'}, the champion predicts {before.target or 'nothing'}.",
            f"Use {before.target} as target." if before.target else "Use no column as target.",
        )
    made = make_plan(project, version, reading, seconds=seconds or before.seconds, seed=before.seed)
    if made.task is not before.task:
        raise _other_task(project, run, version, reading)
    _refuse_missing(reading, before.split_column)
    return replace(
        before,
        version_id=version.id,
        reading_id=reading.id,
        seconds=made.seconds,
        gates=made.gates,
        cut="",
        families=_families(before, families),
    )


def _other_task(project: Project, run: Run, version: DataVersion, reading: Reading) -> NotAllowed:
    from app.data.lineage import label
    from app.data.looking import profile as profiles
    from app.registry import datasets

    def target_in(one: Reading) -> ColumnProfile:
        return next(c for c in profiles.load(project, one).columns if c.name == run.plan.target)

    trained = datasets.reading(project, run.plan.reading_id)
    now, before = label(project, version.id), label(project, run.plan.version_id)
    values = other_values(target_in(reading), target_in(trained))
    return NotAllowed(
        f"In {now} {run.plan.target} asks for another kind of answer: {values}.",
        f"Mend these rows and drop the data again, or retrain on another version (--data {before}). What is meant "
        "so is trained by modelyard train, or on the Train page.",
    )


def other_values(now: ColumnProfile, before: ColumnProfile) -> str:
    """How a target's values differ from those that the champion was trained on."""
    known = {text for text, _ in before.top}
    new = [(text, rows) for text, rows in now.top if text not in known]
    told = f"{now.distinct:,} different values, {before.distinct:,} before"
    if not new or before.distinct > len(before.top):
        return told
    named = listed([f'"{text}" ({rows:,} {"row" if rows == 1 else "rows"})' for text, rows in new], MOST_NAMED)
    return f"{told}; new: {named}"


def _families(before: Plan, asked: tuple[str, ...]) -> tuple[str, ...]:
    if not asked:
        return before.families
    if before.task is Task.ANOMALY:
        raise BadInput(ONE_KIND, "Leave the families out.")
    return asked


def recipe_plan(plan: Plan, champion: Candidate, recipe: Recipe, rows: int) -> Plan:
    """The plan of a run that fits a recipe and searches nothing. It takes as many columns as the recipe did where that
    left some out: the longer time is for the fit, not for a wider model."""
    growth = max(1.0, rows / max(recipe.rows_fitted, 1))
    seconds = max(plan.seconds, LEAST_S, SLOWER * champion.seconds * growth)
    return replace(plan, search=False, seconds=seconds, columns=len(recipe.inputs) if recipe.divided_by else 0)


def search_plan(plan: Plan) -> Plan:
    """The plan with its whole search. The champion's own run may have been a refit, which searched nothing and kept to
    the columns of a recipe."""
    return replace(plan, search=plan.task is not Task.ANOMALY, columns=0)


def recipe_orders(champion: Candidate, recipe: Recipe, *, query: bool) -> list[CandidateOrder]:
    """The baseline, where there is a target, the query if a gate asks for it, and the recipe's settings."""
    wanted = set() if recipe.task is Task.ANOMALY else {"dummy", "sql"} if query else {"dummy"}
    own = CandidateOrder(champion.name, recipe.family, share=1.0, variant=recipe.params, complete=True)
    return [*(order for order in baselines() if order.family in wanted), own]


def _refuse_missing(reading: Reading, column: str | None) -> None:
    if column is not None and column not in {c.name for c in reading.columns}:
        raise NotAllowed(f"The newer data have no {column}, by which rows are divided.", "Add the column.")
