"""A table or a query of any database that SQLAlchemy knows, as one Parquet file: read only, in batches. Child side.

The one place outside ``registry`` that speaks SQL through SQLAlchemy: foreign databases, never the project's own.
"""

from __future__ import annotations

import gc
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy import exc

from app.core.addresses import is_sql, with_secret
from app.core.progress import JobContext
from app.data.fetch.ask import ANSWER_S, Fetched, FetchRequest, Look
from app.data.fetch.run import file_name
from app.data.fetch.table_file import TableFile
from app.data.findings import listed
from app.errors import BadInput, EnvironmentProblem
from app.jobs.child import ChildContext

BATCH_ROWS = 20_000
FIRST_ROWS = 500
BATCH_BYTES = 16 << 20
"""About so much is asked for at once, as long as the rows before tell how long rows are."""
OUT = "rows.parquet"
_DRIVERS = {"postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg"}
_NO_SERVER = "Check the address, the network and whether the database is running."


def fetch_database(child: ChildContext, request: FetchRequest) -> Fetched:
    """All rows of a table (in the order of its key) or of a query."""
    with _connected(request) as connection:
        statement, called = _statement(connection, request)
        folder = child.folder / "fetched"
        folder.mkdir()
        out = folder / f"{file_name(called)}.parquet"
        with _refusals_in_words():
            _write(child, connection, statement, dict(request.parameters), out)
    return Fetched((f"fetched/{out.name}",), called, request.parameters)


def look_at_database(request: FetchRequest) -> Look:
    """The tables and views that can be read."""
    with _connected(request) as connection:
        tables = _tables(connection)
    if not tables:
        return Look("Connected. The database has no tables.")
    return Look(f"Connected. {len(tables):,} {'table' if len(tables) == 1 else 'tables'}: {listed(tables)}.", tables)


def _write(
    ctx: JobContext, connection: sa.Connection, statement: sa.Executable, parameters: dict[str, str], out: Path
) -> None:
    ctx.progress(None, "Asking the database")
    if connection.dialect.name != "sqlite":  # which gives row by row anyway
        connection = connection.execution_options(stream_results=True, max_row_buffer=FIRST_ROWS)
    result = connection.execute(statement, parameters)
    if not result.returns_rows:
        raise BadInput("The query returns no rows.", "Write a SELECT.")
    with TableFile(out.parent, list(result.keys())) as table, _no_cycles():
        while rows := _next_rows(result, _rows_at_once(table)):
            ctx.check_cancelled()
            table.add(rows)
            ctx.progress(None, f"Fetched {table.rows:,} rows")
        if not table.rows:
            raise BadInput("The database answered with no rows.", "Check the table or the query's conditions.")
        table.finish(out)


def _next_rows(result: sa.CursorResult[Any], count: int) -> Sequence[Sequence[object]]:
    """The next rows. SQLite's come from its own cursor, of which SQLAlchemy has taken none without ``stream_results``:
    to make a row of its own of each takes as long as reading it."""
    if isinstance(result.cursor, sqlite3.Cursor):
        try:
            return result.cursor.fetchmany(count)
        except sqlite3.Error as error:
            raise exc.DBAPIError("", None, error) from error
    return result.fetchmany(count)


