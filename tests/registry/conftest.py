from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType

import pytest

from app.registry.project import Project

LONG = os.environ.get("MODELYARD_LONG") == "1"
"""The long forms of the promises (hundreds of kills) run when MODELYARD_LONG=1."""


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"registry_{name}", Path(__file__).with_name(f"{name}.py"))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


STORY = _load("story")
CRASH = _load("crash")


class Clock:
    """A clock that only the test moves."""

    def __init__(self) -> None:
        self.time = datetime(2026, 7, 27, 10, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def advance(self, **by: float) -> None:
        self.time += timedelta(**by)


@pytest.fixture
def story() -> ModuleType:
    return STORY


@pytest.fixture
def crash() -> ModuleType:
    return CRASH


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def project(tmp_path: Path, clock: Clock) -> Iterator[Project]:
    with Project.create(tmp_path / "project", name="Churn", actor="Ann <ann@example.org>", clock=clock) as made:
        yield made


@pytest.fixture
def count() -> Callable[[int, int], int]:
    """How often: the short form, or the long form with MODELYARD_LONG=1."""
    return lambda short, long: long if LONG else short
