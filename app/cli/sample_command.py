"""sample: the whole loop on the sample data, for machines without a display."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.answer import Answer, Exit
from app.cli.command import Command, Request
from app.core.progress import Part
from app.errors import NotFound

if TYPE_CHECKING:
    from app.core.data import AddResult
    from app.core.deploy import Bundle, ServiceStatus
    from app.core.models import ModelVersion
    from app.core.runs import Run
    from app.core.watch import Trace
    from app.registry.project import Project


@dataclass(frozen=True, slots=True)
class _Walked:
    """What the walk left behind."""

    model_version: str
    run: str
    bundle: Path
    url: str
    trace: Trace


def _sample(request: Request) -> Answer:
    from app.registry.project import Project

    wanted = request.path("folder") if request.args.folder else default_folder()
    with Project.create(next_free(wanted), name="Sample", actor=request.actor) as project:
        request.remark(f"Made the project {project.path}.")
        walked = _walk(project, request)
        return _answer(project.path, walked, bool(request.args.keep))


def _walk(project: Project, request: Request) -> _Walked:
    added = _add(project, request)
    run = _train(project, added, request)
    version = _approve(project, run, request)
    bundle = _bundle(project, version, request)
    path = project.path / bundle.path
    service = _start(project, bundle, request)
    try:
        found = _ask_and_trace(project, path, str(service.url), request)
    finally:
        if not request.args.keep:
            _stop(project, service, request)
    return _Walked(version.label, run.id, path, str(service.url), found)


def _add(project: Project, request: Request) -> AddResult:
    from app.data.intake import add

    result = add(project, sample_file(), ctx=Part(request.ctx, 0.0, 0.1))
    assert result.dataset and result.version and result.reading
    request.remark(
        f"1/7 Data added: {result.dataset.name}@{result.version.number}, {result.version.rows} rows, "
        f"target {result.reading.target}."
    )
    return result


def _train(project: Project, added: AddResult, request: Request) -> Run:
    from app.approval.check import train_and_check
    from app.training.plan import make_plan

    assert added.version and added.reading
    plan = make_plan(project, added.version, added.reading, seconds=request.args.seconds)
    run = train_and_check(project, plan, Part(request.ctx, 0.1, 0.75))
    best = run.best
    if best is None or best.holdout is None:
        raise NotFound(f"Run {run.number} found nothing to approve. {run.reason}", "Give it more time with --seconds.")
    request.remark(
        f"2/7 Trained {len(run.candidates)} candidates, best: {best.name}, {plan.metric} {best.holdout.value:.4f} "
        f"[{best.holdout.low:.4f}, {best.holdout.high:.4f}] on rows that no candidate saw."
    )
    return run


def _approve(project: Project, run: Run, request: Request) -> ModelVersion:
    from app.approval.approve import approve
    from app.approval.gates import summary
    from app.registry import runs

    assert run.best
    reason = summary(runs.gate_results(project, run.best.id))
    version = approve(project, run.id, candidate_id=run.best.id, reason=reason, ctx=Part(request.ctx, 0.75, 0.8))
    request.remark(f"3/7 Approved: {version.label}. {reason}")
    return version


def _bundle(project: Project, version: ModelVersion, request: Request) -> Bundle:
    from app.bundles.build import build

    bundle = build(project, version.id, ctx=Part(request.ctx, 0.8, 0.85))
    request.remark(f"4/7 Bundled: {bundle.size_bytes} bytes, sha256:{bundle.sha256[:12]}.")
    return bundle


def _start(project: Project, bundle: Bundle, request: Request) -> ServiceStatus:
    from app.serving import local

    service = local.start(project, bundle.id, ctx=Part(request.ctx, 0.85, 0.95))
    request.remark(f"5/7 Served on {service.url}.")
    return service


def _ask_and_trace(project: Project, bundle: Path, url: str, request: Request) -> Trace:
    from app.serving.client import predict
    from app.serving.example import example_rows
    from app.serving.trace import trace

    answer = predict(url, example_rows(bundle, 1))
    predictions = answer["predictions"]
    assert isinstance(predictions, list)
    request.remark(f"6/7 Answered: {json.dumps(predictions[0], ensure_ascii=False)}")
    found = trace(project, predictions[0]["id"])
    if found.whole:
        request.remark(f"7/7 Traced to {found.data_version}, sha256 {str(found.sha256)[:12]}, seed {found.seed}.")
    return found


def _stop(project: Project, service: ServiceStatus, request: Request) -> None:
    from app.core.progress import Silent
    from app.serving import local

    local.stop(project, service.service.id, Silent())  # not cancellable: Ctrl+C must not leave a service behind
    request.remark("The service is stopped.")


def _own_command() -> str:
    """How a person calls this program: a checkout through ``packaging/bootstrap.py``, an installed one by name."""
    bootstrap = Path(sys.argv[0]).with_name("bootstrap.py")
    return f"python3 {shlex.quote(str(bootstrap))} --" if bootstrap.exists() else "modelyard"


def _answer(project: Path, walked: _Walked, keep: bool) -> Answer:
    body = {
        "project": str(project),
        "run": walked.run,
        "model_version": walked.model_version,
        "bundle": str(walked.bundle),
        "url": walked.url,
        "running": keep,
        "prediction": walked.trace.prediction,
        "traced": walked.trace.whole,
    }
    lines = [
        f"The bundle is in {walked.bundle}",
        f"Open the window on a machine with a display: {_own_command()} {shlex.quote(str(project))}",
    ]
    if keep:
        lines.insert(0, f"The service goes on answering at {walked.url}")
    if walked.trace.whole:
        return Answer(body, lines)
    problem = next(link.problem for link in walked.trace.links if link.value is None)
    return Answer(body, lines, Exit.FAILED, f"The answer could not be traced: {problem}")


def sample_file() -> Path:
    """The table that comes with the application. NotFound in an incomplete installation."""
    root = Path(getattr(sys, "_MEIPASS", Path(__file__).parents[2]))
    for file in sorted((root / "resources" / "sample").glob("*.csv")):
        return file
    raise NotFound("The sample data is missing from this installation.", "Install Modelyard again.")


def default_folder() -> Path:
    """Where sample projects go: beside the projects that the window makes."""
    from platformdirs import user_documents_path

    return user_documents_path() / "Modelyard" / "Sample"


def next_free(folder: Path) -> Path:
    """The folder itself, or with the first number behind its name that is free."""
    number = 1
    candidate = folder
    while candidate.exists():
        number += 1
        candidate = folder.with_name(f"{folder.name} {number}")
    return candidate


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--keep", action="store_true", help="leave the service running")
    parser.add_argument("--folder", help="the project's folder (default: Modelyard/Sample in your documents)")
    parser.add_argument("--seconds", type=float, default=20.0, help="bounds the training (default 20)")


COMMANDS = (
    Command(
        "sample",
        "walk the whole loop on the sample data, from the file to a traced answer",
        "Makes a new project and does everything once: data added, trained, approved, bundled, served on this\n"
        "machine, answered, traced. The service is stopped at the end unless --keep. A second run makes a second\n"
        "project. Exit code 0 only if the answer was traced.\n\nExample:\n  modelyard sample",
        _arguments,
        _sample,
    ),
)
