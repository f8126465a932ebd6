"""Proves this folder and its query: python check.py

Compares every file with the manifest, then runs sql/sqlite.sql in SQLite on the recorded rows and compares the
answers. Needs Python 3.11 or newer and nothing else; writes nothing.
"""

import os
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.realpath(__file__))  # noqa: PTH120 (pathlib is not imported from a foreign path)
_FOREIGN = {"", HERE, os.path.realpath("."), *os.environ.get("PYTHONPATH", "").split(os.pathsep)}
sys.path[:] = [entry for entry in sys.path if entry not in _FOREIGN and os.path.realpath(entry) not in _FOREIGN]

import hashlib  # noqa: E402
import json  # noqa: E402
import math  # noqa: E402
import sqlite3  # noqa: E402
from pathlib import Path  # noqa: E402

READER = "runtime/manifest.py"
TOLERANCE = 1e-9


def problem_of_folder() -> str | None:
    """What is wrong with the files; None if nothing. The manifest's reader proves the others, so it is proven first."""
    try:
        expected = json.loads(Path(HERE, "manifest.json").read_bytes())["files"][READER]["sha256"]
        found = hashlib.sha256(Path(HERE, READER).read_bytes()).hexdigest()
    except (OSError, ValueError, KeyError, TypeError) as error:
        return f"manifest.json or {READER} cannot be read ({type(error).__name__})"
    if found != expected:
        return f"{READER} was changed"
    sys.path.insert(0, HERE)
    from runtime import manifest

    try:
        manifest.verify(Path(HERE))
    except manifest.BundleRefused as error:
        return str(error)
    return None


def quoted(name: str) -> str:
    """A name as SQL takes it."""
    return '"' + name.replace('"', '""') + '"'


def cell(value: object, kind: str) -> object:
    """A recorded value as SQLite holds it: moments as text, yes and no as 1 and 0."""
    if kind == "datetime" and value is not None:
        return str(value).replace("T", " ").removesuffix(".000000")
    return value


def answers(query: dict, rows: list[dict]) -> list[object]:
    """What SQLite says of the recorded rows."""
    table = quoted(query["table"])
    columns = query["columns"]
    with sqlite3.connect(":memory:") as connection:
        connection.create_function("EXP", 1, math.exp)
        connection.execute(f"CREATE TABLE {table} ({', '.join(quoted(c['name']) for c in columns)})")
        lines = [[cell(row[c["name"]], c["type"]) for c in columns] for row in rows]
        connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(columns))})", lines)
        sql = Path(HERE, "sql", "sqlite.sql").read_text("utf-8")
        return [row[0] for row in connection.execute(sql).fetchall()]


def alike(one: object, other: object) -> bool:
    """Whether two answers are the same: labels to the letter, numbers within the tolerance."""
    if isinstance(other, str) or one is None:
        return str(one) == other
    return abs(float(one) - float(other)) <= TOLERANCE * max(1.0, abs(float(other)))


def main() -> int:
    """Returns the exit code; 3 where the folder is not whole or the query answers otherwise."""
    problem = problem_of_folder()
    if problem is not None:
        print(f"check.py: {problem}", file=sys.stderr)
        return 3
    query = json.loads(Path(HERE, "query.json").read_text("utf-8"))
    golden = [json.loads(line) for line in Path(HERE, "golden.jsonl").read_text("utf-8").splitlines()]
    said = answers(query, [line["row"] for line in golden])
    wrong = sum(not alike(one, line["answer"]) for one, line in zip(said, golden, strict=True))
    print(json.dumps({"ok": wrong == 0, "rows": len(golden), "different": wrong, "sqlite": sqlite3.sqlite_version}))
    return 3 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
