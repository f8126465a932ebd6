"""Rows with their answers as a file: CSV that no spreadsheet takes for formulas, or Parquet. Child side."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Protocol

import pyarrow as pa
import pyarrow.parquet as pq

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a spreadsheet recognises a formula (OWASP, CSV injection)."""

_PRINTED = {int, float, datetime, type(None)}

_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?")


class AnswersWriter(Protocol):
    """Takes rows with their answers, batch by batch. A context manager: the file is whole once it is left."""

    def write(self, rows: pa.Table, answers: Mapping[str, Sequence[object]]) -> None:
        """Rows as they were in the file, and new columns of the same length."""

    def __enter__(self) -> AnswersWriter:
        """The writer itself."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish the file."""


def writer(path: Path, format_: str, taken: Sequence[str], added: Sequence[str]) -> AnswersWriter:
    """A writer for ``csv`` or ``parquet``. ``added``: names of the new columns; one that a column of the rows has
    already gets a number behind it."""
    names = free_names(taken, added)
    return CsvAnswers(path, taken, names) if format_ == "csv" else ParquetAnswers(path, names)


def free_names(taken: Sequence[str], added: Sequence[str]) -> dict[str, str]:
    """The name under which each new column is written."""
    used, names = set(taken), {}
    for name in added:
        free, number = name, 1
        while free in used:
            number += 1
            free = f"{name}_{number}"
        names[name] = free
        used.add(free)
    return names


class CsvAnswers:
    """UTF-8, comma, quotes where needed, ``\\r\\n`` (RFC 4180)."""

    def __init__(self, path: Path, columns: Sequence[str], names: Mapping[str, str]) -> None:
        self._file = path.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file)
        self._names = names
        self._writer.writerow([harmless(name) for name in (*columns, *names.values())])

    def write(self, rows: pa.Table, answers: Mapping[str, Sequence[object]]) -> None:
        """Append a batch."""
        columns = [*(_texts(column.to_pylist()) for column in rows.columns), *(_texts(answers[n]) for n in self._names)]
        self._writer.writerows(zip(*columns, strict=True))

    def __enter__(self) -> CsvAnswers:
        """The writer itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self._file.close()


class ParquetAnswers:
    """Zstandard; the new columns get the type of their values."""

    def __init__(self, path: Path, names: Mapping[str, str]) -> None:
        self._path = path
        self._names = names
        self._writer: pq.ParquetWriter | None = None

    def write(self, rows: pa.Table, answers: Mapping[str, Sequence[object]]) -> None:
        """Append a batch."""
        for name, free in self._names.items():
            rows = rows.append_column(free, pa.array(answers[name]))
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, rows.schema, compression="zstd")
        self._writer.write_table(rows.cast(self._writer.schema))

    def __enter__(self) -> ParquetAnswers:
        """The writer itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write the footer."""
        if self._writer is not None:
            self._writer.close()


def harmless(text: str) -> str:
    """A text that a spreadsheet shows and does not run: an apostrophe before what begins like a formula and is no
    number."""
    return f"'{text}" if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text) else text


def _texts(values: Sequence[object]) -> Sequence[object]:
    """A column as it is written; numbers and moments as they are, for the writer prints them itself and fast."""
    if set(map(type, values)) <= _PRINTED:
        return values
    return [_cell(value) for value in values]


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return harmless(value) if isinstance(value, str) else value
