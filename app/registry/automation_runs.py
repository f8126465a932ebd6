"""Times that automations ran, by what is asked about them; nothing is overwritten: a state is the last event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from app.core.automations import BY_HAND, AutomationRun, Code, RunState, Step, StepResult
from app.errors import NotFound
from app.registry.rows import from_json, pieces
from app.registry.tables import automation_events, automation_runs

if TYPE_CHECKING:
    from app.registry.project import Project


@dataclass(frozen=True, slots=True)
class Note:
    """What an event says besides its state."""

    note: str = ""
    code: str = ""
    challenge: str = ""


def runs(project: Project, automation_id: str | None = None, *, limit: int = 200) -> list[AutomationRun]:
    """Runs, newest first; of one automation if given."""
    query = sa.select(automation_runs).order_by(automation_runs.c.created_at.desc(), automation_runs.c.id.desc())
    if automation_id is not None:
        query = query.where(automation_runs.c.automation_id == automation_id)
    return _runs(project, query.limit(limit))


def runs_that(
    project: Project, *states: RunState, automation_id: str = "", most: int | None = None
) -> list[AutomationRun]:
    """The newest ``most`` runs (None: all) that are in one of these states; of one automation if given."""
    query = sa.select(automation_runs).where(_STATE.in_(states)).limit(most)
    if automation_id:
        query = query.where(automation_runs.c.automation_id == automation_id)
    return _runs(project, query.order_by(automation_runs.c.created_at.desc(), automation_runs.c.id.desc()))


_STATE = (
    sa.select(automation_events.c.state)
    .where(automation_events.c.run_id == automation_runs.c.id, automation_events.c.step == "")
    .order_by(automation_events.c.seq.desc())
    .limit(1)
    .correlate(automation_runs)
    .scalar_subquery()
)
"""What a run's newest event of its own made of it."""


def runs_about(project: Project, challenge_id: str) -> list[AutomationRun]:
    """Every run with a step that was about a challenger, newest first."""
    return _runs_with(project, automation_events.c.note.contains(challenge_id, autoescape=True))


def newest_about_any(project: Project, automation_id: str) -> AutomationRun | None:
    """The newest run of an automation that was about a challenger; None if there was none."""
    note, own = automation_events.c.note, automation_runs.c.automation_id == automation_id
    told = note.contains(_CHALLENGE, autoescape=True) & ~note.contains(f'{_CHALLENGE}"', autoescape=True)
    return next(iter(_runs_with(project, told, own, most=1)), None)


_CHALLENGE = '"challenge":"'
"""Begins the id of a challenger in an event's note."""


def newest_runs(project: Project) -> dict[str, AutomationRun]:
    """The newest run of each automation, by the automation's id."""
    newest = sa.select(sa.func.max(automation_runs.c.id)).group_by(automation_runs.c.automation_id)
    return {
        one.automation_id: one
        for one in _runs(project, sa.select(automation_runs).where(automation_runs.c.id.in_(newest)))
    }


def ran_since(project: Project, since: str) -> bool:
    """Whether any rule has run since then because it was due, not because somebody started it."""
    by_hand = automation_runs.c.trigger.startswith(BY_HAND)
    query = sa.select(automation_runs.c.id).where(automation_runs.c.created_at >= since, ~by_hand).limit(1)
    with project.database.read() as connection:
        return connection.execute(query).first() is not None


def has_done(project: Project, step: Step) -> bool:
    """Whether any rule ever got through this step by itself, without a person's word."""
    query = sa.select(automation_events.c.note).where(
        automation_events.c.step == step.value, automation_events.c.state == RunState.DONE.value
    )
    with project.database.read() as connection:
        told = connection.execute(query.order_by(automation_events.c.seq.desc())).scalars()
        return any(from_json(note, Note).code != Code.PERSON for note in told)


def _runs_with(
    project: Project, event: sa.ColumnElement[bool], *where: sa.ColumnElement[bool], most: int | None = None
) -> list[AutomationRun]:
    """Runs that have such an event, newest first."""
    told = sa.select(automation_events.c.run_id).where(event)
    query = sa.select(automation_runs).where(automation_runs.c.id.in_(told), *where).limit(most)
    return _runs(project, query.order_by(automation_runs.c.created_at.desc(), automation_runs.c.id.desc()))


def run(project: Project, run_id: str) -> AutomationRun:
    """One run. Raises ``NotFound``."""
    found = _runs(project, sa.select(automation_runs).where(automation_runs.c.id == run_id))
    if not found:
        raise NotFound(f"There is no run {run_id} of an automation in this project.")
    return found[0]


def _runs(project: Project, query: sa.Select[Any]) -> list[AutomationRun]:
    with project.database.read() as connection:
        rows = connection.execute(query).all()
        ids = [row.id for row in rows]
        told: dict[str, list[sa.Row[Any]]] = {}
        for some in pieces(ids):
            events = sa.select(automation_events).where(automation_events.c.run_id.in_(some))
            for event in connection.execute(events.order_by(automation_events.c.seq)):
                told.setdefault(event.run_id, []).append(event)
    return [_run(row, told[row.id]) for row in rows]


def _run(row: sa.Row[Any], events: Sequence[sa.Row[Any]]) -> AutomationRun:
    """A step's newest event counts; the run's own events (without a step) say how it stands."""
    steps, own = {}, []
    for event in events:
        told = from_json(event.note, Note)
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
