"""worth: would a retrain bring anything?"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from app.cli.answer import Answer
from app.cli.command import Command, Request, project_argument

if TYPE_CHECKING:
    from app.core.runs import Score
    from app.core.worth import Worth
    from app.registry.project import Project

USUAL_S = 30.0


def _worth(request: Request) -> Answer:
    from app.monitoring.retraining.worth import worth

    with request.project() as project:
        if request.args.last:
            return _last(project, request.text("model"))
        found = worth(project, request.text("model"), seconds=request.args.seconds, ctx=request.ctx)
    return Answer(body_of(found), lines_of(found))


def _last(project: Project, model: str) -> Answer:
    """What was found the last time, not computed again."""
    from app.errors import NotFound
    from app.monitoring.monitor import watched_version
    from app.registry.worth import newest_worth

    version = watched_version(project, model)
    kept = newest_worth(project, version.id)
    if kept is None:
        raise NotFound(f"Nobody asked yet what a retrain of {version.label} is worth.", "Ask without --last.")
    asked = {"at": kept.at, "actor": kept.actor}
    return Answer(body_of(kept.worth) | asked, [*lines_of(kept.worth), f"   asked by {kept.actor}, {kept.at[:16]}Z"])


def body_of(found: Worth) -> dict[str, object]:
    """The answer as JSON."""
    told = found.measured
    return {
        "model": found.model,
        "metric": found.metric,
        "worth": found.advice.value,
        "line": found.line,
        "gain": _score(found.gain),
        "new_rows": found.fresh,
        "curve": [{"rows": p.rows, "value": p.value, "low": p.low, "high": p.high} for p in told.curve],
        "doubling": _score(told.doubling),
        "past": [{"from": w.first_at, "to": w.last_at, "rows": w.rows, "gain": _score(w.gain)} for w in told.windows],
        "past_gain": _score(told.past_gain),
        "labels": told.labelled,
        "notes": list(told.notes),
    }


def _score(score: Score | None) -> dict[str, float] | None:
    return {"value": score.value, "low": score.low, "high": score.high} if score else None


def lines_of(found: Worth) -> list[str]:
    """The advice, then what it rests on."""
    from app.core.metrics import METRIC_WORDS

    name, told = METRIC_WORDS[found.metric], found.measured
    lines = [f"{found.model}: {found.line}"]
    lines += [f"   {point.rows:>10,} rows   {name} {point.value:.4g}" for point in told.curve]
    for window in told.windows:
        gain = f"{window.gain.value:+.3g} [{window.gain.low:.3g}, {window.gain.high:.3g}]"
        lines.append(f"   {window.first_at[:19]} to {window.last_at[:19]}, {window.rows:,} rows: {gain}")
    return [*lines, *(f"   {note}" for note in told.notes)]


def _arguments(parser: argparse.ArgumentParser) -> None:
    project_argument(parser)
    parser.add_argument("model", metavar="MODEL", help="a model for the version in use, or a version (churn@3)")
    parser.add_argument("--last", action="store_true", help="tell the last answer again instead of finding a new one")
    parser.add_argument("--seconds", metavar="S", type=float, default=USUAL_S, help="bounds the answer (default 30)")


COMMANDS = (
    Command(
        "worth",
        "say whether a retrain is worth it",
        "Fits the model's recipe on growing shares of its rows, and again before each past window of labelled\n"
        "predictions (or of the data's own time): a number with its interval, or “not yet” and why.\n"
        "The answer is kept in the history; nothing else is changed.\n\n"
        "Example:\n  modelyard worth churn-project churn --seconds 60\n  modelyard worth churn-project churn --last",
        _arguments,
        _worth,
    ),
)
