"""Projects with real data sets, added as a person would add them."""

import csv
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.core.progress import Silent
from app.registry import datasets
from app.registry.project import Project


@pytest.fixture(scope="module")
def training_project(tmp_path_factory):
    with Project.create(tmp_path_factory.mktemp("training") / "project", actor="test") as project:
        yield project


@pytest.fixture(scope="module")
def write_csv(tmp_path_factory):
    """Write columns as a CSV file; None is an empty cell."""

    def write(name: str, columns: dict) -> Path:
        path = tmp_path_factory.mktemp("csv") / f"{name}.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            writer.writerows(zip(*(np.asarray(v, dtype=object).tolist() for v in columns.values()), strict=True))
        return path

    return write


@pytest.fixture(scope="module")
def plan_of(training_project):
    """Add a file and plan for it; keyword arguments change the plan. Small tables take a tenth of these seconds; a
    busy machine may need them."""
    from app.data.intake import add
    from app.training.plan import make_plan

    def plan(path: Path, target: str, *, seconds: float = 60, seed: int = 0, **changes):
        added = add(training_project, path, target=target, ctx=Silent())
        assert added.version is not None, added.findings
        reading = datasets.current_reading(training_project, added.version.id)
        made = make_plan(training_project, added.version, reading, seconds=seconds, seed=seed)
        return replace(made, **changes)

    return plan


class CancelWhen:
    """A context that is cancelled once a text was told; remembers when it said so."""

    def __init__(self, words: str) -> None:
        self.words = words
        self.since: float | None = None
        self.lines: list[str] = []

    def progress(self, fraction: float | None, text: str) -> None:
        self.lines.append(text)

    def cancel(self) -> None:
        self.since = self.since or time.monotonic()

    def check_cancelled(self) -> None:
        from app.errors import JobCancelled

        if self.since is not None:
            raise JobCancelled()


@pytest.fixture
def cancel_when():
    return CancelWhen
