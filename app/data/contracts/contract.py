"""The contract of a data set as verbs: suggest one, judge by it, change it, check a version. Parent side.

A judgement is stored as findings of the reading that was judged. When the contract changes, the newest version is
judged anew; if other findings come out, they are a new reading of the same table: history is append-only.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.core.contracts import DataContract, Judgement
from app.core.data import Dataset, DataVersion, Finding, Reading
from app.core.progress import JobContext, Part
from app.data.contracts.contract_findings import CONTRACT_BROKEN, broken_findings
from app.errors import BadInput, NotFound
from app.runtime.rules import KINDS, OPERATORS, Rule, is_judgeable

if TYPE_CHECKING:
    from app.registry.project import Project

JUDGE = "app.data.contracts.judging:judge_table"
SUGGEST = "app.data.contracts.suggest:suggest"


@dataclass(frozen=True, slots=True)
class Changed:
    """A contract that was saved, and what it says of the newest version. ``reading``: the one that holds now."""

    contract: DataContract
    judgement: Judgement
    reading: Reading


@dataclass(frozen=True, slots=True)
class Checked:
    """A version judged by its data set's newest contract. ``blocking``: what stops training, the contract apart;
    ``stops``: whether a broken rule does, waived ones apart."""

    dataset: Dataset
    version: DataVersion
    reading: Reading
    contract: DataContract
    judgement: Judgement
    blocking: tuple[Finding, ...]
    stops: bool

    @property
    def ok(self) -> bool:
        """Whether nothing stops training."""
        return not self.blocking and not self.stops


def types_of(reading: Reading) -> dict[str, str]:
    """A reading's columns with their types, as rules are judged and told by."""
    return {c.name: str(c.type) for c in reading.columns}


def suggest(project: Project, dataset_id: str, ctx: JobContext) -> tuple[Rule, ...]:
    """Rules that version 1 keeps, as it is read now. Nothing is recorded."""
    from app.jobs.supervise import run_in_child
    from app.registry import datasets

    first = datasets.first_version(project, dataset_id)
    reading = datasets.current_reading(project, first.id)
    table, profile = (project.objects.path(d) for d in (reading.table_sha256, reading.profile_sha256))
    with project.scratch("suggest") as folder:
        found = run_in_child(SUGGEST, table, reading.columns, profile, ctx=ctx, returns=list[Rule], folder=folder)
    order = {column.name: place for place, column in enumerate(reading.columns)}
    return tuple(sorted(found, key=lambda r: (order.get(r.column or "", len(order)), KINDS.index(r.kind))))


def judge(project: Project, reading: Reading, rules: Sequence[Rule], ctx: JobContext) -> Judgement:
    """A reading judged by rules in a child. Nothing is recorded. CorruptObject if the table is not there."""
    from app.jobs.supervise import run_in_child

    project.objects.size(reading.table_sha256)
    table = project.objects.path(reading.table_sha256)
    with project.scratch("judge") as folder:
        return run_in_child(JUDGE, table, reading.columns, tuple(rules), ctx=ctx, returns=Judgement, folder=folder)


def change(project: Project, dataset_id: str, rules: Sequence[Rule], reason: str, ctx: JobContext) -> Changed:
    """Save the next version of a contract and judge the newest data version by it. BadInput for a new rule that says
    nothing; then, and if the job is cancelled, nothing is recorded."""
    from app.registry import contracts, datasets

    reading = datasets.current_reading(project, datasets.newest_version(project, dataset_id).id)
    before = contracts.contract_of(project, dataset_id)
    for rule in rules:
        if before is None or rule not in before.rules:  # one that was agreed stays, whatever became of its column
            refuse_empty(rule, types_of(reading))
    if not reason.strip():
        raise BadInput("A change of the contract needs a reason.", "Say why in a few words.")
    judgement = judge(project, reading, rules, Part(ctx, 0.0, 0.9))
    ctx.check_cancelled()
    made = contracts.record_contract(project, dataset_id, rules, reason.strip())
    return Changed(made, judgement, _settled(project, reading, made, judgement))


