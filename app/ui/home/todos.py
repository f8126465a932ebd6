"""What waits for somebody: a pure rule over the overview. Each thing once, with where it is settled."""

from __future__ import annotations

from dataclasses import replace

from app.core.alerts import NOT_LOOKED_AT, Alert, AlertKind
from app.core.automations import Code, RunState
from app.core.deploy import ServiceState
from app.core.runs import RunState as TrainingState
from app.ui.home.next_step import next_steps
from app.ui.home.overview import Overview
from app.ui.home.todo import Todo, Tr
from app.ui.monitor.alert_view import then_now_words
from app.ui.monitor.muting import muted_words
from app.ui.page import ALERTS
from app.ui.words import count


def todos(overview: Overview, tr: Tr) -> list[Todo]:
    """Most urgent first; never empty."""
    urgent = (_failed_services, _alerts, _uneasy_services, _interrupted, _challengers, _stuck, _gone_folders, _silenced)
    found = [todo for part in (*urgent, next_steps, _unseen, _muted) for todo in part(overview, tr)]
    if not found:
        found.append(Todo("ok", tr("Nothing waits for you."), tr("See services"), "services"))
    return [replace(todo, first=number == 0) for number, todo in enumerate(found)]


def _failed_services(overview: Overview, tr: Tr) -> list[Todo]:
    failed = [status for status in overview.services if status.actual is ServiceState.FAILED]
    text = tr("Service {0} does not answer. {1}")
    return [
        Todo("fail", text.format(s.service.name, s.message).strip(), tr("Look"), "services", s.service.id)
        for s in failed
    ]


def _uneasy_services(overview: Overview, tr: Tr) -> list[Todo]:
    """Those that answer, though not as they should: moved with the project, or without their keeper."""
    uneasy = [status for status in overview.live if status.uneasy]
    return [Todo("warn", f"{s.service.name}: {s.message}", tr("Look"), "services", s.service.id) for s in uneasy]


def _alerts(overview: Overview, tr: Tr) -> list[Todo]:
    """All but those of services and automations that are told as they are now; one that was paused is not."""
    stuck = {ran.automation.id for ran in overview.stuck}
    paused = [a for a in overview.alerts if a.kind is AlertKind.AUTOMATION and a.subject not in stuck]
    told = [*(a for a in overview.alerts if a.kind not in NOT_LOOKED_AT), *paused]
    return [Todo("fail", _line(overview, a), tr("Look"), "monitor", f"{ALERTS}:{a.id}") for a in told]


def _line(overview: Overview, alert: Alert) -> str:
    """Also how it went on since, if it did."""
    since = overview.figures.get(alert.id)
    return f"{alert.line} {then_now_words(since)}" if since and since.then != since.now else alert.line


def _interrupted(overview: Overview, tr: Tr) -> list[Todo]:
    lost = [run for run in overview.runs if run.state is TrainingState.INTERRUPTED]
    return [
        Todo("warn", tr("Run {0} was interrupted.").format(run.number), tr("Decide"), "data", run.plan.version_id)
        for run in lost
    ]


def _challengers(overview: Overview, tr: Tr) -> list[Todo]:
    """Promote it or keep the champion; an automation that waits for that is named, not told of a second time."""
    waiting = {ran.challenge.id: ran.automation.name for ran in overview.stuck if ran.challenge is not None}
    found = []
    for one in overview.challengers:
        name = waiting.get(one.made.id)
        head = tr("{0} waits for your decision about {1}.").format(name, one.model) if name else f"{one.model}:"
        text = " ".join(filter(None, (head, one.words, one.why_not)))
        found.append(Todo("warn", text, tr("Decide"), "models", one.made))
    return found


def _stuck(overview: Overview, tr: Tr) -> list[Todo]:
    """Automations that failed, or met data that were refused, unless the data say so themselves. One that waits for a
    decision is told with its challenger."""
    blocked = [state.blocked for state in overview.data if state.blocked]
    found = []
    for ran in overview.stuck:
        refused = any(step.code == Code.REFUSED for step in ran.run.steps)
        said = refused and any(ran.run.note.endswith(why) for why in blocked)
        if ran.challenge is None and not said:
            status = "fail" if ran.run.state is RunState.FAILED else "warn"
            found.append(Todo(status, f"{ran.automation.name}: {ran.run.note}", tr("Look"), "automations", ran.run))
    return found


def _gone_folders(overview: Overview, tr: Tr) -> list[Todo]:
    text = tr("The watched folder {0} is not there: nothing comes home from it.")
    return [
        Todo("warn", text.format(folder), tr("Look"), "settings", "log_folders") for folder in overview.gone_folders
    ]


def _silenced(overview: Overview, tr: Tr) -> list[Todo]:
    text = tr("Alerts do not go to {0} since the project was moved: send a test to let it speak again.")
    return [Todo("warn", text.format(name), tr("Look"), "monitor", ALERTS) for name in overview.silenced]


def _unseen(overview: Overview, tr: Tr) -> list[Todo]:
    text = tr("{0} answered {1} times, and nobody has looked whether it is still right.")
    return [
        Todo("info", text.format(one.label, count(one.predictions)), tr("Look"), "monitor", one.version_id)
        for one in overview.unseen
    ]


def _muted(overview: Overview, tr: Tr) -> list[Todo]:
    """Silence is easily forgotten; it ends by itself, or where this leads."""
    return [
        Todo("info", muted_words(one.model, one.mute), tr("Look"), "monitor", one.mute.model_id or ALERTS)
        for one in overview.muted
    ]
