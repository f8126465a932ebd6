"""What the command line says about the operating system's schedule, and the files for CI services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.cli.answer import Answer
from app.cli.command import Request

if TYPE_CHECKING:
    from app.registry.project import Project


def schedule_answer(project: Project, request: Request) -> Answer:
    """Write the schedule or take it back; what the system then says."""
    from app.monitoring.automation.schedules import activate, deactivate

    if request.args.unschedule:
        deactivate(project)
    else:
        activate(project, request.args.schedule)
    body, words = schedule_body(project)
    return Answer({"schedule": body}, [words])


def schedule_body(project: Project) -> tuple[dict[str, object], str]:
    """Whether a schedule is active, as the system says, and that in words."""
    from app.monitoring.automation.schedules import status

    found = status(project)
    body: dict[str, object] = {
        "by": found.kind.value,
        "written": found.written,
        "active": found.active,
        "minutes": found.minutes,
        "words": found.words,
    }
    return body, f"Schedule: {found.words}"


def maturity_body(project: Project) -> tuple[dict[str, object], str]:
    """The project's MLOps level with what is missing for the next one, and the first of that in words."""
    from app.core.maturity import SOURCE
    from app.monitoring.automation.maturity import maturity

    found = maturity(project)
    body: dict[str, object] = {
        "level": found.level,
        "source": SOURCE,
        "criteria": [
            {"name": c.name, "level": c.level, "title": c.title, "met": c.met, "missing": c.missing or None}
            for c in found.criteria
        ],
        "lead_times": [
            {
                "model": lead.model,
                "first_data": lead.dropped,
                "live": lead.live or None,
                "alarm": lead.alarm or None,
                "successor_live": lead.answered or None,
            }
            for lead in found.leads
        ],
    }
    lacks = next((c.missing for c in found.criteria if not c.met), "Nothing is missing.")
    return body, f"Maturity: level {found.level} of 2. {lacks}"


def recipe_answer(request: Request) -> Answer:
    """A ready file for a CI service, on standard output."""
    from app.monitoring.automation.recipes import recipe

    found = recipe(request.text("recipe"))
    return Answer({"ci": found.id, "file": found.file, "text": found.text}, found.text.splitlines())
