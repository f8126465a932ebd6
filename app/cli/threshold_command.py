"""threshold: from which probability on a model answers positive."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from app.cli.answer import Answer
from app.cli.candidates import candidate_named
from app.cli.command import Command, Request, candidate_arguments, project_argument

if TYPE_CHECKING:
    from app.core.thresholds import Thresholds


def _threshold(request: Request) -> Answer:
    from app.approval.threshold import choose_threshold, forget_threshold, tried
    from app.core.thresholds import outcome_words
    from app.registry import runs
    from app.registry.thresholds import threshold_of

    alarm, miss = request.args.false_alarm, request.args.miss
    with request.project() as project:
        run = runs.run(project, request.text("run"))
        candidate = candidate_named(run, request.optional("candidate"))
        if request.args.forget:
            forget_threshold(project, candidate.id)
        found = tried(project, candidate.id, request.ctx)
        at = found.cheapest_probability(alarm, miss) if request.args.cheapest else request.args.at
        if at is not None:
            choose_threshold(project, candidate.id, at=at, alarm=alarm, miss=miss, found=found, ctx=request.ctx)
        held = threshold_of(project, candidate.id)
    served = held.at if held is not None else 0.5
    body = {"run": run.id, "candidate": candidate.name, "chosen": held is not None, "threshold": served}
    words = outcome_words(found, served, alarm, miss)
    return Answer(body | _outcome(found, served, alarm, miss), [f"{candidate.name} of run {run.number}: {words}"])


def _outcome(found: Thresholds, at: float, alarm: float, miss: float) -> dict[str, object]:
    told = found.outcome(at)
    return {
        "of": found.of,
        "rows": told.rows,
        "precision": told.precision,
        "recall": told.recall,
        "false_alarms": told.alarms,
        "misses": told.misses,
        "cost": told.cost(alarm, miss),
    }


def _arguments(parser: argparse.ArgumentParser) -> None:
    project_argument(parser)
    candidate_arguments(parser)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--at", metavar="P", type=float, help="answer positive from this probability on")
    which.add_argument("--cheapest", action="store_true", help="from where mistakes cost least on the hold-out")
    which.add_argument("--forget", action="store_true", help="answer the likeliest class again")
    parser.add_argument("--false-alarm", metavar="COST", type=float, default=1.0, help="of one (default 1)")
    parser.add_argument("--miss", metavar="COST", type=float, default=1.0, help="of one (default 1)")


COMMANDS = (
    Command(
        "threshold",
        "choose the probability from which a model answers positive",
        "Without a choice it says what holds and what it does to the hold-out. A chosen threshold is kept in the\n"
        "history with its costs, and every bundle built from then on answers by it.\n\n"
        "Example:\n  modelyard threshold churn-project 1 --cheapest --false-alarm 5 --miss 80",
        _arguments,
        _threshold,
    ),
)
