"""One hash of 64 bits a row of a table with more columns than one query may be about. Child side."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import numpy as np
import numpy.typing as npt

from app.data import engine

Hashes = npt.NDArray[np.uint64]
GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB), (31, 1))
"""The finalizer of SplitMix64 (Steele, Lea and Flood 2014, Fast splittable pseudorandom number generators)."""


def row_hashes(
    connection: duckdb.DuckDBPyConnection, source: str, values: Sequence[str], most: int | None = None
) -> Hashes:
    """(n,) in the order of the rows, of which the first ``most``. ``values``: SQL over ``source``; equal rows of equal
    values in the same order have equal hashes, of whatever table they are."""
    limit = f" LIMIT {most}" if most is not None else ""
    found: Hashes | None = None
    for start in range(0, len(values), engine.BLOCK):
        block = ", ".join(values[start : start + engine.BLOCK])
        rows = connection.execute(f"SELECT hash({block}) AS h FROM {source}{limit}")
        hashed = np.asarray(rows.fetchnumpy()["h"], np.uint64)
        found = hashed if found is None else mixed(found * GOLDEN + hashed)
    assert found is not None
    return found


def mixed(hashes: Hashes) -> Hashes:
    """Hashes of hashes, every bit of which depends on every bit."""
    for shift, factor in _MIX:
        hashes = (hashes ^ (hashes >> np.uint64(shift))) * np.uint64(factor)
    return hashes
