"""referee: would a plain query have been enough?"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from app.cli.answer import Answer
from app.cli.command import Command, Request, project_argument, run_argument

if TYPE_CHECKING:
    from app.core.referee import RefereeVerdict


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
    return Answer(body, [*lines, f"In the dialect of {DIALECTS[dialect]}:", "", sql.rstrip()])


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
    }


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
        "Compares a run's best model with the best rule that plain SQL can follow, on the rows that neither has\n"
        "seen, and prints the query.\n\nExample:\n  modelyard referee churn-project 1 --dialect postgres",
        _arguments,
        _referee,
    ),
)
