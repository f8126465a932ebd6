"""train: fit candidates on a data version, compare them, check the gates."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from app.cli.answer import Answer, Exit, finding_body
from app.cli.command import Command, Request, project_argument
from app.cli.junit import junit_argument, write_junit
from app.cli.junit_cases import finding_cases, gate_cases
from app.cli.plan_arguments import families_argument, seconds_argument
from app.cli.referee_command import rule_body
from app.cli.resuming import SECONDS, resume_argument, resumed
from app.cli.train_told import train_answer, train_body
from app.core.runs import FAMILIES

NO_TARGET = "none"

if TYPE_CHECKING:
    from app.core.data import ColumnEdit, Dataset, DataVersion, Finding, Reading
    from app.core.referee import RefereeVerdict
    from app.core.runs import Run, SplitKind
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
        with _read_as_before_if_refused(project, version):
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


@contextmanager
def _read_as_before_if_refused(project: Project, version: DataVersion) -> Iterator[None]:
    """A line that is refused leaves the columns as they were used: the next one must not suffer for a slip."""
    from app.errors import BadInput, NotAllowed
    from app.registry import datasets

    before = datasets.current_reading(project, version.id)
    try:
        yield
    except (BadInput, NotAllowed):
        if datasets.current_reading(project, version.id).id != before.id:
            datasets.select_reading(project, before.id)
        raise


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
        _refuse_target(by, target or reading.target)
        edits.append(ColumnEdit(by, use=Use(kind)))
    if not edits:
        return reading
    from app.data.edit import edit_columns

    return edit_columns(project, reading.id, edits, ctx=request.ctx)


def _refuse_target(by: str, target: str | None) -> None:
    """BadInput for rows divided by what is predicted: it would be predicted no longer."""
    from app.errors import BadInput

    if by == target:
        raise BadInput(f"{by} is what is predicted; rows cannot be divided by it.", "Name another column.")


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
    seconds_argument(parser, "bounds the whole job (default 20)", SECONDS)
    parser.add_argument(
        "--no-search", action="store_true", help="fit each family once instead of looking for better settings"
    )
    families_argument(parser, f"kinds of models to try, with commas (default: {','.join(FAMILIES)})", FAMILIES)
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
)
