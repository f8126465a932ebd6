"""Which of thousands of columns are worth a query: one quick look at all their cells with pyarrow. Child side."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from app.data.looking.profiling_wide import HELD_CELLS
from app.data.table import plain
from app.data.types.cells import MISSING_WORDS

_SPACE = "[ \t\u00a0]*"
_TELLING = f"(?i)^(?:[=@\t\r+-]|{_SPACE}(?:{'|'.join(re.escape(word) for word in MISSING_WORDS if word)}){_SPACE}$)"


@dataclass(frozen=True, slots=True)
class Suspects:
    """Positions of columns. ``texts``: with a cell that may be a word for *missing* or a formula; ``numbers``: with an
    infinite value."""

    texts: frozenset[int]
    numbers: frozenset[int]


def suspects(path: Path) -> Suspects:
    """Look at every cell of a typed table; no column is left out that a check would name."""
    texts, numbers = set[int](), set[int]()
    with pq.ParquetFile(path, memory_map=True) as file:
        names = file.schema_arrow.names
        size = max(1, HELD_CELLS // max(file.metadata.num_rows, 1))
        for start in range(0, len(names), size):
            held = file.read(columns=names[start : start + size], use_threads=True)
            different = {start + i: column.unique() for i, column in enumerate(held.columns) if _is_text(column)}
            texts |= _telling(different)
            numbers |= {start + i for i, column in enumerate(held.columns) if _any_infinite(column)}
    return Suspects(frozenset(texts), frozenset(numbers))


def _is_text(column: pa.ChunkedArray) -> bool:
    return bool(pa.types.is_string(column.type))


def _telling(different: dict[int, pa.Array]) -> set[int]:
    """The columns one of whose values begins as a formula may, or is a word: all in one call."""
    if not different:
        return set()
    found = pc.match_substring_regex(pa.concat_arrays(list(different.values())), _TELLING)
    owners = np.repeat(list(different), [len(values) for values in different.values()])
    return set(owners[plain(found.cast(pa.int8()), np.int8, 0) == 1].tolist())


def _any_infinite(column: pa.ChunkedArray) -> bool:
    return pa.types.is_floating(column.type) and bool(pc.any(pc.is_inf(column)).as_py())
