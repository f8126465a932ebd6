"""Looks after the open project while nobody does: logs that came are collected, a service that failed raises an alert.

It only asks, every half minute and beside the window, whether there is anything to do; what there is becomes a job like
any other, seen in the strip and cancelled there.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from app.core.deploy import ServiceState
from app.ui.session import Session

if TYPE_CHECKING:
    from pathlib import Path

    from app.core.alerts import Alert
    from app.core.progress import JobContext
    from app.core.watch import Collected
    from app.registry.project import Project

LOOK_EVERY_MS = 30_000
SERVICES_EVERY_S = 300.0
"""Services answer all the time: each collection is an entry in the history."""
BY_ITSELF = "watch"
"""The kind of jobs that nobody asked for: they stop nobody from closing the window."""
Look = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class News:
    """What there is to do. ``folders``, ``services``: how their logs look; ``failed``: whether an alert of a service
    is to be raised or closed; ``mutes``: how many hold: they end by themselves."""

    folders: Look
    services: Look
    failed: bool
    mutes: int


class Watchman(QObject):
    """One for each window."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._asking = self._working = False
        self._folders: Look = ()
        self._services: Look | None = None
        self._mutes = 0
        self._collected_at = -SERVICES_EVERY_S
        self._timer = QTimer(self, interval=LOOK_EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()
        session.project_changed.connect(self._forget)

    def look(self) -> None:
        """Ask whether there is anything to do; not while the last answer or its work is under way."""
        if self._session.project is None or self._asking or self._working:
            return
        self._asking = True
        self._session.ask(news, self._heard, lambda _problem: self._done_asking())

    def _forget(self) -> None:
        self._asking = self._working = False
        self._folders, self._services, self._mutes = (), None, 0
        self._collected_at = -SERVICES_EVERY_S

    def _done_asking(self) -> None:
        """What could not be asked is asked again; the pages show what is wrong."""
        self._asking = False

    def _heard(self, found: News) -> None:
        self._asking = False
        rested = time.monotonic() - self._collected_at >= SERVICES_EVERY_S
        if self._services is None:
            self._services = found.services
        if found.folders != self._folders or (rested and found.services != self._services):
            self._folders, self._services = found.folders, found.services
            self._collected_at = time.monotonic()
            self._collect()
        elif found.failed:
            self._raise()
        if found.mutes < self._mutes:
            self._session.changed.emit(frozenset({"alert"}))
        self._mutes = found.mutes

    def _collect(self) -> None:
        def collect(project: Project, ctx: JobContext) -> Collected:
            from app.serving.watched import collect_home

            return collect_home(project, ctx)

        self._work(self.tr("Collecting predictions"), collect, "prediction")

    def _raise(self) -> None:
        def tell(project: Project, ctx: JobContext) -> list[Alert]:
            from app.monitoring.alerting.alerts import raise_for_services

            return raise_for_services(project, ctx)

        self._work(self.tr("Looking after services"), tell, "alert")

    def _work(self, title: str, do: Callable[[Project, JobContext], object], changes: str) -> None:
        self._working = True
        self._session.act(title, do, kind=BY_ITSELF, changes={changes}, finally_=lambda _job: self._rest())

    def _rest(self) -> None:
        self._working = False


def news(project: Project) -> News:
    """What there is to do: some milliseconds, reading only."""
    from app.registry.alerts import mutes
    from app.serving.local import statuses
    from app.serving.segments import segments_of
    from app.serving.watched import look_of

    told = statuses(project)
    places = [segment for s in told for segment in segments_of(project.path / s.service.log_path)]
    services = tuple((str(p), size, 0) for p in places if (size := _size(p)) is not None)
    failed = {s.service.id for s in told if s.actual is ServiceState.FAILED}
    raises = failed != _told(project, {s.service.id for s in told})
    return News(look_of(project), services, raises, len(mutes(project)))


def _size(segment: Path) -> int | None:
    """None of one that is gone since it was listed: a server that stops removes the one in which it logged nothing."""
    try:
        return segment.stat().st_size
    except FileNotFoundError:
        return None


def _told(project: Project, services: set[str]) -> set[str]:
    """Services that an alert is open of."""
    from app.core.alerts import AlertKind
    from app.registry import alerts

    found = alerts.alerts(project, closed=False)
    return {alert.subject for alert in found if alert.kind is AlertKind.SERVICE} & services