def settle(project: Project, reading: Reading, ctx: JobContext) -> Reading:
    """The reading with the findings of its data set's newest contract: itself, unless it is older than the contract and
    breaks it otherwise. Asked before training and when an earlier reading is selected."""
    from app.registry import contracts, datasets

    held = contracts.contract_of(project, datasets.version(project, reading.version_id).dataset_id)
    if held is None or reading.created_at > held.created_at:
        return reading
    return _settled(project, reading, held, judge(project, reading, held.rules, ctx))


def check(project: Project, wanted: str, ctx: JobContext) -> Checked:
    """Judge ``churn`` (its newest version) or ``churn@2`` by the newest contract. NotFound without one."""
    from app.data.standing import blocking
    from app.registry import contracts, datasets

    dataset, version = datasets.find_version(project, wanted)
    held = contracts.contract_of(project, dataset.id)
    if held is None:
        raise NotFound(f"{dataset.name} has no contract yet.", "Add --accept to make one of what version 1 keeps.")
    reading = datasets.current_reading(project, version.id)
    judgement = judge(project, reading, held.rules, ctx)
    others = tuple(f for f in reading.findings if f.code != CONTRACT_BROKEN)
    now = replace(reading, findings=(*others, *broken_findings(held.rules, judgement, types_of(reading))))
    found = blocking(project, now)
    rest = tuple(f for f in found if f.code != CONTRACT_BROKEN)
    return Checked(dataset, version, reading, held, judgement, rest, len(rest) < len(found))


def _settled(project: Project, reading: Reading, contract: DataContract, judgement: Judgement) -> Reading:
    from app.registry import datasets

    broken = broken_findings(contract.rules, judgement, types_of(reading))
    others = tuple(f for f in reading.findings if f.code != CONTRACT_BROKEN)
    if (*others, *broken) == reading.findings:
        return reading
    return datasets.record_reading(
        project,
        reading.version_id,
        recipe=reading.recipe,
        columns=reading.columns,
        positive=reading.positive,
        table_sha256=reading.table_sha256,
        profile_sha256=reading.profile_sha256,
        findings=(*others, *broken),
        why_target=reading.why_target,
        summary=f"judged by contract version {contract.number}",
    )


def refuse_empty(rule: Rule, types: dict[str, str]) -> None:
    """BadInput for a rule that asks nothing, or something of a column that is not there."""
    about = rule.column or "rows"
    if rule.kind not in KINDS or (rule.kind != "rows" and rule.column not in types):
        raise BadInput(f"There is no column {about} for the rule {rule.kind}.", "Choose a column of the table.")
    if rule.kind == "relation" and (rule.other not in types or rule.operator not in OPERATORS):
        raise BadInput(f"{about} has to be compared with another column.", "Choose one of the same type.")
    if not is_judgeable(rule, types.get(rule.column or "", ""), types.get(rule.other or "")):
        raise BadInput(f"The rule {rule.kind} means nothing for {about}, as it is read now.", "Choose another rule.")
    if rule.kind in ("range", "rows"):
        _refuse_bounds(rule, about)
    if rule.kind == "missing" and not 0 <= (rule.maximum or 0.0) <= 1:
        raise BadInput(f"{about}: a share is between 0 and 100 %.", "Type a number like 2.5.")
    if rule.kind in ("categories", "type") and not rule.values:
        raise BadInput(f"{about}: no value would be allowed.", "Name one value at least.")


def _refuse_bounds(rule: Rule, about: str) -> None:
    given = [b for b in (rule.minimum, rule.maximum) if b is not None]
    if not given or not all(math.isfinite(b) for b in given):
        raise BadInput(f"{about}: the rule has no bound.", "Type a least or a largest value.")
    if len(given) == 2 and given[0] > given[1]:
        raise BadInput(f"{about}: the least value is above the largest.", "Swap them.")
