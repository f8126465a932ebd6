"""A folder that is a table: nothing in it but Parquet files, read in the order of their names.

Parent side: standard library only. Whether the files have the same columns is found when they are read.
"""

from __future__ import annotations

from pathlib import Path

from app.data.formats.content import Content, content_of

_MARKERS = ("_", ".")
"""Spark and its like leave ``_SUCCESS`` and ``.part-0.crc`` beside the files they write; such names are no data."""


def parquet_files(path: Path) -> tuple[Path, ...]:
    """The files of a folder that holds nothing but Parquet files, by name; empty for everything else."""
    try:
        if not path.is_dir():
            return ()
        found = sorted(entry for entry in path.iterdir() if not entry.name.startswith(_MARKERS))
        if all(entry.is_file() and content_of(entry) is Content.PARQUET for entry in found):
            return tuple(found)
    except OSError:
        return ()  # what stands in the way is told when the folder itself is opened
    return ()
