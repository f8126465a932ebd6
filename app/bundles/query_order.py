"""What a child needs to prove a query that is given away."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.core.data import ColumnType
from app.core.runs import Task


@dataclass(frozen=True, slots=True)
class QueryOrder:
    """``columns``: what the query reads, with their types; ``queries``: dialect and whole query on ``table_name``."""

    table_path: Path
    predictions_path: Path
    table_name: str
    columns: tuple[tuple[str, ColumnType], ...]
    queries: tuple[tuple[str, str], ...]
    task: Task
    labels: tuple[str, ...]
    positive: str | None
    golden: bool
