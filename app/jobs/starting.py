"""How children are started: afresh everywhere, and where that is safe forked from a server that has libraries loaded.

A child that is spawned imports for 0.4 s to read data and for 1.6 s to train, each time. On Linux a fork server (what
Python 3.14 does there by itself) imports once, with one thread, and every child begins as a copy of it: still a new
process with its own memory, group and end. macOS forbids forking after its frameworks were loaded; Windows cannot.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import connection, forkserver
from multiprocessing.context import ForkServerContext, SpawnContext
from pathlib import Path

ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
LIBRARIES = (
    "numpy", "duckdb", "pyarrow.parquet", "pyarrow.compute", "pandas", "msgspec", "psutil", "scipy.stats",
    "sklearn.ensemble", "sklearn.linear_model", "sklearn.pipeline", "sklearn.compose", "sklearn.preprocessing",
    "sklearn.model_selection", "sklearn.feature_extraction.text", "sklearn.svm", "onnx", "skl2onnx",
)  # fmt: skip
"""What children import most. Without onnxruntime, which starts a thread that a fork would lose; Arrow starts one of
jemalloc's, which knows of forks, as Arrow itself does."""
OURS = ("app.data.look", "app.data.differences.comparing", "app.data.looking.relating", "app.training.search.trying")
"""Of our own what most children begin with, by name: half of what a warm child took to read a small file (0.14 of
0.25 s). What loads onnxruntime stays out, as above."""

table = threading.Lock()
"""Held for every start of a child and every look at one. A start looks at all children that there are, and of two
looks at once one gets the exit status and the other none: a job that was killed ended "with exit code 255"."""

_spawn = multiprocessing.get_context("spawn")
_warm: list[ForkServerContext] = []
_warming = threading.Lock()


def context() -> SpawnContext | ForkServerContext:
    """How the next child is to be started."""
    return _warm[0] if _warm else _spawn


def environment() -> dict[str, str] | None:
    """What a child of the server does not inherit from this process; None if it does."""
    return dict(os.environ) if _warm else None


def warm_up() -> None:
    """Load the libraries for all children that are started later; returns when that is done, after about two seconds.

    For processes that stay, such as the window: a single job is over sooner without. Callable from any thread; where
    the system cannot, nothing happens. Sets one thread each for BLAS and OpenMP in this process, which the server
    inherits: a library that started threads could not be forked.
    """
    if sys.platform != "linux":
        return
    with _warming:
        if not _warm:
            os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
            made = multiprocessing.get_context("forkserver")
            made.set_forkserver_preload([*LIBRARIES, *OURS])
            with _own_modules_in_reach():
                forkserver.ensure_running()
            first = made.Process(target=_nothing, daemon=True)  # answers once the libraries are there
            with table:
                first.start()
            connection.wait([first.sentinel])
            with table:
                first.join()
            _warm.append(made)


@contextmanager
def _own_modules_in_reach() -> Iterator[None]:
    """Where the server finds our modules. Before Python 3.12.8 it does not get this process's path and passes over
    what it cannot import (github.com/python/cpython/issues/117378); the environment is the way around."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parents[2]), *([before] if before else [])])
    try:
        yield
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before


def _nothing() -> None:
    """What the first child does."""
