"""How many threads a fit may have. In a child only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import numpy as np
from threadpoolctl import ThreadpoolController


@contextmanager
def one_thread() -> Iterator[None]:
    """Coefficients differ between one and two BLAS threads: every fit has one, whatever the machine offers.

    scikit-learn's first look for infinities sums float32 columns, which may overflow without harm.
    """
    with _controller().limit(limits=1), np.errstate(over="ignore", invalid="ignore"):
        yield


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()
