"""What each step of an automation does: the verbs that a person has, called in turn, told in one line each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.automations import Code, Rule, RunState, Step, StepResult
from app.core.challenges import Challenge, Comparison, Standing
from app.core.metrics import METRIC_WORDS
from app.core.progress import JobContext, Part
from app.errors import BadInput, NotAllowed, NotFound

if TYPE_CHECKING:
    from app.core.data import Dataset
    from app.registry.project import Project


@dataclass(slots=True)
class Doing:
    """A run of a rule as it goes on. ``name``: the automation's; ``why``: its occasion; ``challenge``: what its
    retraining made."""

    project: Project
    rule: Rule
    name: str
    why: str
    challenge: Challenge | None = None

    @property
    def challenger(self) -> Challenge:
        """What was retrained. BadInput, should a rule of an older Modelyard have left that out."""
        if self.challenge is None:
            raise BadInput("There is no challenger.", "Add the step retrain.")
        return self.challenge


def do(step: Step, doing: Doing, ctx: JobContext) -> StepResult:
    """Do one step. Raises what its verb raises."""
    return _STEPS[step](doing, ctx)


def _collect(doing: Doing, ctx: JobContext) -> StepResult:
    from app.serving.watched import collect_home

    found = collect_home(doing.project, ctx)
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
    from app.data.contracts.contract import check, types_of
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


def _retrain(doing: Doing, ctx: JobContext) -> StepResult:
    from app.monitoring.retraining.retrain import retrain
    from app.registry import challenges

    try:
        made = retrain(doing.project, doing.rule.model, ctx=ctx)
    except NotAllowed as error:  # nothing newer, or a check that blocks: no fault of anybody's
        return StepResult(Step.RETRAIN, RunState.STOPPED, str(error), _why_refused(doing))
    doing.challenge = made
    found = challenges.comparison(doing.project, made)
    if found.problem:
        return StepResult(Step.RETRAIN, RunState.STOPPED, found.problem, Code.GATE)
    return StepResult(Step.RETRAIN, RunState.DONE, standing_words(found))


def _why_refused(doing: Doing) -> Code:
    from app.data.standing import blocking
    from app.registry import datasets

    newest = datasets.versions(doing.project, _dataset(doing).id)[-1]
    found = blocking(doing.project, datasets.current_reading(doing.project, newest.id))
    return Code.REFUSED if found else Code.NOTHING


def standing_words(found: Comparison) -> str:
    """Challenger against champion in a sentence."""
    gap, beside = found.difference, f"{found.challenger} against {found.champion} on {found.rows:,} rows"
    if gap is None:
        return f"{beside}: no difference can be told."
    words = {
        Standing.CHALLENGER: "better",
        Standing.CHAMPION: "worse",
        Standing.UNDECIDED: "not told apart",
    }[found.standing]
    return f"{beside}: {words} ({METRIC_WORDS[found.metric]} {gap.value:+.3g} [{gap.low:.3g}, {gap.high:.3g}])."


def _gate(doing: Doing, _ctx: JobContext) -> StepResult:
    """Every gate passed, and better than the champion beyond the noise."""
    from app.monitoring.retraining.decide import why_not
    from app.registry import challenges

    made = doing.challenger
    found = challenges.comparison(doing.project, made)
    if problem := why_not(doing.project, made):
        return StepResult(Step.GATE, RunState.STOPPED, problem, Code.GATE)
    if found.standing is not Standing.CHALLENGER:
        note = f"The champion stays: {standing_words(found)}"
        return StepResult(Step.GATE, RunState.STOPPED, note, Code.GATE)
    return StepResult(Step.GATE, RunState.DONE, "Every gate passed, and it is better beyond the noise.")


def _wait(doing: Doing, _ctx: JobContext) -> StepResult:
    from app.registry import challenges

    found = challenges.comparison(doing.project, doing.challenger)
    note = f"{found.challenger} waits for a person: promote it, or keep {found.champion}."
    return StepResult(Step.WAIT, RunState.WAITING, note)


def _promote(doing: Doing, ctx: JobContext) -> StepResult:
    """Approve the challenger and roll it out; a person does that where the environment does not let rules."""
    from app.core.challenges import Decision
    from app.monitoring.retraining.decide import decide
    from app.registry import challenges, environments, models
    from app.serving.rollout import promote

    project, rule, made = doing.project, doing.rule, doing.challenger
    target = environments.environment(project, rule.environment)
    if not target.automated:
        note = f"{target.name} does not let automations roll out: a person decides."
        return StepResult(Step.PROMOTE, RunState.WAITING, note)
    found = challenges.comparison(project, made)
    if (held := held_back(found, _live_in(doing, target.id))) is not None:
        return held
    words = standing_words(found)
    reason = f"Automation {doing.name}, because {doing.why[:1].lower()}{doing.why[1:]}. {words}"
    decided = decide(project, made.id, Decision.PROMOTED, reason, Part(ctx, 0.0, 0.2))
    version = models.model_version(project, str(decided.model_version_id))
    promote(project, version.id, target.name, reason, ctx=Part(ctx, 0.2, 1.0))
    return StepResult(Step.PROMOTE, RunState.DONE, f"{version.label} is live in {target.name}.")


def _live_in(doing: Doing, environment_id: str) -> str:
    from app.registry import releases

    live = [one for one in releases.live_on(doing.project) if one.environment.id == environment_id]
    return next((one.version for one in live if one.model_id == doing.challenger.model_id), "")


def held_back(found: Comparison, live: str) -> StepResult | None:
    """Why no rule may promote a challenger: it is worse, or was not set beside what it would replace (say, because
    another version was rolled back to). ``live``: the version that answers there now, empty without one."""
    if found.standing is Standing.CHAMPION:
        return StepResult(Step.PROMOTE, RunState.STOPPED, f"The champion stays: {standing_words(found)}", Code.GATE)
    if live in ("", found.champion):
        return None
    note = f"{live} is live there, but the challenger was compared with {found.champion}: a person decides."
    return StepResult(Step.PROMOTE, RunState.WAITING, note)


_STEPS: dict[Step, Callable[[Doing, JobContext], StepResult]] = {
    Step.COLLECT: _collect,
    Step.REFRESH: _refresh,
    Step.CHECK: _check,
    Step.MONITOR: _monitor,
    Step.RETRAIN: _retrain,
    Step.GATE: _gate,
    Step.WAIT: _wait,
    Step.PROMOTE: _promote,
}
