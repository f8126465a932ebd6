"""versions, diff: what there is of a data set, and what differs between two."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from app.cli.answer import Answer
from app.cli.command import Command, Request, project_argument

if TYPE_CHECKING:
    from app.core.differences import Differences, Shift
    from app.registry.project import Project

MOST_SHIFTS = 10


def _versions(request: Request) -> Answer:
    from app.registry import datasets

    with request.project() as project:
        name = request.optional("dataset")
        chosen = datasets.datasets(project) if name is None else [datasets.find_version(project, name)[0]]
        told = [body for dataset in chosen for body in _bodies(project, dataset.id, dataset.name)]
    lines = [_version_line(told_one) for told_one in told]
    return Answer({"versions": told}, lines or ["No data yet. Add a file with: modelyard add"])


def _version_line(told: dict[str, object]) -> str:
    name, files = f"{told['dataset']}@{told['version']}", told["files"]
    names = ", ".join(map(str, files)) if isinstance(files, list) else ""
    when = str(told["added_at"])[:16].replace("T", " ")
    return f"{name:<24} {told['rows']:>12,} rows {told['bytes']:>14,} bytes  {when}  {told['source']}: {names}"


def _bodies(project: Project, dataset_id: str, name: str) -> list[dict[str, object]]:
    from app.registry import datasets, origins

    found: list[dict[str, object]] = []
    for version in datasets.versions(project, dataset_id):
        origin = origins.origin_of(project, version.id)
        reading = datasets.current_reading(project, version.id)
        found.append(
            {
                "dataset": name,
                "version": version.number,
                "sha256": version.sha256,
                "source": str(origin.kind) if origin else "file",
                "files": [source.name for source in version.sources],
                "bytes": sum(source.size_bytes for source in version.sources),
                "rows": version.rows,
                "columns": len(reading.columns),
                "added_at": version.created_at,
            }
        )
    return found


def _rename(request: Request) -> Answer:
    from app.registry import datasets

    with request.project() as project:
        before, _ = datasets.find_version(project, request.text("dataset"))
        named = datasets.rename_dataset(project, before.id, request.text("name"))
    return Answer(
        {"id": named.id, "name": named.name, "was": before.name}, [f"{before.name} is called {named.name} now."]
    )


def _rename_arguments(parser: argparse.ArgumentParser) -> None:
    project_argument(parser)
    parser.add_argument("dataset", metavar="DATASET", help="the data set's name")
    parser.add_argument("name", metavar="NAME", help="what it is called from now on")


def _diff(request: Request) -> Answer:
    import msgspec

    from app.data.differences.compare import compare
    from app.registry import datasets

    with request.project() as project:
        before, after = (datasets.find_version(project, request.text(name))[1] for name in ("before", "after"))
        readings = [datasets.current_reading(project, version.id) for version in (before, after)]
        key = () if request.args.whole_rows else request.args.key
        found = compare(project, *readings, key=key, ctx=request.ctx)
    body: dict[str, object] = msgspec.to_builtins(found)
    return Answer(body, _lines(found))


def _lines(found: Differences) -> list[str]:
    from app.data.differences.difference_words import row_words

    head = f"{found.before.label} -> {found.after.label}: {row_words(found)}"
    columns = [
        f"  {c.name}: {c.kind} {c.before} {'-> ' if c.before and c.after else ''}{c.after}" for c in found.columns
    ]
    cells = [f"  {c.name}: {c.cells:,} {'cell' if c.cells == 1 else 'cells'} changed" for c in found.rows.columns]
    shifts = [_shift_line(shift) for shift in found.shifts if shift.beyond_noise][:MOST_SHIFTS]
    checks = [f"  {'new' if c.appears else 'gone'}: {c.message}" for c in found.checks]
    gates = [f"  {g.title}: {'passes now' if g.passes_after else 'fails now'}. {g.message}" for g in found.gates]
    models = [f"  {m.message}" for m in found.models]
    parts = [("Columns", columns), ("Cells", cells), ("Values moved", shifts), ("Checks", checks), ("Gates", gates)]
    told = [head]
    for title, lines in (*parts, ("Models", models)):
        told += [f"{title}:", *lines] if lines else []
    return told


def _shift_line(shift: Shift) -> str:
    from app.data.differences.difference_words import shift_words

    words = shift_words(shift)
    return f"  {shift.column}: by {shift.size:.3f}{'; ' if words else ''}{words}"


def _versions_arguments(parser: argparse.ArgumentParser) -> None:
    project_argument(parser)
    parser.add_argument("dataset", metavar="DATASET", nargs="?", help="one data set (default: all)")


def _diff_arguments(parser: argparse.ArgumentParser) -> None:
    project_argument(parser)
    parser.add_argument("before", metavar="BEFORE", help="a data set's name, or name@version")
    parser.add_argument("after", metavar="AFTER", help="the same of another version")
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--key", metavar="COLUMN", action="append", help="the column that tells rows apart; several times for several"
    )
    which.add_argument("--whole-rows", action="store_true", help="compare rows as a whole, without a key")


COMMANDS = (
    Command(
        "versions",
        "list the versions of the data with their sources and sizes",
        "Lists every version of every data set, or of one: rows, size, when it was added and from where.\n\n"
        "Example:\n  modelyard versions churn-project churn",
        _versions_arguments,
        _versions,
    ),
    Command(
        "rename",
        "give a data set another name",
        "Its versions, models and history stay. Queries and scripts that say an earlier name still find it.\n\n"
        "Example:\n  modelyard rename churn-project churn customers",
        _rename_arguments,
        _rename,
    ),
    Command(
        "diff",
        "show what differs between two versions of the data",
        "Compares two versions, of one data set or of two: columns and types, rows added, removed and changed (told\n"
        "apart by the identifier that is unique in both, or by --key), how far the values of each column moved, and\n"
        "which checks and gates flip. Differences are no failure: the exit code is 0.\n\n"
        "Example:\n  modelyard diff churn-project churn@1 churn@2 --key customer_id",
        _diff_arguments,
        _diff,
    ),
)
