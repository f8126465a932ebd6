"""add: a file, or what is at an address, becomes a version of a data set."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from app.cli.answer import Answer, Exit, finding_body
from app.cli.command import Command, Request, project_argument

if TYPE_CHECKING:
    from app.core.data import AddResult
    from app.data.fetching import Recipe
    from app.registry.project import Project


def _add(request: Request) -> Answer:
    with request.project() as project:
        return add_answer(_added(request, project))


def _added(request: Request, project: Project) -> AddResult:
    from app.data.fetching import add_from
    from app.data.wishes import wishes_from
    from app.serving.dropped import add_dropped

    name, target = request.optional("name"), request.optional("target")
    wishes = wishes_from(request.args.read) if request.args.read else None
    wanted = _recipe(request)
    if wanted is None:
        return add_dropped(project, request.path("file"), name=name, target=target, wishes=wishes, ctx=request.ctx)
    return add_from(project, wanted, name=name, target=target, wishes=wishes, ctx=request.ctx)


def _recipe(request: Request) -> Recipe | None:
    """What to fetch; None for a path. A database's file may be given as a path when a table or query is named."""
    from app.core.addresses import kind_of
    from app.core.origins import OriginKind
    from app.data.fetching import recipe

    place, query = request.text("file"), request.optional("query") or request.optional("table") or ""
    if kind_of(place) is OriginKind.FILE:
        if not query:
            return None
        place = f"sqlite:///{request.path('file')}"
    pairs = tuple(_pair(text) for text in request.args.param)
    return recipe(place, query=query, parameters=pairs, secret=request.optional("secret") or "")


def _pair(text: str) -> tuple[str, str]:
    from app.errors import BadInput

    name, mark, value = text.partition("=")
    if not mark or not name:
        raise BadInput(f"--param {text} has no value.", "Write it as NAME=VALUE.")
    return name, value


def add_answer(result: AddResult) -> Answer:
    """The answer for data that were added, were there already or were refused."""
    from app.core.data import Outcome

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
        "findings": [finding_body(f, blocks=f.blocks_training) for f in result.findings],
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
    return lines + [f"{'blocks training' if f.blocks_training else f.outcome}: {f.message}" for f in result.findings]


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.usage = "%(prog)s [options] PROJECT FILE"
    project_argument(parser)
    parser.add_argument(
        "file",
        metavar="FILE",
        help="CSV, TSV, Parquet, Feather, Excel, JSON or JSON lines; a log; a folder of Parquet files; or an address: "
        "postgresql://..., sqlite:///..., https://..., s3://bucket/key",
    )
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
    asked = parser.add_mutually_exclusive_group()
    asked.add_argument("--table", metavar="NAME", help="of a database: the table or view to fetch")
    asked.add_argument("--query", metavar="SQL", help="of a database: the rows to fetch")
    parser.add_argument(
        "--param",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="a value for :NAME in the query; of S3: endpoint or region; may be given several times",
    )
    parser.add_argument("--secret", metavar="NAME", help="the environment variable or keyring entry with the password")


COMMANDS = (
    Command(
        "add",
        "store a file as a version of a data set",
        "Copies and hashes the file, reads it, guesses types and target, checks it. The same bytes, or the same rows\n"
        "in another format or order, change nothing; a file with the columns of a data set becomes its next version.\n"
        "Exit code 4 if the file is refused: then the project is as it was.\n\n"
        "An address is fetched, and its recipe kept for `modelyard refresh`. A password in it goes into the keyring,\n"
        "never into the project; where there is no keyring, name an environment variable with --secret.\n\n"
        "Example:\n  modelyard add churn-project churn.csv --target churned\n"
        "  modelyard add churn-project postgresql://ann@db.example.com/shop --table orders --secret SHOP_PASSWORD\n"
        "  modelyard add churn-project s3://team/churn.parquet --param endpoint=https://minio.example.com",
        _arguments,
        _add,
    ),
)
