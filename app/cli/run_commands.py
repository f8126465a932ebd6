"""train, runs."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from app.cli.answer import Answer, Exit, finding_body
from app.cli.command import Command, Request, project_argument
from app.cli.junit import junit_argument, write_junit
from app.cli.junit_cases import finding_cases, gate_cases
from app.cli.referee_command import rule_body
from app.cli.resuming import SECONDS, resume_argument, resumed
from app.core.runs import FAMILIES

NO_TARGET = "none"

if TYPE_CHECKING:
    from app.core.data import ColumnEdit, Dataset, DataVersion, Finding, Reading
    from app.core.gates import GateResult
    from app.core.referee import RefereeVerdict
    from app.core.runs import Candidate, Plan, Run, SplitKind
    from app.registry.project import Project


def _train(request: Request) -> Answer:
    from app.approval.check import train_and_check
    from app.data.contracts.contract import settle
    from app.data.standing import blocking
    from app.registry import datasets, runs
    from app.training.plan import make_plan

    with request.project() as project:
        runs.mark_interrupted(project)
        if request.args.resume:
            return _trained(request, project, *resumed(request, project))
        dataset, version = datasets.find_version(project, request.text("dataset"))
        reading = settle(project, _reading_for(request, project, version), request.ctx)
        if found := blocking(project, reading):
            write_junit(request, f"train {dataset.name}@{version.number}", finding_cases(found))
            return _blocked(dataset, version, reading, found)
        split = _split_kind(request)
        plan = make_plan(
            project,
            version,
            reading,
            seconds=request.args.seconds,
            seed=request.args.seed,
            metric=_asked_metric(request),
            split=split,
            search=not request.args.no_search,
            families=request.args.families,
        )
        run = train_and_check(project, plan, request.ctx, split_asked=split is not None)
        return _trained(request, project, dataset, version, run)


def _trained(request: Request, project: Project, dataset: Dataset, version: DataVersion, run: Run) -> Answer:
    from app.registry import runs, verdicts

    gates = runs.gate_results(project, run.best.id) if run.best else ()
    write_junit(request, f"train {dataset.name}@{version.number}", gate_cases(run, gates))
    return _with_rule(train_answer(dataset, version, run, gates), verdicts.verdict_of(project, run.id))


def _with_rule(answer: Answer, verdict: RefereeVerdict | None) -> Answer:
    """The answer of ``train`` with what the SQL referee said."""
    lines = [*answer.lines[:-1], f"   {verdict.sentence}", *answer.lines[-1:]] if verdict else answer.lines
    return replace(answer, body={**answer.body, "sql_rule": rule_body(verdict)}, lines=lines)


def _reading_for(request: Request, project: Project, version: DataVersion) -> Reading:
    """The version's reading, with the target and the time or group that the line asks for."""
    from app.core.data import ColumnEdit, Use
    from app.registry import datasets

    reading = datasets.current_reading(project, version.id)
    target, (kind, by) = request.optional("target"), _asked_split(request)
    edits = _target_edits(reading, target)
    if by is not None:
        edits.append(ColumnEdit(by, use=Use(kind)))
    if not edits:
        return reading
    from app.data.edit import edit_columns

    return edit_columns(project, reading.id, edits, ctx=request.ctx)


def _target_edits(reading: Reading, target: str | None) -> list[ColumnEdit]:
    """The column to use as target; ``none`` (where no column is called so) makes the present one an input."""
    from app.core.data import ColumnEdit, Use

    if target is None or target == reading.target:
        return []
    if target != NO_TARGET or any(column.name == target for column in reading.columns):
        return [ColumnEdit(target, use=Use.TARGET)]
    return [ColumnEdit(reading.target, use=Use.INPUT)] if reading.target is not None else []


def _asked_split(request: Request) -> tuple[str, str | None]:
    """``time:COL`` as its kind and its column; the kind is empty where nothing was asked for."""
    kind, _, column = (request.optional("split") or "").partition(":")
    return kind, column or None


def _asked_metric(request: Request) -> str | None:
    """The metric of the line; costs make one of their own. BadInput for costs beside another metric."""
    from app.core.metrics import COST, cost_metric
    from app.errors import BadInput

    metric, costs = request.optional("metric"), request.args.cost or []
    if not costs and metric != COST:
        return metric
    if metric not in (None, COST):
        raise BadInput(f"--cost is a metric of its own, beside {metric}.", "Leave --metric out.")
    return cost_metric({(truth, answer): amount for truth, answer, amount in costs})


def _split_kind(request: Request) -> SplitKind | None:
    from app.core.runs import SplitKind

    kind, _ = _asked_split(request)
    return SplitKind(kind) if kind else None


