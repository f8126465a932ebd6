"""How a contract stands, in words: each rule, and all of them in one line. No widgets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.core.contract_words import broken_words
from app.core.contracts import Broken, DataContract, Judgement
from app.runtime.rules import Rule

Words = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule with how it stands. ``status``: of the chips, empty where nothing is known; ``said``: in words."""

    rule: Rule
    status: str
    said: str
    broken: Broken | None = None


def rule_row(
    rule: Rule, newest: DataContract | None, judgement: Judgement | None, types: dict[str, str], tr: Words
) -> RuleRow:
    """A rule of the draft. ``newest``: the contract that holds, None for a suggestion; ``judgement``: by it, None
    while it is on its way."""
    if not rule.on:
        return RuleRow(rule, "", tr("off"))
    if newest is None:
        return RuleRow(rule, "", tr("suggested"))
    if rule not in newest.rules:
        return RuleRow(rule, "", tr("judged when it is saved"))
    if judgement is None:
        return RuleRow(rule, "running", tr("being judged"))
    broken = judgement.of(newest.rules.index(rule))
    if broken is None:
        return RuleRow(rule, "ok", tr("kept"))
    return RuleRow(rule, "fail" if rule.blocks else "warn", _without_column(rule, broken, types), broken)


def summary(newest: DataContract | None, judgement: Judgement | None, version: int, tr: Words) -> str:
    """The line above the table. ``version``: of the data that are shown."""
    if newest is None:
        return tr("Suggested from version 1")
    rules = sum(rule.on for rule in newest.rules)
    told = tr("Contract version {0} · {1} rules").format(newest.number, rules)
    if judgement is None:
        return told
    if not judgement.broken:
        return f"{told} · {tr('data version {0} keeps them all').format(version)}"
    return f"{told} · {tr('data version {0} breaks {1}').format(version, len(judgement.broken))}"


def _without_column(rule: Rule, broken: Broken, types: dict[str, str]) -> str:
    """How a rule is broken; the column's name stands beside it."""
    said = broken_words(rule, broken, types).removeprefix(f"{rule.column}: ")
    return said[:1].upper() + said[1:]
