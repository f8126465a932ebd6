"""Bundles, the services that run them, and what was live when."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ServiceState(StrEnum):
    """What the person wants (``RUNNING``/``STOPPED``) and what is (``serving.local`` tells)."""

    RUNNING = "running"
    STOPPED = "stopped"
    STARTING = "starting"
    RESTARTING = "restarting"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Bundle:
    """``sha256``: the bundle id (of its canonical manifest). ``path``: relative to the project, POSIX."""

    id: str
    model_version_id: str
    sha256: str
    path: str
    size_bytes: int
    created_at: str


@dataclass(frozen=True, slots=True)
class Service:
    """A place where a bundle answers. ``state``: what was asked for last. ``port``: the one that it was given, and has
    unless somebody else took it."""

    id: str
    name: str
    bundle_id: str
    state: ServiceState
    port: int
    log_path: str
    created_at: str


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """A service as it really is now. ``message``: what there is to say of it; ``uneasy``: it answers, and still
    somebody should do what that says."""

    service: Service
    actual: ServiceState
    url: str | None
    pid: int | None
    model_version: str
    restarts: int = 0
    message: str = ""
    uneasy: bool = False

    @property
    def port(self) -> int:
        """Where it answers, or will once it runs again."""
        return int(self.url.rpartition(":")[2]) if self.url else self.service.port
