"""What a service is to serve: a bundle, and perhaps a challenger beside it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.deploy import Bundle
from app.core.releases import Mode

if TYPE_CHECKING:
    from app.core.deploy import Service
    from app.registry.project import Project


@dataclass(frozen=True, slots=True)
class Course:
    """``share``: the challenger's part of the requests in mode share."""

    bundle: Bundle
    challenger: Bundle | None = None
    mode: Mode = Mode.ALL
    share: float = 1.0

    def options(self, project: Path) -> tuple[str, ...]:
        """The challenger as options of ``serve.py``; none without one."""
        if self.challenger is None or self.mode is Mode.ALL:
            return ()
        how = ("--shadow",) if self.mode is Mode.SHADOW else ("--share", repr(float(self.share)))
        return ("--challenger", str(project / self.challenger.path), *how)

    @property
    def answering(self) -> frozenset[str]:
        """The digests of the bundles that may answer a client."""
        shares = self.challenger is not None and self.mode is Mode.SHARE
        return frozenset({self.bundle.sha256, *([self.challenger.sha256] if shares and self.challenger else [])})


def course_of(project: Project, service: Service) -> Course:
    """What a service was last released to serve; of one that belongs to no environment just its bundle."""
    from app.registry import deploy, releases

    release = releases.release_of_service(project, service.id)
    if release is None or release.challenger_bundle_id is None:
        return Course(deploy.bundle(project, service.bundle_id))
    challenger = deploy.bundle(project, release.challenger_bundle_id)
    return Course(deploy.bundle(project, release.bundle_id), challenger, release.mode, release.share)
