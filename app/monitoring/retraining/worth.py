"""Is a retrain worth it? A number, or *not yet* and why. The parent's side: gathers, lets a child measure, judges."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

from app.core.metrics import METRIC_WORDS
from app.core.progress import JobContext, Part
from app.core.runs import Score
from app.core.worth import Advice, Measured, Worth
from app.errors import BadInput, NotAllowed
from app.jobs.supervise import Limits, run_in_child
from app.monitoring.retraining.worth_order import WorthOrder
from app.serving.segments import ID_PREFIX

if TYPE_CHECKING:
    from app.core.models import ModelVersion
    from app.core.runs import Run
    from app.registry.project import Project

USUAL_S = 30.0
MEMORY_BYTES = 4 << 30
PATIENCE, GRACE_S = 3.0, 60.0
"""A child that does not keep to its seconds is ended at so many times as long."""


def worth(project: Project, model: str, *, seconds: float = USUAL_S, ctx: JobContext) -> Worth:
    """Fit the champion's recipe on growing shares of its rows, and again before each past window, within ``seconds``.

    ``model``: ``churn`` for the version that is live, else its newest, or ``churn@3``. The answer is recorded, and
    nothing else is changed. NotAllowed without a target; NotFound; JobCancelled.
    """
    from app.monitoring.monitor import watched_version
    from app.registry import runs
    from app.registry.worth import record_worth
    from app.serving.watched import collect_home

    if not 0 < seconds < math.inf:
        raise BadInput("The time for the answer must be a number of seconds above zero.")
    version = watched_version(project, model)
    run = runs.run(project, version.run_id)
    if not run.plan.target:
        raise NotAllowed("Without a target nothing says what a retrain is worth.")
    collect_home(project, Part(ctx, 0.0, 0.05))
    found = _measured(project, version, run, seconds, Part(ctx, 0.05, 1.0))
    fresh = found.labelled + _newer_rows(project, run)
    advice, line, gain = advised(run.plan.metric, found, fresh)
    told = Worth(version.label, run.plan.metric, advice, line, gain, fresh, found)
    record_worth(project, version.id, told)
    return told


def _measured(project: Project, version: ModelVersion, run: Run, seconds: float, ctx: JobContext) -> Measured:
    from app.monitoring.ordering import bundles_of_version
    from app.registry import outcomes, runs, watch
    from app.training import results

    candidate = runs.candidate(project, version.candidate_id)
    recipe, bundles = results.recipe(project, candidate), bundles_of_version(project, version.id)
    logs = watch.answered(project, bundles)[::-1]
    with project.scratch("worth") as folder:
        labels, own = folder / "labels.jsonl", folder / "child"
        own.mkdir()
        with labels.open("w", encoding="utf-8") as lines:
            lines.writelines(json.dumps(pair) + "\n" for pair in outcomes.labels_of_bundles(project, bundles))
        order = WorthOrder(
            recipe,
            run.plan.metric,
            str(project.objects.path(recipe.table_sha256)),
            tuple(str(project.objects.path(log.sha256)) for log in logs),
            tuple(ID_PREFIX + sha256 for sha256 in bundles),
            str(labels),
            seconds,
        )
        limits = Limits(MEMORY_BYTES, PATIENCE * seconds + GRACE_S)
        return run_in_child(
            "app.monitoring.retraining.weighing:weigh", order, ctx=ctx, returns=Measured, folder=own, limits=limits
        )


def _newer_rows(project: Project, run: Run) -> int:
    """How many rows the newest data version has more; those built from predictions are counted as labels."""
    from app.registry import datasets, origins

    newest, _ = origins.fetched_version(project, run.dataset_id)
    return max(0, newest.rows - datasets.version(project, run.plan.version_id).rows)


def advised(metric: str, found: Measured, fresh: int) -> tuple[Advice, str, Score | None]:
    """What the figures say: the past first, because it is what happened; else what the last rows brought."""
    name = METRIC_WORDS[metric]
    if (past := found.past_gain) is not None:
        count = len(found.windows)
        when = f"Refitted before each of the last {count} windows" if count > 1 else "Refitted before the last window"
        if past.low > 0:
            return Advice.YES, f"Yes: {when[0].lower()}{when[1:]}, {name} would have been {_words(past)} better.", past
        return Advice.NOT_YET, f"Not yet: {when[0].lower()}{when[1:]}, {name} would have gained {_words(past)}.", past
    if found.doubling is None:
        return Advice.NOT_YET, " ".join(["Not yet: that could not be found out.", *found.notes]), None
    if found.doubling.low <= 0:
        line = (
            f"Not yet: the last doubling of the rows gained {_words(found.doubling)} of {name}, no more than the noise."
        )
        return Advice.NOT_YET, line, found.doubling
    if not fresh:
        line = f"Not yet: no rows came since. Twice the rows would gain at most {_words(found.doubling)} of {name}."
        return Advice.NOT_YET, line, found.doubling
    gain = _share(found.doubling, math.log2(1 + fresh / max(found.fitted_rows, 1)))
    return Advice.YES, f"Yes: {fresh:,} new rows should gain about {_words(gain)} of {name}.", gain


def _share(gain: Score, doublings: float) -> Score:
    part = min(doublings, 1.0)
    return Score(gain.value * part, gain.low * part, gain.high * part)


def _words(score: Score) -> str:
    return f"{score.value:.3g} [{score.low:.3g}, {score.high:.3g}]"
