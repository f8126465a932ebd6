"""versions and diff, on a real project."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.cli import main

Capture = pytest.CaptureFixture[str]


def said(capsys: Capture) -> dict[str, object]:
    return dict(json.loads(capsys.readouterr().out))


@pytest.fixture
def project(tmp_path: Path, capsys: Capture) -> str:
    """A project with two versions of churn: a row gone, a row new, two cells changed."""
    path = str(tmp_path / "p")
    rows = [f"C{i:03},{20 + i},{'yes' if i % 2 else 'no'}" for i in range(40)]
    later = ["C900,33,no", *rows[1:20], rows[20].replace("no", "yes"), "C021,99,yes", *rows[22:]]
    main(["new", path, "--json"])
    for name, lines in (("churn.csv", rows), ("churn-may.csv", later)):
        file = tmp_path / name
        file.write_text("\n".join(["id,age,churned", *lines]))
        assert main(["add", path, str(file), "--json"]) == 0
    capsys.readouterr()
    return path


def test_versions_are_listed_with_source_and_size(project: str, capsys: Capture) -> None:
    assert main(["versions", project, "--json"]) == 0
    first, second = said(capsys)["versions"]  # type: ignore[misc]
    assert (first["dataset"], first["version"], first["files"], first["source"]) == ("churn", 1, ["churn.csv"], "file")
    assert (second["version"], second["rows"], second["columns"]) == (2, 40, 3)
    assert second["bytes"] == (Path(project).parent / "churn-may.csv").stat().st_size
    assert main(["versions", project, "churn"]) == 0
    assert "churn@2" in capsys.readouterr().out


def test_an_empty_project_says_what_to_do(tmp_path: Path, capsys: Capture) -> None:
    main(["new", str(tmp_path / "p")])
    assert main(["versions", str(tmp_path / "p")]) == 0
    assert "modelyard add" in capsys.readouterr().out


def test_diff_tells_rows_and_cells(project: str, capsys: Capture) -> None:
    assert main(["diff", project, "churn@1", "churn@2", "--json"]) == 0
    told = said(capsys)
    rows = told["rows"]
    assert isinstance(rows, dict)
    assert (rows["key"], rows["added"], rows["removed"], rows["changed"], rows["same"]) == (["id"], 1, 1, 2, 37)
    assert {c["name"]: c["cells"] for c in rows["columns"]} == {"age": 1, "churned": 1}
    assert main(["diff", project, "churn@1", "churn@2"]) == 0
    assert "churn@1 -> churn@2: 1 row added, 1 removed, 2 changed." in capsys.readouterr().out


def test_diff_by_another_key_or_by_whole_rows(project: str, capsys: Capture) -> None:
    assert main(["diff", project, "churn@1", "churn@2", "--whole-rows", "--json"]) == 0
    assert said(capsys)["rows"]["added"] == 3  # type: ignore[index]
    assert main(["diff", project, "churn@1", "churn@2", "--key", "age", "--key", "id", "--json"]) == 0
    assert said(capsys)["rows"]["key"] == ["age", "id"]  # type: ignore[index]
    assert main(["diff", project, "churn@1", "churn@2", "--key", "churned", "--json"]) == 1
    assert "does not tell the rows apart" in capsys.readouterr().err


def test_diff_of_a_version_that_is_not_there_names_the_newest(project: str, capsys: Capture) -> None:
    assert main(["diff", project, "churn@1", "churn@7", "--json"]) == 1
    assert "The newest is 2" in capsys.readouterr().err


def test_a_renamed_data_set_is_found_by_both_names_and_the_history_tells(project: str, capsys: Capture) -> None:
    assert main(["rename", project, "churn", "customers", "--json"]) == 0
    assert said(capsys)["was"] == "churn"
    for name in ("customers", "churn@1"):
        assert main(["versions", project, name, "--json"]) == 0
        assert said(capsys)["versions"][0]["dataset"] == "customers"  # type: ignore[index]
    assert main(["derive", project, "old", "--sql", "SELECT id, age FROM churn", "--json"]) == 0
    said(capsys)
    assert main(["rename", project, "old", "churn", "--json"]) == 1
    assert "is or was the name of other data" in str(said(capsys))
    assert main(["rename", project, "old", "../../esc", "--json"]) == 1
    assert "cannot hold /" in str(said(capsys))
    assert main(["audit", project, "--json"]) == 0
    entries = said(capsys)["entries"]
    assert [entry["verb"] for entry in entries].count("data.rename") == 1  # type: ignore[union-attr,attr-defined]
