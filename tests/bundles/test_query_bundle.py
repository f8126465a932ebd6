"""A query's bundle: the same bytes every time, proven before it is written, checked and traced afterwards."""

from __future__ import annotations

import json
import random
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.approval.check import train_and_check
from app.bundles.query import bundle_query
from app.bundles.verify import verify_bundle
from app.cli import main
from app.core.progress import Silent
from app.core.runs import Run
from app.data.intake import add
from app.errors import BadInput, BundleProblem
from app.registry import audit, datasets, query_bundles
from app.registry.project import Project
from app.serving.dropped import add_dropped
from app.serving.trace import trace
from app.training.plan import make_plan


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Project, Run]]:
    """A run on a table whose target a small rule decides, with a moment and a yes/no column."""
    folder = tmp_path_factory.mktemp("query")
    dice = random.Random(4)
    lines = ["age,the plan,paid,since,left"]
    for _ in range(600):
        age, plan, paid, day = dice.randint(18, 80), dice.choice("abc"), dice.random() < 0.5, dice.randint(1, 28)
        left = (age > 50 and plan != "b") or dice.random() < 0.05
        lines.append(
            f"{age},{plan},{str(paid).lower()},2024-{dice.randint(1, 12):02}-{day:02},{'yes' if left else 'no'}"
        )
    table = folder / "leavers.csv"
    table.write_text("\n".join(lines) + "\n", "utf-8")
    with Project.create(folder / "project", actor="Ada") as project:
        added = add(project, table, target="left", ctx=Silent())
        assert added.version and added.reading
        yield project, train_and_check(project, make_plan(project, added.version, added.reading, seconds=15), Silent())


def test_a_bundled_query_proves_itself_by_the_standard_library_alone(
    trained: tuple[Project, Run], tmp_path: Path
) -> None:
    project, run = trained
    bundle = bundle_query(project, run.id, out=tmp_path / "out", ctx=Silent())
    assert verify_bundle(tmp_path / "out").id == bundle.sha256
    said = subprocess.run(
        [sys.executable, "-I", "check.py"], cwd=tmp_path / "out", capture_output=True, text=True, check=True
    )
    told = json.loads(said.stdout)
    assert told["ok"] and told["rows"] == 100
    certificate = json.loads((tmp_path / "out" / "certificate.json").read_bytes())
    assert {proof["dialect"] for proof in certificate["proven"]} == {"duckdb", "sqlite"}
    assert certificate["passed"] and "postgres" in certificate["translated_and_not_run"]
    assert "age" in (tmp_path / "out" / "sql" / "tsql.sql").read_text()
    assert bundle.summary in (tmp_path / "out" / "README.md").read_text()


def test_a_changed_query_is_found(trained: tuple[Project, Run], tmp_path: Path) -> None:
    project, run = trained
    bundle_query(project, run.id, out=tmp_path / "out", ctx=Silent())
    query = tmp_path / "out" / "sql" / "sqlite.sql"
    query.write_text(query.read_text().replace("SELECT", "SELECT 1 +", 1))
    said = subprocess.run(
        [sys.executable, "-I", "check.py"], cwd=tmp_path / "out", capture_output=True, text=True, check=False
    )
    assert said.returncode == 3 and "sql/sqlite.sql was changed" in said.stderr
    with pytest.raises(BundleProblem, match=r"sqlite\.sql was changed"):
        verify_bundle(tmp_path / "out")


def test_a_query_that_answers_otherwise_is_found(trained: tuple[Project, Run], tmp_path: Path) -> None:
    """The check compares answers, not only hashes: a forged manifest does not hide another query."""
    from app.runtime import manifest

    project, run = trained
    bundle_query(project, run.id, out=tmp_path / "out", ctx=Silent())
    query = tmp_path / "out" / "sql" / "sqlite.sql"
    query.write_text(query.read_text().replace("SELECT", "SELECT 1 +", 1))
    manifest.write(tmp_path / "out", {})
    said = subprocess.run(
        [sys.executable, "-I", "check.py"], cwd=tmp_path / "out", capture_output=True, text=True, check=False
    )
    assert said.returncode == 3 and not json.loads(said.stdout)["ok"]


def test_the_same_query_gives_the_same_bundle_and_one_entry(trained: tuple[Project, Run], tmp_path: Path) -> None:
    project, run = trained
    first = bundle_query(project, run.id, ctx=Silent())
    entries = audit.count(project)
    assert bundle_query(project, run.id, ctx=Silent()) == first
    assert audit.count(project) == entries
    assert query_bundles.query_bundle_of(project, run.id) == first
    with pytest.raises(BadInput, match="is there already"):
        bundle_query(project, run.id, out=project.path / first.path, ctx=Silent())


def test_its_id_leads_back_to_the_data(trained: tuple[Project, Run]) -> None:
    project, run = trained
    bundle = bundle_query(project, run.id, ctx=Silent())
    found = trace(project, f"sha256:{bundle.sha256}")
    assert found.whole, found.links
    assert found.run == run.id
    assert found.sha256 == datasets.version(project, run.plan.version_id).sha256
    assert found.approval is not None and found.approval.startswith("Ada, ")
    assert not trace(project, "sha256:" + "0" * 64).whole


def test_a_dropped_query_bundle_is_recognised(trained: tuple[Project, Run]) -> None:
    project, run = trained
    bundle = bundle_query(project, run.id, ctx=Silent())
    for dropped in (project.path / f"{bundle.path}.zip", project.path / bundle.path):
        answered = add_dropped(project, dropped, ctx=Silent())
        assert [finding.code for finding in answered.findings] == ["BUNDLE_KNOWN"]


def test_rows_of_personal_columns_are_withheld(trained: tuple[Project, Run], tmp_path: Path) -> None:
    from app.core.data import ColumnEdit
    from app.data.edit import edit_columns

    project, run = trained
    edit_columns(project, run.plan.reading_id, [ColumnEdit("age", personal=True)], ctx=Silent())
    try:
        bundle_query(project, run.id, out=tmp_path / "out", ctx=Silent())
    finally:
        datasets.select_reading(project, run.plan.reading_id)
    assert (tmp_path / "out" / "golden.jsonl").read_bytes() == b""
    assert "withheld" in (tmp_path / "out" / "README.md").read_text()


def test_the_command_line_writes_it_and_a_database_runs_it(
    trained: tuple[Project, Run], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project, run = trained
    out = tmp_path / "out"
    assert main(["bundle", str(project.path), str(run.number), str(out), "--query", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["path"] == str(out)
    with sqlite3.connect(tmp_path / "own.db") as own:
        own.execute('CREATE TABLE leavers (age, "the plan", paid, since)')
        own.execute("INSERT INTO leavers VALUES (70, 'a', 1, '2024-05-05'), (20, 'a', 1, '2024-05-05')")
        answers = [row[0] for row in own.execute((out / "sql" / "sqlite.sql").read_text())]
    assert answers[0] > 0.5 > answers[1]
