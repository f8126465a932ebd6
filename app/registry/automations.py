"""Automations: each change of a rule is a row, each time that it ran has its events; nothing is overwritten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from app.core.automation_words import sentence
from app.core.automations import Automation, AutomationRun, Occasion, Rule, RuleState, RunState, StepResult
from app.core.challenges import plan_words
from app.core.ids import new_id
from app.core.naming import checked_name
from app.errors import BadInput, NotAllowed, NotFound
from app.registry import audit, datasets
from app.registry.automation_runs import Note, runs_that
from app.registry.automation_runs import run as run
from app.registry.automation_runs import runs as runs
from app.registry.environments import environments
from app.registry.process import ProcessMark, is_alive, this_process
from app.registry.rows import from_json, to_json
from app.registry.tables import automation_events, automation_rules, automation_runs

if TYPE_CHECKING:
    from app.registry.project import Project

SHORTEST_ID = 4
_OTHER_HOST_GRACE = timedelta(days=2)
"""Of a process on another host nothing can be told from here: its run counts as cut off after that."""


@dataclass(frozen=True, slots=True)
class _Scheduled:
    name: str = ""


@dataclass(frozen=True, slots=True)
class _KeptRule(Rule):
    """``environment_id``: places are renamed, rules are not written again for that. Empty in rows of older releases."""

    environment_id: str = ""


def add_automation(project: Project, name: str, rule: Rule) -> Automation:
    """Make an automation; audit entry ``automation.add``. BadInput without a name or with one that is taken."""
    name = name.strip()
    with project.database.write("saving an automation") as connection:
        _refuse_name(name, automations(project))
        made = new_id()
        _insert(project, connection, made, name, rule, RuleState.ACTIVE, "add")
    return automation(project, made)


def change_automation(
    project: Project, automation_id: str, name: str, rule: Rule, begun: Automation | None = None
) -> Automation:
    """Give it another rule or name; audit entry ``automation.change``. What was before counts no more.

    ``begun``: as it was when the change was begun, None: as it is. What somebody else changed since stays where this
    change leaves it alone; NotAllowed, with who it was, where both changed the same. BadInput of a name that another
    one has; NotFound, with who it was, if it was removed.
    """
    with project.database.write("saving an automation") as connection:
        now = _there(project, automation_id)
        base = begun or now
        wanted = name.strip() or now.name, rule
        merged_name, merged_rule = _merged(base, now, *wanted)
        if (now.name, now.rule) == (merged_name, merged_rule):
            return now
        if merged_name != now.name:
            _refuse_name(merged_name, [a for a in automations(project) if a.id != automation_id])
        _insert(project, connection, automation_id, merged_name, merged_rule, now.state, "change")
    return automation(project, automation_id)


def set_state(project: Project, automation_id: str, state: RuleState, *, put_back: bool = False) -> Automation:
    """Pause, resume or remove it as it is now; audit entry ``automation.pause`` and so on. The same state again changes
    nothing. ``put_back``: it was removed, and that is taken back. NotFound, with who it was, if it was removed."""
    verb = {RuleState.ACTIVE: "resume", RuleState.PAUSED: "pause", RuleState.REMOVED: "remove"}[state]
    with project.database.write("saving an automation") as connection:
        now = _one(project, automation_id) if put_back else _there(project, automation_id)
        if now.state is state:
            return now
        _insert(project, connection, automation_id, now.name, now.rule, state, verb)
    return _one(project, automation_id)


def _one(project: Project, automation_id: str) -> Automation:
    found = next((one for one in _all(project) if one.id == automation_id), None)
    if found is None:
        raise NotFound(f"There is no automation {automation_id}.")
    return found


def _there(project: Project, automation_id: str) -> Automation:
    """One that was not removed."""
    found = _one(project, automation_id)
    if found.state is RuleState.REMOVED:
        raise NotFound(f"{found.name} was removed by {found.actor} meanwhile.", "Add it again if it is still needed.")
    return found


def _merged(begun: Automation, now: Automation, name: str, rule: Rule) -> tuple[str, Rule]:
    """The name and the rule that hold after a change that began with ``begun``, while others may have changed both."""
    if rule not in (begun.rule, now.rule) and now.rule != begun.rule:
        raise NotAllowed(
            f"{now.actor} changed this automation meanwhile: {sentence(now.rule)}", "Open it again and change that."
        )
    if name not in (begun.name, now.name) and now.name != begun.name:
        raise NotAllowed(f"{now.actor} named this automation {now.name} meanwhile.", "Open it again and change that.")
    return (now.name if name == begun.name else name), (now.rule if rule == begun.rule else rule)


def _refuse_name(name: str, others: Sequence[Automation]) -> None:
    if name:
        checked_name(name, "An automation", parts="")
    if not name or name.isdigit() or any(a.name == name for a in others):
        raise BadInput(f"“{name}” cannot be the name of an automation.", "Give it a name that no other has.")


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
        _event(project, connection, made, "", RunState.RUNNING, Note(occasion.why))
        audit.record(connection, project, "automation.run", f"automation_run:{made}", {
            "automation": chosen.name, "trigger": occasion.key, "reason": occasion.why,
        })  # fmt: skip
    return run(project, made)


def record_step(project: Project, run_id: str, result: StepResult) -> None:
    """Note that a step begins or how it ended."""
    with project.database.write("saving an automation's step") as connection:
        told = Note(result.note, result.code, result.challenge)
        _event(project, connection, run_id, result.step.value, result.state, told)


def end_run(project: Project, run_id: str, state: RunState, note: str = "") -> AutomationRun:
    """Note how a run ended, or that it waits; audit entry ``automation.<state>``. One that has ended already stays as
    it is."""
    with project.database.write("saving an automation's run") as connection:
        before = run(project, run_id)
        if before.state not in (RunState.RUNNING, RunState.WAITING) or before.state is state:
            return before
        _event(project, connection, run_id, "", state, Note(note))
        audit.record(connection, project, f"automation.{state.value}", f"automation_run:{run_id}", {
            "automation": names(project)[before.automation_id], "trigger": before.trigger, "reason": note,
            "steps": [f"{r.step.value} {r.state.value}" for r in before.steps],
        })  # fmt: skip
    return run(project, run_id)


def mark_interrupted(project: Project) -> list[AutomationRun]:
    """Mark every run whose process is gone as interrupted; those that were marked."""
    marked = []
    for found in runs_that(project, RunState.RUNNING):
        if _is_gone(project, found):
            at = f" at {found.steps[-1].step.value}" if found.steps else ""
            marked.append(end_run(project, found.id, RunState.INTERRUPTED, f"The program ended while it ran{at}."))
    return marked


def record_schedule(project: Project, verb: str, kind: str, minutes: int, name: str = "") -> None:
    """Note that this computer's schedule was written or taken back; audit entry ``automation.schedule`` or
    ``automation.unschedule``. ``name``: what the system calls it."""
    with project.database.write("noting the schedule") as connection:
        payload: audit.Payload = {"kind": kind, "minutes": minutes, "name": name}
        audit.record(connection, project, f"automation.{verb}", f"project:{project.id}", payload)


def scheduled_as(project: Project) -> str:
    """What the system calls the schedule that was written last; empty if it was taken back since, or there is none."""
    both = [audit.entries(project, verb=f"automation.{verb}", limit=1) for verb in ("schedule", "unschedule")]
    newest = max((entry for found in both for entry in found), key=lambda entry: entry.seq, default=None)
    if newest is None or newest.verb == "automation.unschedule":
        return ""
    return from_json(newest.payload or "{}", _Scheduled).name


def _insert(
    project: Project, connection: sa.Connection, id_: str, name: str, rule: Rule, state: RuleState, verb: str
) -> None:
    connection.execute(sa.insert(automation_rules).values(
        automation_id=id_, name=name, rule=to_json(_kept_rule(project, rule)), state=state.value, actor=project.actor,
        at=project.now(),
    ))  # fmt: skip
    audit.record(connection, project, f"automation.{verb}", f"automation:{id_}", {
        "name": name, "when": rule.trigger.when.value, "steps": [s.value for s in rule.steps], "model": rule.model,
        "environment": rule.environment, **({"plan": told} if (told := plan_words(rule.plan).strip()) else {}),
    })  # fmt: skip


def _kept_rule(project: Project, rule: Rule) -> _KeptRule:
    named = next((place.id for place in environments(project) if place.name == rule.environment), "")
    return _KeptRule(rule.trigger, rule.steps, rule.model, rule.dataset, rule.environment, rule.plan, named)


@dataclass(frozen=True, slots=True)
class _NamesNow:
    """``datasets``: what data are called now, by what they were called before; ``places``: environments by their id."""

    datasets: dict[str, str]
    places: dict[str, str]


def _names_now(project: Project) -> _NamesNow:
    known, before = datasets.datasets(project), datasets.former_names(project)
    renamed = {old: one.name for one in known for old in before[one.id]} | {one.name: one.name for one in known}
    return _NamesNow(renamed, {place.id: place.name for place in environments(project)})


def _rule_now(text: str, names: _NamesNow) -> Rule:
    """A kept rule with the names that its data set and its environment have now."""
    kept = from_json(text, _KeptRule)
    dataset = names.datasets.get(kept.dataset, kept.dataset)
    place = names.places.get(kept.environment_id, kept.environment)
    return Rule(kept.trigger, kept.steps, kept.model, dataset, place, kept.plan)


def _all(project: Project) -> list[Automation]:
    with project.database.read() as connection:
        rows = connection.execute(sa.select(automation_rules).order_by(automation_rules.c.seq)).all()
    newest: dict[str, sa.Row[Any]] = {}
    since: dict[str, str] = {}
    for row in rows:
        before = newest.get(row.automation_id)
        if before is None or (before.rule, before.state) != (row.rule, row.state):  # another name is no other rule
            since[row.automation_id] = row.at
        newest[row.automation_id] = row
    now = _names_now(project)
    return [_automation(row, number, since[id_], now) for number, (id_, row) in enumerate(newest.items(), start=1)]


def _automation(row: sa.Row[Any], number: int, since: str, names: _NamesNow) -> Automation:
    rule, state = _rule_now(row.rule, names), RuleState(row.state)
    return Automation(row.automation_id, number, row.name, rule, state, since, row.actor)


def _event(project: Project, connection: sa.Connection, run_id: str, step: str, state: RunState, told: Note) -> None:
    connection.execute(sa.insert(automation_events).values(
        run_id=run_id, step=step, state=state.value, note=to_json(told), at=project.now(),
    ))  # fmt: skip


def _is_gone(project: Project, found: AutomationRun) -> bool:
    query = sa.select(automation_runs).where(automation_runs.c.id == found.id)
    with project.database.read() as connection:
        row = connection.execute(query).one()
    alive = is_alive(ProcessMark(row.host, row.pid, row.process_started))
    if alive is not None:
        return not alive
    return project.clock().astimezone(UTC) - datetime.fromisoformat(found.last_at) > _OTHER_HOST_GRACE
