"""Roll out and roll back: which bundle of a model answers in an environment. Recorded once it really answers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.deploy import Bundle, Service
from app.core.models import ModelVersion
from app.core.progress import JobContext, Part
from app.core.releases import Environment, Live, Mode, Release, ReleaseKind, restored
from app.errors import BadInput, BundleProblem, NotAllowed
from app.serving.course import Course, course_of
from app.serving.places import Place, place_of
from app.serving.release_gates import refuse_failing
from app.serving.switching import runs, served_unrecorded, serves, serves_another, switch, takes_over
from app.serving.turns import one_at_a_time

if TYPE_CHECKING:
    from app.registry.project import Project

ADOPTED = "It was running when this environment had its first roll-out."


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A release before it is one."""

    environment: Environment
    model_id: str
    course: Course
    kind: ReleaseKind
    reason: str


def promote(
    project: Project,
    model_version_id: str,
    environment: str,
    reason: str,
    *,
    mode: str = "all",
    share: float = 1.0,
    ctx: JobContext,
) -> Release:
    """Have a model version answer in an environment (its name or id): all requests, a ``share`` of them beside the one
    that is live, or none but in the shadow of each (``mode``: all, share, shadow).

    Its bundle is built if need be, and the environment's service of this model moves to it without dropping a request
    that it took. What is live already stays as it is. BadInput without a reason or of a wrong share; NotFound;
    NotAllowed if the environment's gates or the lack of a champion forbid it; BundleProblem if the new server does not
    prove itself: then the old one goes on, and nothing is recorded.
    """
    from app.bundles.build import build
    from app.registry import environments, models

    how = _mode(mode, share)
    if not reason.strip():
        raise BadInput("A roll-out needs a reason.", "Say why this version may answer.")
    version = models.model_version(project, model_version_id)
    target = environments.environment(project, environment)
    refuse_failing(project, version, target, Part(ctx, 0.0, 0.1))
    if how is not Mode.ALL:
        _champion(project, version, target)
    bundle = _tried(project, version, target) or build(project, version.id, ctx=Part(ctx, 0.1, 0.5))
    with one_at_a_time(project):
        if how is Mode.ALL:
            wanted = _Wanted(target, version.model_id, Course(bundle), ReleaseKind.PROMOTE, reason)
        else:
            course = Course(_champion(project, version, target), bundle, how, share if how is Mode.SHARE else 0.0)
            wanted = _Wanted(target, version.model_id, course, ReleaseKind.CHALLENGE, reason)
        return _release(project, wanted, Part(ctx, 0.5, 1.0))


def rollback(
    project: Project, environment: str, model_id: str, reason: str, *, seen: str | None = None, ctx: JobContext
) -> Release:
    """End a challenge if there is one; else bring back the bundle that was live before. Twice goes back twice.

    ``seen``: the release that was shown to whoever asks. NotAllowed if nothing was live before, or if somebody changed
    what is live since; else as ``promote``, but no gate is asked: it has been live.
    """
    from app.registry import environments

    if not reason.strip():
        raise BadInput("A roll-back needs a reason.", "Say what is wrong.")
    target = environments.environment(project, environment)
    with one_at_a_time(project):
        refuse_unseen(project, target, model_id, seen)
        course = _course_before(project, target, model_id, Part(ctx, 0.0, 0.5))
        wanted = _Wanted(target, model_id, course, ReleaseKind.ROLLBACK, reason)
        return _release(project, wanted, Part(ctx, 0.5, 1.0))


def settle(
    project: Project,
    environment: str,
    model_id: str,
    reason: str,
    *,
    challenger: bool = False,
    seen: str | None = None,
    ctx: JobContext,
) -> Release:
    """End a challenge: the champion answers alone again, or the ``challenger`` does from now on, by the very bundle
    that was tried. BadInput without a reason; NotAllowed if nothing challenges, if somebody changed what is live since
    ``seen``, or if a gate of the environment is in the challenger's way."""
    from app.registry import deploy, environments, models, releases

    if not reason.strip():
        raise BadInput("The end of a challenge needs a reason.", "Say what was seen.")
    target = environments.environment(project, environment)
    with one_at_a_time(project):
        refuse_unseen(project, target, model_id, seen)
        now = releases.newest_release(project, target.id, model_id)
        if now is None or now.challenger_bundle_id is None:
            raise NotAllowed(f"Nothing challenges what is live in {target.name}.")
        stays = deploy.bundle(project, now.challenger_bundle_id if challenger else now.bundle_id)
        if challenger:
            version = models.model_version(project, stays.model_version_id)
            refuse_failing(project, version, target, Part(ctx, 0.0, 0.1), built_at=stays.created_at)
        return _release(project, _Wanted(target, model_id, Course(stays), ReleaseKind.SETTLE, reason), ctx)


def why_no_rollback(project: Project, environment_id: str, model_id: str) -> str:
    """Why there is nothing to roll back to, in words; empty if there is."""
    from app.registry import releases

    now = releases.newest_release(project, environment_id, model_id)
    if now is None:
        return "Nothing is live there."
    history = releases.releases(project, environment_id, model_id)[::-1]
    if now.challenger_bundle_id is None and restored(history) is None:
        return "Nothing was live there before."
    return ""


def live_on(project: Project, at: str | None = None) -> list[Live]:
    """What was live everywhere at a time (as stored: ISO 8601, UTC; None: now), and since when."""
    from app.registry import releases

    return releases.live_on(project, at)


