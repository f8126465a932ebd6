"""Counters in the Prometheus text format (version 0.0.4). No feature values, no keys, no addresses."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from typing import Protocol

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

VIOLATIONS = ("categories", "missing", "other", "range", "relation")
"""The kinds of violations; each is on the page from the start, so that a rate can be taken of it."""

BUCKETS_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class LogState(Protocol):
    """What the metrics tell of the prediction log."""

    unlogged: int

    @property
    def degraded(self) -> bool:
        """Whether predictions are missing from it."""


class ChallengerState(Protocol):
    """What the metrics tell of a challenger."""

    rows: int
    skipped: int
    refused: int


class Metrics:
    """Counts what one process did. Touched from the event loop only."""

    def __init__(self) -> None:
        self.rows = 0
        self._violations: Counter[str] = Counter()
        self.refused_connections = 0
        self._requests: Counter[tuple[str, int]] = Counter()
        self._buckets = [0] * (len(BUCKETS_S) + 1)
        self._seconds = 0.0

    def request(self, route: str, status: int, seconds: float) -> None:
        """One request answered. ``route``: one of ours, never a path that a client made up."""
        self._requests[route, status] += 1
        self._buckets[bisect_left(BUCKETS_S, seconds)] += 1
        self._seconds += seconds

    def violated(self, codes: Iterable[str]) -> None:
        """Rows broke rules: counted by the rule's kind; a column's name may say too much."""
        for code in codes:
            self._violations[code.rpartition(":")[2]] += 1

    def text(self, model: str, bundle: str, connections: int, log: LogState | None) -> str:
        """The whole page."""
        lines = ["# TYPE modelyard_info gauge", f'modelyard_info{{model="{_escape(model)}",bundle="{bundle}"}} 1']
        lines.append("# TYPE modelyard_requests_total counter")
        for (route, status), count in sorted(self._requests.items()):
            lines.append(f'modelyard_requests_total{{route="{route}",code="{status}"}} {count}')
        lines += self._histogram()
        lines += _single("modelyard_rows_total", "counter", self.rows)
        lines.append("# TYPE modelyard_violations_total counter")
        for kind in VIOLATIONS:
            lines.append(f'modelyard_violations_total{{kind="{kind}"}} {self._violations[kind]}')
        lines += _single("modelyard_refused_connections_total", "counter", self.refused_connections)
        lines += _single("modelyard_connections", "gauge", connections)
        lines += _single("modelyard_log_on", "gauge", int(log is not None))
        lines += _single("modelyard_log_degraded", "gauge", int(log is not None and log.degraded))
        lines += _single("modelyard_log_unlogged_total", "counter", log.unlogged if log else 0)
        return "\n".join(lines) + "\n"

    def _histogram(self) -> list[str]:
        name = "modelyard_request_seconds"
        lines, total = [f"# TYPE {name} histogram"], 0
        for bound, count in zip(BUCKETS_S, self._buckets, strict=False):
            total += count
            lines.append(f'{name}_bucket{{le="{bound}"}} {total}')
        total += self._buckets[-1]
        return [*lines, f'{name}_bucket{{le="+Inf"}} {total}', f"{name}_sum {self._seconds}", f"{name}_count {total}"]


def challenger_text(challenger: ChallengerState) -> str:
    """What a challenger did in the shadow; nothing of it is counted above. ``refused``: also what the champion answered
    in its stead."""
    lines = _single("modelyard_shadow_rows_total", "counter", challenger.rows)
    lines += _single("modelyard_shadow_skipped_total", "counter", challenger.skipped)
    lines += _single("modelyard_shadow_refused_total", "counter", challenger.refused)
    lines += _single("modelyard_challenger_refused_total", "counter", challenger.refused)
    return "\n".join(lines) + "\n"


def _single(name: str, kind: str, value: int) -> list[str]:
    return [f"# TYPE {name} {kind}", f"{name} {value}"]


def _escape(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
