"""serve, collect, trace: predictions, from the answer back to the data."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from app.cli.answer import Answer, Exit
from app.cli.command import Command, Request, project_argument

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.core.origins import Descent
    from app.core.watch import Collected, Trace
    from app.registry.project import Project


def _serve(request: Request) -> None:
    from app.cli.answer import Voice
    from app.serving.foreground import serve

    voice = Voice(bool(request.args.json))
    log_dir = request.path("log_dir") if request.args.log_dir else None
    serve(
        request.path("bundle"),
        port=request.args.port,
        log_dir=log_dir,
        when_ready=voice.say_json,
        remark=request.remark,
        ctx=request.ctx,
    )


def _serve_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("bundle", metavar="BUNDLE", help="a bundle's folder")
    parser.add_argument("--port", type=_port, default=8080, help="a taken one means the next free one (default 8080)")
    parser.add_argument("--log-dir", help="where predictions are logged (default: logs beside the bundle)")


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError("must be between 0 and 65535")
    return port


def _collect(request: Request) -> Answer:
    from app.serving import watched
    from app.serving.logs import collect

    with request.project() as project:
        said = []
        if request.args.watch:
            watched.watch_folder(project, request.path("watch"))
            said.append(f"{request.text('watch')} is watched from now on.")
        if request.args.unwatch:
            watched.leave_folder(project, request.text("unwatch"))
            said.append(f"{request.text('unwatch')} is watched no longer.")
        if request.args.log_dir:
            found = collect(project, request.path("log_dir"), ctx=request.ctx)
            return Answer(counts_body(found), [*said, _counts_words(found)])
        return _collect_home(project, request, said)


def _collect_home(project: Project, request: Request, said: Sequence[str]) -> Answer:
    """The project's own services and the watched folders."""
    from app.core.progress import Part
    from app.serving import local, logs, watched

    found = logs.collect_services(project, Part(request.ctx, 0.0, 0.5))
    folders = watched.collect_folders(project, Part(request.ctx, 0.5, 1.0))
    total = found
    for folder in folders:
        total = logs.added(total, folder.found)
    told = [{"path": f.folder, **counts_body(f.found), "problem": f.problem or None} for f in folders]
    body = {**counts_body(total), "folders": told}
    lines = [*said, _counts_words(total), *(f"   {f.folder}: {f.problem or _counts_words(f.found)}" for f in folders)]
    lines += [f"   {s.service.name}: {s.message}" for s in local.statuses(project) if s.uneasy]
    problem = next((folder.problem for folder in folders if folder.problem), "")
    return Answer(body, lines, Exit.FAILED if problem else Exit.OK, problem)


def counts_body(found: Collected) -> dict[str, object]:
    """What was collected, as JSON; what no client was told only where there is any."""
    body: dict[str, object] = {
        "collected": found.collected,
        "duplicates": found.duplicates,
        "foreign": found.foreign,
        "torn": found.torn,
    }
    besides: dict[str, object] = {"shadow": found.shadow, "tests": found.tests, "strangers": list(found.strangers)}
    return body | {name: number for name, number in besides.items() if number}


def _counts_words(found: Collected) -> str:
    predictions = "prediction" if found.collected == 1 else "predictions"
    torn = "line was torn" if found.torn == 1 else "lines were torn"
    return (
        f"Collected {found.collected:,} {predictions}{found.besides}; {found.duplicates:,} were known, "
        f"{found.foreign:,} came from bundles of other projects{found.named}, {found.torn:,} {torn}."
    )


def _collect_arguments(parser: argparse.ArgumentParser) -> None:
    project_argument(parser)
    told = "the log folder of a bundle's server (default: this project's services and the watched folders)"
    parser.add_argument("log_dir", metavar="LOGDIR", nargs="?", help=told)
    parser.add_argument("--watch", metavar="FOLDER", help="look into this folder from now on")
    parser.add_argument("--unwatch", metavar="FOLDER", help="look into it no longer")


