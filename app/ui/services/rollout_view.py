"""What the Environments tab shows: for each environment and model what is live, what could be, and how it came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.deploy import ServiceState
from app.core.releases import Environment, Live, Release, ReleaseKind, restored

if TYPE_CHECKING:
    from app.registry.project import Project


@dataclass(frozen=True, slots=True)
class RollOut:
    """Open Services to roll out this version; empty: whichever."""

    model_version_id: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """A release for a list. ``version``: the one that it is about."""

    at: str
    kind: ReleaseKind
    version: str
    actor: str
    reason: str


@dataclass(frozen=True, slots=True)
class PlaceView:
    """A model in an environment. ``versions``: (id, label) of all approved ones, newest first. ``back``: the version
    that rolling back brings; empty with ``why_not``. ``runs``: whether its service answers, where something is live."""

    environment: Environment
    model_id: str
    model: str
    live: Live | None
    versions: tuple[tuple[str, str], ...]
    back: str
    why_not: str
    history: tuple[Told, ...]
    runs: bool = True

    @property
    def retired(self) -> Told | None:
        """The release that took the model away, if that is how things stand."""
        newest = self.history[0] if self.history else None
        return newest if newest is not None and newest.kind is ReleaseKind.RETIRE else None

    @property
    def key(self) -> tuple[str, str]:
        """What it is found again by."""
        return self.environment.id, self.model_id


@dataclass(frozen=True, slots=True)
class PlacesView:
    """All places. ``then``: whether it is a day of the past that is shown. ``used``: ids of the environments that have
    had a release and so stay."""

    places: tuple[PlaceView, ...]
    environments: tuple[Environment, ...]
    then: bool
    used: frozenset[str] = frozenset()


def places_view(project: Project, day: str | None) -> PlacesView:
    """Every environment for every model. ``day``: yyyy-mm-dd, its end; None: now."""
    from app.registry import environments, models, releases
    from app.serving.local import statuses
    from app.serving.timeline import moment_of

    moment = moment_of(day) if day else project.now()
    live = {(o.environment.id, o.model_id): o for o in releases.live_on(project, moment)}
    labels = {version.id: version.label for version in models.model_versions(project)}
    of_bundle = _labels_of_bundles(project, labels)
    history = releases.releases(project)
    running = {s.service.id for s in statuses(project) if s.actual is ServiceState.RUNNING}
    known = environments.environments(project)
    told_of: dict[tuple[str, str], list[Release]] = {}
    for release in history:
        if release.at <= moment:
            told_of.setdefault((release.environment, release.model_id), []).append(release)
    made = []
    for model in models.models(project):
        approved = tuple((v.id, v.label) for v in models.model_versions(project, model.id))
        for place in known:
            own = told_of.get((place.id, model.id), [])
            now = live.get((place.id, model.id))
            back, why_not = _back(own, of_bundle)
            told = tuple(_told(release, of_bundle) for release in own)
            runs = now is not None and now.release.service_id in running
            made.append(PlaceView(place, model.id, model.name, now, approved, back, why_not, told, runs))
    return PlacesView(tuple(made), known, day is not None, frozenset(r.environment for r in history))


def _labels_of_bundles(project: Project, labels: dict[str, str]) -> dict[str, str]:
    from app.registry import deploy

    return {bundle.id: labels[bundle.model_version_id] for bundle in deploy.bundles(project)}


def _back(newest_first: list[Release], of_bundle: dict[str, str]) -> tuple[str, str]:
    """The version that rolling back brings, or why there is none."""
    if not newest_first or newest_first[0].kind is ReleaseKind.RETIRE:
        return "", "Nothing is live there."
    now = newest_first[0]
    if now.challenger_bundle_id is not None:
        return of_bundle[now.bundle_id], ""
    before = restored(newest_first[::-1])
    return ("", "Nothing was live there before.") if before is None else (of_bundle[before.bundle_id], "")


def _told(release: Release, of_bundle: dict[str, str]) -> Told:
    about = release.challenger_bundle_id or release.bundle_id
    return Told(release.at, release.kind, of_bundle[about], release.actor, release.reason)
