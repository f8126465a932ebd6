"""Gates: what a model has to pass before it may be approved."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Gate:
    """A rule, shown before training. ``name`` is stable; ``title`` and ``rule`` are for people."""

    name: str  # better_than_baseline | parity | data_checks
    title: str
    rule: str


@dataclass(frozen=True, slots=True)
class GateResult:
    """How a candidate did at a gate. ``value`` and ``bound`` in the gate's own unit, None where it has none."""

    name: str
    passed: bool
    value: float | None
    bound: float | None
    message: str


DEFAULT_GATES = (
    Gate(
        "better_than_baseline",
        "Better than the baseline",
        "The interval of the difference to the baseline lies above zero.",
    ),
    Gate("parity", "Parity passed", "The exported model answers every hold-out and probe row as the trained one did."),
    Gate("data_checks", "No blocking data check", "No check of this data version blocks training."),
)
