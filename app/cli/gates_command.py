"""gates: what a model has to pass before it may be approved, beside the three defaults; before training."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.cli.answer import Answer
from app.cli.command import Command, Request, project_argument

if TYPE_CHECKING:
    from app.core.data import Reading
    from app.core.gate_rules import GateRule, GateSet
    from app.registry.project import Project


def _gates(request: Request) -> Answer:
    from app.registry import datasets
    from app.registry.gates import gate_set_of, gate_sets, record_gates

    with request.project() as project:
        dataset, version = datasets.find_version(project, request.text("dataset"))
        reading = datasets.current_reading(project, version.id)
        held = gate_set_of(project, dataset.id)
        before = held.rules if held else ()
        after = _changed(project, request, reading, before)
        if after != before:
            reason = request.optional("reason") or _reason(before, after)
            held = record_gates(project, dataset.id, after, reason)
        versions = gate_sets(project, dataset.id)
    lines = _lines(dataset.name, held, versions if request.args.history else [])
    return Answer(_body(dataset.name, held, versions), lines)


def _changed(
    project: Project, request: Request, reading: Reading, before: tuple[GateRule, ...]
) -> tuple[GateRule, ...]:
    """The rules with what the line adds, instead of those of the same name, and without what it removes."""
    from app.core.gate_rules import with_rule
    from app.core.gate_words import rule_of, without

    rules = before
    for text in request.args.add or ():
        rule = rule_of(text)
        _refuse_unfit(project, reading, rule)
        rules = with_rule(rules, rule)
    for text in request.args.remove or ():
        rules = without(rules, text, "the defaults alone, which stay")
    return rules


def _refuse_unfit(project: Project, reading: Reading, rule: GateRule) -> None:
    """BadInput for a column that is not there, NotAllowed for what a target of this kind has not, and before anything
    is live."""
    from app.approval.fitting import fitting, why_unfit
    from app.core.gate_rules import GateKind
    from app.errors import BadInput, NotAllowed
    from app.training.plan import task_of

    if rule.kind is GateKind.LIVE:
        why = "Nothing of a model is live before it is approved, so an environment asks for live labels."
        raise NotAllowed(why, "Write: modelyard environments PROJECT --gate production live:200.")
    names = [column.name for column in reading.columns]
    if rule.column and rule.column not in names:
        raise BadInput(f"There is no column {rule.column}.", f"The columns are {', '.join(names[:20])}.")
    task = task_of(project, reading)
    if why := why_unfit(rule, task):
        raise NotAllowed(why, f"Use one of: {', '.join(fitting(rule, task))}.")


def _reason(before: Iterable[GateRule], after: Iterable[GateRule]) -> str:
    from app.core.gate_rules import described

    added = [described(rule).title for rule in after if rule not in tuple(before)]
    removed = [described(rule).title for rule in before if rule not in tuple(after)]
    told = [f"Added: {'; '.join(added)}." if added else "", f"Removed: {'; '.join(removed)}." if removed else ""]
    return " ".join(filter(None, told))


def _body(name: str, held: GateSet | None, versions: list[GateSet]) -> dict[str, object]:
    from app.core.gate_rules import described
    from app.core.gate_words import text_of
    from app.core.gates import DEFAULT_GATES

    rules = held.rules if held else ()
    own = [{"name": rule.name, "rule": text_of(rule), "title": described(rule).title} for rule in rules]
    return {
        "dataset": name,
        "version": held.number if held else 0,
        "defaults": [gate.name for gate in DEFAULT_GATES],
        "gates": own,
        "versions": [
            {"number": s.number, "rules": [text_of(r) for r in s.rules], "reason": s.reason, "actor": s.actor,
             "at": s.created_at}
            for s in versions
        ],
    }  # fmt: skip


def _lines(name: str, held: GateSet | None, versions: list[GateSet]) -> list[str]:
    from app.core.gate_rules import described
    from app.core.gate_words import text_of
    from app.core.gates import DEFAULT_GATES

    number = f", version {held.number}" if held else ""
    lines = [f"Gates of {name}{number}, from the next run on:"]
    lines += [f"   {gate.title}. {gate.rule}" for gate in DEFAULT_GATES]
    lines += [f"   {described(rule).title}  ({text_of(rule)})" for rule in (held.rules if held else ())]
    lines += [f"   version {one.number}, {one.created_at} by {one.actor}: {one.reason}" for one in versions]
    return lines


def _arguments(parser: argparse.ArgumentParser) -> None:
    from app.core.gate_words import EXAMPLES

    project_argument(parser)
    parser.add_argument("dataset", metavar="DATASET", help="a data set, such as churn")
    examples = EXAMPLES.replace("%", "%%")
    parser.add_argument("--add", metavar="GATE", action="append", help=f"repeatable; {examples}")
    parser.add_argument("--remove", metavar="GATE", action="append", help="as it is listed; repeatable")
    parser.add_argument("--reason", help="why; it stands in the history")
    parser.add_argument("--history", action="store_true", help="list the earlier versions as well")


COMMANDS = (
    Command(
        "gates",
        "say or change what a model has to pass before it may be approved",
        "Lists the gates of a data set; with --add and --remove makes their next version, which holds from the next\n"
        "run on. Each is decided by the interval on the hold-out, not by the figure alone.\n\n"
        "Example:\n  modelyard gates churn-project churn --add roc_auc:0.8 --add champion-1% --reason 'As agreed'",
        _arguments,
        _gates,
    ),
)
