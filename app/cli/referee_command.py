"""referee: would a plain query have been enough?"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from app.cli.answer import Answer
from app.cli.command import Command, Request, project_argument, run_argument

if TYPE_CHECKING:
    from app.core.referee import RefereeVerdict, TriedRule
    from app.core.runs import Score


def _referee(request: Request) -> Answer:
    from app.registry import datasets, runs
    from app.training.referee import referee
    from app.training.sql.dialects import DIALECTS, whole_query

    dialect = request.text("dialect")
    with request.project() as project:
        run = runs.run(project, request.text("run"))
        verdict = referee(project, run, request.ctx)
        table = datasets.dataset(project, run.dataset_id).name
    sql = whole_query(verdict.query.lines, table, run.plan.target, dialect)
    body = {"run": run.id, **(rule_body(verdict) or {}), "sql": sql, "dialect": dialect}
    lines = [verdict.sentence, f"Found in {verdict.query.train_s:.1f} s, the model in {verdict.model_train_s:.1f} s."]
    if verdict.model_score_s is not None:
        scored = f"Scores the hold-out in {verdict.query.score_s:.2g} s, the model in {verdict.model_score_s:.2g} s."
        lines.append(scored)
    lines += _rule_lines(verdict)
    return Answer(body, [*lines, f"In the dialect of {DIALECTS[dialect]}:", "", sql.rstrip()])


def _rule_lines(verdict: RefereeVerdict) -> list[str]:
    """Every rule side by side, the one that the verdict is about with a star; nothing of runs made before they were
    kept."""
    from app.core.methods import RULES
    from app.core.runs import METRIC_WORDS

    if not verdict.rules:
        return []
    metric = METRIC_WORDS[verdict.metric]
    return ["", RULES, *(f"{'*' if rule.chosen else ' '} {_rule_line(rule, metric)}" for rule in verdict.rules), ""]


def _rule_line(rule: TriedRule, metric: str) -> str:
    query, score, gap = rule.query, rule.score, rule.difference
    lines = f"{len(query.lines)} {'line' if len(query.lines) == 1 else 'lines'}"
    if score is None or gap is None:
        return f"{query.title}, {lines}. {rule.note or f'{metric} is undefined on these rows.'}"
    return (
        f"{query.title}: {metric} {score.value:.4g} [{score.low:.4g}, {score.high:.4g}], the model better by "
        f"{gap.value:.3g} [{gap.low:.3g}, {gap.high:.3g}], found in {query.train_s:.2g} s, scored in "
        f"{query.score_s:.2g} s, {lines}"
    )


def rule_body(verdict: RefereeVerdict | None) -> dict[str, object] | None:
    """``sql_rule`` of ``train``: the ruling with its figures, null where there is none."""
    if verdict is None:
        return None
    gap = verdict.difference
    return {
        "verdict": verdict.ruling.value,
        "metric": verdict.metric,
        "score": verdict.query_score,
        "model_score": verdict.model_score,
        "difference": gap.value,
        "interval": [gap.low, gap.high],
        "margin": verdict.margin,
        "lines": len(verdict.query.lines),
        "seconds": {
            "train": verdict.query.train_s,
            "score": verdict.query.score_s,
            "model_train": verdict.model_train_s,
            "model_score": verdict.model_score_s,
        },
        "rule": verdict.query.title,
        "sql": "\n".join(verdict.query.lines),
        "rules": [_tried_body(rule) for rule in verdict.rules],
    }


def _tried_body(rule: TriedRule) -> dict[str, object]:
    """``chosen``: by the folds; ``over_folds``: by the plan's metric; the other figures by ``sql_rule.metric``."""
    asked = not rule.note
    return {
        "rule": rule.query.title,
        "chosen": rule.chosen,
        "over_folds": _figure(rule.cv),
        "score": _figure(rule.score),
        "difference": _figure(rule.difference),
        "seconds": {"train": rule.query.train_s, "score": rule.query.score_s if asked else None},
        "lines": len(rule.query.lines),
        "sql": "\n".join(rule.query.lines),
        "note": rule.note,
    }


def _figure(score: Score | None) -> dict[str, object] | None:
    return None if score is None else {"value": score.value, "interval": [score.low, score.high]}


def _arguments(parser: argparse.ArgumentParser) -> None:
    project_argument(parser)
    run_argument(parser)
    parser.add_argument(
        "--dialect",
        default="duckdb",
        choices=("duckdb", "sqlite", "postgres", "mysql", "tsql", "bigquery", "snowflake"),
        help="the database that the query is written for (default duckdb)",
    )


COMMANDS = (
    Command(
        "referee",
        "say whether a plain SQL query would have been enough",
        "Compares a run's best model with the SQL rule that the folds chose, on the rows that neither has seen, tells\n"
        "what every other rule reaches there, and prints the query.\n\n"
        "Example:\n  modelyard referee churn-project 1 --dialect postgres",
        _arguments,
        _referee,
    ),
)
