"""What the contract tab reads and does. Its rooms are imported when it runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.core.contracts import DataContract, Judgement
from app.core.data import Reading
from app.core.progress import JobContext
from app.runtime.rules import Rule

if TYPE_CHECKING:
    from app.data.contracts.contract import Changed
    from app.registry.project import Project


def read_contracts(project: Project, dataset_id: str) -> list[DataContract]:
    """All versions of a data set's contract, newest first."""
    from app.registry import contracts

    return contracts.contracts(project, dataset_id)


def suggest(project: Project, dataset_id: str, ctx: JobContext) -> tuple[Rule, ...]:
    """The rules that version 1 keeps."""
    from app.data.contracts.contract import suggest as suggest_

    return suggest_(project, dataset_id, ctx)


def judge(project: Project, reading: Reading, rules: Sequence[Rule], ctx: JobContext) -> Judgement:
    """A version by rules."""
    from app.data.contracts.contract import judge as judge_

    return judge_(project, reading, rules, ctx)


def save(project: Project, dataset_id: str, rules: Sequence[Rule], reason: str, ctx: JobContext) -> Changed:
    """The next version of the contract."""
    from app.data.contracts.contract import change

    return change(project, dataset_id, rules, reason, ctx)
