"""A bundle is the same bytes every time, and says so about each of its files."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import msgspec
import pytest

from app.bundles.placing import settle
from app.bundles.verify import verify_bundle
from app.core.runs import Task
from app.errors import BundleProblem
from app.registry.project import Project
from app.runtime.contract import Contract
from app.runtime.rules import Rule
from tests.runtime.example import Example, make_example


@pytest.fixture(scope="module")
def example() -> Example:
    return make_example(Task.BINARY)


def digests(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_building_twice_gives_identical_bytes(example: Example, tmp_path: Path) -> None:
    first, second = example.build(tmp_path / "first"), example.build(tmp_path / "second")
    assert digests(tmp_path / "first") == digests(tmp_path / "second")
    assert first == second


def test_the_same_rules_give_identical_bytes_and_other_rules_another_bundle(example: Example, tmp_path: Path) -> None:
    def build(name: str, *rules: Rule) -> str:
        ruled = replace(example, contract=replace(example.contract, rules=rules))
        return ruled.build(tmp_path / name).id

    age, plan = Rule("range", "age", 0, 99), Rule("categories", "plan", values=("a", "b"))
    assert build("first", age, plan) == build("second", age, plan)
    assert digests(tmp_path / "first") == digests(tmp_path / "second")
    assert build("third", age) != verify_bundle(tmp_path / "first").id


def test_a_contract_of_before_there_were_rules_is_read(example: Example, tmp_path: Path) -> None:
    example.build(tmp_path / "bundle")
    old = json.loads((tmp_path / "bundle" / "contract.json").read_bytes())
    del old["rules"]
    assert msgspec.json.decode(json.dumps(old), type=Contract) == example.contract


def test_a_bundle_holds_no_pickle_nothing_of_the_application_and_no_path_of_this_machine(
    example: Example, tmp_path: Path
) -> None:
    example.build(tmp_path / "bundle")
    root = str(Path(__file__).parents[2]).encode()
    for path in (tmp_path / "bundle").rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert root not in content and str(tmp_path).encode() not in content, path.name
            assert path.suffix not in {".pkl", ".pickle", ".joblib", ".pyc"}
            assert path.suffix != ".py" or b"from app" not in content, path.name


class Slower(type(Path())):  # type: ignore[misc]
    """A bundle whose name is taken by another window the moment before it gets there."""

    others: ClassVar[list[Path]] = []

    def replace(self, target: Path) -> Path:
        if self.others:
            shutil.copytree(self.others.pop(), target)
        return super().replace(target)


@pytest.mark.parametrize("other", ["the same", "another"])
def test_a_name_that_another_window_takes_at_the_same_moment_is_left_to_it(
    example: Example, tmp_path: Path, other: str
) -> None:
    made = Slower(tmp_path / "scratch" / "churn@3")
    made.parent.mkdir()
    bundle = example.build(made)
    if other == "another":
        example = replace(example, contract=replace(example.contract, rules=(Rule("range", "age", 0, 99),)))
    theirs = example.build(tmp_path / "theirs")
    Slower.others.append(tmp_path / "theirs")
    with Project.create(tmp_path / "project", actor="Ada") as project:
        final = settle(project, made, bundle.id)
    assert verify_bundle(final).id == bundle.id
    assert verify_bundle(tmp_path / "project" / "bundles" / "churn@3").id == theirs.id
    assert (final.name == "churn@3") == (other == "the same")
    assert final.with_name(f"{final.name}.zip").is_file()


def test_every_change_is_found(example: Example, tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    example.build(folder)
    verify_bundle(folder)
    for name in digests(folder):
        path = folder / name
        before = path.read_bytes()
        path.write_bytes(before + b"\n")
        with pytest.raises(BundleProblem):
            verify_bundle(folder)
        path.write_bytes(before)
    verify_bundle(folder)
