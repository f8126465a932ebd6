"""What waits for somebody: a pure rule over the overview."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from app.core.alerts import AlertKind
from app.core.deploy import ServiceState
from app.core.runs import RunState
from app.ui.home.overview import DataState, Overview
from app.ui.page import ALERTS


@dataclass(frozen=True, slots=True)
class Todo:
    """``page`` and ``what`` say where the button leads; ``first``: the most urgent, on the primary button."""

    status: str
    text: str
    button: str
    page: str
    what: object = None
    first: bool = False


def todos(overview: Overview, tr: Callable[[str], str]) -> list[Todo]:
    """Most urgent first; never empty."""
    found = [*_failed_services(overview, tr), *_alerts(overview, tr), *_interrupted(overview, tr)]
    found += _stuck(overview, tr)
    for state in overview.data:
        found += _next_step(state, overview, tr)
    if not overview.data:
        found.append(
            Todo(
                "info",
                tr("This project has no data yet. Drop a file anywhere in this window."),
                tr("Go to data"),
                "data",
            )
        )
    if not found:
        found.append(Todo("ok", tr("Nothing waits for you."), tr("See services"), "services"))
    return [replace(todo, first=number == 0) for number, todo in enumerate(found)]


def _failed_services(overview: Overview, tr: Callable[[str], str]) -> list[Todo]:
    failed = [status for status in overview.services if status.actual is ServiceState.FAILED]
    return [
        Todo(
            "fail",
            tr("Service {0} does not answer. {1}").format(s.service.name, s.message),
            tr("Look"),
            "services",
            s.service.id,
        )
        for s in failed
    ]


def _alerts(overview: Overview, tr: Callable[[str], str]) -> list[Todo]:
    """All but those of services, which are told as they are now."""
    told = [alert for alert in overview.alerts if alert.kind is not AlertKind.SERVICE]
    return [Todo("fail", alert.line, tr("Look"), "monitor", f"{ALERTS}:{alert.id}") for alert in told]


def _stuck(overview: Overview, tr: Callable[[str], str]) -> list[Todo]:
    """A challenger that waits is decided about on Models, a failed automation looked at on its page."""
    found = []
    for ran in overview.stuck:
        waits = ran.run.state == "waiting"
        text = f"{ran.automation.name}: {ran.run.note}"
        button, page = (tr("Decide"), "models") if waits else (tr("Look"), "automations")
        found.append(Todo("warn" if waits else "fail", text, button, page, ran.challenge))
    return found


def _interrupted(overview: Overview, tr: Callable[[str], str]) -> list[Todo]:
    lost = [run for run in overview.runs if run.state is RunState.INTERRUPTED]
    return [
        Todo("warn", tr("Run {0} was interrupted.").format(run.number), tr("Decide"), "data", run.plan.version_id)
        for run in lost
    ]


def _next_step(state: DataState, overview: Overview, tr: Callable[[str], str]) -> list[Todo]:
    name, version = state.dataset.name, state.version
    if state.run is not None and state.run.state is RunState.RUNNING:
        return [
            Todo(
                "running",
                tr("Run {0} on {1} is under way.").format(state.run.number, name),
                tr("Watch"),
                "data",
                version.id,
            )
        ]
    if state.blocked:
        return [Todo("fail", f"{name}: {state.blocked}", tr("Look at the data"), "data", version.id)]
    if state.reading.target is None and state.run is None:
        text = tr("{0}: choose what should be predicted, or look for unusual rows.").format(name)
        return [Todo("info", text, tr("Go to data"), "data", version.id)]
    if state.run is None or state.run.plan.version_id != version.id:
        text = tr("{0} version {1} is ready to be trained on.").format(name, version.number)
        return [Todo("info", text, tr("Go to data"), "data", version.id)]
    if state.run.best is not None and (state.model is None or state.model.run_id != state.run.id):
        text = tr("Run {0} on {1} waits for approval.").format(state.run.number, name)
        return [Todo("warn", text, tr("Look at the result"), "data", version.id)]
    if state.model is not None and not any(s.model_version == state.model.label for s in overview.live):
        text = tr("{0} is approved and answers nowhere yet.").format(state.model.label)
        return [Todo("info", text, tr("Start it"), "data", version.id)]
    return []
