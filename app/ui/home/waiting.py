"""What waits for a person and shows in no list of its own, read from the registry; not for the window's thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.challenges import Challenge, sentence

if TYPE_CHECKING:
    from app.core.alerts import Mute
    from app.core.models import ModelVersion
    from app.core.watch import Answers
    from app.registry.project import Project

WORTH_A_LOOK = 100
"""So many predictions tell something; a person who only tried a service is left alone."""


@dataclass(frozen=True, slots=True)
class OpenChallenge:
    """A model's newest challenger, which nobody has promoted or turned down. ``words``: how it did; ``why_not``: why it
    cannot be promoted, empty if it can."""

    made: Challenge
    model: str
    words: str
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Unseen:
    """A model version that was asked ``predictions`` times and never looked at."""

    version_id: str
    label: str
    predictions: int


@dataclass(frozen=True, slots=True)
class Muted:
    """Alerts that go nowhere for a while. ``model`` empty: everybody's."""

    model: str
    mute: Mute


def muted(project: Project) -> tuple[Muted, ...]:
    """What is muted now."""
    from app.registry import alerts, models

    names = {model.id: model.name for model in models.models(project)}
    return tuple(Muted(names.get(mute.model_id or "", ""), mute) for mute in alerts.mutes(project))


def open_challenges(project: Project, made: Sequence[Challenge]) -> tuple[OpenChallenge, ...]:
    """Of all challenges, newest first, the newest of each model that waits for a decision."""
    from app.monitoring.automation.waiting import ended
    from app.registry import models

    names = {model.id: model.name for model in models.models(project)}
    newest = {one.model_id: one for one in reversed(made)}
    waiting = [one for one in newest.values() if ended(project, one) is None]
    return tuple(_opened(project, one, names[one.model_id]) for one in waiting)


def _opened(project: Project, made: Challenge, model: str) -> OpenChallenge:
    from app.monitoring.retraining.decide import why_not
    from app.registry import challenges

    found = challenges.comparison(project, made)
    return OpenChallenge(made, model, sentence(found), "" if found.problem else why_not(project, made))


def unseen(
    project: Project, versions: Sequence[ModelVersion], answering: frozenset[str], answers: Mapping[str, Answers]
) -> tuple[Unseen, ...]:
    """Of the versions that answer now (by label) those with predictions that no report tells of.
    ``answers``: by bundle (its digest)."""
    from app.registry import deploy, monitoring

    looked_at = monitoring.newest_reports(project)
    found = []
    for version in versions:
        if version.label in answering and version.id not in looked_at:
            bundles = {bundle.sha256 for bundle in deploy.bundles(project, version.id)}
            asked = sum(answers[digest].predictions for digest in bundles if digest in answers)
            if asked >= WORTH_A_LOOK:
                found.append(Unseen(version.id, version.label, asked))
    return tuple(found)


def gone_folders(project: Project) -> tuple[str, ...]:
    """Watched folders that are not there: nothing comes home from them."""
    from app.serving.watched import log_folders

    return tuple(folder for folder in log_folders(project) if not (project.path / folder).is_dir())
