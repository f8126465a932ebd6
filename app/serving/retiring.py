"""Take a model out of an environment: its service stops, and nothing of it is live there until the next roll-out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.deploy import ServiceState
from app.core.progress import JobContext
from app.core.releases import Release, ReleaseKind
from app.errors import BadInput, NotAllowed
from app.serving import local
from app.serving.rollout import refuse_unseen
from app.serving.turns import one_at_a_time

if TYPE_CHECKING:
    from app.registry.project import Project


def retire(
    project: Project, environment: str, model_id: str, reason: str, *, seen: str | None = None, ctx: JobContext
) -> Release:
    """Stop the service by which a model answers in an environment (its name or id), once it has answered what it took,
    and record that nothing is live there from then on. A later roll-out takes the same service and address again.

    ``seen``: the release that was shown to whoever asks. BadInput without a reason; NotAllowed if nothing is live
    there, or if somebody changed what is live since.
    """
    from app.registry import environments, releases

    if not reason.strip():
        raise BadInput("Retiring a model needs a reason.", "Say why nobody needs its answers any more.")
    target = environments.environment(project, environment)
    with one_at_a_time(project):
        refuse_unseen(project, target, model_id, seen)
        now = releases.newest_release(project, target.id, model_id)
        if now is None:
            raise NotAllowed(f"Nothing is live in {target.name}, so nothing can be retired there.")
        return _stopped_and_recorded(project, now, reason, ctx)


def _stopped_and_recorded(project: Project, now: Release, reason: str, ctx: JobContext) -> Release:
    """What is recorded does not answer any more; if it cannot be recorded, it answers again."""
    from app.registry import releases

    ran = now.service_id is not None and _runs(project, now.service_id)
    done = False
    try:
        if now.service_id is not None:
            local.stop(project, now.service_id, ctx)
        made = releases.record_release(
            project,
            environment_id=now.environment,
            model_id=now.model_id,
            bundle_id=now.bundle_id,
            service_id=now.service_id,
            kind=ReleaseKind.RETIRE,
            reason=reason,
        )
        done = True
    finally:
        if ran and not done:
            local.answer_again(project, str(now.service_id), ctx)
    return made


def _runs(project: Project, service_id: str) -> bool:
    from app.registry import deploy

    status = local.status_of(project, deploy.service(project, service_id))
    return status.actual not in (ServiceState.STOPPED, ServiceState.FAILED)
