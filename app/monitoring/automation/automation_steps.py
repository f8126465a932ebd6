"""What each step of an automation does: the verbs that a person has, called in turn, told in one line each."""

from __future__ import annotations

from collections.abc import Callable

from app.core.automations import Code, RunState, Step, StepResult
from app.core.progress import JobContext
from app.monitoring.automation.challenger_steps import gate_step, promote_step, retrain_step, wait_step
from app.monitoring.automation.doing import Doing


def do(step: Step, doing: Doing, ctx: JobContext) -> StepResult:
    """Do one step. Raises what its verb raises."""
    return _STEPS[step](doing, ctx)


def _collect(doing: Doing, ctx: JobContext) -> StepResult:
    from app.serving.watched import collect_home

    found = collect_home(doing.project, ctx)
    torn = f", {found.torn:,} torn lines" if found.torn else ""
    return StepResult(Step.COLLECT, RunState.DONE, f"{found.collected:,} new predictions{found.besides}{torn}.")


def _refresh(doing: Doing, ctx: JobContext) -> StepResult:
    from app.core.data import Outcome
    from app.data.fetching import refresh

    result = refresh(doing.project, doing.dataset.id, ctx)
    told = result.findings[0].message if result.findings else ""
    if result.outcome is Outcome.REJECT or result.dataset is None or result.version is None:
        return StepResult(Step.REFRESH, RunState.STOPPED, told, Code.REFUSED)
    label = f"{result.dataset.name}@{result.version.number}"
    note = told if result.already else f"{label}: {result.version.rows:,} rows."
    return StepResult(Step.REFRESH, RunState.DONE, note)


def _check(doing: Doing, ctx: JobContext) -> StepResult:
    """By the contract, where there is one; by the checks that always hold in any case."""
    from app.core.contract_words import broken_words
    from app.data.contracts.contract import check, types_of
    from app.data.standing import blocking
    from app.registry import contracts, datasets

    project, dataset = doing.project, doing.dataset
    version = datasets.newest_version(project, dataset.id)
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
    from app.monitoring.automation.making import retired
    from app.monitoring.monitor import asked_for, monitor

    if gone := retired(doing.project, doing.rule.model):
        return StepResult(Step.MONITOR, RunState.STOPPED, gone)
    report = monitor(doing.project, doing.rule.model, asked_for(None, ""), ctx)
    code = Code.ACT if report.verdict is Verdict.ACT else Code.NOTHING
    return StepResult(Step.MONITOR, RunState.DONE, f"{report.model_version}: {report.line}", code)


_STEPS: dict[Step, Callable[[Doing, JobContext], StepResult]] = {
    Step.COLLECT: _collect,
    Step.REFRESH: _refresh,
    Step.CHECK: _check,
    Step.MONITOR: _monitor,
    Step.RETRAIN: retrain_step,
    Step.GATE: gate_step,
    Step.WAIT: wait_step,
    Step.PROMOTE: promote_step,
}
