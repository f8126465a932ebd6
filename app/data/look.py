"""A first look at a large file while it is still being copied, then the exact reading: one child for both, so that
its start is waited for once. Child side.

A look reads a piece of the file the way all of it will be read, small first, then larger. What it finds is shown as
provisional and never recorded.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import numpy as np
import pyarrow.parquet as pq

from app.core.data import Profile
from app.core.progress import Silent
from app.data import engine
from app.data.formats import content
from app.data.formats.content import Content
from app.data.formats.dialect import DELIMITERS
from app.data.looking.announce import MOST_COLUMNS, first_cells
from app.data.read import read
from app.data.reading import PROFILE_FILE, TABLE_FILE, FirstLook, ReaderAnswer, ReaderTask, ReadRequest
from app.errors import ModelyardError
from app.jobs.child import ChildContext
from app.jobs.decoding import decode

LOOK_ROWS = (2_000, 50_000)
LOOK_BYTES = (400_000, 5_000_000)
"""Of a text file, from its start."""


def look_or_read(child: ChildContext, task: ReaderTask) -> ReaderAnswer:
    """Do one or the other (see ``reader``). A look raises nothing: what is wrong with the file, reading it says."""
    if task.look is not None:
        for seen in _looks(child.folder, task.look):
            child.emit(seen)
    return ReaderAnswer(read(child, task.read) if task.read is not None else None)


@dataclass
class _Apart(Silent):
    """The context of a look: tells nobody, and works in a folder of its own."""

    folder: Path


def _looks(folder: Path, request: ReadRequest) -> Iterator[FirstLook]:
    """Looks at a file, each larger than the one before; none at files that cannot be read in pieces."""
    for most_rows, most_bytes in zip(LOOK_ROWS, LOOK_BYTES, strict=True):
        own = folder / "look"
        own.mkdir()
        try:
            seen = _look(own, request, most_rows, most_bytes)
        except (ModelyardError, OSError, ValueError, duckdb.Error):
            return
        finally:
            shutil.rmtree(own)
        if seen is None:
            return
        yield seen


def _look(own: Path, request: ReadRequest, most_rows: int, most_bytes: int) -> FirstLook | None:
    source, piece = request.sources[0], own / "piece"
    found = content.content_of(source)
    if found is Content.PARQUET:
        share = _first_rows(source, piece, most_rows)
    elif found is Content.TEXT:
        share = _first_lines(source, piece, most_bytes)
    else:
        return None
    if not share:
        return None
    result = read(_Apart(own), replace(request, sources=(piece,), announce=False))  # type: ignore[arg-type]
    profile = decode((own / PROFILE_FILE).read_bytes(), Profile)
    if len(profile.columns) > MOST_COLUMNS:
        return None
    cells = first_cells(own, own / TABLE_FILE, result.columns)
    total = round(profile.rows / share)
    return FirstLook(request.names, total, found is Content.PARQUET, result.columns, profile, cells)


def _first_rows(source: Path, piece: Path, most: int) -> float:
    """Copy the first rows of a Parquet file; which share of all rows they are."""
    with pq.ParquetFile(source) as file:
        total, width = int(file.metadata.num_rows), len(file.schema_arrow.names)
    if not total or width > MOST_COLUMNS:
        return 0.0
    with engine.connect(piece.parent) as connection:
        query = f"SELECT * FROM read_parquet({engine.file(source)}) LIMIT {most}"
        connection.execute(f"COPY ({query}) TO {engine.text(str(piece))} (FORMAT parquet)")
    return min(1.0, most / total)


def _first_lines(source: Path, piece: Path, most: int) -> float:
    """Copy the first whole lines of a text; which share of all bytes they are. None that ends within quotes, and none
    of a table that is too wide to be shown: looking at ten thousand columns would hold up the reading by seconds."""
    with source.open("rb") as file:
        head = file.read(most)
        total = file.seek(0, 2)
    first = head.partition(b"\n")[0]
    if max(first.count(delimiter.encode()) for delimiter in DELIMITERS) >= MOST_COLUMNS:
        return 0.0
    ends, quotes = (np.flatnonzero(np.frombuffer(head, np.uint8) == code) for code in (10, 34))
    whole = ends[np.searchsorted(quotes, ends) % 2 == 0]
    if not len(whole):
        return 0.0
    piece.write_bytes(head[: int(whole[-1]) + 1])
    return (int(whole[-1]) + 1) / total