def _trace(request: Request) -> Answer:
    from app.serving.trace import trace

    with request.project() as project:
        found = trace(project, request.text("prediction"))
    lines = [f"{link.name + ':':<15} {link.value if link.value is not None else link.problem}" for link in found.links]
    lines += [f"{'source:':<15} {descent_words(step)}" for step in found.lineage]
    lines += [f"{'violations:':<15} {', '.join(found.violations)}"] if found.violations else []
    lines += [f"{'answered:':<15} nobody; in the shadow of {found.shadow_of}"] if found.shadow_of else []
    lines += [f"{'instead of:':<15} {found.instead_of}, which had no finite answer"] if found.instead_of else []
    if found.whole:
        return Answer(trace_body(found), lines)
    missing = [link for link in found.links if link.value is None]
    return Answer(
        trace_body(found), lines, Exit.FAILED, f"The trace is not whole: {missing[0].problem}", _trace_hint(found)
    )


def descent_words(step: Descent) -> str:
    """Where a data version came from, in one line."""
    if step.inputs:
        return f"{step.label} is made of {', '.join(step.inputs)} by: {' '.join(step.query.split())}"
    parts = [step.kind, step.address, f"({' '.join(step.query.split())})" if step.query else ""]
    return f"{step.label} comes from: {' '.join(part for part in parts if part)}"


def _trace_hint(found: Trace) -> str:
    if found.inputs is not None:
        return ""
    return "If it was answered elsewhere, read its log first: modelyard collect PROJECT LOGDIR"


def trace_body(found: Trace) -> dict[str, object]:
    """The answer of ``trace``: null where a link is missing."""
    return {
        "prediction": found.prediction if found.inputs is not None else None,
        "inputs": _json(found.inputs),
        "output": _json(found.output),
        "violations": list(found.violations),
        "bundle": found.bundle,
        "model_version": found.model_version,
        "run": found.run,
        "plan": _json(found.plan),
        "seed": found.seed,
        "data_version": found.data_version,
        "sha256": found.sha256,
        "lineage": [
            {"data_version": s.label, "kind": s.kind, "address": s.address, "query": s.query, "inputs": list(s.inputs)}
            for s in found.lineage
        ],
        "approval": found.approval,
    } | {name: value for name in ("shadow_of", "instead_of") if (value := getattr(found, name))}


def _json(text: str | None) -> object:
    import msgspec

    return None if text is None else msgspec.json.decode(text)


def _trace_arguments(parser: argparse.ArgumentParser) -> None:
    project_argument(parser)
    parser.add_argument(
        "prediction", metavar="PREDICTION_ID", help="the id that came with the answer, or a query bundle's"
    )


COMMANDS = (
    Command(
        "serve",
        "answer requests from a bundle on 127.0.0.1 until stopped",
        "Verifies the bundle, replays its golden rows, listens, prints one line of JSON and then blocks. Stop it with\n"
        "Ctrl+C. It needs no project.\n\nExample:\n  modelyard serve churn-project/bundles/churn@1 --port 8080",
        _serve_arguments,
        _serve,
    ),
    Command(
        "collect",
        "read a server's prediction log into the project",
        "Stores every prediction of this project's bundles so that it can be traced. Reading the same log twice\n"
        "doubles nothing, and it may be stopped at any moment. A watched folder is read on from where it was left.\n\n"
        "Example:\n  modelyard collect churn-project ./logs\n  modelyard collect churn-project --watch /var/log/churn",
        _collect_arguments,
        _collect,
    ),
    Command(
        "trace",
        "show everything behind one prediction",
        "Joins a prediction with its bundle, model version, run, plan, data and approval. Exit code 1 if a link is\n"
        "missing; it is named. A query bundle's id (sha256:...) is traced too.\n\n"
        "Example:\n  modelyard trace churn-project 0199b0c2-6f5e-7c1a-9d0e-0a5f6e7d8c9b",
        _trace_arguments,
        _trace,
    ),
)
