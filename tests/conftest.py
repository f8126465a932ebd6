"""Settings for every suite, made before anything loads numpy or Qt."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import pytest

from tests.ports import first_own_port

os.environ["MODELYARD_FIRST_PORT"] = str(first_own_port())  # one process's service must not take another's address
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
if "MODELYARD_CONFIG_DIR" not in os.environ:  # refusals are told to a log of the tests' own
    os.environ["MODELYARD_CONFIG_DIR"] = tempfile.mkdtemp(prefix="modelyard-tests-")
    atexit.register(shutil.rmtree, os.environ["MODELYARD_CONFIG_DIR"], ignore_errors=True)


LONG_FIRST = ("journeys", "training", "serving", "monitoring", "approval", "bundles")


def pytest_sessionstart() -> None:
    """Children of suites that start hundreds begin with their libraries loaded, as in the window."""
    if {"PYTEST_XDIST_WORKER", "WARM_CHILDREN"} & os.environ.keys():
        from app.jobs.starting import warm_up

        warm_up()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long are begun first, so that two processes that share the files end together."""
    tests = Path(__file__).parent
    items.sort(key=lambda item: item.path.relative_to(tests).parts[0] not in LONG_FIRST)
