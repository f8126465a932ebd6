"""new, verify, audit: a project as a whole."""

from __future__ import annotations

import argparse

from app.cli.answer import Answer, Exit, error_answer
from app.cli.command import Command, Request, project_argument
from app.errors import NotAllowed


def _new(request: Request) -> Answer:
    from app.registry.project import Project

    try:
        project = Project.create(request.path("project"), name=request.optional("name"), actor=request.actor)
    except NotAllowed as error:  # somebody has made it, or uses the folder
        return error_answer(error, Exit.CONFLICT)
    with project:
        body = {"project": str(project.path), "name": project.name}
        return Answer(body, [f"Made the project {project.name} in {project.path}."])


def _new_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", metavar="PROJECT", help="a folder that does not exist yet or is empty")
    parser.add_argument("--name", help="what the project is called (default: the folder's name)")


def _verify(request: Request) -> Answer:
    from app.registry.verify import verify

    with request.project() as project:
        report = verify(project, request.ctx)
    body = {
        "ok": report.ok,
        "objects": report.objects,
        "entries": report.entries,
        "problems": list(report.problems),
    }
    if report.ok:
        return Answer(body, [f"Whole: {report.objects} objects and {report.entries} history entries verified."])
    count = len(report.problems)
    return Answer(
        body,
        list(report.problems),
        Exit.FAILED,
        f"The project is not whole: {count} problem{'s' if count > 1 else ''} found.",
        "Restore the named files from a backup.",
    )


def _audit(request: Request) -> Answer:
    from app.registry import audit

    with request.project() as project:
        entries = audit.entries(
            project, text=request.text("text"), verb=request.optional("verb"), limit=request.args.limit
        )
        total = audit.count(project)
    told = [
        {
            "seq": e.seq,
            "at": e.at,
            "actor": e.actor,
            "verb": e.verb,
            "noun": e.noun,
            "payload": _payload(e.payload),
            "hash": e.hash,
        }
        for e in entries
    ]
    lines = [f"{e.seq:>6}  {e.at}  {e.actor}  {e.verb}  {e.noun}" for e in entries]
    return Answer({"entries": told, "total": total}, lines or ["No entry matches."])


def _payload(payload: str | None) -> object:
    import msgspec

    return None if payload is None else msgspec.json.decode(payload)


def _audit_arguments(parser: argparse.ArgumentParser) -> None:
    project_argument(parser)
    parser.add_argument("--text", default="", help="only entries that hold this text")
    parser.add_argument("--verb", help="only entries of this verb, for example data.add")
    parser.add_argument("--limit", type=int, default=500, help="at most so many, newest first (default 500)")


COMMANDS = (
    Command(
        "new",
        "make an empty project",
        "Makes a project: one folder that holds its registry, its data and its history. It can be copied,\n"
        "zipped and opened anywhere.\n\nExample:\n  modelyard new churn-project",
        _new_arguments,
        _new,
    ),
    Command(
        "verify",
        "re-hash everything that is stored and the chain of the history",
        "Reads every stored object again and compares its SHA-256 with the registry, then checks that no entry\n"
        "of the history was changed, removed or inserted. Exit code 1 if anything is wrong.\n\n"
        "Example:\n  modelyard verify churn-project --json",
        project_argument,
        _verify,
    ),
    Command(
        "audit",
        "list the history: who did what, newest first",
        "Lists the entries of the history, newest first. Nothing in it is ever changed or removed.\n\n"
        "Example:\n  modelyard audit churn-project --verb model.approve",
        _audit_arguments,
        _audit,
    ),
)
