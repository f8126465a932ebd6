"""Move a running service to another bundle while it answers: the keeper hands its clients over (``runtime.keeper``).

The client's address stays. A new server that does not prove itself leaves the old one running. A keeper of a bundle
built before there were orders is replaced once: the new bundle is proven first, then the service restarts, finishing
what it took; new connections are refused for about the time of a start.
"""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.deploy import Bundle, Service, ServiceState, ServiceStatus
from app.core.ids import new_id
from app.core.progress import JobContext
from app.errors import BundleProblem, EnvironmentProblem
from app.runtime import orders
from app.runtime.orders import Order
from app.serving import detached, keeping, local
from app.serving.course import Course, course_of
from app.serving.interpreter import command, environment
from app.serving.keeping import KeeperState, Kept
from app.serving.segments import ID_PREFIX

if TYPE_CHECKING:
    from app.registry.project import Project

SWITCH_WITHIN_S = 180.0
"""More than a keeper takes to give up on a server (see ``runtime.keeper``)."""

HANDED_OVER_WITHIN_S = 10.0
CHECK_WITHIN_S = 90.0


def switch(project: Project, service: Service, course: Course, ctx: JobContext) -> ServiceStatus:
    """Have a service answer on another course; started if it does not run. BundleProblem if the course does not prove
    itself: the service then goes on as before."""
    command(project.path / course.bundle.path)
    kept = keeping.look(project.path, service)
    hears = kept.keeper is not None and not kept.moved
    if hears and kept.told is not None and kept.told.takes_orders and kept.told.url:
        return _handed_over(project, service, course, ctx)
    if kept.runs:
        _check(project.path, course)
        local.end_processes(kept)
    return local.run(project, service, course, ctx=ctx)


def _handed_over(project: Project, service: Service, course: Course, ctx: JobContext) -> ServiceStatus:
    from app.registry import deploy

    with local.exclusively(project.path, service):
        ctx.progress(None, f"Switching {service.name}")
        ctx.check_cancelled()
        told = _ordered(project.path, service, course)
        _alone(project.path, service, told)
        _answers(project.path, service, course, str(told.url))
    return local.status_of(project, deploy.set_service_state(project, service.id, ServiceState.RUNNING))


def _ordered(project: Path, service: Service, course: Course) -> KeeperState:
    """Give the order and wait until it is carried out. It cannot be called back, so nobody may cancel it."""
    project = project.resolve()  # a link that led there may be gone when the service is restarted
    entry = str(project / course.bundle.path / keeping.SERVER)
    order = Order(new_id(), entry, course.options(project))
    folder = keeping.folder_of(project, service)
    orders.write(orders.order_file(folder / keeping.STATE_FILE), order)
    deadline = time.monotonic() + SWITCH_WITHIN_S
    while time.monotonic() < deadline:
        kept = keeping.look(project, service)
        if kept.keeper is None or kept.told is None:
            raise EnvironmentProblem(f"{service.name} ended while it was switched.", "Start it again.")
        if kept.told.order == order.id:
            return _carried_out(project, service, kept.told)
        time.sleep(local.POLL_S)
    raise EnvironmentProblem(f"{service.name} was not switched within {SWITCH_WITHIN_S:g} s.", "Look at its log.")


def _carried_out(project: Path, service: Service, told: KeeperState) -> KeeperState:
    if told.outcome == "done":
        return told
    words = keeping.last_words(project, service)
    raise BundleProblem(f"The new bundle does not start, so {service.name} goes on as before: {words}")


def _alone(project: Path, service: Service, told: KeeperState) -> None:
    """Return once no other server takes this service's connections. They have one socket, and the old server lets go of
    it when it comes to hear its keeper's word: until then one client is answered by the new bundle and the next by the
    old one. A server that hears nothing is ended by its keeper later."""
    ours = (told.keeper_pid, told.pid)
    others = [process for process in keeping.strays(project, service) if process.pid not in ours]
    deadline = time.monotonic() + HANDED_OVER_WITHIN_S
    while any(detached.listens(process) for process in others) and time.monotonic() < deadline:
        time.sleep(local.POLL_S)


def _answers(project: Path, service: Service, course: Course, url: str) -> None:
    """By the new bundle, at the latest a moment after the old server let go."""
    deadline = time.monotonic() + HANDED_OVER_WITHIN_S
    while True:
        try:
            return local.test_call(project, service, course, url)
        except BundleProblem:
            if time.monotonic() > deadline:
                raise
        time.sleep(local.POLL_S)


def _check(project: Path, course: Course) -> None:
    """The bundle proves itself without listening. Raises BundleProblem."""
    folder = project / course.bundle.path
    words = command(folder, "--check", *course.options(project))
    done = subprocess.run(
        words, capture_output=True, stdin=subprocess.DEVNULL, env=environment(), timeout=CHECK_WITHIN_S, check=False
    )
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        words_ = said[-1].removeprefix(f"{keeping.SERVER}: ") if said else f"exit code {done.returncode}"
        raise BundleProblem(f"The new bundle does not start: {words_}")


def takes_over(bundle: Path) -> bool:
    """Whether a bundle's server can be handed another's clients: its runtime knows how (see ``runtime.listening``)."""
    return (bundle / "runtime" / "listening.py").is_file()


def serves_another(project: Path, service: Service, bundle: Bundle) -> bool:
    """Whether it runs, but by another bundle."""
    kept = keeping.look(project, service)
    told = kept.told.bundle if kept.runs and kept.told is not None else None
    return told is not None and told.removeprefix(ID_PREFIX) != bundle.sha256


def serves(project: Path, service: Service, course: Course) -> bool:
    """Whether it answers on this very course, challenger included."""
    return keeping.serves(keeping.look(project, service), project, course)


def served_unrecorded(project: Project, service: Service) -> bool:
    """Whether it answers on another course than it was last released for: whoever rolled that out was ended before it
    was recorded."""
    kept = keeping.look(project.path, service)
    heard = kept.keeper is not None and not kept.moved
    return heard and not keeping.serves(kept, project.path, course_of(project, service))


def runs(project: Path, service: Service) -> bool:
    """Whether it answers or is about to."""
    kept: Kept = keeping.look(project, service)
    return kept.runs
