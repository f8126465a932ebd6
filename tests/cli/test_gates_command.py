"""gates: listed, added, removed and kept in versions; what fits no target or column is refused before it is kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.cli import main
from app.core.gate_rules import GateKind, GateRule
from app.core.progress import Silent
from app.data.intake import add
from app.registry.datasets import datasets
from app.registry.gates import gate_sets
from app.registry.project import Project


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("gates")
    (folder / "t.csv").write_text("x,y\n" + "".join(f"{i % 17},{'yes' if i % 3 else 'no'}\n" for i in range(60)))
    with Project.create(folder / "project", actor="Ada") as made:
        assert add(made, folder / "t.csv", target="y", ctx=Silent()).version
    return folder / "project"


def told(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict]:
    code = main(["gates", *words, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_gates_are_changed_in_versions_with_their_reason(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = (str(project), "t")
    assert told(capsys, *where)[1]["version"] == 0
    code, first = told(capsys, *where, "--add", "roc_auc:0.8", "--add", "champion-1%", "--reason", "As agreed.")
    assert code == 0 and [gate["rule"] for gate in first["gates"]] == ["roc_auc>=0.8", "champion-1%"]
    assert told(capsys, *where, "--add", "roc_auc:0.8", "--add", "champion-1%")[1]["version"] == 1  # nothing changed
    _, second = told(capsys, *where, "--add", "roc_auc:0.9", "--remove", "champion-1%")
    assert [gate["rule"] for gate in second["gates"]] == ["roc_auc>=0.9"]
    assert second["versions"][0]["reason"].startswith("Added: ROC AUC at least 0.9. Removed: ROC AUC at least 0.8")
    with Project.open(project, actor="Ada") as opened:
        newest, before = gate_sets(opened, datasets(opened)[0].id)
    assert newest.rules == (GateRule(GateKind.BOUND, 0.9, "roc_auc"),) and before.reason == "As agreed."


@pytest.mark.parametrize(
    ("gate", "words"),
    [
        ("rmse:3", "does not fit"),
        ("accuracy@z:0.5", "no column z"),
        ("mean_error@x:1", "does not fit"),
        ("beauty:1", "nothing a gate looks at"),
    ],
)
def test_what_fits_nothing_is_refused(project: Path, capsys: pytest.CaptureFixture[str], gate: str, words: str) -> None:
    before = told(capsys, str(project), "t")[1]["version"]
    code, answer = told(capsys, str(project), "t", "--add", "size:9", "--add", gate)
    assert code == 1 and words in answer["error"]["message"]
    assert told(capsys, str(project), "t")[1]["version"] == before
    assert told(capsys, str(project), "t", "--remove", "latency")[0] == 1
