"""What a run says about its split and its search, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.data import Reading, Use
from app.core.metrics import METRIC_WORDS
from app.core.runs import Plan, SplitKind
from app.data.dividing import question_of
from app.training.search.search_orders import Survey
from app.training.search.searching import Search
from app.training.search.spaces import class_weights

if TYPE_CHECKING:
    from app.registry.project import Project

RARE = 0.2
"""A class with a smaller share of the rows is worth a sentence."""
ENDS = {
    "stopped": "You asked to stop and keep the best.",
    "settled": "It ended early: nothing better was found for a while.",
    "time": "",
    "": "",
}


def search_note(search: Search) -> list[str]:
    """How much was tried and why it ended."""
    if not search.trials:
        return []
    rungs = search.rungs
    few = f" on up to {rungs[0].rows:,} rows first" if len(rungs) > 1 else ""
    folds = f", scored on {rungs[-1].folds} of {search.survey.folds} folds" if _fewer(search) and search.survey else ""
    told = f"Tried {len(search.trials)} settings{few}{folds}. {ENDS[search.ended_by]}"
    return [told.strip()]


def imbalance_note(plan: Plan, survey: Survey | None) -> list[str]:
    """What was done about a rare class."""
    if survey is None or not plan.task.classifies or survey.smallest >= RARE / max(1, survey.classes - 1):
        return []
    seen = f"Only {100 * survey.smallest:.2g} % of the rows are “{survey.rarest}”"
    if class_weights(plan):
        return [f"{seen}. Its rows weigh more in training, as {METRIC_WORDS[plan.metric]} asks for."]
    return [
        f"{seen}. Rows are not weighted: that would not improve {METRIC_WORDS[plan.metric]}. Set a threshold instead."
    ]


def divided_by_date(plan: Plan, reading: Reading) -> list[str]:
    """Why rows were divided by a date that nobody chose as the time."""
    if plan.split is not SplitKind.TIME or plan.split_column is None:
        return []
    if reading.column(plan.split_column).use is Use.TIME:
        return []
    return [
        f"{plan.split_column} orders the rows, so they were divided by it: trained on the past, tested on the newest. "
        "To divide by chance all the same, keep that check or choose another split (--split stratified)."
    ]


def divided_by_chance(project: Project, plan: Plan, reading: Reading) -> list[str]:
    """That a time did not divide about which nobody decided, and how it would."""
    asked = question_of(project, reading, plan.split)
    if asked is None:
        return []
    by = asked.columns[0]
    return [f"{asked.message} To test on the newest rows, divide by {by} on Train (--split time:{by})."]


def hint_by_chance(plan: Plan, reading: Reading) -> str:
    """What to do where rows cannot be divided by a date that nobody chose as the time; empty where somebody did."""
    if not divided_by_date(plan, reading):
        return ""
    return (
        f"{plan.split_column} orders the rows, so they were divided by it. To divide by chance, keep that check or "
        "choose another split (--split stratified)."
    )


def _fewer(search: Search) -> bool:
    return search.survey is not None and bool(search.rungs) and search.rungs[-1].folds < search.survey.folds
