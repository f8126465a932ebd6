"""The last predictions, collected or just logged, each once and newest first."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.core.progress import Silent
from app.registry import deploy, watch
from app.serving.logs import collect, collect_services
from app.serving.recent import recent

Answer = Callable[..., list[str]]


def test_live_and_collected_predictions_are_one_list(recorded: Any, answer_rows: Answer, tmp_path: Path) -> None:
    project = recorded.project
    service = deploy.record_service(
        project, name="churn", bundle_id=recorded.bundle.id, port=8080, log_path="logs/churn"
    )
    assert recent(project) == []
    elsewhere = answer_rows(tmp_path / "logs", 3)
    collect(project, tmp_path / "logs", ctx=Silent())
    own = answer_rows(project.path / "logs/churn", 3)
    collect_services(project, Silent())
    live = answer_rows(project.path / "logs/churn", 2, close=True)

    found = recent(project, 100)
    assert [p.id for p in found] == sorted(elsewhere + own + live, reverse=True)
    assert {p.service_id for p in found if p.id in elsewhere} == {None}
    assert {p.service_id for p in found if p.id in own + live} == {service.id}
    assert json.loads(found[0].inputs) == {"age": int(found[0].id == live[1])}
    assert found[0].model_version == "churn@1"

    assert [p.id for p in recent(project, 2)] == sorted(live, reverse=True)
    assert {p.id for p in recent(project, 100, service.id)} == {*own, *live}


def test_looking_writes_nothing(recorded: Any, answer_rows: Answer) -> None:
    project = recorded.project
    deploy.record_service(project, name="churn", bundle_id=recorded.bundle.id, port=8080, log_path="logs/churn")
    answer_rows(project.path / "logs/churn", 3)
    before = project.change_counter()
    recent(project)
    assert project.change_counter() == before
    assert watch.logs(project) == []
