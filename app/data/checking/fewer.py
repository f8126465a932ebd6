"""What is to be said of hundreds of columns, said of the first ones and counted for the others. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from app.core.data import Finding

MOST_OF_A_CODE = 100
"""Findings of one kind about single columns: nobody reads more, and each has its cells looked up."""


def fewer(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """At most ``MOST_OF_A_CODE`` about columns for each code, and one more that counts the rest and those that
    ``Teller`` only counted."""
    kept, told, others = list[Finding](), Counter[str](), Counter[str]()
    for finding in findings:
        told[finding.code] += finding.column is not None
        if finding.column is None or (finding.message and told[finding.code] <= MOST_OF_A_CODE):
            kept.append(finding)
            continue
        others[finding.code] += 1
        if others[finding.code] == 1:
            kept.append(replace(finding, message=""))
    return tuple(f if f.message else more_like(f, others[f.code]) for f in kept)


class Teller:
    """Makes findings about columns, one kind of them at a time; those beyond many cost nothing."""

    def __init__(self) -> None:
        self._first: dict[object, Finding] = {}
        self._told: Counter[object] = Counter()

    def say(self, kind: object, column: str, make: Callable[[], Finding]) -> Finding:
        """What ``make`` finds about ``column``; after many of this kind one without words, for ``fewer`` to count."""
        self._told[kind] += 1
        if self._told[kind] > MOST_OF_A_CODE:
            return replace(self._first[kind], message="", column=column, rows=(), cells=(), choices=())
        made = make()
        self._first.setdefault(kind, made)
        return made


def more_like(finding: Finding, others: int) -> Finding:
    """One finding for many columns, ``finding`` about the first of them."""
    message = f"The same is to be said of {others:,} more columns, the first of them {finding.column}."
    return replace(finding, message=message, column=None, rows=(), cells=(), choices=())
