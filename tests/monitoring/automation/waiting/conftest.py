"""The project that every test here begins with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.registry.project import Project
from tests.monitoring.automation.waiting.people import approved, trained


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """A model, *people*, with one version."""
    with Project.create(tmp_path / "p", actor="Ada") as made:
        approved(made, trained(made, "people", None))
        yield made
