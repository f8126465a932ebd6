"""What reproducing a candidate proved."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """``identical``: to the byte. ``equal``: every answer within the parity tolerance (another processor or
    another library may round otherwise). ``different``: anything else."""

    IDENTICAL = "identical"
    EQUAL = "equal"
    DIFFERENT = "different"


STAGES = ("split", "predictions", "onnx")


@dataclass(frozen=True, slots=True)
class Reproduction:
    """A verdict for each stage, in the order in which they depend on each other, and for the whole: the worst.

    ``largest_difference``: between predictions, None if they are not of the same rows.
    """

    verdict: Verdict
    split: Verdict
    predictions: Verdict
    onnx: Verdict
    largest_difference: float | None

    @property
    def first_difference(self) -> str:
        """The first stage that is not identical: split, predictions or onnx; empty where all are."""
        return next((stage for stage in STAGES if getattr(self, stage) is not Verdict.IDENTICAL), "")
