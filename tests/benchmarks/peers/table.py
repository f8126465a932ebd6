"""The table that the benchmark prints: errors on unseen rows, ranks, time, size."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from results import Cell, Key, Results, Truth

OURS, REFERENCE = "Modelyard", "FLAML"
OVERTIME = 1.5
FOR_ORIENTATION = ("linear", "dummy")
"""Shown beside the others, but not ranked."""


@dataclass(frozen=True)
class Table:
    """Everything measured with one budget. ``truth``: set and seed -> targets."""

    results: Results
    sets: Sequence[str]
    systems: Sequence[str]
    seconds: float
    seeds: Sequence[int]
    truth: Callable[[str, int], Truth]

    def cells(self, system: str, sets: Iterable[str] | None = None) -> list[Cell]:
        """The cells of a system that have been filled, in order."""
        keys = (Key(s, self.seconds, seed, system) for s in sets or self.sets for seed in self.seeds)
        return [self.results.cells[key] for key in keys if key in self.results.cells]

    def error(self, system: str, name: str) -> float | None:
        """Median over the seeds; None unless every seed was answered."""
        errors = [cell.error for cell in self.cells(system, [name])]
        known = [error for error in errors if error is not None]
        return statistics.median(known) if known and len(known) == len(self.seeds) else None

    def overtime(self, system: str, name: str) -> bool:
        """Whether it took far more than the others were given."""
        took = [cell.fit_s for cell in self.cells(system, [name])]
        return bool(took) and statistics.median(took) > OVERTIME * self.seconds

    @property
    def ranked(self) -> list[str]:
        """Who competes."""
        return [system for system in self.systems if system not in FOR_ORIENTATION]

    def ranks(self, name: str) -> dict[str, float]:
        """1 for the best, the mean of places for equals, the last place for who failed."""
        errors = {system: self.error(system, name) for system in self.ranked}
        found = {system: math.inf if error is None else error for system, error in errors.items()}
        ordered = sorted(found.values())
        return {s: ordered.index(e) + (ordered.count(e) + 1) / 2 for s, e in found.items()}

    def complete(self) -> list[str]:
        """The sets that every system has tried with every seed."""
        wanted = len(self.seeds) * len(self.systems)
        return [name for name in self.sets if sum(len(self.cells(s, [name])) for s in self.systems) == wanted]

    def relative(self, system: str) -> float | None:
        """Geometric mean of the error as a multiple of FLAML's, over the sets that both answered."""
        pairs = [(self.error(system, name), self.error(REFERENCE, name)) for name in self.complete()]
        logs = [math.log(a / b) for a, b in pairs if a and b]
        return math.exp(statistics.fmean(logs)) if logs else None

    def lost(self, name: str) -> str | None:
        """The best ranked system if it is better than Modelyard beyond noise in most seeds."""
        errors = {s: e for s in self.ranked if (e := self.error(s, name)) is not None}
        best = min(errors, key=errors.__getitem__, default=OURS)
        if OURS not in errors or best == OURS:
            return None if OURS in errors or not errors else best
        worse = [self._worse(name, seed, best) for seed in self.seeds]
        return best if sum(worse) * 2 > len(worse) else None

    def _worse(self, name: str, seed: int, best: str) -> bool:
        ours, other = (self.results.predicted(Key(name, self.seconds, seed, s)) for s in (OURS, best))
        return self.truth(name, seed).worse_beyond_noise(ours, other)


def lines(table: Table) -> list[str]:
    """As printed."""
    seeds = f"{len(table.seeds)} seeds" if len(table.seeds) > 1 else "1 seed"
    head = (
        f"{table.seconds:g} s, {seeds}: median error on unseen rows; * least, ! took more than {OVERTIME:g} x the time"
    )
    return [
        head,
        _line("", table.systems),
        *(_set_line(table, name) for name in table.sets),
        *_summary(table),
        *_losses(table),
    ]


def _set_line(table: Table, name: str) -> str:
    errors = [table.error(system, name) for system in table.systems]
    best = min((e for e in errors if e is not None), default=None)
    metric = table.truth(name, table.seeds[0]).metric
    shown = "1-auc" if metric == "roc_auc" else metric
    late = ["!" if table.overtime(system, name) else " " for system in table.systems]
    texts = [
        "-" if e is None else f"{e:.5g}{'*' if e == best else ' '}{mark}" for e, mark in zip(errors, late, strict=True)
    ]
    return _line(f"{name} ({shown})", texts)


def _summary(table: Table) -> list[str]:
    complete = table.complete()
    ranks = [table.ranks(name) for name in complete]
    by_system = {s: [r[s] for r in ranks if s in r] for s in table.systems}
    rows: list[tuple[str, Callable[[str], float | None], str]] = [
        (f"median rank of {len(complete)}", lambda s: _median(by_system[s]), ".1f"),
        ("mean rank", lambda s: statistics.fmean(by_system[s]) if by_system[s] else None, ".2f"),
        ("error / FLAML's", table.relative, ".3f"),
        ("median fit / budget", lambda s: _median([c.fit_s / table.seconds for c in table.cells(s) if c.fit_s]), ".2f"),
        ("worst fit / budget", lambda s: max([c.fit_s / table.seconds for c in table.cells(s)], default=None), ".2f"),
        ("median process, s", lambda s: _median([c.wall_s for c in table.cells(s)]), ".1f"),
        ("median model, KB", lambda s: _median([c.model_bytes / 1000 for c in table.cells(s) if c.fit_s]), ",.0f"),
        ("median ms / 1,000 rows", lambda s: _median([c.predict_ms for c in table.cells(s) if c.fit_s]), ".1f"),
        ("median load at start", lambda s: _median([c.load for c in table.cells(s)]), ".1f"),
    ]
    return [_line(title, [_told(figure(s), form) for s in table.systems]) for title, figure, form in rows]


def _losses(table: Table) -> list[str]:
    lost = [(name, best) for name in table.sets if (best := table.lost(name))]
    words = ", ".join(f"{name} (to {best})" for name, best in lost) or "none"
    failed = [c for s in table.systems for c in table.cells(s) if c.error is None]
    return [
        f"Modelyard worse than the best beyond noise (paired bootstrap): {words}",
        *(f"failed: {c.key.folder}: {c.note}" for c in failed),
    ]


def body(table: Table) -> dict[str, object]:
    """The same for machines."""
    complete = table.complete()
    ranks = [table.ranks(name) for name in complete]
    return {
        "seconds": table.seconds,
        "seeds": list(table.seeds),
        "errors": {name: {s: table.error(s, name) for s in table.systems} for name in table.sets},
        "median_rank": {s: _median([r[s] for r in ranks]) for s in table.ranked},
        "mean_rank": {s: statistics.fmean([r[s] for r in ranks]) if ranks else None for s in table.ranked},
        "error_to_flaml": {s: table.relative(s) for s in table.systems},
        "worst_fit_to_budget": {
            s: max([c.fit_s / table.seconds for c in table.cells(s)], default=None) for s in table.systems
        },
        "lost_beyond_noise": {name: best for name in table.sets if (best := table.lost(name))},
    }


def _median(values: list[float]) -> float | None:
    return statistics.median(values) if values else None


def _told(figure: float | None, form: str) -> str:
    return "-" if figure is None else format(figure, form)


def _line(title: str, texts: Sequence[str]) -> str:
    return f"{title:<24}" + "".join(f"{text:>12}" for text in texts)
