"""Settings that were found on some rows in some time, made ready for other rows and another time."""

from __future__ import annotations

from app.training.search.spaces import ENOUGH, FASTEST_RATE, Settings, costs

MORE_STEPS, MOST_MORE = 0.4, 4.0
"""Boosting grows further on more rows, by this power of their ratio, and at most so much further."""
SAFE = 0.7
"""Of the time left, what growing further than the trial may count on: a larger model takes longer to prove as well, and
one that is not done in time is lost."""
MORE_LEAVES, MOST_LEAVES = 0.25, 127
"""So do its trees (measured on 297,000 flights, 100 iterations: AUC 0.789 at 31 leaves and a rate of 0.1, as few rows
like best; 0.812 at 63 leaves and 0.3; 0.814 at 127)."""
LEAST_STEPS = 10
HUNDRED, FEW_STEPS, LEAST_ROWS = 100, 20, 2_000
TREE_ROWS = 30_000
"""Rows that each tree of a forest sees (as ``families.TREE_ROWS``)."""
STEPS = {"boosting": "iterations", "forest": "trees", "network": "iterations"}
_FOUND = {"boosting": ("iterations",), "forest": ("trees", "sample")}


def portable(family: str, settings: Settings) -> Settings:
    """Without what a trial found for its own rows and time, which another trial finds anew. How far the members of an
    average of boostings grow is given, not found."""
    found = () if family == "boosting" and "copies" in settings else _FOUND.get(family, ())
    return {key: value for key, value in settings.items() if key not in (*found, "terms")}


def hurried(family: str, settings: Settings, rows: int, able: float) -> Settings:
    """Complete settings without a trial for a fit that takes ``able`` times what a hundred iterations on all rows take:
    fewer rows and, of boosting, fewer and larger steps."""
    share = min(1.0, max(0.0, able)) ** 0.5
    told: Settings = dict(settings) if share == 1 else {**settings, "rows": max(LEAST_ROWS, int(share * rows))}
    if family != "boosting":
        return told
    steps = max(FEW_STEPS, int(HUNDRED * share))
    return {**told, "iterations": steps, "rate": round(min(FASTEST_RATE, ENOUGH / steps), 4)}


def for_all_rows(
    family: str, settings: Settings, rows: int, more: float, able: float, *, most: int = 0, growing: bool = False
) -> Settings:
    """For a fit on all ``rows``, ``more`` times what the trial saw, where time for ``able`` such fits is left.
    ``most``: iterations that a file may hold; ``growing``: see ``search_orders.Tried``."""
    changed = dict(settings)
    if family == "forest":
        changed["sample"] = min(float(settings.get("sample", 1.0)), round(TREE_ROWS / max(1, rows), 4))
    if (key := STEPS.get(family)) is None or key not in settings:
        return changed
    if family == "boosting":
        return _grown(settings, more, able, most, growing)
    steps = int(settings[key])
    changed[key] = max(min(steps, LEAST_STEPS), int(steps * min(able, 1.0)))
    return changed


def _grown(settings: Settings, more: float, able: float, most: int, growing: bool) -> Settings:
    """Larger trees and more of them on more rows, until most is learned where a trial's clock cut it short; fewer in
    larger steps where it would take too long."""
    steps, rate, leaves = int(settings["iterations"]), float(settings["rate"]), int(settings.get("leaves", 31))
    larger = max(leaves, min(MOST_LEAVES, round(leaves * more**MORE_LEAVES))) if more > 1 else leaves
    further = min(MOST_MORE, max(1.0, more**MORE_STEPS))
    if growing:
        further *= max(1.0, ENOUGH / (rate * steps))
    able *= costs(leaves) / costs(larger)
    wanted = int(steps * min(able, further, max(1.0, SAFE * able)))
    if most:
        wanted = min(wanted, max(steps, most) * leaves // larger)
    wanted = max(min(steps, LEAST_STEPS), wanted)
    if wanted < steps:
        rate = max(rate, round(min(FASTEST_RATE, rate * steps / wanted), 4))
    return {**settings, "iterations": wanted, "rate": rate, **({"leaves": larger} if larger > leaves else {})}
