"""The query as one of a run's candidates: found, run by an engine on the hold-out, scored as all are. Child side."""

from __future__ import annotations

import json
from collections.abc import Sequence

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
from app.training.sql.asked import Asked, ask_all
from app.training.sql.search import as_answers, rules_of

FAMILY = "sql"


def query_candidate(ctx: ChildContext, order: FitOrder, candidate: CandidateOrder, bench: Bench, pace: Pace) -> Fitted:
    """Find rules, ask an engine, write predictions, evaluation and recipe: of the rule that the folds chose. The SQL of
    every rule stands in the recipe, what the engine said of it beside the predictions."""
    plan, split = order.plan, bench.material.split
    ctx.progress(0.1, f"{candidate.name}: looking for a rule that a query can follow")
    rules = rules_of(bench, plan, pace)
    found, rows = rules.chosen, bench.material.rows[split.holdout]
    ctx.progress(0.6, f"{candidate.name}: asking the SQL engine")
    asked = ask_all(bench, order, rules, pace, ctx.folder)
    lines, said = asked[rules.best].lines, asked[rules.best].said
    assert said is not None, "the chosen rule is asked in any case"
    answers = as_answers(said.answer, bench.y_out, bench, plan, found.right)
    names = told(plan.metric, ALWAYS_SHOWN[plan.task], answers)
    scores, advantage = measure(names, plan.metric, answers, bench.y, plan.seed)
    shown = evaluation(answers, list(zip(names, scores, strict=True)), [], plan.seed)
    note = f"{found.rule.title}, {len(lines)} {'line' if len(lines) == 1 else 'lines'} of SQL."
    recipe = bench.recipe(order, FAMILY, _params(asked, rules.best, said.seconds))
    (ctx.folder / files.EVALUATION).write_bytes(msgspec.json.encode(shown, order="deterministic"))
    (ctx.folder / files.RECIPE).write_bytes(msgspec.json.encode(recipe, order="deterministic"))
    others = {place: one.said.answer for place, one in enumerate(asked) if one.said is not None}
    write_predictions(ctx.folder / files.PREDICTIONS, answers, rows, others)
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


def _params(asked: Sequence[Asked], best: int, score_s: float) -> str:
    """The rule that answers, and all that were found."""
    told = [one.told(chosen=place == best) for place, one in enumerate(asked)]
    chosen = told[best]
    own = {"title": chosen.title, "sql": chosen.sql, "lines": len(asked[best].lines), "score_s": score_s}
    return json.dumps(own | {"rules": msgspec.to_builtins(told)}, sort_keys=True)
