"""A trace names every link, and each missing one with its reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.core.progress import Silent
from app.registry import deploy, watch
from app.serving.logs import collect
from app.serving.trace import trace

NAMES = ["prediction", "bundle", "model_version", "run", "plan", "data_version", "data", "approval"]
Answer = Callable[..., list[str]]


@pytest.fixture
def prediction(recorded: Any, answer_rows: Answer, tmp_path: Path) -> str:
    ids = answer_rows(tmp_path / "logs", 10)
    collect(recorded.project, tmp_path / "logs", ctx=Silent())
    return ids[4]


def test_everything_behind_a_prediction(recorded: Any, prediction: str) -> None:
    found = trace(recorded.project, f"  {prediction}\n")
    assert found.whole
    assert [link.name for link in found.links] == NAMES
    assert json.loads(str(found.inputs)) == {"age": 4}
    assert json.loads(str(found.output))["label"] is True
    assert found.bundle == "sha256:" + "ab" * 32
    assert (found.model_version, found.data_version, found.seed) == ("churn@1", "churn@1", 7)
    assert found.run == recorded.version.run_id
    assert found.sha256 == recorded.data_sha256
    assert json.loads(str(found.plan))["target"] == "churned"
    assert str(found.approval).startswith("Ada, ")
    assert str(found.approval).endswith("Good")


@pytest.mark.parametrize("unknown", ["0199b0c2-6f5e-7c1a-9d0e-0a5f6e7d8c9b", "", "no id; DROP TABLE"])
def test_an_unknown_prediction_has_no_links(recorded: Any, unknown: str) -> None:
    found = trace(recorded.project, unknown)
    assert not found.whole
    assert [link.name for link in found.links if link.value is None] == NAMES
    assert "collected no prediction" in found.links[0].problem
    assert (found.inputs, found.bundle, found.sha256, found.approval) == (None, None, None, None)


def test_missing_data_is_the_one_missing_link(recorded: Any, prediction: str) -> None:
    recorded.project.objects.path(recorded.data_sha256).unlink()
    found = trace(recorded.project, prediction)
    assert [link.name for link in found.links if link.value is None] == ["data"]
    assert found.sha256 is None
    assert found.data_version == "churn@1"


def test_a_damaged_log_is_told_and_not_believed(recorded: Any, prediction: str) -> None:
    (log,) = watch.logs(recorded.project)
    path = recorded.project.objects.path(log.sha256)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes().replace(b'"age":4', b'"age":5'))
    found = trace(recorded.project, prediction)
    assert found.inputs is None
    assert found.links[0].problem


def test_what_an_own_service_has_just_answered_is_collected_first(recorded: Any, answer_rows: Answer) -> None:
    project = recorded.project
    deploy.record_service(project, name="churn", bundle_id=recorded.bundle.id, port=8080, log_path="logs/churn")
    (fresh,) = answer_rows(project.path / "logs/churn", 1)
    assert trace(project, fresh).whole
