"""What the child that joins labels is given, and what it hands back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.core.data import ColumnType, ParseRecipe
from app.core.outcomes import Contradiction, JoinedBy, UnknownLabel

JOINED = "joined.jsonl"
"""Lines of ``[number of the id, prediction id, label, late]``."""


@dataclass(frozen=True, slots=True)
class JoinOrder:
    """What the child gets. ``recipe``: how the data were read that the model was trained on; ``looked_at``: of each
    bundle (``sha256:...``) whose labels may come, until when its predictions were reported on, empty: never.
    ``answers``: the classes that the models know; empty where they answer values."""

    source: Path
    id_column: str
    label_column: str
    label_type: ColumnType
    recipe: ParseRecipe
    logs: tuple[str, ...]
    looked_at: tuple[tuple[str, str], ...]
    answers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Joined:
    """What was found: see ``core.outcomes.LabelCounts``. ``matched``: ids that a prediction has;
    ``bundles``: those (``sha256:...``) that made these predictions; ``strange``: some ids, if none was matched."""

    joined_by: JoinedBy
    rows: int
    matched: int
    unmatched: int
    duplicate: int
    contradictory: int
    unlabelled: int
    contradictions: tuple[Contradiction, ...] = ()
    bundles: tuple[str, ...] = ()
    strange: tuple[str, ...] = ()
    unknown: int = 0
    unknown_labels: tuple[UnknownLabel, ...] = ()


@dataclass(frozen=True, slots=True)
class Columns:
    """The names of a file's columns."""

    names: tuple[str, ...]
