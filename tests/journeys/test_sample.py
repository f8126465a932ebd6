"""The sample's whole path without a display, as ``packaging/bootstrap.py`` runs it on a server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.core.deploy import ServiceState
from app.core.progress import Silent
from app.registry.project import Project
from app.serving import client, local


def test_the_sample_walks_to_a_traced_answer_and_stops_unless_told(tmp_path: Path, command_line: Callable) -> None:
    first = command_line("sample", "--folder", tmp_path / "Sample")
    assert first.code == 0, first
    assert first.json.keys() == {
        "project", "run", "model_version", "bundle", "url", "running", "prediction", "traced",
    }  # fmt: skip
    assert (first.json["project"], first.json["model_version"]) == (str(tmp_path / "Sample"), "churn@1")
    assert (first.json["traced"], first.json["running"]) == (True, False)
    assert (Path(str(first.json["bundle"])) / "serve.py").is_file()
    assert [line.split(" ")[0] for line in first.err.splitlines() if line[1:3] == "/7"] == [
        f"{n}/7" for n in range(1, 8)
    ]
    assert not client.is_ready(str(first.json["url"]))
    assert command_line("trace", first.json["project"], first.json["prediction"]).code == 0

    second = command_line("sample", "--folder", tmp_path / "Sample", "--keep")
    assert (second.code, second.json["project"]) == (0, str(tmp_path / "Sample 2"))
    with Project.open(tmp_path / "Sample 2", actor="Ada") as project:
        (status,) = local.statuses(project)
        try:
            assert (status.actual, status.url) == (ServiceState.RUNNING, second.json["url"])
            assert client.is_ready(str(status.url))
        finally:
            stopped = local.stop(project, status.service.id, Silent())
        assert stopped.actual is ServiceState.STOPPED
