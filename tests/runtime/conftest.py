"""Models, bundles and servers that the suite shares."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.core.runs import Task
from tests.runtime.example import Example, make_example
from tests.runtime.service import Service, launch


@pytest.fixture(scope="session")
def binary() -> Example:
    return make_example(Task.BINARY)


@pytest.fixture(scope="session")
def multiclass() -> Example:
    return make_example(Task.MULTICLASS, "forest")


@pytest.fixture(scope="session")
def regression() -> Example:
    return make_example(Task.REGRESSION, "linear")


@pytest.fixture(scope="session")
def bundle(binary: Example, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle that no test changes."""
    folder = tmp_path_factory.mktemp("bundles") / "churn@3"
    binary.build(folder)
    return folder


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Service]]:
    """Starts servers and ends them with the test."""
    started: list[Service] = []

    def one(bundle: Path, *options: str, **kind: object) -> Service:
        service = launch(bundle, *options, folder=tmp_path, **kind)
        started.append(service)
        return service

    yield one
    for service in started:
        if service.process.poll() is None:
            service.process.kill()
        service.process.wait(10)
        service.process.stdout.close()


@pytest.fixture(scope="module")
def served(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A server for tests that leave it as it was."""
    service = launch(bundle, folder=tmp_path_factory.mktemp("served"))
    yield service
    service.stop()
    service.process.stdout.close()
