"""approve, bundle, predict: what is done with a model."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from app.cli.answer import Answer, Exit, error_answer
from app.cli.command import Command, Request, candidate_arguments, project_argument
from app.errors import NotAllowed

if TYPE_CHECKING:
    from pathlib import Path

    from app.core.runs import Candidate, Run
    from app.registry.project import Project


def _approve(request: Request) -> Answer:
    from app.approval.approve import approve
    from app.registry import runs

    with request.project() as project:
        run = runs.run(project, request.text("run"))
        chosen = _chosen(run, request.optional("candidate"))
        reason = request.optional("reason")
        if reason is None:
            reason = _prefilled(project, chosen)
        try:
            version = approve(
                project, run.id, candidate_id=chosen.id if chosen else None, reason=reason, ctx=request.ctx
            )
        except NotAllowed as error:
            return _refused(project, chosen, error)
    return Answer({"model_version": version.label}, [f"Approved run {run.number} as {version.label}."])


def _chosen(run: Run, name: str | None) -> Candidate | None:
    from app.errors import NotFound

    if name is None:
        return run.best
    for candidate in run.candidates:
        if name in {candidate.name, candidate.family, candidate.id}:
            return candidate
    raise NotFound(f"Run {run.number} has no candidate “{name}”.", ", ".join(c.name for c in run.candidates))


def _prefilled(project: Project, chosen: Candidate | None) -> str:
    from app.approval.gates import summary
    from app.registry import runs

    return summary(runs.gate_results(project, chosen.id)) if chosen else ""


def _refused(project: Project, chosen: Candidate | None, error: NotAllowed) -> Answer:
    """3 if a gate failed, 6 if somebody was faster, else 1."""
    from app.registry import models, runs

    code = Exit.FAILED
    if chosen and models.version_of_candidate(project, chosen.id):
        code = Exit.CONFLICT
    elif chosen is None or any(not g.passed for g in runs.gate_results(project, chosen.id)):
        code = Exit.GATE
    return error_answer(error, code)


def _approve_arguments(parser: argparse.ArgumentParser) -> None:
    project_argument(parser)
    candidate_arguments(parser)
    parser.add_argument("--reason", help="why (default: what the gates say)")


def _bundle(request: Request) -> Answer:
    from app.bundles.build import build
    from app.registry import models

    if request.args.query:
        return _query_bundle(request)
    elsewhere = _elsewhere(request)
    with request.project() as project:
        version = models.model_version_by_label(project, request.text("model"))
        bundle = build(project, version.id, out=elsewhere, ctx=request.ctx)
        path = elsewhere or project.path / bundle.path
    body = {"path": str(path), "sha256": bundle.sha256, "bytes": bundle.size_bytes}
    return Answer(body, [f"Bundle of {version.label} in {path}", f"Run it anywhere: python {path / 'serve.py'}"])


def _query_bundle(request: Request) -> Answer:
    from app.bundles.query import bundle_query
    from app.registry import runs

    elsewhere = _elsewhere(request)
    with request.project() as project:
        run = runs.run(project, request.text("model"))
        bundle = bundle_query(project, run.id, out=elsewhere, ctx=request.ctx)
        path = elsewhere or project.path / bundle.path
    body = {"path": str(path), "sha256": bundle.sha256, "bytes": bundle.size_bytes}
    lines = [bundle.summary, f"Bundle of the query in {path}", f"Check it anywhere: python {path / 'check.py'}"]
    return Answer(body, lines)


def _elsewhere(request: Request) -> Path | None:
    from pathlib import Path

    out = request.optional("out")
    return Path(out).expanduser().absolute() if out else None


def _bundle_arguments(parser: argparse.ArgumentParser) -> None:
    project_argument(parser)
    parser.add_argument("model", metavar="MODEL@V", help="an approved model version, for example churn@1")
    parser.add_argument("--query", action="store_true", help="bundle a run's SQL query; MODEL@V is then a run")
    parser.add_argument("out", metavar="OUT", nargs="?", help="a folder (default: the project's bundles folder)")


def _predict(request: Request) -> Answer:
    from app.registry import models
    from app.serving.predict import predict_file

    with request.project() as project:
        version = models.model_version_by_label(project, request.text("model"))
        done = predict_file(project, version.id, request.path("file"), request.path("out"), request.ctx)
    body = {
        "rows": done.rows,
        "out": str(done.out),
        "model_version": done.model_version,
        "violating": done.violating,
    }
    lines = [f"Predicted {done.rows} rows with {done.model_version} into {done.out}."]
    if done.violating:
        lines.append(
            f"{done.violating} of them break the contract of the data; the column violations says which rules."
        )
    return Answer(body, lines)


def _predict_arguments(parser: argparse.ArgumentParser) -> None:
    project_argument(parser)
    parser.add_argument("model", metavar="MODEL@V", help="an approved model version, for example churn@1")
    parser.add_argument("file", metavar="FILE", help="the rows: CSV, TSV, Parquet, Excel or JSON lines")
    parser.add_argument("out", metavar="OUT", help="where the answers go: a name ending in .csv or .parquet")


COMMANDS = (
    Command(
        "approve",
        "make a run's best candidate a model version",
        "Records who answers for the model and why. Exit code 3 if a gate failed: then nothing is approved.\n\n"
        'Example:\n  modelyard approve churn-project 1 --reason "Better than the rule we use today"',
        _approve_arguments,
        _approve,
    ),
    Command(
        "bundle",
        "write a model version as a folder that runs without Modelyard",
        "Writes the model, its contract, its proof and a server into one folder. Building the same model version\n"
        "again gives the same bytes. With --query: the SQL query of a run, in every dialect, with its proof.\n\n"
        "Example:\n  modelyard bundle churn-project churn@1\n  modelyard bundle churn-project 1 --query",
        _bundle_arguments,
        _bundle,
    ),
    Command(
        "predict",
        "answer every row of a file",
        "Writes the same rows with prediction_id and what is answered: label and probabilities (without a target the\n"
        "score), or value. Every row is logged and can be traced. A row that the model cannot take refuses the file,\n"
        "by row and column (exit code 4).\n\n"
        "Example:\n  modelyard predict churn-project churn@1 new-customers.csv answers.csv",
        _predict_arguments,
        _predict,
    ),
)
