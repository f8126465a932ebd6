"""Any task of a searching run, in a child that stays warm."""

from __future__ import annotations

from app.jobs.child import ChildContext
from app.training.fit import fit_candidate
from app.training.order import FitOrder
from app.training.search.blending import blend
from app.training.search.search_orders import Done, Work
from app.training.search.surveying import survey
from app.training.search.trying import run_trial


def work(ctx: ChildContext, task: Work, order: FitOrder) -> Done:
    """Do what the task says."""
    if task.candidate:
        return Done(fitted=fit_candidate(ctx, task.candidate, order))
    if task.trial:
        return Done(tried=run_trial(ctx, task.trial, order))
    if task.blend:
        return Done(blended=blend(task.blend, order))
    return Done(survey=survey(ctx, order))