def _blocked(dataset: Dataset, version: DataVersion, reading: Reading, blocking: tuple[Finding, ...]) -> Answer:
    from app.data.standing import NEVER_WAIVED

    body = train_body(dataset, version, None, ())
    body |= {
        "target": reading.target,
        "codes": [f.code for f in blocking],
        "findings": [finding_body(f, blocks=True) for f in blocking],
    }
    named = f"modelyard check PROJECT {dataset.name}@{version.number} --waive '{blocking[0].question}' --reason WHY"
    waive = "" if blocking[0].code in NEVER_WAIVED else f" Or waive it, with a reason: {named}"
    hint = f"{blocking[0].hint}{waive}".strip()
    return Answer(body, [], Exit.REFUSED, f"Training is blocked: {blocking[0].message}", hint)


def train_answer(dataset: Dataset, version: DataVersion, run: Run, gates: tuple[GateResult, ...]) -> Answer:
    """How a run came out, with the exit code that tells it."""
    from app.core.runs import RunState

    body = train_body(dataset, version, run, gates)
    lines = _train_lines(dataset, version, run, gates)
    if run.state is RunState.CANCELLED:
        hint = f"Finished candidates are kept: modelyard runs, run {run.number}." if run.best else ""
        return Answer(body, lines, Exit.CANCELLED, f"Run {run.number} was cancelled.", hint)
    if run.best is None:
        reason = run.reason or "no candidate finished."
        return Answer(body, lines, Exit.FAILED, f"Run {run.number} has nothing to approve: {reason}", _slower_hint(run))
    failed = [g for g in gates if not g.passed]
    if any(g.name == "data_checks" for g in failed):
        return Answer(body, lines, Exit.REFUSED, next(g.message for g in failed if g.name == "data_checks"))
    if failed:
        return Answer(body, lines, Exit.GATE, f"A gate failed: {failed[0].message}", "This run cannot be approved.")
    return Answer(body, lines)


def _slower_hint(run: Run) -> str:
    return f"Give it more time than {run.plan.seconds:g} s with --seconds."


def train_body(
    dataset: Dataset, version: DataVersion, run: Run | None, gates: tuple[GateResult, ...]
) -> dict[str, object]:
    """The answer of ``train``. Score and interval are the hold-out's of the best candidate."""
    from app.core.runs import GREATER_IS_BETTER

    plan: Plan | None = run.plan if run else None
    best = run.best if run else None
    dummy = run.dummy if run else None
    score = best.holdout if best else None
    return {
        "run": run.id if run else None,
        "dataset": dataset.name,
        "version": version.number,
        "target": plan.target or None if plan else None,
        "task": str(plan.task) if plan else None,
        "metric": plan.metric if plan else None,
        "greater_is_better": GREATER_IS_BETTER[plan.metric] if plan else None,
        "score": score.value if score else None,
        "interval": [score.low, score.high] if score else None,
        "cv": best.cv.value if best and best.cv else None,
        "baseline": dummy.holdout.value if dummy and dummy.holdout else None,
        "candidates": [_candidate_body(c) for c in run.candidates if c.family != "sql"] if run else [],
        "gates": [{"name": g.name, "passed": g.passed, "value": g.value, "bound": g.bound} for g in gates],
        "deployable": bool(best and gates and all(g.passed for g in gates)),
    }


def _candidate_body(candidate: Candidate) -> dict[str, object]:
    from app.core.runs import CandidateState

    return {
        "name": candidate.name,
        "score": candidate.holdout.value if candidate.holdout else None,
        "seconds": candidate.seconds,
        "parity": "passed" if candidate.state is CandidateState.PASSED else "failed",
    }


def _train_lines(dataset: Dataset, version: DataVersion, run: Run, gates: tuple[GateResult, ...]) -> list[str]:
    from app.core.runs import METRIC_WORDS

    what = f"predicting {run.plan.target}" if run.plan.target else "looking for unusual rows"
    lines = [f"Run {run.number} on {dataset.name}@{version.number}, {what}:"]
    for c in run.candidates:
        score = f"{c.holdout.value:.4f} [{c.holdout.low:.4f}, {c.holdout.high:.4f}]" if c.holdout else c.note
        mark = "*" if run.best and c.id == run.best.id else " "
        lines.append(f" {mark} {c.name:<28} {METRIC_WORDS[run.plan.metric]} {score}  {c.seconds:.1f} s")
    lines += [f"   {'passed' if g.passed else 'FAILED'}: {g.message}" for g in gates]
    lines += [f"   {note}" for note in run.notes]
    if run.best and all(g.passed for g in gates):
        lines.append(f"Approve it with: modelyard approve PROJECT {run.number}")
    return lines


