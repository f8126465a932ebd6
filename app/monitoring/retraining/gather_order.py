"""What the child that builds data from predictions is given, and what it hands back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.core.data import Column

GATHERED = "gathered.parquet"


@dataclass(frozen=True, slots=True)
class GatherOrder:
    """``table``: the rows that predictions are added to, ``columns``: how they are read; ``target``: the column that
    the outcomes go into; ``logs``: collected segments; ``bundles``: as ``sha256:...``; ``labels``: a file of lines
    ``[prediction id, label]``."""

    table: Path
    columns: tuple[Column, ...]
    target: str
    logs: tuple[str, ...]
    bundles: tuple[str, ...]
    labels: Path


@dataclass(frozen=True, slots=True)
class Gathered:
    """The table is the file ``GATHERED``. ``rows``: predictions that were added, of which the first and last was made
    then (ISO 8601, UTC); ``known``: those that were left out, as the table has their rows already."""

    rows: int
    first_at: str
    last_at: str
    known: int = 0
