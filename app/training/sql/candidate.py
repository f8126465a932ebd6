"""The query as one of a run's candidates: found, run by an engine on the hold-out, scored as all are. Child side."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec

from app.core.runs import CandidateState
from app.jobs.child import ChildContext
from app.training import order as files
from app.training.answers import write_predictions
from app.training.baseline import measure
from app.training.bench import Bench
from app.training.evaluate import evaluation
from app.training.metrics import told
from app.training.offered import ALWAYS_SHOWN
from app.training.order import CandidateOrder, FitOrder, Fitted
from app.training.pace import Pace
from app.training.sql import engine
from app.training.sql.search import as_answers, best_rule

FAMILY = "sql"


def query_candidate(ctx: ChildContext, order: FitOrder, candidate: CandidateOrder, bench: Bench, pace: Pace) -> Fitted:
    """Find the best rule, ask an engine, write predictions, evaluation and recipe; the SQL stands in the recipe."""
    plan, split = order.plan, bench.material.split
    ctx.progress(0.1, f"{candidate.name}: looking for a rule that a query can follow")
    found = best_rule(bench, plan, pace)
    lines = engine.expression(found.rule, plan.task, bench.labels)
    rows = bench.material.rows[split.holdout]
    ctx.progress(0.6, f"{candidate.name}: asking the SQL engine")
    said = engine.ask(lines, Path(order.table_path), rows, plan.task, bench.labels, ctx.folder)
    answers = as_answers(said.answer, bench.y_out, bench, plan, found.right)
    names = told(plan.metric, ALWAYS_SHOWN[plan.task], answers)
    scores, advantage = measure(names, plan.metric, answers, bench.y, plan.seed)
    shown = evaluation(answers, list(zip(names, scores, strict=True)), [], plan.seed)
    note = f"{found.rule.title}, {len(lines)} {'line' if len(lines) == 1 else 'lines'} of SQL."
    params = {"title": found.rule.title, "sql": "\n".join(lines), "lines": len(lines), "score_s": said.seconds}
    recipe = bench.recipe(order, FAMILY, json.dumps(params, sort_keys=True))
    (ctx.folder / files.EVALUATION).write_bytes(msgspec.json.encode(shown, order="deterministic"))
    (ctx.folder / files.RECIPE).write_bytes(msgspec.json.encode(recipe, order="deterministic"))
    write_predictions(ctx.folder / files.PREDICTIONS, answers, rows)
    return Fitted(
        name=candidate.name,
        state=CandidateState.PASSED,
        seconds=pace.elapsed,
        cv=found.cv,
        holdout=scores[names.index(plan.metric)],
        against_baseline=advantage.difference,
        luck=advantage.luck,
        holdout_rows=len(rows),
        note=note,
        notes=bench.notes,
    )
