"""Gates: pure rules over what a candidate's child measured; shown before training, decided when it finishes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.core.data import Reading
from app.core.gate_rules import described
from app.core.gates import DEFAULT_GATES, Gate, GateResult
from app.core.metrics import share_of
from app.core.runs import METRIC_WORDS, Plan, Score, Task
from app.data.standing import Standing
from app.registry.datasets import version
from app.registry.gates import gate_set_of
from app.training.order import Fitted

if TYPE_CHECKING:
    from app.registry.project import Project

LEAST_FLAGGED = 5
"""Rows of the hold-out that are flagged; on fewer an agreement is no evidence."""
BETTER = "better_than_baseline"
LUCK = 0.025
"""A hold-out of a few rows: at most so many shuffles of the truth may do as well (one side of 95 %)."""


def gates_for(project: Project, reading: Reading) -> tuple[Gate, ...]:
    """The gates that a candidate trained on this reading will have to pass."""
    held = gate_set_of(project, version(project, reading.version_id).dataset_id)
    return (*DEFAULT_GATES, *map(described, held.rules if held else ()))


def evaluate(plan: Plan, standings: Sequence[Standing], fitted: Fitted) -> tuple[GateResult, ...]:
    """How a candidate did, one result for each gate in their order. ``standings``: of the data's findings."""
    return (_better(plan, fitted), _parity(fitted), _checks(standings))


def summary(results: Sequence[GateResult]) -> str:
    """The gates' results as the reason that stands ready for an approval."""
    passed = sum(r.passed for r in results)
    return " ".join([f"{passed} of {len(results)} gates passed.", *(r.message for r in results)])


def _better(plan: Plan, fitted: Fitted) -> GateResult:
    gap, metric = fitted.against_baseline, METRIC_WORDS[plan.metric]
    if gap is None:
        return GateResult("better_than_baseline", False, None, 0.0, "The candidate was not scored.")
    if plan.task is Task.ANOMALY:
        return _beyond_chance(plan, fitted, gap)
    beyond, by_luck = gap.low > 0, fitted.luck is not None and fitted.luck > LUCK
    words = f"{metric} on {fitted.holdout_rows:,} hold-out rows is {_gap_words(gap.value)} the baseline's"
    message = f"{words} [{gap.low:.3g}, {gap.high:.3g}]."
    if beyond and by_luck and fitted.luck is not None:
        message += f" So few rows reach that by luck in {fitted.luck:.0%} of cases."
    elif not beyond:
        message += " That is not more than the noise."
    return GateResult("better_than_baseline", beyond and not by_luck, gap.low, 0.0, message)


def better_at(plan: Plan, gap: Score) -> GateResult:
    """Better than the baseline, where the answers are those at a chosen threshold."""
    beyond = gap.low > 0
    words = f"{METRIC_WORDS[plan.metric]} at the threshold is {_gap_words(gap.value)} the baseline's"
    noise = "" if beyond else " That is not more than the noise."
    return GateResult(BETTER, beyond, gap.low, 0.0, f"{words} [{gap.low:.3g}, {gap.high:.3g}].{noise}")


def _beyond_chance(plan: Plan, fitted: Fitted, gap: Score) -> GateResult:
    """Flagging at random would agree on some rows as well; ``gap``: how much more than that."""
    agreed, share = fitted.holdout.value if fitted.holdout else 0.0, share_of(plan.metric)
    chosen = round(share * fitted.holdout_rows)
    passed = gap.low > 0 and chosen >= LEAST_FLAGGED
    message = (
        f"Of the {share * 100:g} % of hold-out rows with the highest scores other seeds agree on "
        f"{100 * agreed:.3g} %, by chance on {100 * (agreed - gap.value):.3g} % (difference [{gap.low:.3g}, "
        f"{gap.high:.3g}])."
    )
    if chosen < LEAST_FLAGGED:
        message += f" That is {chosen} of {fitted.holdout_rows:,} rows: too few to tell."
    return GateResult("better_than_baseline", passed, gap.low, 0.0, message)


def _gap_words(value: float) -> str:
    return f"{abs(value):.3g} {'better than' if value >= 0 else 'worse than'}"


def _parity(fitted: Fitted) -> GateResult:
    proof = fitted.certificate
    if proof is None:
        return GateResult("parity", False, None, None, f"The model could not be exported: {fitted.note}")
    rows = f"{proof.rows:,} hold-out and {proof.probe_rows:,} probe rows"
    if proof.passed:
        message = f"The exported model answers {rows} as the trained one did."
    else:
        message = f"The exported model answers otherwise than the trained one on {rows}: {'; '.join(proof.failing)}"
    return GateResult("parity", proof.passed, proof.max_difference, proof.tolerance, message)


def _checks(standings: Sequence[Standing]) -> GateResult:
    found = [standing.finding for standing in standings if standing.blocks]
    message = found[0].message if found else " ".join(["No data check blocks training.", *waivers(standings)])
    return GateResult("data_checks", not found, float(len(found)), 0.0, message)


def waivers(standings: Sequence[Standing]) -> list[str]:
    """Each waived check in a sentence, with the reason and who gave it."""
    return [
        f"Waived by {s.decision.actor}: {s.finding.message} Reason: {s.decision.reason}"
        for s in standings
        if s.waived and s.decision is not None
    ]
