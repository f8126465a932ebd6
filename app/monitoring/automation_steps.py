"""What each step of an automation does: the verbs that a person has, called in turn, told in one line each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.automations import Code, Rule, RunState, Step, StepResult
from app.core.progress import JobContext
from app.errors import BadInput, NotFound

if TYPE_CHECKING:
    from app.core.data import Dataset
    from app.registry.project import Project


@dataclass(slots=True)
class Doing:
    """A run of a rule as it goes on. ``name``: the automation's; ``why``: its occasion."""

    project: Project
    rule: Rule
    name: str
    why: str


def do(step: Step, doing: Doing, ctx: JobContext) -> StepResult:
    """Do one step. Raises what its verb raises."""
    return _STEPS[step](doing, ctx)


def _collect(doing: Doing, ctx: JobContext) -> StepResult:
    from app.serving.logs import collect_services

    found = collect_services(doing.project, ctx)
    torn = f", {found.torn:,} torn lines" if found.torn else ""
    return StepResult(Step.COLLECT, RunState.DONE, f"{found.collected:,} new predictions{torn}.")


def _refresh(doing: Doing, ctx: JobContext) -> StepResult:
    from app.core.data import Outcome
    from app.data.fetching import refresh

    result = refresh(doing.project, _dataset(doing).id, ctx)
    told = result.findings[0].message if result.findings else ""
    if result.outcome is Outcome.REJECT or result.dataset is None or result.version is None:
        return StepResult(Step.REFRESH, RunState.STOPPED, told, Code.REFUSED)
    label = f"{result.dataset.name}@{result.version.number}"
    note = told if result.already else f"{label}: {result.version.rows:,} rows."
    return StepResult(Step.REFRESH, RunState.DONE, note)


def _check(doing: Doing, ctx: JobContext) -> StepResult:
    """By the contract, where there is one; by the checks that always hold in any case."""
    from app.core.contract_words import broken_words
    from app.data.contract import check, types_of
    from app.data.standing import blocking
    from app.registry import contracts, datasets

    project, dataset = doing.project, _dataset(doing)
    version = datasets.versions(project, dataset.id)[-1]
    label = f"{dataset.name}@{version.number}"
    if contracts.contract_of(project, dataset.id) is None:
        found = blocking(project, datasets.current_reading(project, version.id))
        if found:
            return StepResult(Step.CHECK, RunState.STOPPED, f"{label}: {found[0].message}", Code.REFUSED)
        return StepResult(Step.CHECK, RunState.DONE, f"{label}: no check blocks; it has no contract.")
    checked = check(project, label, ctx)
    if checked.ok:
        note = f"{label} keeps contract version {checked.contract.number}."
        return StepResult(Step.CHECK, RunState.DONE, note)
    rules, types = checked.contract.rules, types_of(checked.reading)
    broken = [b for b in checked.judgement.broken if rules[b.rule].blocks]
    why = checked.blocking[0].message if checked.blocking else broken_words(rules[broken[0].rule], broken[0], types)
    return StepResult(Step.CHECK, RunState.STOPPED, f"{label}: {why}", Code.REFUSED)


def _monitor(doing: Doing, ctx: JobContext) -> StepResult:
    from app.core.monitoring import Verdict
    from app.monitoring.monitor import asked_for, monitor

    report = monitor(doing.project, doing.rule.model, asked_for(None, ""), ctx)
    code = Code.ACT if report.verdict is Verdict.ACT else Code.NOTHING
    return StepResult(Step.MONITOR, RunState.DONE, f"{report.model_version}: {report.line}", code)


def _dataset(doing: Doing) -> Dataset:
    """The one that the rule names, else the one of its model. NotFound, BadInput."""
    from app.registry import datasets, models

    rule, project = doing.rule, doing.project
    if rule.dataset:
        return datasets.find_version(project, rule.dataset)[0]
    found = next((model for model in models.models(project) if model.name == rule.model), None)
    if found is None:
        raise NotFound(f"There is no model {rule.model} yet.", "Approve its first version.")
    return datasets.dataset(project, found.dataset_id)


def _not_yet(_doing: Doing, _ctx: JobContext) -> StepResult:
    raise BadInput("This step cannot be done yet.")


_STEPS: dict[Step, Callable[[Doing, JobContext], StepResult]] = {
    Step.COLLECT: _collect,
    Step.REFRESH: _refresh,
    Step.CHECK: _check,
    Step.MONITOR: _monitor,
    Step.RETRAIN: _not_yet,
    Step.GATE: _not_yet,
    Step.WAIT: _not_yet,
    Step.PROMOTE: _not_yet,
}
