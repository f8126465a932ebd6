"""The cells that a finding is about, in one line: where they are and what stands there."""

from __future__ import annotations

from collections.abc import Callable

from app.core.data import Finding
from app.ui.words import count

SHOWN = 4


def cells_in_words(finding: Finding, tr: Callable[[str], str]) -> str:
    """``Row 8: oops  ·  row 21: n. a.  ·  …``; empty where the finding's sentence has shown all there is."""
    if all(cell in finding.message for cell in finding.cells[:SHOWN]):
        return ""
    told = list(finding.cells[:SHOWN])
    if finding.rows:
        pairs = list(zip(finding.rows, finding.cells, strict=False))[:SHOWN]
        told = [tr("row {0}: {1}").format(count(row), cell) for row, cell in pairs]
    if len(finding.cells) > SHOWN:
        told.append("…")
    line = "  ·  ".join(told)
    return line[:1].upper() + line[1:] if finding.rows else line
