"""Brings a database to the newest schema: forward only, backed up first, in one transaction.

Alembic is imported only when there is an older schema; whether there is, is one SELECT against the names of the
migration files. A new database gets the newest schema at once (``newest``).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from app.errors import EnvironmentProblem
from app.registry import newest
from app.registry.backup import back_up, keep_newest
from app.registry.problems import in_words

MIGRATIONS = Path(__file__).parent / "migrations"


def ensure_newest(
    database: Path, *, migrations: Path = MIGRATIONS, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> bool:
    """Migrate the database (an empty or missing file included) if its schema differs; True if it did.

    Raises ``EnvironmentProblem`` if it was made by a newer Modelyard, is damaged or cannot be written. Whatever
    happens, the database has its old schema or the new one.
    """
    known = revisions(migrations)
    with in_words("opening the project", database):
        stored = stored_revision(database)
    if stored == known[-1]:
        return False
    if stored is not None and stored not in known:
        raise EnvironmentProblem(
            f"The project {database.parent} was made by a newer Modelyard.",
            "Update Modelyard, then open it again.",
            f"schema {stored}, known up to {known[-1]}",
        )
    with in_words("bringing the project up to date", database, database.stat().st_size if database.exists() else None):
        script = newest.statements(migrations, known[-1]) if stored is None else None
        if script is not None:
            newest.begin(database, script)
            return True
        if stored is not None:
            folder = database.parent / "backups"
            back_up(database, folder, stored, now())
            keep_newest(folder)
        walk(database, migrations)
    return True


def revisions(migrations: Path = MIGRATIONS) -> list[str]:
    """The revisions that this program knows, oldest first: the leading digits of the files' names."""
    return sorted(path.name[:4] for path in (migrations / "versions").glob("[0-9][0-9][0-9][0-9]_*.py"))


def stored_revision(database: Path) -> str | None:
    """The revision that the database was left in, None if it has no schema yet. Raises sqlite3.Error."""
    if not database.exists():
        return None
    with closing(sqlite3.connect(database, timeout=newest.WAIT_S)) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
            return None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(row[0]) if row else None


def walk(database: Path, migrations: Path = MIGRATIONS) -> None:
    """Every step that the database lacks, in one transaction. Foreign keys are off while tables may be rebuilt, and
    checked before the commit.

    Source: https://www.sqlite.org/lang_altertable.html#otheralter
    """
    import sqlalchemy as sa
    from sqlalchemy.exc import DBAPIError
    from sqlalchemy.pool import NullPool

    url = sa.URL.create("sqlite", database=str(database))
    engine = sa.create_engine(url, poolclass=NullPool, connect_args={"isolation_level": None, "timeout": newest.WAIT_S})
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        for pragma in newest.PRAGMAS:
            driver.execute(f"PRAGMA {pragma}")
        sa.event.listen(connection, "begin", lambda c: c.exec_driver_sql("BEGIN IMMEDIATE"))
        try:
            with connection.begin():
                _run_steps(connection, migrations)
                _refuse_broken_references(connection, database)
        except DBAPIError as error:
            if isinstance(error.orig, sqlite3.Error):
                raise error.orig from error
            raise


def _run_steps(connection: object, migrations: Path) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _refuse_broken_references(connection: object, database: Path) -> None:
    import sqlalchemy as sa

    assert isinstance(connection, sa.Connection)
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if broken:
        raise EnvironmentProblem(
            f"Bringing {database} up to date would break {len(broken)} references, so nothing was changed.",
            "Report this with the details.",
            "\n".join(str(tuple(row)) for row in broken[:20]),
        )
