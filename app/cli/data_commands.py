"""add: a file becomes a version of a data set."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from app.cli.answer import Answer, Exit
from app.cli.command import Command, Request, project_argument

if TYPE_CHECKING:
    from app.core.data import AddResult


def _add(request: Request) -> Answer:
    from app.core.data import Outcome
    from app.data.wishes import wishes_from
    from app.serving.dropped import add_dropped

    with request.project() as project:
        result = add_dropped(
            project,
            request.path("file"),
            name=request.optional("name"),
            target=request.optional("target"),
            wishes=wishes_from(request.args.read) if request.args.read else None,
            ctx=request.ctx,
        )
    body = add_body(result)
    if result.outcome is Outcome.REJECT:
        first = result.findings[0]
        return Answer(body, [], Exit.REFUSED, first.message, first.hint)
    return Answer(body, _lines(result))


def add_body(result: AddResult) -> dict[str, object]:
    """The answer of ``add``; what a refused file has not got is null."""
    from app.core.data import Use

    dataset, version, reading = result.dataset, result.version, result.reading
    return {
        "outcome": str(result.outcome),
        "codes": list(result.codes),
        "findings": [
            {"code": f.code, "message": f.message, "column": f.column, "rows": list(f.rows)} for f in result.findings
        ],
        "dataset": dataset.name if dataset else None,
        "version": version.number if version else None,
        "sha256": version.sha256 if version else None,
        "rows": version.rows if version else None,
        "columns": len(reading.columns) if reading else None,
        "target": next((c.name for c in reading.columns if c.use is Use.TARGET), None) if reading else None,
    }


def _lines(result: AddResult) -> list[str]:
    if not (result.dataset and result.version and result.reading):
        return [finding.message for finding in result.findings]
    verb = "Already stored as" if result.already else "Stored as"
    lines = [
        f"{verb} {result.dataset.name}@{result.version.number}: "
        f"{result.version.rows} rows, {len(result.reading.columns)} columns."
    ]
    if result.reading.target:
        lines.append(f"Target: {result.reading.target}. {result.reading.why_target}".rstrip())
    return lines + [f"{f.outcome}: {f.message}" for f in result.findings]


def _arguments(parser: argparse.ArgumentParser) -> None:
    project_argument(parser)
    parser.add_argument("file", metavar="FILE", help="CSV, TSV, Parquet, Feather, Excel, JSON or JSON lines; a log")
    parser.add_argument("--name", help="the data set's name (default: the file's name)")
    parser.add_argument("--target", metavar="COLUMN", help="the column to predict (default: guessed, and said why)")
    parser.add_argument(
        "--read",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="do not guess: encoding, delimiter, quote, header_line (0: none), sheet, member, decimal (comma, point), "
        "day_first, drop_ragged, spread (yes, no); may be given several times",
    )


COMMANDS = (
    Command(
        "add",
        "store a file as a version of a data set",
        "Copies and hashes the file, reads it, guesses types and target, checks it. The same bytes, or the same rows\n"
        "in another format or order, change nothing; a file with the columns of a data set becomes its next version.\n"
        "Exit code 4 if the file is refused: then the project is as it was.\n\n"
        "Example:\n  modelyard add churn-project churn.csv --target churned",
        _arguments,
        _add,
    ),
)
