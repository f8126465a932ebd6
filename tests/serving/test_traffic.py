"""How a service is used, from its own logs and its own counters."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.core.deploy import ServiceState, ServiceStatus
from app.registry import deploy
from app.runtime.metrics import Metrics
from app.serving.own_calls import NOTED, new_own_call, own_calls_since
from app.serving.traffic import answered, traffic

Answer = Callable[..., list[str]]


def test_refused_requests_are_told_from_the_services_own_counters() -> None:
    metrics = Metrics()
    for route, status in (("/predict", 200), ("/predict", 200), ("/predict", 422), ("/v2/infer", 500), ("other", 404)):
        metrics.request(route, status, 0.001)
    assert answered(metrics.text("churn@1", "sha256:ab", 1, None)) == (4, 2)


def test_our_own_calls_are_counted_though_a_full_disk_cut_one_short(tmp_path: Path) -> None:
    made = new_own_call(tmp_path)
    with (tmp_path / NOTED).open("a") as file:
        file.write(made[:-7])
    assert own_calls_since(tmp_path, 1) == 1


def test_figures_are_of_the_newest_predictions(recorded: Any, answer_rows: Answer) -> None:
    project = recorded.project
    service = deploy.record_service(
        project, name="churn", bundle_id=recorded.bundle.id, port=8080, log_path="logs/churn"
    )
    status = ServiceStatus(service, ServiceState.STOPPED, None, None, "churn@1")
    none = traffic(project, status)
    assert (none.looked_at, none.p50_ms, none.requests, none.last_at) == (0, None, None, "")
    answer_rows(project.path / "logs/churn", 12)
    assert traffic(project, status).last_day == 0
    project.clock = lambda: datetime(2026, 1, 3, 3, 0, tzinfo=UTC)
    told = traffic(project, status)
    assert (told.looked_at, told.last_day, told.at_least, told.violating) == (12, 12, False, 0)
    assert told.p50_ms is not None
    assert told.p50_ms == told.p95_ms
    assert told.last_at
