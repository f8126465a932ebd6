"""Making a rule: only about what is there. What a rule lost since then is told in its row, before it is due."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from app.core.automations import ONE_KIND, UNJUDGED, Automation, Rule, Step, checked, promotes_by_itself
from app.errors import BadInput, ModelyardError, NotAllowed, NotFound

if TYPE_CHECKING:
    from app.core.models import Model
    from app.registry.project import Project


def make(project: Project, name: str, rule: Rule) -> Automation:
    """Make an automation. BadInput, NotFound or NotAllowed, naming what exists, if its rule is about something that is
    not there or can never be done; BadInput of a name that is taken."""
    from app.registry import automations as kept

    return kept.add_automation(project, name, checked_here(project, rule))


def change(project: Project, begun: Automation, name: str, rule: Rule) -> Automation:
    """Give an automation another rule or name. ``begun``: as it was when the change was begun; what others changed
    since is kept. Raises as ``make``, and NotAllowed if somebody changed the same."""
    from app.registry import automations as kept

    return kept.change_automation(project, begun.id, name, checked_here(project, rule), begun)


def checked_here(project: Project, rule: Rule) -> Rule:
    """The rule in order, with the data set and the environment by the names that they have now."""
    from app.registry import datasets, environments

    found = checked(rule)
    model = _model(project, found.model) if found.model else None
    if found.dataset:
        found = replace(found, dataset=datasets.find_version(project, found.dataset)[0].name)
    if found.environment:
        found = replace(found, environment=environments.environment(project, found.environment).name)
    if Step.REFRESH in found.steps:
        _refuse_without_source(project, found, model)
    if model is not None and not is_judged(project, model):
        _refuse_unjudged(found)
    return found


def _refuse_unjudged(rule: Rule) -> None:
    if promotes_by_itself(rule):
        raise BadInput(UNJUDGED, "Add the step wait: a person decides then.")
    if rule.plan.families:
        raise BadInput(ONE_KIND, "Leave the families out.")


def problem_of(project: Project, rule: Rule) -> str:
    """Why a rule cannot do what it says as the project stands, in words; empty if it can."""
    from app.registry import environments

    try:
        checked_here(project, rule)
    except ModelyardError as error:
        return error.message
    if not rule.model:
        return ""
    if gone := retired(project, rule.model):
        return gone
    place = environments.environment(project, rule.environment) if Step.PROMOTE in rule.steps else None
    if place is not None and not place.automated:
        return f"{place.name} does not let automations roll out: a person does that there."
    return ""


def retired(project: Project, model: str) -> str:
    """That a model was live and is live nowhere any more, in words; empty otherwise."""
    from app.registry import releases

    history = releases.releases(project, model_id=_model(project, model).id)
    live = any(one.model == model for one in releases.live_on(project))
    return f"{model} was retired: it is live nowhere any more." if history and not live else ""


def is_judged(project: Project, model: Model) -> bool:
    """Whether there is a truth that says which of two versions is right."""
    from app.registry import models, runs

    return bool(runs.run(project, models.model_versions(project, model.id)[0].run_id).plan.target)


def _model(project: Project, name: str) -> Model:
    from app.registry import models

    known = models.models(project)
    found = next((model for model in known if model.name == name), None)
    if found is not None:
        return found
    if any(name.rpartition("@")[0] == model.name for model in known):
        raise BadInput(f"An automation is about a model, not about {name}.", f"Write {name.rpartition('@')[0]}.")
    names = ", ".join(model.name for model in known)
    raise NotFound(
        f"There is no model {name} in this project.",
        f"Models of this project: {names}." if names else "No model is approved yet: approve its first version.",
    )


def _refuse_without_source(project: Project, rule: Rule, model: Model | None) -> None:
    from app.core.origins import why_not_refresh
    from app.registry import datasets, origins

    if rule.dataset or model is None:
        about = datasets.find_version(project, rule.dataset)[0]
    else:
        about = datasets.dataset(project, model.dataset_id)
    if problem := why_not_refresh(origins.fetched_version(project, about.id)[1]):
        raise NotAllowed(f"{about.name} cannot be fetched again.", problem)
