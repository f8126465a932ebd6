"""How a service is used: how much, how fast, how often refused or at odds with the contract, and when last.

From the ends of its own logs, which nobody has to collect first; what was refused is in no log, so the service itself
is asked for that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from app.core.deploy import ServiceState, ServiceStatus
from app.serving import keeping
from app.serving.client import page
from app.serving.own_calls import own_calls_since
from app.serving.recent import RecentPrediction, recent

if TYPE_CHECKING:
    from app.registry.project import Project

LOOKED_AT = 1_000
_REQUESTS = re.compile(r'^modelyard_requests_total\{route="([^"]*)",code="(\d+)"\} (\d+)$', re.MULTILINE)
_STOOD_IN = re.compile(r"^modelyard_challenger_refused_total (\d+)$", re.MULTILINE)
_ASKED = frozenset({"/predict", "/invocations", "/v2/infer"})
"""The ways of asking, as ``runtime.dialects`` and ``runtime.oip`` name them; what else is asked is no prediction."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """``looked_at``: how many of the newest predictions the figures are of; ``last_day``: of them within 24 hours
    (``at_least`` if all of them are); ``p50_ms``, ``p95_ms``: time to answer; ``violating``: broke the contract;
    ``requests``, ``refused``: since the service started, without our own test call, None while it does not run;
    ``stood_in``: how often the champion answered since then what its challenger could not; ``last_at``: empty if
    never."""

    looked_at: int
    last_day: int
    at_least: bool
    p50_ms: float | None
    p95_ms: float | None
    violating: int
    requests: int | None
    refused: int | None
    last_at: str
    stood_in: int = 0


def traffic(project: Project, status: ServiceStatus) -> Traffic:
    """Figures of a service's newest predictions. Some milliseconds; not for the window's thread."""
    found = recent(project, LOOKED_AT, status.service.id)
    day_ago = f"{datetime.fromisoformat(project.now()) - timedelta(days=1):%Y-%m-%dT%H:%M:%S.%fZ}"
    today = sum(prediction.at >= day_ago for prediction in found)
    text = _metrics(status)
    requests, refused = _asked(project, status, text) if text else (None, None)
    return Traffic(
        looked_at=len(found),
        last_day=today,
        at_least=len(found) == today == LOOKED_AT,
        p50_ms=quantile(found, 0.5),
        p95_ms=quantile(found, 0.95),
        violating=sum(bool(prediction.violations) for prediction in found),
        requests=requests,
        refused=refused,
        last_at=found[0].at if found else "",
        stood_in=sum(int(times) for times in _STOOD_IN.findall(text)),
    )


def quantile(found: list[RecentPrediction], share: float) -> float | None:
    """The time to answer in ms that this share of predictions did not exceed; None of none."""
    times = sorted(prediction.ms for prediction in found)
    return times[min(len(times) - 1, int(share * len(times)))] if times else None


def answered(text: str) -> tuple[int, int]:
    """Requests for predictions on a metrics page, and how many of them were refused or failed."""
    told = [(int(code), int(times)) for route, code, times in _REQUESTS.findall(text) if route in _ASKED]
    return sum(times for _, times in told), sum(times for code, times in told if code >= 400)


def _metrics(status: ServiceStatus) -> str:
    """The service's own counters; empty while it does not run."""
    if status.actual is not ServiceState.RUNNING or status.url is None:
        return ""
    return page(status.url, "/metrics")


def _asked(project: Project, status: ServiceStatus, text: str) -> tuple[int, int]:
    requests, refused = answered(text)
    return max(refused, requests - _own(project, status)), refused


def _own(project: Project, status: ServiceStatus) -> int:
    """Our own calls to the server that runs now; its counters begin where it does."""
    told = keeping.look(project.path, status.service).told
    if told is None or told.started is None:
        return 0
    began = int(datetime.fromisoformat(told.started).timestamp() * 1000)
    return own_calls_since(keeping.folder_of(project.path, status.service), began)
