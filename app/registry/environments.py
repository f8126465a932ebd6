"""The environments of a project: a setting, so that every change of them is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import sqlalchemy as sa

from app.core.environment_words import change_words
from app.core.gate_rules import GateRule, refuse_impossible
from app.core.naming import checked_name
from app.core.releases import DEFAULT_ENVIRONMENTS, Environment
from app.errors import BadInput, NotAllowed, NotFound
from app.registry.project_settings import record_setting, setting
from app.registry.rows import from_json, to_json
from app.registry.tables import releases

if TYPE_CHECKING:
    from app.registry.project import Project

SETTING = "environments"


def environments(project: Project) -> tuple[Environment, ...]:
    """In the order in which a model goes through them; development, staging, production if nobody changed them. Bare
    names in the setting are places without gates or automations."""
    stored = setting(project, SETTING)
    if stored is None:
        return DEFAULT_ENVIRONMENTS
    told = from_json(stored, tuple[Environment | str, ...])
    return tuple(Environment(one, one) if isinstance(one, str) else one for one in told)


def environment(project: Project, name: str) -> Environment:
    """One by its name or id, in whatever case. Raises ``NotFound``, naming those there are."""
    known, wanted = environments(project), name.strip().casefold()
    for place in (*(p for p in known if p.name.casefold() == wanted), *(p for p in known if p.id == wanted)):
        return place
    names = ", ".join(place.name for place in known)
    raise NotFound(f"There is no environment {name}.", f"There are: {names}.")


def environment_by_id(project: Project, environment_id: str) -> Environment:
    """One by its id. Raises ``NotFound``."""
    found = next((place for place in environments(project) if place.id == environment_id), None)
    if found is None:
        raise NotFound(f"There is no environment {environment_id} in this project.")
    return found


def save_environments(project: Project, wanted: Sequence[Environment]) -> tuple[Environment, ...]:
    """Set all of them, in this order; audit entry ``setting.change``. BadInput of a name that is missing, there
    twice or none, and of a new gate that no model could keep to; NotAllowed if one disappears that has had a
    release."""
    names = [place.name.strip() for place in wanted]
    if not names:
        raise BadInput("A project needs an environment.", "Rename it instead.")
    before = environments(project)
    for name in set(names) - {place.name for place in before}:
        checked_name(name, "An environment")
    held = {place.id: place for place in before}
    for place in wanted:
        refuse_impossible(place.gates, held[place.id].gates if place.id in held else ())
    if len({name.casefold() for name in names}) < len(names):
        raise BadInput("Two environments have the same name.", "Choose another name.")
    if gone := _used(project) - {place.id for place in wanted}:
        lost = ", ".join(sorted(held[id_].name if id_ in held else id_ for id_ in gone))
        raise NotAllowed(f"Models were live in {lost}, so it stays in the history.", "Rename it instead.")
    made = tuple(replace(place, name=name) for place, name in zip(wanted, names, strict=True))
    record_setting(project, SETTING, to_json(made), summary=change_words(before, made))
    return made


def add_environment(project: Project, name: str) -> Environment:
    """A new one, at the end. BadInput as above."""
    with project.database.write("changing the environments"):
        known = environments(project)
        made = Environment(_free_id(name, {place.id for place in known}), name)
        return save_environments(project, (*known, made))[-1]


def change_environment(
    project: Project,
    name: str,
    *,
    new_name: str | None = None,
    gates: Sequence[GateRule] | None = None,
    automated: bool | None = None,
) -> Environment:
    """Rename one, or change its gates or its policy. Raises ``NotFound``, ``BadInput``."""
    with project.database.write("changing the environments"):
        before = environment(project, name)
        after = Environment(
            before.id,
            before.name if new_name is None else new_name,
            before.gates if gates is None else tuple(gates),
            before.automated if automated is None else automated,
        )
        save_environments(project, [after if place.id == before.id else place for place in environments(project)])
        return environment_by_id(project, before.id)


def move_environment(project: Project, name: str, position: int) -> tuple[Environment, ...]:
    """Put one at another place in the order (0: first)."""
    with project.database.write("changing the environments"):
        moved = environment(project, name)
        others = [place for place in environments(project) if place.id != moved.id]
        others.insert(max(0, position), moved)
        return save_environments(project, others)


def remove_environment(project: Project, name: str) -> tuple[Environment, ...]:
    """Take one out that nothing was ever live in. Raises ``NotFound``, ``NotAllowed``, ``BadInput`` of the last one."""
    with project.database.write("changing the environments"):
        gone = environment(project, name)
        return save_environments(project, [place for place in environments(project) if place.id != gone.id])


def _free_id(name: str, taken: set[str]) -> str:
    """From the name once and for all; it is also part of a folder's name, so it is kept plain."""
    plain = "".join(c if c.isascii() and c.isalnum() else "-" for c in name.casefold()).strip("-") or "environment"
    numbered = (plain if number == 1 else f"{plain}-{number}" for number in range(1, 1000))
    return next(id_ for id_ in numbered if id_ not in taken)


def _used(project: Project) -> set[str]:
    with project.database.read() as connection:
        return set(connection.execute(sa.select(releases.c.environment).distinct()).scalars())
