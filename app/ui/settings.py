"""What a person chose once: kept in an INI file in the user's configuration folder."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings, QStandardPaths

from app.ui.theme import Appearance

CONFIG_FOLDER = "MODELYARD_CONFIG_DIR"
PROJECTS_FOLDER = "MODELYARD_PROJECTS_DIR"
RECENT_LIMIT = 10
DEFAULT_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Recent:
    """A project that was open before. ``path``: its folder, which may be gone."""

    name: str
    path: str

    @property
    def missing(self) -> bool:
        """Whether the project's folder is not where it was."""
        folder = Path(self.path)
        return not any((folder / name).is_file() for name in ("project.modelyard", "modelyard.db"))


def config_folder() -> Path:
    """The user's configuration folder; the environment may name another (tests, portable use)."""
    place = os.environ.get(CONFIG_FOLDER)
    if place:
        return Path(place)
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericConfigLocation)) / "modelyard"


def log_folder() -> Path:
    """Where the window writes its own log and crash traces."""
    return config_folder() / "logs"


def user_name() -> str:
    """The system's name for whoever is logged in."""
    from getpass import getuser

    return getuser()


class Settings:
    """The settings file. ``folder``: where ``settings.ini`` is; the user's own by default."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or config_folder()
        self._store = QSettings(str(self.folder / "settings.ini"), QSettings.Format.IniFormat)

    @property
    def appearance(self) -> Appearance:
        """System, light or dark."""
        value = self._text("appearance")
        return Appearance(value) if value in set(Appearance) else Appearance.SYSTEM

    @appearance.setter
    def appearance(self, value: Appearance) -> None:
        self._put("appearance", value.value)

    @property
    def projects_folder(self) -> Path:
        """Where new projects are made."""
        chosen = os.environ.get(PROJECTS_FOLDER) or self._text("projects_folder")
        if chosen:
            return Path(chosen)
        documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        return Path(documents) / "Modelyard"

    @projects_folder.setter
    def projects_folder(self, value: Path) -> None:
        self._put("projects_folder", str(value))

    @property
    def actor_name(self) -> str:
        """The name in the history; the system's user name until a person gives another."""
        return self._text("actor_name") or user_name()

    @property
    def actor_email(self) -> str:
        """The e-mail address in the history, empty if none was given."""
        return self._text("actor_email")

    @property
    def actor_was_asked(self) -> bool:
        """Whether a person has given or confirmed who they are."""
        return bool(self._text("actor_name"))

    def set_actor(self, name: str, email: str) -> None:
        """Remember who works here."""
        self._put("actor_name", name.strip())
        self._put("actor_email", email.strip())

    @property
    def actor(self) -> str:
        """How the history names this person: ``Name <email>``."""
        return f"{self.actor_name} <{self.actor_email}>" if self.actor_email else self.actor_name

    @property
    def recent(self) -> list[Recent]:
        """Projects that were open before, newest first."""
        text = self._text("recent")
        return [Recent(**entry) for entry in json.loads(text)] if text else []

    def remember(self, name: str, path: Path) -> None:
        """Put a project first in the recent list."""
        others = [r for r in self.recent if r.path != str(path)]
        self._put_recent([Recent(name, str(path)), *others][:RECENT_LIMIT])

    def forget(self, path: str) -> None:
        """Take a project off the recent list; its folder stays."""
        self._put_recent([r for r in self.recent if r.path != path])

    @property
    def training_seconds(self) -> float:
        """The budget of the last run that was started; the quickest before there was one."""
        text = self._text("training_seconds")
        return float(text) if text else DEFAULT_SECONDS

    @training_seconds.setter
    def training_seconds(self, value: float) -> None:
        self._put("training_seconds", f"{value:g}")

    def geometry(self) -> QByteArray | None:
        """The window's last place and size."""
        value = self._store.value("geometry")
        return value if isinstance(value, QByteArray) else None

    def set_geometry(self, value: QByteArray) -> None:
        """Remember the window's place and size."""
        self._store.setValue("geometry", value)

    def _put_recent(self, entries: list[Recent]) -> None:
        self._put("recent", json.dumps([asdict(entry) for entry in entries]))

    def _text(self, key: str) -> str:
        return str(self._store.value(key, ""))

    def _put(self, key: str, value: str) -> None:
        self._store.setValue(key, value)
        self._store.sync()
