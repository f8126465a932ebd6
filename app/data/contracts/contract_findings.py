"""Broken rules as findings of a reading."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from app.core.contract_words import broken_words
from app.core.contracts import Broken, Judgement, Why
from app.core.data import Finding, Outcome
from app.runtime.rules import Rule

CONTRACT_BROKEN = "CONTRACT_BROKEN"
_HINT = "Mend the source and add the file again, or change the rule in the contract."


def told(rules: Sequence[Rule], judgement: Judgement) -> Iterator[Broken]:
    """What is worth a sentence: a column that is gone or has another type is said once, not for each of its rules."""
    retyped = {rules[b.rule].column for b in judgement.broken if rules[b.rule].kind == "type"}
    said: set[str | None] = set()
    for broken in judgement.broken:
        column = rules[broken.rule].column
        again = broken.why is Why.NO_COLUMN and column in said
        if not again and not (broken.why is Why.OTHER_TYPE and column in retyped):
            said |= {column} if broken.why is Why.NO_COLUMN else set()
            yield broken


def broken_findings(rules: Sequence[Rule], judgement: Judgement, types: Mapping[str, str]) -> tuple[Finding, ...]:
    """One finding for each broken rule worth a sentence."""
    return tuple(
        Finding(
            CONTRACT_BROKEN,
            Outcome.WARN,
            broken_words(rules[broken.rule], broken, types),
            rules[broken.rule].column,
            broken.rows,
            _HINT,
            rules[broken.rule].blocks,
            broken.cells,
        )
        for broken in told(rules, judgement)
    )
