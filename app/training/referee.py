"""The SQL referee: the run's best model against the run's query, paired, on the rows that neither has seen."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from app.core.metrics import kind_of
from app.core.progress import JobContext
from app.core.referee import Query, RefereeVerdict, Ruling, TriedRule
from app.core.runs import METRIC_WORDS, Candidate, Plan, Run, RunState, Task
from app.errors import NotAllowed, NotFound
from app.jobs.supervise import run_in_child
from app.registry import verdicts
from app.training import results
from app.training.referee_order import AskedRule, RefereeOrder, RuleScores, Scores

if TYPE_CHECKING:
    from app.registry.project import Project

FAMILY = "sql"
MARGIN = 0.01
"""Of a metric between 0 and 1: less is not worth a model to maintain."""
RELATIVE_MARGIN = 0.02
"""Of the model's own figure, for metrics in the target's unit and for log loss."""
RELATIVE = ("rmse", "mae", "log_loss", "mape", "pinball", "cost")
RULINGS = {
    Ruling.ENOUGH: "SQL is enough.",
    Ruling.NOT_ENOUGH: "SQL is not enough.",
    Ruling.UNDECIDED: "These rows cannot tell which is better.",
}


def query_of(project: Project, run: Run) -> Query:
    """The query that a run found. NotFound if it has none."""
    candidate = next((c for c in run.candidates if c.family == FAMILY and c.recipe_sha256), None)
    if not run.plan.target:
        raise NotAllowed("Without a target there is nothing that a query could predict.")
    if candidate is None:
        raise NotFound(f"Run {run.number} has no query to compare with.", "Train again, with more seconds.")
    told = json.loads(results.recipe(project, candidate).params)
    return Query(told["title"], tuple(told["sql"].split("\n")), candidate.seconds, told["score_s"])


def rules_of(project: Project, query: Candidate) -> list[AskedRule]:
    """Every rule that was found with a run's query; empty in runs made before they were kept."""
    told = json.loads(results.recipe(project, query).params)
    return msgspec.convert(told.get("rules", []), list[AskedRule])


def has_both(run: Run) -> bool:
    """Whether a run has a query and a model to compare it with."""
    return run.best is not None and any(c.family == FAMILY and c.predictions_sha256 for c in run.candidates)


def predictions_of_query(project: Project, run: Run) -> str:
    """The file of what a run's query answers to the hold-out, empty if it found none."""
    sql = next((c for c in run.candidates if c.family == FAMILY and c.predictions_sha256), None)
    return _predictions(project, sql) if sql is not None else ""


def referee(project: Project, run: Run, ctx: JobContext) -> RefereeVerdict:
    """The verdict on a run's best candidate, recorded the first time; computed from recorded predictions, so it is
    always the same. NotFound if the run has no query or nothing to compare it with."""
    known = verdicts.verdict_of(project, run.id)
    if known is None:
        known = _compared(project, run, ctx)
        if run.state is not RunState.RUNNING:
            verdicts.record_verdict(project, run.id, known)
    return known


def _compared(project: Project, run: Run, ctx: JobContext) -> RefereeVerdict:
    query, best = query_of(project, run), run.best
    if best is None:
        raise NotFound(f"Run {run.number} has no model to compare the query with.", "Train again, with more seconds.")
    sql = next(c for c in run.candidates if c.family == FAMILY)
    rules = rules_of(project, sql)
    order = RefereeOrder(
        model=_predictions(project, best),
        query=_predictions(project, sql),
        task=run.plan.task,
        metric=metric_beside(run.plan),
        labels=results.recipe(project, best).labels,
        positive=run.plan.positive,
        seed=run.plan.seed,
        rights=tuple(rule.right if rule.score_s is not None else None for rule in rules),
    )
    with project.scratch("referee") as folder:
        scores = run_in_child("app.training.refereeing:scores_of", order, ctx=ctx, returns=Scores, folder=folder)
    verdict = decide(order.metric, best, query, scores, results.evaluation(project, best).score_s)
    tried = tuple(_tried(rule, found) for rule, found in zip(rules, scores.rules, strict=True))
    return replace(verdict, rules=tried, model_interval=scores.model_score)


def _tried(rule: AskedRule, found: RuleScores) -> TriedRule:
    query = Query(rule.title, tuple(rule.sql.split("\n")), rule.train_s, rule.score_s or 0.0)
    return TriedRule(query, rule.chosen, rule.cv, found.score, found.difference, rule.note)


def metric_beside(plan: Plan) -> str:
    """What a model and a query are compared by: a query has no probabilities of several classes."""
    return "accuracy" if plan.task is Task.MULTICLASS and plan.metric == "log_loss" else plan.metric


def decide(
    metric: str, best: Candidate, query: Query, scores: Scores, model_score_s: float | None = None
) -> RefereeVerdict:
    """The ruling by the interval, never by the point alone."""
    margin = RELATIVE_MARGIN * abs(scores.model) if kind_of(metric) in RELATIVE else MARGIN
    gap = scores.difference
    if gap.high <= margin:
        ruling = Ruling.ENOUGH
    elif gap.low > 0 and gap.value > margin:
        ruling = Ruling.NOT_ENOUGH
    else:
        ruling = Ruling.UNDECIDED
    return RefereeVerdict(
        ruling=ruling,
        metric=metric,
        model=best.name,
        model_score=scores.model,
        query_score=scores.query,
        difference=gap,
        margin=margin,
        query=query,
        model_train_s=best.seconds,
        sentence=_sentence(metric, ruling, query, scores, margin),
        model_score_s=model_score_s,
    )


def _sentence(metric: str, ruling: Ruling, query: Query, scores: Scores, margin: float) -> str:
    gap = scores.difference
    better = "the query is better. " if gap.high < 0 else ""
    return (
        f"{_lines_words(len(query.lines))} query reaches {METRIC_WORDS[metric]} {scores.query:.4g}, the model "
        f"{scores.model:.4g} (difference {gap.value:.3g} [{gap.low:.3g}, {gap.high:.3g}], worth a model above "
        f"{margin:.2g}): {better}{RULINGS[ruling]}"
    )


def _lines_words(lines: int) -> str:
    """``A 7-line``, ``An 8-line``."""
    return f"{'An' if lines in (8, 11, 18) or 80 <= lines < 90 else 'A'} {lines}-line"


def _predictions(project: Project, candidate: Candidate) -> str:
    return str(project.objects.path(str(candidate.predictions_sha256)))