def _train_arguments(parser: argparse.ArgumentParser) -> None:
    parser.usage = "%(prog)s [options] PROJECT DATASET[@V]"
    project_argument(parser)
    parser.add_argument("dataset", metavar="DATASET[@V]", help="a data set, or one of its versions (default: newest)")
    parser.add_argument("--target", metavar="COLUMN", help="predict this column; none: look for unusual rows")
    parser.add_argument(
        "--metric",
        metavar="M",
        help="choose by this metric: roc_auc, log_loss, accuracy, average_precision, balanced_accuracy, macro_f1; "
        "rmse, mae, r2, mape, pinball:QUANTILE; without a target stability:SHARE, the share of rows to flag "
        "(default: roc_auc, log_loss, rmse or stability:0.05)",
    )
    parser.add_argument(
        "--cost",
        metavar="TRUE:PREDICTED=AMOUNT",
        action="append",
        type=_cost,
        help="choose by what mistakes cost: the amount for answering PREDICTED where TRUE is right; repeatable",
    )
    parser.add_argument(
        "--seconds", metavar="S", type=positive, default=SECONDS, help="bounds the whole job (default 20)"
    )
    parser.add_argument(
        "--no-search", action="store_true", help="fit each family once instead of looking for better settings"
    )
    parser.add_argument(
        "--families",
        metavar="NAMES",
        type=families_of,
        default=FAMILIES,
        help=f"kinds of models to try, with commas (default: {','.join(FAMILIES)})",
    )
    junit_argument(parser)
    parser.add_argument("--seed", metavar="N", type=int, default=0, help="same seed, same split (default 0)")
    resume_argument(parser)
    parser.add_argument(
        "--split",
        type=_split,
        metavar="HOW",
        help="stratified, group:COLUMN (its rows stay together) or time:COLUMN (test on the newest rows); "
        "default: what the columns are used as",
    )


def families_of(text: str) -> tuple[str, ...]:
    """``linear,boosting``. ArgumentTypeError for a family that does not exist."""
    names = tuple(text.split(","))
    if unknown := [name for name in names if name not in FAMILIES]:
        raise argparse.ArgumentTypeError(f"no such family: {', '.join(unknown)}; there are {', '.join(FAMILIES)}")
    return names


def _split(text: str) -> str:
    kind, colon, column = text.partition(":")
    if text == "stratified" or (kind in ("group", "time") and colon and column):
        return text
    raise argparse.ArgumentTypeError("must be stratified, group:COLUMN or time:COLUMN")


def _cost(text: str) -> tuple[str, str, float]:
    mistake, equals, amount = text.rpartition("=")
    truth, colon, answer = mistake.partition(":")
    if not (equals and colon and truth and answer):
        raise argparse.ArgumentTypeError("must be TRUE:PREDICTED=AMOUNT, e.g. yes:no=100")
    return truth, answer, float(amount)


def positive(text: str) -> float:
    """Seconds. ArgumentTypeError for what is none."""
    try:
        seconds = float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no number") from error
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError("must be more than 0")
    return seconds


def _runs(request: Request) -> Answer:
    from app.registry import runs

    with request.project() as project:
        runs.mark_interrupted(project)
        told = _told(project, runs.runs(project))
    lines = [_run_line(run) for run in told]
    return Answer({"runs": told}, lines or ["No runs yet. Start one with: modelyard train PROJECT DATASET"])


def _told(project: Project, found: Sequence[Run]) -> list[dict[str, object]]:
    """A fixed number of queries, however many runs there are."""
    from app.registry import datasets, runs

    owners = {dataset.id: dataset for dataset in datasets.datasets(project)}
    versions = datasets.versions_of_ids(project, {run.plan.version_id for run in found})
    best = {run.id: run.best.id for run in found if run.best}
    gates = runs.gate_results_of(project, best.values())
    return [
        {"number": run.number, "state": str(run.state), "created_at": run.created_at, "reason": run.reason}
        | train_body(owners[run.dataset_id], versions[run.plan.version_id], run, gates.get(best.get(run.id, ""), ()))
        for run in found
    ]


def _run_line(run: dict[str, object]) -> str:
    score = run["score"]
    told = f"{run['metric']} {score:.4f}" if isinstance(score, float) else f"{run['metric']} -"
    return f"{run['number']:>4}  {run['dataset']}@{run['version']}  {run['state']}  {told}  {run['run']}"


def candidate_named(run: Run, name: str | None) -> Candidate:
    """By name, family or id; the best one by default. NotFound."""
    from app.errors import NotFound

    if name is None:
        if run.best is None:
            raise NotFound(f"Run {run.number} has no candidate to choose.", "Name one with --candidate.")
        return run.best
    for candidate in run.candidates:
        if name in {candidate.name, candidate.family, candidate.id}:
            return candidate
    names = ", ".join(c.name for c in run.candidates)
    raise NotFound(f"Run {run.number} has no candidate “{name}”.", f"It has: {names}.")


COMMANDS = (
    Command(
        "train",
        "train candidates, compare them on untouched rows, check the gates",
        "Fits the candidates and the baselines, evaluates each on rows that no candidate saw, converts each to ONNX\n"
        "and proves that the export answers the same. Exit code 3 if a gate fails, 4 if a check of the data blocks.\n\n"
        "Example:\n  modelyard train churn-project churn --seconds 60\n"
        "  modelyard train churn-project churn --split time:signup\n"
        "  modelyard train churn-project churn --target none",
        _train_arguments,
        _train,
    ),
    Command(
        "runs",
        "list the runs, newest first",
        "Lists every run with its state and the score of its best candidate.\n\n"
        "Example:\n  modelyard runs churn-project --json",
        project_argument,
        _runs,
    ),
)
