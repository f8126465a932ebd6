"""A service's keeper as it stands on disk: its folder, its state file, its process (see ``app.runtime.keeper``)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import msgspec
import psutil

from app.core.deploy import Service, ServiceState
from app.jobs.decoding import decode
from app.runtime import orders
from app.serving import detached
from app.serving.course import Course
from app.serving.segments import ID_PREFIX
from app.serving.under_way import is_under_way

STATE_FILE = "keeper.json"
ORDER_FILE = "keeper.order"
ERRORS_FILE = "keeper.err"
SERVER = "serve.py"
COURSE = {"--challenger": True, "--share": True, "--shadow": False}
"""The options by which a server has a challenger (see ``course``)."""
_KEPT = frozenset({"--keep", "--kept"})


class KeeperState(msgspec.Struct, frozen=True):
    """What the keeper last told. Its process may have been killed since."""

    state: str
    keeper_pid: int
    url: str | None = None
    port: int | None = None
    pid: int | None = None
    restarts: int = 0
    message: str = ""
    started: str | None = None
    bundle: str | None = None
    takes_orders: int = 0
    order: str | None = None
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A service's keeper and server as they are now. ``told`` None: it never ran. ``moved``: they were started where
    the project lay before, so they hear no order and restart nothing."""

    told: KeeperState | None
    keeper: psutil.Process | None
    server: psutil.Process | None
    moved: bool = False

    @property
    def runs(self) -> bool:
        """Whether a keeper or a server lives."""
        return self.keeper is not None or self.server is not None


def folder_of(project: Path, service: Service) -> Path:
    """Where a service logs, and its keeper tells how it stands. Without links and dots: processes are found again by
    it, however the project was named when they were started."""
    return Path(os.path.realpath(project / service.log_path))


def look(project: Path, service: Service) -> Kept:
    """How a service stands now. Cheap: one small file and at most two processes."""
    folder = folder_of(project, service)
    told = _read(folder / STATE_FILE)
    if told is None:
        return Kept(None, None, None)
    keeper, server = (detached.find(pid, partial(_is_of, folder)) for pid in (told.keeper_pid, told.pid))
    if keeper is not None or server is not None:
        return Kept(told, keeper, server)
    keeper, server = (detached.find(pid, partial(_was_of, folder)) for pid in (told.keeper_pid, told.pid))
    return Kept(told, keeper, server, moved=keeper is not None or server is not None)


def serves(kept: Kept, project: Path, course: Course) -> bool:
    """Whether the server that runs was started on this course: by this bundle, with this challenger or none. One that
    cannot be asked is taken at its keeper's word."""
    told = kept.told.bundle if kept.told is not None else None
    if told is not None and told.removeprefix(ID_PREFIX) != course.bundle.sha256:
        return False
    words = detached.words_of(kept.server) if kept.server is not None else None
    return words is None or tuple(orders.split(words, COURSE)[0]) == course.options(project.resolve())


def strays(project: Path, service: Service) -> list[psutil.Process]:
    """Keepers and servers of a service that no state file names: a keeper was killed while it handed clients over, or
    its disk took no state. Looks at every process of the machine."""
    return detached.find_all(partial(_is_of, folder_of(project, service)))


def _is_of(folder: Path, words: Sequence[str]) -> bool:
    """Whether these words started a keeper or a kept server that logs there."""
    return _log_dir(words) == str(folder)


def _was_of(folder: Path, words: Sequence[str]) -> bool:
    """Whether they did before the project was moved. Of a copied project the folder is still there: it is not ours."""
    before = _log_dir(words)
    return before is not None and Path(before).parts[-2:] == folder.parts[-2:] and not Path(before).exists()


def _log_dir(words: Sequence[str]) -> str | None:
    if not _KEPT.intersection(words) or not any(Path(word).name == SERVER for word in words):
        return None
    return orders.value_of(words, "--log-dir")


def errors(project: Path, service: Service) -> str:
    """All that keeper and servers wrote on standard error since the service was started."""
    try:
        return (folder_of(project, service) / ERRORS_FILE).read_text("utf-8", errors="replace")
    except FileNotFoundError:
        return ""


def last_words(project: Path, service: Service) -> str:
    """The last line that keeper or server wrote on standard error; empty if none."""
    lines = [line.strip() for line in errors(project, service).splitlines() if line.strip()]
    return lines[-1].removeprefix(f"{SERVER}: ") if lines else ""


def actual(project: Path, service: Service, kept: Kept) -> ServiceState:
    """What a service is doing, whatever was asked of it."""
    if kept.keeper is not None and kept.told is not None:
        return ServiceState(kept.told.state)
    if kept.server is not None:
        return ServiceState.RUNNING
    if service.state is ServiceState.STOPPED:
        return ServiceState.STOPPED
    return ServiceState.STARTING if is_under_way(folder_of(project, service)) else ServiceState.FAILED


def _read(path: Path) -> KeeperState | None:
    try:
        return decode(path.read_bytes(), KeeperState)
    except (FileNotFoundError, msgspec.DecodeError):
        return None
