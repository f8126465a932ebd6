"""Automations: each change of a rule is a row, each time that it ran has its events; nothing is overwritten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from app.core.automations import Automation, AutomationRun, Occasion, Rule, RuleState, RunState, Step, StepResult
from app.core.ids import new_id
from app.errors import BadInput, NotFound
from app.registry import audit
from app.registry.process import ProcessMark, is_alive, this_process
from app.registry.rows import from_json, to_json
from app.registry.tables import automation_events, automation_rules, automation_runs

if TYPE_CHECKING:
    from app.registry.project import Project

SHORTEST_ID = 4
_OTHER_HOST_GRACE = timedelta(days=2)
"""Of a process on another host nothing can be told from here: its run counts as cut off after that."""


@dataclass(frozen=True, slots=True)
class _Note:
    note: str = ""
    code: str = ""
    challenge: str = ""


def add_automation(project: Project, name: str, rule: Rule) -> Automation:
    """Make an automation; audit entry ``automation.add``. BadInput without a name or with one that is taken."""
    name = name.strip()
    with project.database.write("saving an automation") as connection:
        held = automations(project)
        if not name or name.isdigit() or any(a.name == name for a in held):
            raise BadInput(f"“{name}” cannot be the name of an automation.", "Give it a name that no other has.")
        made = new_id()
        _insert(project, connection, made, name, rule, RuleState.ACTIVE, "add")
    return automation(project, made)


def change_automation(project: Project, automation_id: str, name: str, rule: Rule) -> Automation:
    """Give it another rule or name; audit entry ``automation.change``. What was before counts no more."""
    before = automation(project, automation_id)
    if (before.name, before.rule) == (name, rule):
        return before
    with project.database.write("saving an automation") as connection:
        _insert(project, connection, automation_id, name.strip() or before.name, rule, before.state, "change")
    return automation(project, automation_id)


def set_state(project: Project, automation_id: str, state: RuleState) -> Automation:
    """Pause, resume or remove, or take a removal back; audit entry ``automation.pause`` and so on. The same state again
    changes nothing. Raises ``NotFound``."""
    before = next((found for found in _all(project) if found.id == automation_id), None)
    if before is None:
        raise NotFound(f"There is no automation {automation_id}.")
    if before.state is state:
        return before
    verb = {RuleState.ACTIVE: "resume", RuleState.PAUSED: "pause", RuleState.REMOVED: "remove"}[state]
    with project.database.write("saving an automation") as connection:
        _insert(project, connection, automation_id, before.name, before.rule, state, verb)
    return Automation(before.id, before.number, before.name, before.rule, state, project.now(), project.actor)


def automations(project: Project) -> list[Automation]:
    """Those that were not removed, in the order in which they were made."""
    return [found for found in _all(project) if found.state is not RuleState.REMOVED]


def names(project: Project) -> dict[str, str]:
    """What each automation is called, or was, by its id."""
    return {found.id: found.name for found in _all(project)}


def automation(project: Project, automation_id: str) -> Automation:
    """One by its id. NotFound if there is none or it was removed."""
    return find_automation(project, automation_id)


def find_automation(project: Project, text: str) -> Automation:
    """By its number, its name, its id or a beginning of it. Raises ``NotFound``."""
    held = automations(project)
    number = text.removeprefix("#")
    for matches in (
        [a for a in held if a.name == text],
        [a for a in held if number.isdigit() and a.number == int(number)],
        [a for a in held if len(text) >= SHORTEST_ID and a.id.startswith(text)],
    ):
        if len(matches) == 1:
            return matches[0]
    names = ", ".join(f"{a.number} {a.name}" for a in held) or "none yet"
    raise NotFound(f"There is no automation {text}.", f"There are: {names}.")


def claim(project: Project, automation_id: str, occasion: Occasion) -> AutomationRun | None:
    """Begin a run for an occasion, in this process; audit entry ``automation.run``. None if another process took it,
    the automation runs already, or it was removed: of two who ask at the same moment one gets it."""
    mark, made, at = this_process(), new_id(), project.now()
    with project.database.write("starting an automation") as connection:
        chosen = next((held for held in automations(project) if held.id == automation_id), None)
        if chosen is None or any(run.state is RunState.RUNNING for run in runs(project, automation_id, limit=1)):
            return None
        row = {"id": made, "automation_id": automation_id, "trigger": occasion.key, "created_at": at}
        own = {"host": mark.host, "pid": mark.pid, "process_started": mark.started}
        try:
            connection.execute(sa.insert(automation_runs).values(row | own))
        except IntegrityError:
            return None
        _event(project, connection, made, "", RunState.RUNNING, _Note(occasion.why))
        audit.record(connection, project, "automation.run", f"automation_run:{made}", {
            "automation": chosen.name, "trigger": occasion.key, "reason": occasion.why,
        })  # fmt: skip
    return run(project, made)


def record_step(project: Project, run_id: str, result: StepResult) -> None:
    """Note that a step begins or how it ended."""
    with project.database.write("saving an automation's step") as connection:
        told = _Note(result.note, result.code, result.challenge)
        _event(project, connection, run_id, result.step.value, result.state, told)


def end_run(project: Project, run_id: str, state: RunState, note: str = "") -> AutomationRun:
    """Note how a run ended, or that it waits; audit entry ``automation.<state>``. One that has ended already stays as
    it is."""
    with project.database.write("saving an automation's run") as connection:
        before = run(project, run_id)
        if before.state not in (RunState.RUNNING, RunState.WAITING) or before.state is state:
            return before
        _event(project, connection, run_id, "", state, _Note(note))
        audit.record(connection, project, f"automation.{state.value}", f"automation_run:{run_id}", {
            "automation": names(project)[before.automation_id], "trigger": before.trigger, "reason": note,
            "steps": [f"{r.step.value} {r.state.value}" for r in before.steps],
        })  # fmt: skip
    return run(project, run_id)


def mark_interrupted(project: Project) -> list[AutomationRun]:
    """Mark every run whose process is gone as interrupted; those that were marked."""
    marked = []
    for found in [r for r in runs(project) if r.state is RunState.RUNNING]:
        if _is_gone(project, found):
            at = f" at {found.steps[-1].step.value}" if found.steps else ""
            marked.append(end_run(project, found.id, RunState.INTERRUPTED, f"The program ended while it ran{at}."))
    return marked


def record_schedule(project: Project, verb: str, kind: str, minutes: int) -> None:
    """Note that this computer's schedule was written or taken back; audit entry ``automation.schedule`` or
    ``automation.unschedule``."""
    with project.database.write("noting the schedule") as connection:
        payload: audit.Payload = {"kind": kind, "minutes": minutes}
        audit.record(connection, project, f"automation.{verb}", f"project:{project.id}", payload)


def runs(project: Project, automation_id: str | None = None, *, limit: int = 200) -> list[AutomationRun]:
    """Runs, newest first; of one automation if given."""
    query = sa.select(automation_runs).order_by(automation_runs.c.created_at.desc(), automation_runs.c.id.desc())
    if automation_id is not None:
        query = query.where(automation_runs.c.automation_id == automation_id)
    return _runs(project, query.limit(limit))


def run(project: Project, run_id: str) -> AutomationRun:
    """One run. Raises ``NotFound``."""
    found = _runs(project, sa.select(automation_runs).where(automation_runs.c.id == run_id))
    if not found:
        raise NotFound(f"There is no run {run_id} of an automation in this project.")
    return found[0]


def _insert(
    project: Project, connection: sa.Connection, id_: str, name: str, rule: Rule, state: RuleState, verb: str
) -> None:
    connection.execute(sa.insert(automation_rules).values(
        automation_id=id_, name=name, rule=to_json(rule), state=state.value, actor=project.actor, at=project.now(),
    ))  # fmt: skip
    audit.record(connection, project, f"automation.{verb}", f"automation:{id_}", {
        "name": name, "when": rule.trigger.when.value, "steps": [s.value for s in rule.steps], "model": rule.model,
        "environment": rule.environment,
    })  # fmt: skip


def _all(project: Project) -> list[Automation]:
    with project.database.read() as connection:
        rows = connection.execute(sa.select(automation_rules).order_by(automation_rules.c.seq)).all()
    newest = {row.automation_id: row for row in rows}
    order = list(dict.fromkeys(row.automation_id for row in rows))
    return [_automation(newest[id_], number) for number, id_ in enumerate(order, start=1)]


def _automation(row: sa.Row[Any], number: int) -> Automation:
    rule, state = from_json(row.rule, Rule), RuleState(row.state)
    return Automation(row.automation_id, number, row.name, rule, state, row.at, row.actor)


def _event(project: Project, connection: sa.Connection, run_id: str, step: str, state: RunState, told: _Note) -> None:
    connection.execute(sa.insert(automation_events).values(
        run_id=run_id, step=step, state=state.value, note=to_json(told), at=project.now(),
    ))  # fmt: skip


def _runs(project: Project, query: sa.Select[Any]) -> list[AutomationRun]:
    with project.database.read() as connection:
        rows = connection.execute(query).all()
        ids = [row.id for row in rows]
        events = sa.select(automation_events).where(automation_events.c.run_id.in_(ids))
        told: dict[str, list[sa.Row[Any]]] = {}
        for event in connection.execute(events.order_by(automation_events.c.seq)):
            told.setdefault(event.run_id, []).append(event)
    return [_run(row, told[row.id]) for row in rows]


def _run(row: sa.Row[Any], events: Sequence[sa.Row[Any]]) -> AutomationRun:
    """A step's newest event counts; the run's own events (without a step) say how it stands."""
    steps, own = {}, []
    for event in events:
        told = from_json(event.note, _Note)
        if event.step:
            steps[event.step] = StepResult(
                Step(event.step), RunState(event.state), told.note, told.code, told.challenge
            )
        else:
            own.append((RunState(event.state), told.note))
    ended = len(own) > 1
    return AutomationRun(
        row.id, row.automation_id, row.trigger, own[0][1], row.created_at, own[-1][0], tuple(steps.values()),
        own[-1][1] if ended else "", events[-1].at,
    )  # fmt: skip


def _is_gone(project: Project, found: AutomationRun) -> bool:
    query = sa.select(automation_runs).where(automation_runs.c.id == found.id)
    with project.database.read() as connection:
        row = connection.execute(query).one()
    alive = is_alive(ProcessMark(row.host, row.pid, row.process_started))
    if alive is not None:
        return not alive
    return project.clock().astimezone(UTC) - datetime.fromisoformat(found.last_at) > _OTHER_HOST_GRACE
