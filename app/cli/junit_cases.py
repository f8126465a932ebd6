"""What *check*, *train* and *monitor* found, each gate, rule and column as one test case."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.cli.junit import Case

if TYPE_CHECKING:
    from app.core.data import Finding
    from app.core.gates import GateResult
    from app.core.monitoring import ColumnDrift, MonitorReport
    from app.core.runs import Run
    from app.data.contracts.contract import Checked


def check_cases(checked: Checked) -> list[Case]:
    """Each rule of the contract, then what else blocks. A rule that only tells, or that was waived, does not fail."""
    from app.core.contract_words import broken_words, rule_words
    from app.data.contracts.contract import types_of

    rules, types = checked.contract.rules, types_of(checked.reading)
    cases = []
    for place, rule in enumerate(rules):
        if not rule.on:
            continue
        broken = checked.judgement.of(place)
        words = broken_words(rule, broken, types) if broken else ""
        fails = rule.blocks and checked.stops
        cases.append(Case(rule_words(rule, types), words if fails else "", "" if fails else words))
    return cases + finding_cases(checked.blocking)


def finding_cases(findings: Sequence[Finding]) -> list[Case]:
    """Checks that block."""
    return [Case(f.code + (f" {f.column}" if f.column else ""), f.message, f.hint) for f in findings]


def gate_cases(run: Run, gates: Sequence[GateResult]) -> list[Case]:
    """The gates of a run's best candidate; one case that fails where there is none."""
    if run.best is None:
        return [Case("a candidate finished", run.reason or "No candidate finished.")]
    return [Case(g.name, "" if g.passed else g.message, g.message if g.passed else "") for g in gates]


def monitor_cases(report: MonitorReport) -> list[Case]:
    """The verdict, the performance, the scores and each column. Only a verdict that says *act* fails the verdict."""
    from app.core.monitoring import Verdict

    act, unknown = report.verdict is Verdict.ACT, report.verdict is Verdict.UNKNOWN
    line = report.line
    cases = [Case("verdict", line if act else "", "" if act or unknown else line, line if unknown else "")]
    cases.append(_performance_case(report))
    if report.drift is not None:
        columns = [*([report.drift.score] if report.drift.score else []), *report.drift.columns]
        cases += [_column_case(column) for column in columns]
    return cases


def _performance_case(report: MonitorReport) -> Case:
    told = report.performance
    if told.value is None or told.limit is None:
        return Case("performance", skipped=f"Not enough labels: {told.labels:,}.")
    from app.monitoring.verdict import below_limit

    words = (
        f"{told.metric} {told.value.value:.4g} [{told.value.low:.4g}, {told.value.high:.4g}], limit {told.limit:.4g}"
    )
    problem = below_limit(told)
    return Case("performance", problem, "" if problem else words)


def _column_case(column: ColumnDrift) -> Case:
    words = f"{column.test} {column.effect:.3g}, usual up to {column.high:.3g}"
    return Case(f"column {column.name}", f"It moved: {words}." if column.alarm else "", "" if column.alarm else words)