def refuse_unseen(project: Project, target: Environment, model_id: str, seen: str | None) -> None:
    """Two who change the same place at the same time mean the same step, not one each. Raises NotAllowed."""
    from app.registry import releases

    now = releases.newest_release(project, target.id, model_id)
    if seen is not None and now is not None and now.id != seen:
        raise NotAllowed(f"Somebody has changed what is live in {target.name} meanwhile.", "Look at it again.")


def _course_before(project: Project, target: Environment, model_id: str, ctx: JobContext) -> Course:
    """What is recorded, where a roll-out that was cut short left something else answering; the champion alone if it is
    challenged; else the one before. A bundle that is damaged, or that cannot be handed
    clients (it was built by an older Modelyard), is built again from the same version."""
    from app.bundles.build import build
    from app.registry import deploy, releases

    now = releases.newest_release(project, target.id, model_id)
    if now is not None and now.service_id is not None:
        service = deploy.service(project, now.service_id)
        if served_unrecorded(project, service):
            return course_of(project, service)
    if problem := why_no_rollback(project, target.id, model_id):
        raise NotAllowed(problem, "Roll out another version instead.")
    if now is not None and now.challenger_bundle_id is not None:
        return Course(deploy.bundle(project, now.bundle_id))
    before = restored(releases.releases(project, target.id, model_id)[::-1])
    assert before is not None
    bundle = deploy.bundle(project, before.bundle_id)
    if not _usable(project.path / bundle.path):
        bundle = build(project, bundle.model_version_id, ctx=ctx)
    return Course(bundle)


def _usable(folder: Path) -> bool:
    from app.bundles.verify import verify_bundle

    try:
        verify_bundle(folder)
    except BundleProblem:
        return False
    return takes_over(folder)


def _release(project: Project, wanted: _Wanted, ctx: JobContext) -> Release:
    """Switch, then record; if that fails, switch back. What is recorded already but not served, because somebody was
    ended in between, is served from now on."""
    from app.registry import releases

    now = releases.newest_release(project, wanted.environment.id, wanted.model_id)
    place = place_of(project, wanted.environment, wanted.model_id, wanted.course.bundle)
    if now is not None and _holds(project, now, wanted.course) and runs(project.path, place.service):
        if not serves(project.path, place.service, wanted.course):
            switch(project, place.service, wanted.course, ctx)
        return now
    before = course_of(project, place.service) if runs(project.path, place.service) else None
    moved = done = False
    try:
        switch(project, place.service, wanted.course, ctx)
        moved = True
        if place.adopted:
            _record(project, place, _adopted(project, wanted, place.service))
        made = _record(project, place, wanted)
        done = True
    finally:
        if not done and before is not None and (moved or serves_another(project.path, place.service, before.bundle)):
            switch(project, place.service, before, ctx)
    return made


def _holds(project: Project, now: Release, course: Course) -> bool:
    """Whether this is what is live already."""
    challenger = course.challenger.id if course.challenger is not None else None
    held = (now.bundle_id, now.challenger_bundle_id, now.mode, now.share)
    return held == (course.bundle.id, challenger, course.mode, course.share)


def _adopted(project: Project, wanted: _Wanted, service: Service) -> _Wanted:
    """What the service answered with until now, so that there is something to roll back to."""
    from app.registry import deploy

    course = Course(deploy.bundle(project, service.bundle_id))
    return _Wanted(wanted.environment, wanted.model_id, course, ReleaseKind.PROMOTE, ADOPTED)


def _record(project: Project, place: Place, wanted: _Wanted) -> Release:
    from app.registry import releases

    course = wanted.course
    return releases.record_release(
        project,
        environment_id=wanted.environment.id,
        model_id=wanted.model_id,
        bundle_id=course.bundle.id,
        service_id=place.service.id,
        kind=wanted.kind,
        reason=wanted.reason,
        challenger_bundle_id=course.challenger.id if course.challenger is not None else None,
        mode=course.mode,
        share=course.share,
        service_name=place.name,
    )


def _champion(project: Project, version: ModelVersion, target: Environment) -> Bundle:
    """What the version is to challenge. Raises NotAllowed."""
    from app.registry import deploy, releases

    now = releases.newest_release(project, target.id, version.model_id)
    if now is None:
        raise NotAllowed(f"Nothing is live in {target.name} yet.", "Roll out to all requests first.")
    champion = deploy.bundle(project, now.bundle_id)
    if champion.model_version_id == version.id:
        raise NotAllowed(f"{version.label} is what is live in {target.name}.", "Choose another version.")
    return champion


def _tried(project: Project, version: ModelVersion, target: Environment) -> Bundle | None:
    """The bundle by which this version challenges already: what was tried is what goes live, unless another threshold
    was chosen since."""
    from app.registry import deploy, releases
    from app.registry.thresholds import bundles_that_hold

    now = releases.newest_release(project, target.id, version.model_id)
    if now is None or now.challenger_bundle_id is None:
        return None
    tried = deploy.bundle(project, now.challenger_bundle_id)
    same = tried.model_version_id == version.id
    return tried if same and tried.id in {bundle.id for bundle in bundles_that_hold(project, version)} else None


def _mode(mode: str, share: float) -> Mode:
    try:
        how = Mode(mode)
    except ValueError as error:
        raise BadInput(f"{mode} is no way to roll out.", "There are: all, share, shadow.") from error
    if how is Mode.SHARE and not 0 < share <= 1:
        raise BadInput(f"A share lies above 0 and is at most 1, not {share:g}.", "0.1 means one request in ten.")
    return how
