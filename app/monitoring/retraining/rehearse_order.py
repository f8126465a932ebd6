"""What the child that rehearses a challenger is given."""

from __future__ import annotations

from dataclasses import dataclass

from app.monitoring.retraining.contest_order import Contestant


@dataclass(frozen=True, slots=True)
class RehearsalOrder:
    """``logs``: collected segments; ``bundles``: the champion's, as ``sha256:...``; ``rows``: how many of the newest;
    ``moved``: from which difference on a number counts as answered differently."""

    champion: Contestant
    challenger: Contestant
    logs: tuple[str, ...]
    bundles: tuple[str, ...]
    rows: int
    moved: float
