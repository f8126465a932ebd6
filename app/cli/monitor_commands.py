"""labels, monitor: what really happened, and whether a live model is still right."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from app.cli.answer import Answer, Exit
from app.cli.command import Command, Request, project_argument
from app.cli.junit import junit_argument, write_junit
from app.cli.junit_cases import monitor_cases
from app.cli.numbers import count

if TYPE_CHECKING:
    from app.core.monitoring import ColumnDrift, MonitorReport
    from app.core.runs import Score

MOST_LINES = 8
BLIND_SPOT = "It cannot see that the same inputs now lead elsewhere: only labels can."


def _labels(request: Request) -> Answer:
    from app.monitoring.labels import add_labels

    with request.project() as project:
        made = add_labels(
            project,
            request.path("file"),
            id_column=request.text("id"),
            label_column=request.text("label"),
            model=request.optional("model"),
            ctx=request.ctx,
        )
    counts = made.counts
    body = {
        "delivery": made.number,
        "joined_by": made.joined_by.value,
        "rows": counts.rows,
        "joined": counts.joined,
        "unmatched": counts.unmatched,
        "duplicate": counts.duplicate,
        "contradictory": counts.contradictory,
        "unlabelled": counts.unlabelled,
        "late": counts.late,
        "changed": counts.changed,
        "several": counts.several,
        "predictions": counts.predictions,
        "contradictions": [{"id": c.key, "labels": list(c.labels)} for c in counts.contradictions],
        "unknown": counts.unknown,
        "unknown_labels": [{"label": u.label, "row": u.row, "id": u.key} for u in counts.unknown_labels],
    }
    lines = [
        f"{counts.joined:,} of {counts.rows:,} rows were joined with predictions, by {made.joined_by.value}.",
        f"{counts.unmatched:,} unmatched, {counts.duplicate:,} duplicate, {counts.contradictory:,} contradictory, "
        f"{counts.unlabelled:,} without a label; of the joined {counts.late:,} came late, {counts.changed:,} changed.",
    ]
    if counts.several:
        told = f"{counts.several:,} rows name several predictions each: {counts.predictions:,} got a label in all."
        lines.append(told)
    lines += [f"   contradictory: {c.key} is {' and '.join(c.labels)}" for c in counts.contradictions]
    if counts.unknown:
        lines.append(f"{counts.unknown:,} with a label that is no class of the model: for no figure and no retraining.")
    lines += [f"   no class: {u} (id {u.key})" for u in counts.unknown_labels]
    if counts.joined or counts.duplicate:
        return Answer(body, lines)
    problem = "No row of this file belongs to a collected prediction."
    return Answer(body, lines, Exit.FAILED, problem, "Is --id the right column? Are the predictions collected?")


def _labels_arguments(parser: argparse.ArgumentParser) -> None:
    project_argument(parser)
    parser.add_argument("file", metavar="FILE", help="a table with an id and what really happened")
    parser.add_argument("--id", metavar="COL", required=True, help="the prediction id, the caller's own, or an input")
    parser.add_argument("--label", metavar="COL", required=True, help="the column of the true outcome")
    parser.add_argument("--model", help="a model's name, where labels could be of several")


def _monitor(request: Request) -> Answer:
    from app.core.monitoring import Verdict
    from app.monitoring.monitor import asked_for, monitor

    asked = asked_for(request.args.last, request.optional("since") or "", request.args.level)
    with request.project() as project:
        report = monitor(project, request.text("model"), asked, request.ctx)
    write_junit(request, f"monitor {report.model_version}", monitor_cases(report))
    if report.verdict is not Verdict.ACT:
        return Answer(body_of(report), _lines(report))
    return Answer(body_of(report), _lines(report), Exit.DRIFT, report.line, "Look at it, and train on newer data.")


def body_of(report: MonitorReport) -> dict[str, object]:
    """A report as JSON."""
    drift, told, expected = report.drift, report.performance, report.estimate
    return {
        "model": report.model_version,
        "window": {
            "from": report.window.first_at or None,
            "to": report.window.last_at or None,
            "rows": report.window.rows,
        },
        "verdict": report.verdict.value,
        "line": report.line,
        "columns": [_column(c) for c in drift.columns] if drift else [],
        "score": _column(drift.score) if drift and drift.score else None,
        "level": drift.level if drift else None,
        "performance": {
            "metric": told.metric,
            "value": told.value.value if told.value else None,
            "interval": _ends(told.value),
            "labels": told.labels,
            "limit": told.limit,
            "approved": told.approved.value if told.approved else None,
        },
        "estimated": {"metric": expected.metric, "value": expected.value, "past_error": expected.past_error}
        if expected
        else None,
    }


def _column(drift: ColumnDrift) -> dict[str, object]:
    return {
        "name": drift.name,
        "test": drift.test.value,
        "effect": drift.effect,
        "null_band": [drift.low, drift.high],
        "p_value": drift.p_value,
        "size": drift.size,
        "moved": drift.moved,
        "alarm": drift.alarm,
        "missing": [drift.missing_then, drift.missing_now],
        "out_of_range": drift.out_of_range,
        "appeared": [v.value for v in drift.appeared],
        "vanished": [v.value for v in drift.vanished],
        "statistics": dict(drift.statistics),
        "importance": drift.importance,
        "harm": drift.harm,
    }


def _ends(score: Score | None) -> list[float] | None:
    return [score.low, score.high] if score else None


def _lines(report: MonitorReport) -> list[str]:
    lines = [f"{report.model_version}: {report.line}", _window_words(report)]
    moved = [c for c in report.drift.columns if c.moved] if report.drift else []
    for drift in moved[:MOST_LINES]:
        note = "" if drift.alarm else "  (too little to matter)"
        lines.append(f"   {drift.name:<28} {drift.test} {drift.effect:.3g}, usual up to {drift.high:.3g}{note}")
    return lines + _performance_lines(report)


def _window_words(report: MonitorReport) -> str:
    window = report.window
    return f"{window.rows:,} predictions, {window.first_at[:10]} to {window.last_at[:10]}." if window.rows else ""


def _performance_lines(report: MonitorReport) -> list[str]:
    from app.core.metrics import METRIC_WORDS

    told, lines = report.performance, []
    name = METRIC_WORDS[told.metric]
    if told.value:
        approved = f"; approved with {told.approved.value:.4g}" if told.approved else ""
        value = told.value
        lines.append(f"{name} {value.value:.4g} [{value.low:.4g}, {value.high:.4g}], {told.labels:,} labels{approved}.")
    if report.estimate:
        expected = report.estimate
        where = "this window" if expected.on_window else "the hold-out"
        lines.append(f"Estimated without labels: {expected.value:.4g}, on {where} off by {expected.past_error:.2g}.")
        lines.append(BLIND_SPOT)
    return lines


def since_when(text: str) -> str:
    """A day or a moment as the logs write it. ArgumentTypeError if it is none."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"“{text}” is no date: write it as 2026-03-31 or 2026-03-31T14:00") from error
    when = when.astimezone(UTC) if when.tzinfo else when
    return when.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _level(text: str) -> float:
    from app.monitoring.asked import LEAST_LEVEL, MOST_LEVEL

    level = float(text)
    if not LEAST_LEVEL <= level <= MOST_LEVEL:
        raise argparse.ArgumentTypeError(f"between {LEAST_LEVEL} and {MOST_LEVEL}")
    return level


