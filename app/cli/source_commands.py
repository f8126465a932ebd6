"""refresh, derive: data fetched again by their recipe, and data made of other data."""

from __future__ import annotations

import argparse
import sys

from app.cli.answer import Answer
from app.cli.command import Command, Request, project_argument
from app.cli.data_commands import add_answer


def _refresh(request: Request) -> Answer:
    from app.data.fetching import refresh
    from app.registry.datasets import find_version

    with request.project() as project:
        dataset, _ = find_version(project, request.text("dataset"))
        return add_answer(refresh(project, dataset.id, request.ctx))


def _refresh_arguments(parser: argparse.ArgumentParser) -> None:
    project_argument(parser)
    parser.add_argument("dataset", metavar="DATASET", help="the data set's name")


def _derive(request: Request) -> Answer:
    from app.data.derive import derive

    sql = request.text("sql")
    with request.project() as project:
        name, asked = request.text("name"), sys.stdin.read() if sql == "-" else sql
        return add_answer(derive(project, name, asked, request.ctx, seconds=request.args.seconds))


def _derive_arguments(parser: argparse.ArgumentParser) -> None:
    from app.data.derive import SECONDS

    project_argument(parser)
    parser.add_argument("name", metavar="NAME", help="of the data set that the answer becomes")
    parser.add_argument("--sql", required=True, metavar="SQL", help="one SELECT; - reads it from standard input")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="how long it may take (default: %(default)g)")


COMMANDS = (
    Command(
        "refresh",
        "fetch a data set again by its recipe",
        "Reads the file, folder, table, query or address that the newest version came from, and makes the next\n"
        "version if anything changed. Exit code 4 if what comes is refused.\n\n"
        "Example:\n  modelyard refresh churn-project orders",
        _refresh_arguments,
        _refresh,
    ),
    Command(
        "derive",
        "make a data set of others by SQL",
        'The query may read every data set of the project by its name, one version as "orders@2", and nothing else:\n'
        "no files, no network. Query and inputs are kept; `modelyard refresh` runs it again on the newest inputs.\n\n"
        "Example:\n  modelyard derive churn-project spending \\\n"
        "    --sql 'SELECT customer, sum(amount) AS spent FROM orders GROUP BY customer'",
        _derive_arguments,
        _derive,
    ),
)
