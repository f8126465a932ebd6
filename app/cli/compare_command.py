"""compare: is one run really better than another, and what differs between them?"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from app.cli.answer import Answer
from app.cli.command import Command, Request, project_argument, run_argument

if TYPE_CHECKING:
    from app.core.runs import Candidate, Run, Score
    from app.training.differing import Differing


def _compare(request: Request) -> Answer:
    from app.core.runs import METRIC_WORDS
    from app.registry import runs
    from app.training.compare import compare
    from app.training.differing import what_differs

    with request.project() as project:
        one, other = (runs.run(project, request.text(name)) for name in ("one", "other"))
        best, rival = _best(one), _best(other)
        gap = compare(project, best.id, rival.id, request.ctx)
        differing = what_differs(project, one, other)
    metric = METRIC_WORDS[one.plan.metric]
    lines = [f"{_named(one, best)} against {_named(other, rival)}: {_sentence(metric, gap)}"]
    lines += [f"   {d.where}: {d.name}: {d.one or '-'} > {d.other or '-'}" for d in differing]
    return Answer(_body(one, other, best, rival, gap, differing), lines)


def _body(
    one: Run, other: Run, best: Candidate, rival: Candidate, gap: Score, differing: tuple[Differing, ...]
) -> dict[str, object]:
    return {
        "runs": [
            {"run": run.id, "number": run.number, "candidate": c.name, "score": c.holdout.value if c.holdout else None}
            for run, c in ((one, best), (other, rival))
        ],
        "metric": one.plan.metric,
        "difference": gap.value,
        "interval": [gap.low, gap.high],
        "better": "first" if gap.low > 0 else "second" if gap.high < 0 else "undecided",
        "differs": [{"where": d.where, "name": d.name, "first": d.one, "second": d.other} for d in differing],
    }


def _best(run: Run) -> Candidate:
    from app.errors import NotFound

    if run.best is None:
        raise NotFound(f"Run {run.number} has no model to compare.", "Choose another run: modelyard runs PROJECT")
    return run.best


def _named(run: Run, candidate: Candidate) -> str:
    return f"run {run.number} ({candidate.name})"


def _sentence(metric: str, gap: Score) -> str:
    if gap.low == gap.high == 0:
        return f"the same {metric} to the last digit."
    told = f"{metric} {abs(gap.value):.4g} {'better' if gap.value >= 0 else 'worse'} [{gap.low:.4g}, {gap.high:.4g}]"
    return f"{told}." if gap.low > 0 or gap.high < 0 else f"{told}, which is not more than the noise."


def _arguments(parser: argparse.ArgumentParser) -> None:
    project_argument(parser)
    run_argument(parser, "one")
    parser.add_argument("other", metavar="RUN", help="the run to compare with")


COMMANDS = (
    Command(
        "compare",
        "say whether one run is really better than another, and what differs",
        "Compares the best candidates of two runs on the same untouched rows: the paired difference with its\n"
        "interval, positive where the first is better, and what differs in plan, data and environment.\n\n"
        "Example:\n  modelyard compare churn-project 2 1",
        _arguments,
        _compare,
    ),
)
