"""What the Automations page shows, read in one go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.automation_words import sentence
from app.core.automations import Automation, AutomationRun, Occasion, RunState
from app.core.challenges import Challenge

if TYPE_CHECKING:
    from app.registry.project import Project

MOST_RUNS = 200

RUN_STATUS = {
    RunState.RUNNING: ("running", "Running"),
    RunState.DONE: ("ok", "Done"),
    RunState.STOPPED: ("warn", "Stopped"),
    RunState.FAILED: ("fail", "Failed"),
    RunState.WAITING: ("warn", "Waits for you"),
    RunState.INTERRUPTED: ("warn", "Cut off"),
}


@dataclass(frozen=True, slots=True)
class RuleView:
    """An automation as a person reads it. ``next_at``: when the clock comes to it, UTC; ``last``: its newest run;
    ``problem``: what it is about is not there any more; ``challenge``: what a person has to decide about."""

    automation: Automation
    sentence: str
    next_at: str
    last: AutomationRun | None
    problem: str = ""
    challenge: Challenge | None = None


@dataclass(frozen=True, slots=True)
class RunView:
    """A run with the name of its automation."""

    name: str
    run: AutomationRun


@dataclass(frozen=True, slots=True)
class ModelPlan:
    """What the model in use was trained by."""

    families: tuple[str, ...]
    seconds: float
    metric: str


@dataclass(frozen=True, slots=True)
class Names:
    """What a rule can be about. ``unjudged``: models of unusual rows, which no rule promotes by itself;
    ``environments``: with whether rules may roll out there; ``plans``: of the other models, by their names."""

    models: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
    environments: tuple[tuple[str, bool], ...] = ()
    unjudged: tuple[str, ...] = ()
    plans: tuple[tuple[str, ModelPlan], ...] = ()


@dataclass(frozen=True, slots=True)
class AutomationsView:
    """Rules in their order, runs newest first."""

    rules: tuple[RuleView, ...] = ()
    runs: tuple[RunView, ...] = ()
    names: Names = Names()


@dataclass(frozen=True, slots=True)
class PastView:
    """An occasion of the past with the name of its automation, and its rule in words as it is now."""

    name: str
    occasion: Occasion
    sentence: str = ""


def automations_view(project: Project) -> AutomationsView:
    """Rules with their last runs, and what a new one could be about."""
    from app.registry import automation_runs
    from app.registry import automations as kept

    held = kept.automations(project)
    runs, newest = kept.runs(project, limit=MOST_RUNS), automation_runs.newest_runs(project)
    named = kept.names(project)
    rules = tuple(_rule(project, automation, newest.get(automation.id)) for automation in held)
    return AutomationsView(rules, tuple(RunView(named[run.automation_id], run) for run in runs), _names(project))


def past_views(project: Project) -> list[PastView]:
    """When rules would have run on what was recorded, newest first."""
    from app.monitoring.automation.automations import dry_run

    found = [
        PastView(past.automation.name, o, sentence(past.automation.rule))
        for past in dry_run(project)
        for o in past.occasions
    ]
    return sorted(found, key=lambda view: view.occasion.at, reverse=True)


def _rule(project: Project, automation: Automation, last: AutomationRun | None) -> RuleView:
    from app.monitoring.automation.due import next_time, stamp
    from app.monitoring.automation.making import problem_of
    from app.monitoring.automation.waiting import awaited, ended

    rule = automation.rule
    moment = next_time(rule, project.clock())
    waits = awaited(project, last) if last is not None and last.state is RunState.WAITING else None
    return RuleView(
        automation,
        sentence(rule),
        stamp(moment) if moment is not None else "",
        last,
        problem_of(project, rule),
        waits if waits is not None and ended(project, waits) is None else None,
    )


def _names(project: Project) -> Names:
    from app.monitoring.automation.making import is_judged
    from app.registry import datasets, environments, models

    known = models.models(project)
    unjudged = tuple(model.name for model in known if not is_judged(project, model))
    return Names(
        tuple(model.name for model in known),
        tuple(dataset.name for dataset in datasets.datasets(project)),
        tuple((place.name, place.automated) for place in environments.environments(project)),
        unjudged,
        tuple((model.name, _plan_of(project, model.name)) for model in known if model.name not in unjudged),
    )


def _plan_of(project: Project, model: str) -> ModelPlan:
    from app.monitoring.monitor import watched_version
    from app.registry import runs

    plan = runs.run(project, watched_version(project, model).run_id).plan
    return ModelPlan(plan.families, plan.seconds, plan.metric)
