"""check: a data version judged by its data set's contract, for continuous integration."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from app.cli.answer import Answer, Exit, finding_body
from app.cli.command import Command, Request, project_argument
from app.cli.junit import junit_argument, write_junit
from app.cli.junit_cases import check_cases

if TYPE_CHECKING:
    from app.core.data import Dataset, DataVersion, Reading
    from app.data.contracts.contract import Checked
    from app.registry.project import Project
    from app.runtime.rules import Rule

REASON = "What version 1 keeps"
_MEND = "Mend the data, change the rule in the window, or waive it: --waive CODE:COLUMN --reason WHY."


def _check(request: Request) -> Answer:
    from app.data.contracts.contract import check
    from app.registry import datasets

    with request.project() as project:
        dataset, version = datasets.find_version(project, request.text("dataset"))
        if request.args.suggest:
            return _suggest(project, dataset, request)
        if request.args.waive:
            return _waived(project, dataset, version, request)
        if request.args.accept:
            _accept(project, dataset, request)
        checked = check(project, request.text("dataset"), request.ctx)
    write_junit(request, f"check {checked.dataset.name}@{checked.version.number}", check_cases(checked))
    return _told(checked)


def _suggest(project: Project, dataset: Dataset, request: Request) -> Answer:
    """The suggested rules, and nothing recorded."""
    from app.core.contract_words import rule_words
    from app.data.contracts.contract import suggest, types_of

    rules = suggest(project, dataset.id, request.ctx)
    types = types_of(_first_reading(project, dataset))
    body = [
        {
            "rule": rule.kind,
            "column": rule.column,
            "words": rule_words(rule, types),
            "blocks": rule.blocks,
            "on": rule.on,
        }
        for rule in rules
    ]
    lines = [f"{rule_words(rule, types)}{_remark(rule)}" for rule in rules]
    return Answer({"dataset": dataset.name, "suggested": body}, lines)


def _remark(rule: Rule) -> str:
    if not rule.on:
        return " (off)"
    return "" if rule.blocks else " (only said)"


def _first_reading(project: Project, dataset: Dataset) -> Reading:
    from app.registry import datasets

    return datasets.current_reading(project, datasets.first_version(project, dataset.id).id)


def _accept(project: Project, dataset: Dataset, request: Request) -> None:
    """Make the suggestion the contract. NotAllowed if there is one: it would be lost from sight."""
    from app.data.contracts.contract import change, suggest
    from app.errors import NotAllowed
    from app.registry import contracts

    held = contracts.contract_of(project, dataset.id)
    if held is not None:
        raise NotAllowed(
            f"{dataset.name} has contract version {held.number} already.", "Leave out --accept to check by it."
        )
    change(project, dataset.id, suggest(project, dataset.id, request.ctx), REASON, request.ctx)


def _waived(project: Project, dataset: Dataset, version: DataVersion, request: Request) -> Answer:
    """Record the waivers and tell what still blocks: the data set needs no contract for it."""
    from app.data.contracts.contract import settle
    from app.data.standing import blocking
    from app.data.waiving import waive
    from app.registry import datasets

    reading = settle(project, datasets.current_reading(project, version.id), request.ctx)
    made = waive(project, reading, request.args.waive, request.optional("reason") or "")
    left = blocking(project, reading)
    label = f"{dataset.name}@{version.number}"
    body: dict[str, object] = {
        "ok": not left,
        "dataset": dataset.name,
        "version": version.number,
        "waived": [{"code": d.code.partition(":")[0], "column": d.column or None, "reason": d.reason} for d in made],
        "findings": [finding_body(f, blocks=True) for f in left],
    }
    lines = [f"waived: {d.code}{f' in {d.column}' if d.column else ''}" for d in made]
    if not left:
        return Answer(body, [*lines, f"{label}: nothing blocks training now."])
    still = [f"blocks: {f.message}" for f in left]
    return Answer(body, [*lines, *still], Exit.REFUSED, f"{label} is still blocked.", left[0].hint)


def _told(checked: Checked) -> Answer:
    from app.core.contract_words import broken_words
    from app.data.contracts.contract import types_of
    from app.data.contracts.contract_findings import told

    rules, types = checked.contract.rules, types_of(checked.reading)
    broken = [
        {
            "rule": rules[b.rule].kind,
            "column": rules[b.rule].column,
            "rows": list(b.rows),
            "count": b.count,
            "message": broken_words(rules[b.rule], b, types),
            "cells": list(b.cells),
            "blocks": rules[b.rule].blocks,
        }
        for b in told(rules, checked.judgement)
    ]
    findings = [finding_body(f, blocks=True) for f in checked.blocking]
    label = f"{checked.dataset.name}@{checked.version.number}"
    body: dict[str, object] = {
        "ok": checked.ok,
        "dataset": checked.dataset.name,
        "version": checked.version.number,
        "contract": checked.contract.number,
        "broken": broken,
        "findings": findings,
    }
    lines = [f"{'blocks' if entry['blocks'] else 'said'}: {entry['message']}" for entry in broken]
    lines += [f"blocks: {entry['message']}" for entry in findings]
    judged = sum(rule.on for rule in rules)
    if checked.ok:
        kept = f"{label} keeps contract version {checked.contract.number} ({judged} rules)."
        said = f"{label}: nothing that blocks is broken in contract version {checked.contract.number}."
        return Answer(body, [*lines, said if broken else kept])
    problem = f"{label} is not fit for training by contract version {checked.contract.number}."
    return Answer(body, lines, Exit.REFUSED, problem, _MEND)


def _arguments(parser: argparse.ArgumentParser) -> None:
    project_argument(parser)
    parser.add_argument("dataset", metavar="DATASET[@VERSION]", help="the data set (default: its newest version)")
    first = parser.add_mutually_exclusive_group()
    first.add_argument("--suggest", action="store_true", help="show the rules that version 1 keeps; record nothing")
    first.add_argument("--accept", action="store_true", help="make these rules the first contract, then check by it")
    first.add_argument(
        "--waive",
        metavar="CODE[:COLUMN]",
        action="append",
        help="let training go ahead in spite of a finding that blocks; may be given several times",
    )
    parser.add_argument("--reason", metavar="WHY", help="why training is right all the same; goes into the history")
    junit_argument(parser)


COMMANDS = (
    Command(
        "check",
        "judge a data version by its contract",
        "Judges a version by the newest contract of its data set: types, ranges, categories, missing values,\n"
        "uniqueness, number of rows, relations between columns. Names the rows that break a rule. Exit code 4 if a\n"
        "broken rule or a check blocks training and nobody waived it, 0 otherwise; 1 if there is no contract yet.\n\n"
        "Example:\n  modelyard check churn-project churn --suggest\n  modelyard check churn-project churn --accept\n"
        "  modelyard add churn-project churn-april.csv --name churn\n  modelyard check churn-project churn\n"
        "  modelyard check churn-project churn --waive TARGET_LEAK_LIKELY:score --reason 'Known before the sale'",
        _arguments,
        _check,
    ),
)
