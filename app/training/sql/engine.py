"""A rule asked of a real SQL engine: the query that a person would keep, run on the stored table. In a child only."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from app.core.runs import Task
from app.data import engine
from app.training.sql.rules import Rule, Say

if TYPE_CHECKING:
    import duckdb

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Said:
    """``answer``: (n,) as ``rules.Rule`` gives it, in the order of the rows asked for. ``seconds``: the engine's."""

    answer: npt.NDArray[np.float64]
    seconds: float


def expression(rule: Rule, task: Task, labels: tuple[str, ...]) -> list[str]:
    """The rule's lines in DuckDB's dialect."""
    return rule.lines(Say(task, labels))


@contextmanager
def opened(rows: Rows, folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """An engine that can be asked about some rows (0-based positions in the stored table)."""
    with engine.connect(folder) as connection:
        connection.register("asked", pa.table({"asked_row": rows, "asked_at": np.arange(len(rows))}))
        yield connection


def ask(
    connection: duckdb.DuckDBPyConnection, lines: Sequence[str], table: Path, task: Task, labels: tuple[str, ...]
) -> Said:
    """Run the expression over the rows that the engine was opened for. Raises duckdb.Error."""
    said = "\n".join(lines)
    started = time.monotonic()
    found: pa.Table = connection.sql(
        f"SELECT ({said}) AS answer FROM read_parquet({engine.file(table)}, file_row_number = true) "
        "JOIN asked ON file_row_number = asked_row ORDER BY asked_at"
    ).to_arrow_table()
    seconds = time.monotonic() - started
    return Said(_figures(found.column("answer"), task, labels), seconds)


def _figures(answers: pa.ChunkedArray, task: Task, labels: tuple[str, ...]) -> npt.NDArray[np.float64]:
    if task is Task.MULTICLASS:
        place = {label: float(i) for i, label in enumerate(labels)}
        return np.asarray([place[label] for label in answers.to_pylist()])
    return np.asarray(answers.cast(pa.float64()).to_numpy(), dtype=np.float64)
