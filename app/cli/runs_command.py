"""runs: list them, newest first."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.cli.answer import Answer
from app.cli.command import Command, Request, project_argument
from app.cli.numbers import count
from app.cli.train_told import train_body

if TYPE_CHECKING:
    from app.core.runs import Run
    from app.registry.project import Project


def _runs(request: Request) -> Answer:
    from app.registry import runs

    with request.project() as project:
        runs.mark_interrupted(project)
        told = _told(project, runs.runs(project, most=request.args.limit))
    lines = [_run_line(run) for run in told]
    return Answer({"runs": told}, lines or ["No runs yet. Start one with: modelyard train PROJECT DATASET"])


def _told(project: Project, found: Sequence[Run]) -> list[dict[str, object]]:
    """A fixed number of queries, however many runs there are."""
    from app.registry import datasets, runs

    owners = {dataset.id: dataset for dataset in datasets.datasets(project)}
    versions = datasets.versions_of_ids(project, {run.plan.version_id for run in found})
    best = {run.id: run.best.id for run in found if run.best}
    gates = runs.gate_results_of(project, best.values())
    return [
        {"number": run.number, "state": str(run.state), "created_at": run.created_at, "reason": run.reason}
        | train_body(owners[run.dataset_id], versions[run.plan.version_id], run, gates.get(best.get(run.id, ""), ()))
        for run in found
    ]


def _run_line(run: dict[str, object]) -> str:
    score = run["score"]
    told = f"{run['metric']} {score:.4f}" if isinstance(score, float) else f"{run['metric']} -"
    return f"{run['number']:>4}  {run['dataset']}@{run['version']}  {run['state']}  {told}  {run['run']}"


def _arguments(parser: argparse.ArgumentParser) -> None:
    project_argument(parser)
    parser.add_argument("--limit", type=count, metavar="N", help="at most so many, newest first (default: all)")


COMMANDS = (
    Command(
        "runs",
        "list the runs, newest first",
        "Lists every run with its state and the score of its best candidate.\n\n"
        "Example:\n  modelyard runs churn-project --limit 20",
        _arguments,
        _runs,
    ),
)
