"""A dress rehearsal: the champion's newest logged requests, answered by the challenger before it is rolled out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.challenges import MOST_REQUESTS, USUAL_REQUESTS, Rehearsal
from app.core.progress import JobContext, Part
from app.errors import BadInput, NotAllowed
from app.jobs.supervise import Limits, run_in_child
from app.monitoring.asked import Asked
from app.monitoring.retraining.rehearse_order import RehearsalOrder
from app.serving.segments import ID_PREFIX

if TYPE_CHECKING:
    from app.registry.project import Project

MEMORY_BYTES = 4 << 30


def rehearse(project: Project, challenge_id: str, *, last: int = USUAL_REQUESTS, ctx: JobContext) -> Rehearsal:
    """Replay the newest ``last`` requests and record what would have been answered otherwise, and how fast.

    What the project hears of is collected first. NotAllowed without a challenger or without requests;
    BadInput for a number that makes no sense.
    """
    from app.monitoring.ordering import bundles_of_version, logs_of
    from app.monitoring.retraining.retrain import contestants
    from app.registry import challenges
    from app.serving.watched import collect_home

    if not 1 <= last <= MOST_REQUESTS:
        raise BadInput(f"Between 1 and {MOST_REQUESTS:,} requests can be rehearsed.")
    about = challenges.challenge(project, challenge_id)
    if about.candidate_id is None:
        raise NotAllowed("No challenger was finished.", "Retrain again.")
    collect_home(project, Part(ctx, 0.0, 0.1))
    bundles = bundles_of_version(project, about.champion_version_id)
    logs = logs_of(project, bundles, Asked(last))
    if not logs:
        raise NotAllowed("The champion was not asked anything yet.", "Send requests, or collect its log.")
    champion, challenger = contestants(project, about)
    order = RehearsalOrder(
        champion,
        challenger,
        tuple(str(project.objects.path(log.sha256)) for log in logs),
        tuple(ID_PREFIX + sha256 for sha256 in bundles),
        last,
        challenges.comparison(project, about).moved,
    )
    with project.scratch("rehearse") as folder:
        found = run_in_child(
            "app.monitoring.retraining.rehearsing:rehearse_requests",
            order,
            ctx=Part(ctx, 0.1, 1.0),
            returns=Rehearsal,
            folder=folder,
            limits=Limits(memory_bytes=MEMORY_BYTES),
        )
    challenges.record_rehearsal(project, about.id, found)
    return found
