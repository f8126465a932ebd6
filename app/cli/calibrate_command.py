"""calibrate: map a candidate's probabilities so that they come true as often as they say."""

from __future__ import annotations

import argparse

from app.cli.answer import Answer
from app.cli.candidates import candidate_named
from app.cli.command import Command, Request, candidate_arguments, project_argument
from app.cli.train_told import train_answer


def _calibrate(request: Request) -> Answer:
    from app.approval.calibrate import calibrate
    from app.registry import datasets, runs

    with request.project() as project:
        source = runs.run(project, request.text("run"))
        chosen = candidate_named(source, request.optional("candidate"))
        run = calibrate(project, chosen.id, request.ctx)
        version = datasets.version(project, run.plan.version_id)
        gates = runs.gate_results(project, run.best.id) if run.best else ()
        return train_answer(datasets.dataset(project, run.dataset_id), version, run, gates)


def _arguments(parser: argparse.ArgumentParser) -> None:
    project_argument(parser)
    candidate_arguments(parser)


COMMANDS = (
    Command(
        "calibrate",
        "make a candidate whose probabilities come true as often as they say",
        "Refits a recorded recipe with a sigmoid behind its probabilities, fitted on out-of-fold answers. It is a\n"
        "candidate of a new run, exported, proven and gated like any other. Exit code 3 if a gate fails.\n\n"
        "Example:\n  modelyard calibrate churn-project 1 --candidate forest",
        _arguments,
        _calibrate,
    ),
)
