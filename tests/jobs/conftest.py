"""Watching processes from outside."""

from __future__ import annotations

import time
from collections.abc import Callable

import psutil
import pytest

from app.jobs import starting


def is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.fixture
def gone() -> Callable[[int], bool]:
    """Whether a process has ended (a zombie has)."""
    return is_gone


@pytest.fixture
def until() -> Callable[[Callable[[], bool], float], bool]:
    """Poll a condition up to a deadline; False if it never came true."""

    def wait(condition: Callable[[], bool], seconds: float) -> bool:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if condition():
                return True
            time.sleep(0.01)
        return condition()

    return wait


@pytest.fixture(params=["spawned", "forked"])
def started(request, monkeypatch) -> str:
    """Both ways in which children are started, where there are two."""
    starting.warm_up()
    if request.param == "spawned":
        monkeypatch.setattr(starting, "_warm", [])
    elif starting.environment() is None:
        pytest.skip("this system cannot fork safely")
    return request.param
