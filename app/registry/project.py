"""A project: a folder with its registry, its objects, who acts and what time it is.

The folder holds ``project.modelyard`` (by which it is recognised), ``modelyard.db``, ``objects/``, ``bundles/``,
``logs/``, ``backups/`` and ``tmp/``. It can be copied, zipped and opened anywhere: every path inside is relative.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

import sqlalchemy as sa

from app.core.ids import new_id
from app.errors import BadInput, EnvironmentProblem, NotAllowed, NotFound
from app.registry import audit, files, owner
from app.registry.database import Database
from app.registry.leftovers import remove_leftovers, temporary_name
from app.registry.migrate import ensure_newest
from app.registry.objects import ObjectStore
from app.registry.places import refuse_network_share, refuse_unwritable
from app.registry.problems import broken, in_words
from app.registry.tables import project_names, projects

MARKER = "project.modelyard"
DATABASE = "modelyard.db"
_FOLDERS = ("objects", "tmp", "bundles", "logs", "backups")
_OWN_NAMES = frozenset({MARKER, DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", owner.FILE, *_FOLDERS})


def utc_now() -> datetime:
    """The time now, in UTC."""
    return datetime.now(UTC)


def is_project(path: Path) -> bool:
    """Whether a folder is a project. Cheap: looks at two names."""
    return (path / MARKER).is_file() or (path / DATABASE).is_file()


class Project:
    """An open project. Any thread may use it. ``actor`` and ``clock`` are who and when of everything recorded."""

    def __init__(self, path: Path, actor: str, clock: Callable[[], datetime]) -> None:
        self.path = path
        self.actor = actor
        self.clock = clock
        self.database = Database(path / DATABASE)
        self.objects = ObjectStore(path / "objects", path / "tmp")
        self.id = ""
        self.name = ""

    @classmethod
    def create(
        cls, path: Path, *, name: str | None = None, actor: str, clock: Callable[[], datetime] = utc_now
    ) -> Project:
        """Make a new project in a new or empty folder and open it.

        Raises ``NotAllowed`` if the folder is a project or holds other files, ``EnvironmentProblem`` if the disk
        refuses or is a network share. What an interrupted attempt left behind is completed.
        """
        path = path.absolute()
        refuse_network_share(path)
        with in_words("making a project", path):
            _refuse_occupied(path)
            path.mkdir(parents=True, exist_ok=True)
            _make_folders(path)
            files.flush_folder(path.parent)
        ensure_newest(path / DATABASE)
        project = cls(path, actor, clock)
        try:
            project._begin(_checked_name(path.name if name is None else name))
        except BaseException:
            project.database.close()
            raise
        return project._opened()

    @classmethod
    def open(cls, path: Path, *, actor: str, clock: Callable[[], datetime] = utc_now) -> Project:
        """Open an existing project, migrating it if it was made by an older Modelyard.

        Raises ``NotFound`` if there is none, ``EnvironmentProblem`` if it is read-only, damaged or newer.
        """
        path = path.absolute()
        if path.name in (MARKER, DATABASE) and path.is_file():
            path = path.parent
        if not is_project(path):
            raise NotFound(f"There is no project in {path}.", "Choose a folder that holds project.modelyard.")
        refuse_unwritable(path)
        if not (path / DATABASE).is_file():
            raise broken(path / DATABASE, "the file is missing")
        ensure_newest(path / DATABASE, now=clock)
        with in_words("opening the project", path):
            _make_folders(path)
        return cls(path, actor, clock)._opened()

    @property
    def bundles_path(self) -> Path:
        """Where bundles are built."""
        return self.path / "bundles"

    @property
    def logs_path(self) -> Path:
        """Where services write their prediction logs."""
        return self.path / "logs"

    def now(self) -> str:
        """The clock's time as it is stored: ISO 8601, UTC, microseconds, ``Z``. Sorts as text."""
        return f"{self.clock().astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"

    def change_counter(self) -> int:
        """Differs after any commit by any thread or process. Cheap: made for polling."""
        return self.database.change_counter()

    def rename(self, name: str) -> None:
        """Give the project another name; its folder stays."""
        name = _checked_name(name)
        with self.database.write("renaming the project") as connection:
            self._record_name(connection, name)
            audit.record(connection, self, "project.rename", f"project:{self.id}", {"name": name, "was": self.name})
        self.name = name

    @contextmanager
    def scratch(self, prefix: str) -> Iterator[Path]:
        """A new folder on the project's disk that is removed at the end, by the next opener if we are killed."""
        folder = self.path / "tmp" / temporary_name(prefix.replace(".", "-"))
        with in_words("making a temporary folder", folder.parent):
            folder.mkdir()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def relative(self, path: Path) -> str:
        """A path inside the project as it is stored: relative, POSIX. ValueError if it lies outside."""
        return path.absolute().relative_to(self.path).as_posix()

    def owner(self) -> owner.Owner | None:
        """Who has the project open, for display; None if nobody who still lives."""
        return owner.current(self.path)

    def close(self) -> None:
        """Checkpoint and close. No job may be running. Closing twice is allowed."""
        self.database.close()
        with suppress(OSError):  # for display only; a read-only moment must not keep a window open
            owner.give_back(self.path)

    def __enter__(self) -> Project:
        """The project itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        self.close()

    def _begin(self, name: str) -> None:
        """The first row and entry; from here on the folder is a project."""
        self.id = new_id()
        with self.database.write("making a project") as connection:
            if connection.execute(sa.select(projects.c.id)).first():
                raise _occupied(self.path)
            connection.execute(sa.insert(projects).values(id=self.id, only=1, created_at=self.now()))
            self._record_name(connection, name)
            audit.record(connection, self, "project.create", f"project:{self.id}", {"name": name})

    def _record_name(self, connection: sa.Connection, name: str) -> None:
        connection.execute(sa.insert(project_names).values(name=name, at=self.now(), actor=self.actor))

    def _opened(self) -> Project:
        """Read what the project says of itself and tidy up; closes again if that fails."""
        try:
            self._load()
            with in_words("opening the project", self.path):
                self._write_marker()
                remove_leftovers(self.path / "tmp")
                owner.take(self.path, self.actor, self.now())
        except BaseException:
            self.database.close()
            raise
        return self

    def _load(self) -> None:
        newest = sa.select(project_names.c.name).order_by(project_names.c.seq.desc()).limit(1)
        with self.database.read() as connection:
            row = connection.execute(sa.select(projects.c.id)).first()
            if row is None:
                raise EnvironmentProblem(
                    f"The making of the project {self.path} was interrupted; nothing is in it yet.",
                    "Make a new project in the same folder.",
                )
            self.id = str(row.id)
            self.name = str(connection.execute(newest).scalar_one())

    def _write_marker(self) -> None:
        marker = self.path / MARKER
        if not marker.exists():
            data = json.dumps({"modelyard": 1, "id": self.id}, indent=1).encode() + b"\n"
            files.write_file(marker, data, self.path / "tmp" / temporary_name("marker"))


def _make_folders(path: Path) -> None:
    for name in _FOLDERS:
        (path / name).mkdir(exist_ok=True)
    files.flush_folder(path)


def _refuse_occupied(path: Path) -> None:
    if not path.exists():
        return
    if not path.is_dir():
        raise NotAllowed(f"{path} is a file, not a folder.", "Choose another name for the project.")
    if (path / MARKER).exists():
        raise _occupied(path)
    strangers = sorted(p.name for p in path.iterdir() if p.name not in _OWN_NAMES)
    if strangers:
        raise NotAllowed(
            f"The folder {path} holds other files ({strangers[0]}), so no project is made in it.",
            "Choose an empty folder or a new name.",
        )


def _occupied(path: Path) -> NotAllowed:
    return NotAllowed(f"There is a project in {path} already.", "Open it, or choose another folder.")


def _checked_name(name: str) -> str:
    name = name.strip()
    if not name or len(name) > 200:
        raise BadInput("A project needs a name of 1 to 200 characters.", "Type a name.")
    return name
