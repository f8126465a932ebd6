"""Settings for every suite, made before anything loads numpy or Qt."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
if "MODELYARD_CONFIG_DIR" not in os.environ:  # refusals are told to a log of the tests' own
    os.environ["MODELYARD_CONFIG_DIR"] = tempfile.mkdtemp(prefix="modelyard-tests-")
    atexit.register(shutil.rmtree, os.environ["MODELYARD_CONFIG_DIR"], ignore_errors=True)


def pytest_sessionstart() -> None:
    """Children of suites that start hundreds begin with their libraries loaded, as in the window."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        from app.jobs.starting import warm_up

        warm_up()
