"""Differences in words, the same in the window and on the command line. Standard library only."""

from __future__ import annotations

from app.core.differences import Differences, Shift
from app.data.findings import listed

NAMED = 3


def row_words(found: Differences) -> str:
    """``1,204 rows added, 3 removed, 87 changed; plan shifted.``"""
    return f"{_rows(found)}{_columns(found)}{_shifted(found)}."


def shift_words(shift: Shift) -> str:
    """What explains best how a column's values moved."""
    parts = []
    if shift.mean_before is not None and shift.mean_after is not None:
        parts.append(f"mean {number(shift.mean_before)} → {number(shift.mean_after)}")
    parts += _moved_most(shift)
    if shift.missing_before or shift.missing_after:
        parts.append(f"missing {share(shift.missing_before)} → {share(shift.missing_after)}")
    for word, values in (("new", shift.appeared), ("gone", shift.vanished)):
        if values:
            parts.append(f"{word}: {listed([v.value for v in values], NAMED)}")
    return ", ".join(parts) + (" (from a sample of the rows)" if shift.sampled else "")


def _moved_most(shift: Shift) -> list[str]:
    """The value whose share changed most, with its share before and after."""
    before, after = shift.histogram_before, shift.histogram_after
    if before is None or after is None or not before.labels:
        return []
    shares = [
        (a / shift.present_before, b / shift.present_after) for a, b in zip(before.counts, after.counts, strict=True)
    ]
    most = max(range(len(shares)), key=lambda i: abs(shares[i][1] - shares[i][0]))
    return [f"{before.labels[most]} {share(shares[most][0])} → {share(shares[most][1])}"]


def number(value: float) -> str:
    """About four significant digits, digits grouped."""
    return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.4g}"


def share(value: float) -> str:
    """0.034 -> ``3.4%``."""
    return f"{value:.0%}" if value in (0, 1) or value >= 0.1 else f"{value:.1%}" if value >= 0.001 else "<0.1%"


def _rows(found: Differences) -> str:
    rows = found.rows
    if not rows.added and not rows.removed and not rows.changed:
        return "The same rows" if found.same_content else "The same rows in the columns that both have"
    parts = [(rows.added, "added"), (rows.removed, "removed"), (rows.changed, "changed")]
    told = [f"{count:,} {word}" for count, word in parts if count]
    first, _, rest = told[0].partition(" ")
    told[0] = f"{first} {'row' if first == '1' else 'rows'} {rest}"
    return ", ".join(told)


def _columns(found: Differences) -> str:
    if not found.columns:
        return ""
    names = list(dict.fromkeys(change.name for change in found.columns))
    word = "column" if len(names) == 1 else "columns"
    return f"; {word} {listed(names, NAMED)} changed" if len(names) <= NAMED else f"; {len(names):,} columns changed"


def _shifted(found: Differences) -> str:
    names = [shift.column for shift in found.notable]
    return f"; {listed(names, NAMED)} shifted" if names else ""