@contextmanager
def _no_cycles() -> Iterator[None]:
    """Rows refer to nothing: to look for cycles among millions of them takes a third of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _rows_at_once(table: TableFile) -> int:
    """How many rows to ask for: a batch of long texts must not fill the memory."""
    if not table.rows:
        return FIRST_ROWS
    each = max(1, table.size_bytes // table.rows)
    return max(1, min(BATCH_ROWS, BATCH_BYTES // each))


def _statement(connection: sa.Connection, request: FetchRequest) -> tuple[sa.Executable, str]:
    """What to execute, and what the data set may be called."""
    query = request.query.strip().rstrip(";").strip()
    if is_sql(query):
        if not request.parameters:
            query = query.replace(":", "\\:")  # a colon means itself where no parameters are given
        return sa.text(query), _database_name(connection)
    tables = _tables(connection)
    if not query and len(tables) == 1:
        query = tables[0]
    if query not in tables:
        asked = f"There is no table {query}." if query else "Which table should be fetched?"
        has = f"The database has {listed(tables, 20)}." if tables else "The database has no tables."
        raise BadInput(asked, f"{has} Name one, or write a query.")
    schema, dot, name = query.rpartition(".")
    if not dot or query in _own_names(connection):
        schema, name = "", query
    key = sa.inspect(connection).get_pk_constraint(name, schema or None)["constrained_columns"]
    selected = sa.select(sa.text("*")).select_from(sa.table(name, schema=schema or None))
    return selected.order_by(*(sa.column(column) for column in key)), name


def _tables(connection: sa.Connection) -> tuple[str, ...]:
    """Tables and views, those of other schemas as ``schema.table``."""
    inspector = sa.inspect(connection)
    names = list(_own_names(connection))
    if connection.dialect.name != "sqlite":
        hidden = {inspector.default_schema_name, "information_schema"}
        for schema in inspector.get_schema_names():
            if schema not in hidden and not schema.startswith("pg_"):
                found = [*inspector.get_table_names(schema), *inspector.get_view_names(schema)]
                names += [f"{schema}.{name}" for name in sorted(found)]
    return tuple(names)


def _own_names(connection: sa.Connection) -> list[str]:
    inspector = sa.inspect(connection)
    return sorted([*inspector.get_table_names(), *inspector.get_view_names()])


def _database_name(connection: sa.Connection) -> str:
    return Path(connection.engine.url.database or "query").stem


@contextmanager
def _connected(request: FetchRequest) -> Iterator[sa.Connection]:
    """A connection that cannot write where the database knows such a thing, closed at the end."""
    url = _url(request)
    engine = _engine(url)
    try:
        with _no_connection_in_words(url), engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _url(request: FetchRequest) -> sa.URL:
    try:
        url = sa.make_url(with_secret(request.address, request.secret))
    except (exc.ArgumentError, ValueError) as error:
        hint = "It looks like postgresql://user@host:5432/name or sqlite:///path/to/file.db."
        raise BadInput("This is no database address.", hint) from error
    return url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))


def _engine(url: sa.URL) -> sa.Engine:
    """BadInput where the kind of database is not known or its driver is not installed."""
    kind = url.get_backend_name()
    try:
        if kind == "sqlite":
            return sa.create_engine("sqlite://", creator=lambda: _sqlite(url), poolclass=sa.pool.NullPool)
        arguments: dict[str, object] = {}
        if url.drivername == "postgresql+psycopg":
            options = "-c default_transaction_read_only=on"
            arguments = {"connect_timeout": int(ANSWER_S), "options": options, "application_name": "modelyard"}
        return sa.create_engine(url, connect_args=arguments, poolclass=sa.pool.NullPool)
    except (exc.NoSuchModuleError, ModuleNotFoundError) as error:
        message = f"Databases of the kind {kind} need a driver that is not installed."
        hint = "PostgreSQL and SQLite are included; for others install their SQLAlchemy driver beside Modelyard."
        raise BadInput(message, hint, str(error)) from error


def _sqlite(url: sa.URL) -> sqlite3.Connection:
    path = Path(url.database or "").expanduser()
    if not path.is_file():
        raise BadInput(f"There is no database file {path}.", "Check the path: sqlite:///path/to/file.db.")
    return sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro", uri=True, timeout=ANSWER_S)


@contextmanager
def _no_connection_in_words(url: sa.URL) -> Iterator[None]:
    try:
        yield
    except exc.OperationalError as error:
        if url.get_backend_name() == "sqlite":
            raise _refused(error) from error
        where = f"{url.host or 'this computer'}{f':{url.port}' if url.port else ''}"
        raise EnvironmentProblem(f"The database at {where} cannot be reached: {_first(error)}.", _NO_SERVER) from error
    except exc.DBAPIError as error:
        raise _refused(error) from error


@contextmanager
def _refusals_in_words() -> Iterator[None]:
    try:
        yield
    except exc.StatementError as error:  # every error of a database, and a parameter without a value
        raise _refused(error) from error


def _refused(error: exc.StatementError) -> BadInput:
    return BadInput(
        f"The database refused: {_first(error)}.", "Check the table, the query and your rights.", str(error)
    )


def _first(error: exc.StatementError) -> str:
    """What the database said, in one line."""
    lines = [line.strip() for line in str(error.orig or error).splitlines() if line.strip()]
    said = next((line for line in lines if "FATAL:" in line), lines[0] if lines else "no reason given")
    mark = "FATAL:" if "FATAL:" in said else " failed: " if said.startswith("connection failed: ") else ""
    return (said.rpartition(mark)[2] if mark else said).strip().rstrip(".")
