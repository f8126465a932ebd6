"""The project's SQLite file: one connection a thread, short transactions, durable commits.

Why: a transaction that begins deferred and writes later fails at once with "database is locked" when another
process wrote in between, however long the busy timeout (600 of 800 failed; 0 of 800 with BEGIN IMMEDIATE).
``synchronous=NORMAL`` loses acknowledged commits in a power cut. Source of both figures: PROMISES.md, Storage.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from app.errors import EnvironmentProblem
from app.registry.problems import from_sqlite

BEGIN_READ = "BEGIN"
BEGIN_WRITE = "BEGIN IMMEDIATE"
BUSY_TIMEOUT_S = 30.0
_CHECKPOINT_WAIT_MS = 2000
_CLOSE_WAIT_S = 2.0
_PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = FULL",
    "fullfsync = ON",  # macOS: fsync alone stops at the drive's cache
    "checkpoint_fullfsync = ON",
    "foreign_keys = ON",
    "recursive_triggers = ON",  # else INSERT OR REPLACE deletes without asking the append-only triggers
    "secure_delete = ON",
)


@dataclass
class _Held:
    """A thread's connection and what it is doing: None, BEGIN_READ or BEGIN_WRITE (``busy`` is held meanwhile)."""

    owner: threading.Thread
    connection: sa.Connection
    doing: str | None = None
    busy: threading.Lock = field(default_factory=threading.Lock)


class Database:
    """Transactions over ``modelyard.db``. Any thread may use it; each gets its own connection."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._held: dict[int, _Held] = {}
        self._lock = threading.Lock()
        self._watcher: sqlite3.Connection | None = None
        self._engine = sa.create_engine("sqlite://", poolclass=NullPool, creator=self._connect)
        sa.event.listen(self._engine, "connect", _prepare)
        sa.event.listen(self._engine, "begin", _begin)

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """One consistent view of the database; inside a transaction of this thread, that transaction."""
        with self._transaction(BEGIN_READ, "reading the project") as connection:
            yield connection

    @contextmanager
    def write(self, doing: str = "saving") -> Iterator[sa.Connection]:
        """One transaction: all of it is on the medium when the block ends, or nothing of it happened.

        ``doing``: what goes on, as a gerund phrase for messages. Inside a ``write`` of this thread it is a part of
        that: undone alone if it fails, durable when the outer one ends. Raises ``EnvironmentProblem`` if the
        machine refuses.
        """
        with self._transaction(BEGIN_WRITE, doing) as connection:
            yield connection

    def change_counter(self) -> int:
        """A number that differs after any commit by any thread or process; cheap enough to poll.

        Source: https://www.sqlite.org/pragma.html#pragma_data_version (comparable on one connection only,
        therefore one of its own that never writes).
        """
        with self._lock, self._in_words("reading the project"):
            if self._watcher is None:
                self._watcher = self._connect()
            return int(self._watcher.execute("PRAGMA data_version").fetchone()[0])

    def checkpoint(self) -> None:
        """Move the WAL into the database file as far as others allow within two seconds."""
        with self._in_words("closing the project"):
            connection = self._mine().connection.connection.driver_connection
            assert isinstance(connection, sqlite3.Connection)
            connection.execute(f"PRAGMA busy_timeout = {_CHECKPOINT_WAIT_MS}")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.execute(f"PRAGMA busy_timeout = {int(BUSY_TIMEOUT_S * 1000)}")

    def close(self) -> None:
        """Checkpoint and close every thread's connection, waiting two seconds for those in a transaction.

        One that takes longer keeps its connection until its thread ends: closing it from here would free statements
        that are running. A checkpoint that the machine refuses loses nothing: what was committed is in the WAL for
        the next opener.
        """
        if self._held:
            with suppress(EnvironmentProblem):
                self.checkpoint()
        with self._lock:
            for ident, held in list(self._held.items()):
                if held.busy.acquire(timeout=_CLOSE_WAIT_S):
                    self._held.pop(ident).connection.close()
                    held.busy.release()
            if self._watcher is not None:
                self._watcher.close()
                self._watcher = None
        self._engine.dispose()

    def _connect(self) -> sqlite3.Connection:
        """A new connection that never makes a file: a project that was moved away must not leave an empty one."""
        uri = f"{self.path.absolute().as_uri()}?mode=rw"
        timeout = BUSY_TIMEOUT_S
        return sqlite3.connect(uri, uri=True, timeout=timeout, isolation_level=None, check_same_thread=False)

    @contextmanager
    def _transaction(self, begin: str, doing: str) -> Iterator[sa.Connection]:
        with self._in_words(doing):
            held = self._mine()
            if held.doing is None:
                with self._busy(begin) as connection, connection.begin():
                    yield connection
            elif begin == BEGIN_READ:
                yield held.connection
            elif held.doing == BEGIN_READ:
                raise RuntimeError("a reading transaction cannot start to write: open write() first")
            else:
                with held.connection.begin_nested():
                    yield held.connection

    @contextmanager
    def _busy(self, begin: str) -> Iterator[sa.Connection]:
        """This thread's connection, about to begin; ``close`` leaves it alone meanwhile."""
        held = self._mine()
        held.busy.acquire()
        try:
            if held.connection.closed:  # by ``close``, just before
                held.connection = self._engine.connect()
                self._held[threading.get_ident()] = held
            held.connection.info["begin"] = held.doing = begin
            yield held.connection
        finally:
            held.doing = None
            held.busy.release()

    @contextmanager
    def _in_words(self, doing: str) -> Iterator[None]:
        """SQLite's refusals in words. Errors of the caller's own work inside a transaction pass unchanged."""
        try:
            yield
        except sqlite3.Error as error:
            raise from_sqlite(error, doing, self.path) from error
        except DBAPIError as error:
            if isinstance(error.orig, sqlite3.Error):  # it carries the result code
                raise from_sqlite(error.orig, doing, self.path) from error
            raise

    def _mine(self) -> _Held:
        """This thread's connection; closes those whose threads have ended."""
        thread = threading.current_thread()
        held = self._held.get(threading.get_ident())
        if held is not None and held.owner is thread:
            return held
        connection = self._engine.connect()
        with self._lock:
            held_now = list(self._held.items())  # a copy: a thread that connects anew adds itself meanwhile
            for ident in [i for i, other in held_now if not other.owner.is_alive()]:
                self._held.pop(ident).connection.close()
            held = self._held[threading.get_ident()] = _Held(thread, connection)
        return held


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: sa.Connection) -> None:
    connection.exec_driver_sql(connection.info["begin"])
