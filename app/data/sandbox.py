"""SQL that a person wrote, over the data sets of a project and nothing else. Child side.

DuckDB is told which files it may read, then closed: no other file, no network, no extension, no setting. The rules
hold whatever the query says; that it is a single SELECT is only asked for to say so in words.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import duckdb
import pyarrow as pa

from app.data import engine
from app.data.derive import ANSWER_FILE, SHOWN_ROWS, Answered, Preview, Query, QueryTable
from app.data.fetch.table_file import TableFile
from app.data.findings import listed
from app.data.sql_names import tables_in
from app.errors import BadInput
from app.jobs.child import ChildContext

BATCH_ROWS = 50_000
LONGEST_CELL = 200
SPILL = "'10GB'"
_LINE = re.compile(r"LINE (\d+):")
_FORBIDDEN = {
    "COPY": "writes files",
    "EXPORT": "writes files",
    "ATTACH": "opens another database",
    "DETACH": "opens another database",
    "LOAD": "loads extensions",
    "SET": "changes settings",
    "VARIABLE_SET": "changes settings",
    "PRAGMA": "changes settings",
    "CALL": "calls procedures",
    "EXPLAIN": "explains instead of answering",
}


def preview(child: ChildContext, query: Query) -> Preview:
    """The first rows of the answer and how many there are."""
    started = time.monotonic()
    with _answer(child, query) as (batches, used):
        rows: list[tuple[str | None, ...]] = []
        count = 0
        for batch in batches:
            count += batch.num_rows
            if len(rows) < SHOWN_ROWS:
                columns = [column.to_pylist() for column in batch.slice(0, SHOWN_ROWS - len(rows)).columns]
                rows += [tuple(map(_cell, row)) for row in zip(*columns, strict=True)]
            child.progress(None, f"{count:,} rows")
        names, types = tuple(batches.schema.names), tuple(map(str, batches.schema.types))
    return Preview(names, types, tuple(rows), count, time.monotonic() - started, used)


def answer(child: ChildContext, query: Query) -> Answered:
    """The whole answer as ``ANSWER_FILE`` in the child's folder; the same rows give the same bytes."""
    with _answer(child, query) as (batches, used):
        table = TableFile(child.folder, batches.schema.names)
        with table:
            for batch in batches:
                table.add_batch(batch)
                child.progress(None, f"{table.rows:,} rows")
            if not table.rows:
                raise BadInput("The query answers with no rows.", "Loosen its conditions.")
            table.finish(child.folder / ANSWER_FILE)
    return Answered(table.rows, used)


@contextmanager
def _answer(child: ChildContext, query: Query) -> Iterator[tuple[pa.RecordBatchReader, tuple[str, ...]]]:
    """The running query's rows and the tables that it reads. What goes wrong is told in words."""
    child.progress(None, "Running the query")
    with engine.connect(child.folder) as connection, _time_limit(connection, query.seconds) as over:
        try:
            used = _closed_in(connection, query)
            yield _running(connection, query.sql), tuple(t.name for t in used)
        except (duckdb.Error, pa.ArrowException, OSError) as error:
            if over.is_set():
                hint = "Ask for fewer rows, or join on fewer."
                raise BadInput(f"The query took longer than {query.seconds:g} s and was stopped.", hint) from error
            if failure := engine.machine_failure(error):
                raise failure from error
            raise _in_words(error) from error


def _running(connection: duckdb.DuckDBPyConnection, sql: str) -> pa.RecordBatchReader:
    try:
        return connection.sql(sql).to_arrow_reader(BATCH_ROWS)
    except (duckdb.BinderException, duckdb.CatalogException):
        connection.execute(sql)  # the same error, but with its line
        raise


def _closed_in(connection: duckdb.DuckDBPyConnection, query: Query) -> list[QueryTable]:
    """Close the database but for the tables' files, then show it those that the query names.

    Closed first, so that nothing at all that the query says is looked up while other files could be read.
    """
    paths = ", ".join(engine.text(str(table.path)) for table in query.tables)
    connection.execute(f"SET max_temp_directory_size = {SPILL}")
    connection.execute(f"SET allowed_paths = [{paths}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    _one_select(connection, query.sql)
    used = _named(*tables_in(connection, query.sql), query.tables)
    for table in used:
        relation = f"read_parquet({engine.file(table.path)})"
        connection.execute(f"CREATE VIEW {engine.name(table.name)} AS SELECT * FROM {relation}")
    return used


def _one_select(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    statements = connection.extract_statements(sql)
    kinds = [statement.type.name for statement in statements]
    wrong = next((kind for kind in kinds if kind not in ("SELECT", "MULTI")), "")
    if wrong:
        does = _FORBIDDEN.get(wrong, "changes something")
        raise BadInput(f"A query only reads, but {wrong.replace('_', ' ')} {does}.", "Write one SELECT.")
    if kinds == ["MULTI"]:
        raise BadInput(
            "A statement that makes several of its own, as PIVOT does, is not possible.", "Write one SELECT."
        )
    if len(kinds) != 1:
        raise BadInput(f"There are {len(kinds)} statements.", "Write one SELECT.")


def _named(names: set[str], own: set[str], tables: Sequence[QueryTable]) -> list[QueryTable]:
    """The tables of these names, in whatever case; BadInput for one that is neither data set nor the query's own."""
    found: list[QueryTable] = []
    for name in sorted(names):
        same = [t for t in tables if t.name == name] or [t for t in tables if t.name.casefold() == name.casefold()]
        if not same and name in own:
            continue
        if not same:
            known = [t.name for t in tables if "@" not in t.name] or ["none yet"]
            raise BadInput(f"There is no data set {name}.", f"Data sets of this project: {listed(known, 20)}.")
        if same[0] not in found:
            found.append(same[0])
    twice = {t.name.casefold() for t in found}
    if len(twice) < len(found):
        raise BadInput("Two data sets have names that differ in case only.", "Use one of them in a query.")
    return found


@contextmanager
def _time_limit(connection: duckdb.DuckDBPyConnection, seconds: float) -> Iterator[threading.Event]:
    """Stop the connection's query after so long; the event tells that it was that."""
    over = threading.Event()

    def stop() -> None:
        over.set()
        connection.interrupt()

    timer = threading.Timer(seconds, stop)
    timer.daemon = True
    timer.start()
    try:
        yield over
    finally:
        timer.cancel()


def _in_words(error: Exception) -> BadInput:
    said = str(error)
    line = _LINE.search(said)
    place = f"Line {line.group(1)}: " if line else ""
    if "disabled by configuration" in said or "disabled through configuration" in said:
        return BadInput(
            f"{place}A query reads only the data sets of this project: no files, no network, no extensions.",
            "Add the file as data first, then query it by its name.",
            said,
        )
    first = next((text for text in said.splitlines() if text.strip()), "it was not understood")
    reason = first.partition("Error: ")[2] or first
    hint = next((text.strip() for text in said.splitlines()[1:] if text.startswith(("Did you mean", "Candidate"))), "")
    return BadInput(f"{place}{reason[:1].upper()}{reason[1:]}".rstrip(".!") + ".", hint, said)


def _cell(value: object) -> str | None:
    """A value as the preview shows it."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.15g}"
    return str(value)[:LONGEST_CELL]