def _monitor_arguments(parser: argparse.ArgumentParser) -> None:
    project_argument(parser)
    parser.add_argument(
        "model",
        metavar="MODEL",
        help="a model version (churn@3), or a model for the version that is live, else its newest",
    )
    parser.add_argument("--last", metavar="N", type=count, help="the newest N predictions (default: 10,000)")
    parser.add_argument("--since", metavar="DATE", type=since_when, help="predictions of that day (UTC) and later")
    junit_argument(parser)
    told = "share of windows without drift that alarm (default: 0.01; looked at weekly: one in two years)"
    parser.add_argument("--level", metavar="SHARE", type=_level, default=0.01, help=told)


COMMANDS = (
    Command(
        "labels",
        "take in what really happened, joined with predictions",
        "Joins a table of outcomes with the collected predictions by prediction id, by the caller's own id, or by a\n"
        "column that was sent with the request. Nothing is overwritten: a later label is a new version.\n\n"
        "Example:\n  modelyard labels churn-project outcomes.csv --id prediction_id --label churned",
        _labels_arguments,
        _labels,
    ),
    Command(
        "monitor",
        "say whether a live model is still right",
        "Compares the newest predictions with what the model was trained on: each column and the scores, judged by\n"
        "what chance does to so many rows; and its performance, once labels are there. Exit code 5: act.\n\n"
        "Example:\n  modelyard monitor churn-project churn --last 10000\n"
        "  modelyard monitor churn-project churn@3 --since 2026-03-01 --json",
        _monitor_arguments,
        _monitor,
    ),
)
