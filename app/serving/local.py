"""Services on this machine: each a keeper and a server of its own, started from the bundle's folder.

They outlive the window. A service is found again by its state file and the command lines of its processes.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from app.core.deploy import Bundle, Service, ServiceState, ServiceStatus
from app.core.naming import file_name
from app.core.progress import JobContext
from app.core.releases import ReleaseKind
from app.errors import BundleProblem, EnvironmentProblem, JobCancelled, ModelyardError, NotAllowed
from app.serving import client, detached, keeping
from app.serving.course import Course, course_of
from app.serving.example import example_rows
from app.serving.interpreter import command, environment
from app.serving.keeping import Kept
from app.serving.own_calls import new_own_call
from app.serving.ports import free_port
from app.serving.segments import ID_PREFIX
from app.serving.turns import one_at_a_time
from app.serving.under_way import announce, under_way

if TYPE_CHECKING:
    from app.registry.project import Project

START_WITHIN_S = 60.0
STOP_WITHIN_S = 15.0
POLL_S = 0.02
_GONE = "It is not running any more: it was killed or the machine was restarted. Start it again."

_MOVED = "The project was moved while it ran, so nothing restarts it when it dies. Stop it and start it again."


def start(project: Project, bundle_id: str, *, port: int | None = None, ctx: JobContext) -> ServiceStatus:
    """Have a bundle answer on 127.0.0.1; returns once it has answered a test call.

    The bundle's service is started again if it has one, and left alone if it runs. A taken port means the next free
    one. BundleProblem if the bundle does not prove itself, EnvironmentProblem if it does not start in time.
    """
    from app.registry import deploy

    bundle = deploy.bundle(project, bundle_id)
    command(project.path / bundle.path)  # is it a bundle at all? before anything is recorded
    return run(project, _service_of(project, bundle, port), Course(bundle), port=port, ctx=ctx)


def start_again(project: Project, service_id: str, ctx: JobContext) -> ServiceStatus:
    """Have a service answer as it was last released. NotAllowed if its model was retired there; else as ``start``. What
    belongs to an environment waits for a roll-out that is under way, and does what that one left."""
    from app.registry import releases

    if releases.release_of_service(project, service_id) is None:
        return answer_again(project, service_id, ctx)
    with one_at_a_time(project):
        return answer_again(project, service_id, ctx)


def answer_again(project: Project, service_id: str, ctx: JobContext) -> ServiceStatus:
    """The same for who has the turn already."""
    from app.registry import deploy, releases

    last = releases.release_of_service(project, service_id)
    if last is not None and last.kind is ReleaseKind.RETIRE:
        name = deploy.service(project, service_id).name
        raise NotAllowed(f"{name} was retired: nothing is live there.", "Roll a version out there.")
    service = deploy.service(project, service_id)
    return run(project, service, course_of(project, service), ctx=ctx)


def run(
    project: Project, service: Service, course: Course, *, port: int | None = None, ctx: JobContext
) -> ServiceStatus:
    """Have a recorded service answer on its course; one that runs is left alone. Raises what ``start`` does."""
    from app.registry import deploy

    with exclusively(project.path, service):
        service = deploy.set_service_state(project, service.id, ServiceState.RUNNING)
        ctx.progress(None, f"Starting {service.name}")
        before = keeping.look(project.path, service)
        ran = before.keeper is not None and not before.moved
        try:
            wished = port if port is not None else service.port
            kept = _running(project.path, course, service, wished, _ports_in_use(project, service), ctx)
            test_call(project.path, service, course, str(kept.told and kept.told.url))
        except JobCancelled:
            if not ran:
                stop(project, service.id, ctx)
            raise
        except ModelyardError:
            if not ran:  # whoever started it, its clients are not ours to leave alone
                end_processes(keeping.look(project.path, service))
                deploy.set_service_state(project, service.id, ServiceState.FAILED)
            raise
    assert kept.told
    named = kept.told.port if port is not None else None  # else it goes on being at home where its clients look for it
    return status_of(project, deploy.set_service_state(project, service.id, ServiceState.RUNNING, port=named))


def stop(project: Project, service_id: str, ctx: JobContext) -> ServiceStatus:
    """Stop a service: it finishes what it is answering first. Stopping a stopped one is allowed. That it is to stop is
    recorded before it is gone, so that nobody takes it for one that died."""
    from app.registry import deploy

    service = deploy.set_service_state(project, service_id, ServiceState.STOPPED)
    ctx.progress(None, f"Stopping {service.name}")
    end_processes(keeping.look(project.path, service))
    _end_strays(project.path, service)
    return status_of(project, service)


def statuses(project: Project) -> list[ServiceStatus]:
    """Every service as it really is, newest first. Cheap enough to ask each second."""
    from app.registry import deploy

    return [status_of(project, service) for service in deploy.services(project)]


def _service_of(project: Project, bundle: Bundle, port: int | None) -> Service:
    """The service of this very bundle that belongs to no environment, made if there is none. In one transaction: of two
    that start it at once the second finds what the first has made."""
    from app.registry import deploy, models, releases

    with project.database.write("recording a service"):
        known = deploy.services(project)
        for service in known:
            same = deploy.bundle(project, service.bundle_id).sha256 == bundle.sha256
            if same and releases.release_of_service(project, service.id) is None:
                return service
        label = models.model_version(project, bundle.model_version_id).label
        taken = {service.log_path for service in known}
        log_path = next(path for path in log_paths(label) if path not in taken)
        wished = next_port(project, port)
        return recorded(project, name=label, bundle=bundle, port=wished, log_path=log_path)


def recorded(project: Project, *, name: str, bundle: Bundle, port: int, log_path: str) -> Service:
    """A new service that is started next: nobody sees it without seeing that as well."""
    from app.registry import deploy

    announce(project.path / log_path)
    return deploy.record_service(project, name=name, bundle_id=bundle.id, port=port, log_path=log_path)


def log_paths(label: str) -> Iterable[str]:
    """Where a service may log, the plainest name first, without end; inside the project whatever the label is."""
    folder = f"logs/{file_name(label)}"
    yield folder
    number = 1
    while True:
        number += 1
        yield f"{folder}-{number}"


def next_port(project: Project, wished: int | None = None) -> int:
    """The wished port or the next one that nobody uses; without a wish none to which a stopped service comes back."""
    from app.registry import deploy

    if wished is None:
        with suppress(EnvironmentProblem):  # of so many services some have to share
            return free_port(taken={service.port for service in deploy.services(project)})
    return free_port(wished, taken=_ports_in_use(project))


def _ports_in_use(project: Project, but: Service | None = None) -> set[int]:
    """Of all services, but that one: it may take its own again."""
    others = (s for s in statuses(project) if but is None or s.service.id != but.id)
    return {port for s in others if s.actual in _ALIVE for port in (s.service.port, s.port)}


_ALIVE = frozenset({ServiceState.RUNNING, ServiceState.STARTING, ServiceState.RESTARTING})


@contextmanager
def exclusively(project: Path, service: Service) -> Iterator[None]:
    """One start of a service at a time, whoever asks: two keepers would fight for one state file."""
    folder = keeping.folder_of(project, service)
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / "start.lock")
    try:
        lock.acquire(timeout=START_WITHIN_S)
    except Timeout as error:
        raise EnvironmentProblem(f"{service.name} is being started by another program.", "Wait for it.") from error
    try:
        with under_way(folder):
            yield
    finally:
        lock.release()


def _running(project: Path, course: Course, service: Service, wished: int, taken: set[int], ctx: JobContext) -> Kept:
    """The service as it runs, started if it does not."""
    kept = keeping.look(project, service)
    if kept.keeper is None or kept.moved:
        end_processes(kept)  # a server whose keeper was killed: nobody would restart it
        _end_strays(project, service)
        kept = _started(project, service, _spawn(project, course, service, wished, taken), ctx)
    return kept if kept.told and kept.told.url else _wait_ready(project, service, None, ctx)


def _started(project: Path, service: Service, keeper_pid: int, ctx: JobContext) -> Kept:
    """The service once it is ready; a keeper that told nothing yet is ended if we give up."""
    try:
        return _wait_ready(project, service, keeper_pid, ctx)
    except ModelyardError:
        detached.end_just_started(keeper_pid, STOP_WITHIN_S)
        raise


def _spawn(project: Path, course: Course, service: Service, wished: int, taken: set[int]) -> int:
    project = project.resolve()  # a link that led there may be gone when the service is restarted
    folder = keeping.folder_of(project, service)
    for name in (keeping.STATE_FILE, keeping.ORDER_FILE, keeping.ERRORS_FILE):
        (folder / name).unlink(missing_ok=True)
    port = str(free_port(wished, taken=taken))
    state = str(folder / keeping.STATE_FILE)
    options = ("--keep", "--state", state, "--port", port, "--log-dir", str(folder), *course.options(project))
    words = command(project / course.bundle.path, *options)
    return detached.spawn(words, folder / keeping.ERRORS_FILE, environment())


def _wait_ready(project: Path, service: Service, keeper_pid: int | None, ctx: JobContext) -> Kept:
    """``keeper_pid``: of the keeper just started, which may end before it tells anything."""
    deadline = time.monotonic() + START_WITHIN_S
    while time.monotonic() < deadline:
        ctx.check_cancelled()
        ended = keeper_pid is not None and detached.has_ended(keeper_pid)
        kept = keeping.look(project, service)
        if kept.keeper is not None and kept.told and kept.told.state == ServiceState.RUNNING:
            return kept
        if ended:
            words = keeping.last_words(project, service) or "its server ended at once."
            raise BundleProblem(f"{service.name} does not start: {words}")
        time.sleep(POLL_S)
    raise EnvironmentProblem(
        f"{service.name} was not ready within {START_WITHIN_S:g} s.",
        "Try again when the machine is less busy.",
        keeping.last_words(project, service),
    )


def test_call(project: Path, service: Service, course: Course, url: str) -> None:
    """Ask it once. BundleProblem if something else answers there."""
    rows = example_rows(project / course.bundle.path)
    answer = client.predict(url, rows, ids=[new_own_call(keeping.folder_of(project, service))])
    if str(answer.get("bundle", "")).removeprefix("sha256:") not in course.answering:
        raise BundleProblem(f"Another service answers at {url}.", "Stop it, or start on another port.")


def end_processes(kept: Kept) -> None:
    """The keeper stops its server; a server whose keeper was killed is stopped directly."""
    if kept.keeper is not None:
        detached.end(kept.keeper, STOP_WITHIN_S)
    if kept.server is not None and kept.server.is_running():
        detached.end(kept.server, STOP_WITHIN_S)


def _end_strays(project: Path, service: Service) -> None:
    """Nobody watches them, and a second server would log beside the one that is known."""
    for process in keeping.strays(project, service):
        detached.end(process, STOP_WITHIN_S)


def status_of(project: Project, service: Service) -> ServiceStatus:
    """A service as it really is."""
    from app.registry import deploy, models

    kept = keeping.look(project.path, service)
    actual = keeping.actual(project.path, service, kept)
    bundle = deploy.bundle(project, service.bundle_id)
    running = actual is ServiceState.RUNNING
    uneasy = _uneasy(project, service, kept) if running else ""
    return ServiceStatus(
        service=service,
        actual=actual,
        url=kept.told.url if running and kept.told else None,
        pid=kept.server.pid if kept.server else None,
        model_version=models.model_version(project, bundle.model_version_id).label,
        restarts=kept.told.restarts if kept.told else 0,
        message=uneasy or _message(project.path, service, kept, actual),
        uneasy=bool(uneasy),
    )


def _message(project: Path, service: Service, kept: Kept, actual: ServiceState) -> str:
    if actual is ServiceState.FAILED:
        refused = service.state is ServiceState.FAILED or (kept.told and kept.told.state == ServiceState.FAILED)
        return keeping.last_words(project, service) if refused else _GONE
    return kept.told.message if kept.told and kept.keeper and actual is not ServiceState.STOPPED else ""


def _elsewhere(service: Service, port: int | None) -> str:
    """Its clients look for it where it was."""
    if port in (None, service.port):
        return ""
    return f"Port {service.port} was taken, so it answers on {port}. Started again it takes its own, if that is free."


def _uneasy(project: Project, service: Service, kept: Kept) -> str:
    """What is wrong with a service that answers, and what to do."""
    if kept.moved:
        return _MOVED
    if kept.keeper is None and kept.server is not None:
        return "It runs, but nothing restarts it when it dies. Start it again."
    return _other_course(project, service, kept) or _elsewhere(service, kept.told.port if kept.told else None)


def _other_course(project: Project, service: Service, kept: Kept) -> str:
    """A switch whose record was never written, because this program was ended in between. What answers is named where
    that is another version than the recorded one."""
    from app.registry import deploy, models

    settled = kept.keeper is not None and kept.told is not None and kept.told.state == ServiceState.RUNNING
    if not settled or keeping.serves(kept, project.path, course_of(project, service)):
        return ""
    told = deploy.bundle_by_sha256(project, str(kept.told and kept.told.bundle).removeprefix(ID_PREFIX))
    recorded = deploy.bundle(project, service.bundle_id).model_version_id
    if told is None or told.model_version_id == recorded:
        return "It answers otherwise than is recorded: roll out again."
    label = models.model_version(project, told.model_version_id).label
    return f"{label} answers, which is not what is recorded, as a roll-out was cut short: roll out again."
