"""Settings that were found on some rows in some time, made ready for other rows and another time."""

from __future__ import annotations

from app.training.spaces import ENOUGH, FASTEST_RATE, Settings

MORE_STEPS, MOST_MORE = 0.25, 1.6
"""Boosting grows further on more rows, by this power of their ratio, and at most so much further."""
LEAST_STEPS = 10
TREE_ROWS = 30_000
"""Rows that each tree of a forest sees (as ``families.TREE_ROWS``)."""
STEPS = {"boosting": "iterations", "forest": "trees", "network": "iterations"}
_FOUND = {"boosting": ("iterations",), "forest": ("trees", "sample")}


def portable(family: str, settings: Settings) -> Settings:
    """Without what a trial found for its own rows and time, which another trial finds anew. How far the members of an
    average of boostings grow is given, not found."""
    found = () if family == "boosting" and "copies" in settings else _FOUND.get(family, ())
    return {key: value for key, value in settings.items() if key not in (*found, "terms")}


def grown(settings: Settings, most: int, able: float) -> Settings:
    """Boosting whose trial was cut by the clock while it got better: as far as ``able`` times its iterations, until it
    has learned most, and never beyond what a file may hold (``most``)."""
    steps, rate = int(settings["iterations"]), float(settings["rate"])
    wanted = min(able, max(MOST_MORE, ENOUGH / (rate * steps))) * steps
    return {**settings, "iterations": max(steps, min(most, int(wanted)))}


def for_all_rows(family: str, settings: Settings, rows: int, more: float, able: float) -> Settings:
    """For a fit on all ``rows``, ``more`` times what the trial saw, where time for ``able`` such fits is left: further
    on more rows, less far (boosting in larger steps) where it would take too long."""
    changed = dict(settings)
    if family == "forest":
        changed["sample"] = min(float(settings.get("sample", 1.0)), round(TREE_ROWS / max(1, rows), 4))
    if (key := STEPS.get(family)) is None or key not in settings:
        return changed
    steps = int(settings[key])
    share = min(able, max(1.0, more**MORE_STEPS) if family == "boosting" else 1.0, MOST_MORE)
    wanted = changed[key] = max(min(steps, LEAST_STEPS), int(steps * share))
    if family == "boosting" and wanted < steps:
        rate = float(settings["rate"])
        changed["rate"] = max(rate, round(min(FASTEST_RATE, rate * steps / wanted), 4))
    return changed
