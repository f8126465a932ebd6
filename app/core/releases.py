"""Where models are live: environments, and the releases that say what answered there, on every date."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from app.core.gate_rules import GateRule


class Mode(StrEnum):
    """Who answers: the champion all, the challenger a share, or the champion all and the challenger in the shadow."""

    ALL = "all"
    SHARE = "share"
    SHADOW = "shadow"


class ReleaseKind(StrEnum):
    """What a release did: a new champion, the one before again, a challenger beside it, the end of a challenge, the
    end of it all."""

    PROMOTE = "promote"
    ROLLBACK = "rollback"
    CHALLENGE = "challenge"
    SETTLE = "settle"
    RETIRE = "retire"


@dataclass(frozen=True, slots=True)
class Environment:
    """A place for one bundle of each model. ``id`` stays when it is renamed. ``gates``: what a model has to keep to
    here besides; ``automated``: whether a rule may roll out here by itself."""

    id: str
    name: str
    gates: tuple[GateRule, ...] = ()
    automated: bool = False


DEFAULT_ENVIRONMENTS = (
    Environment("development", "development", automated=True),
    Environment("staging", "staging", automated=True),
    Environment("production", "production"),
)


@dataclass(frozen=True, slots=True)
class Release:
    """What answers in an environment (``environment``: its id) for a model from ``at`` on. ``share``: the
    challenger's part of the requests in mode share; 1 in mode all, 0 in the shadow."""

    id: str
    environment: str
    model_id: str
    bundle_id: str
    service_id: str | None
    challenger_bundle_id: str | None
    mode: Mode
    share: float
    kind: ReleaseKind
    reason: str
    actor: str
    at: str


@dataclass(frozen=True, slots=True)
class Live:
    """What was live in an environment on a date. ``since``: since when this bundle answered without a break;
    ``share``: the challenger's part of the requests."""

    environment: Environment
    model_id: str
    model: str
    version: str
    model_version_id: str
    bundle_sha256: str
    since: str
    release: Release
    challenger: str | None = None
    share: float = 0.0


class Stage(StrEnum):
    """Where a model version stands, by the newest releases."""

    APPROVED = "approved"
    CHALLENGER = "challenger"
    LIVE = "live"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Standing:
    """A model version's stage and the names of the environments that it is live or a challenger in."""

    stage: Stage = Stage.APPROVED
    environments: tuple[str, ...] = field(default=())


def restored(history: list[Release]) -> Release | None:
    """The release that a roll-back brings back: the champion before the one that is live; None if there is none.
    ``history``: of one model in one environment, oldest first. A release that was rolled back is not come back to."""
    stack: list[Release] = []
    for release in history:
        if release.kind is ReleaseKind.RETIRE:
            stack = []
        elif release.kind is ReleaseKind.ROLLBACK:
            stack = _rolled_back(stack, release)
        elif not stack or stack[-1].bundle_id != release.bundle_id:
            stack.append(release)
    return stack[-2] if len(stack) > 1 else None


def _rolled_back(stack: list[Release], release: Release) -> list[Release]:
    """``stack`` up to what was brought back. A bundle that is not in it was built again from the version that was due:
    it takes that one's place."""
    at = next((n for n in reversed(range(len(stack))) if stack[n].bundle_id == release.bundle_id), None)
    return [*stack[:-2], release] if at is None else stack[: at + 1]
