"""A trial that has a score, as the search remembers it. Parent side."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.training.search.search_orders import TrialOrder, Tried
from app.training.search.spaces import Settings

BLENDED = 24


@dataclass
class Tested:
    """A trial that has a score."""

    order: TrialOrder
    tried: Tried
    path: Path
    rung: int
    promoted: bool = False
    copied: bool = False

    @property
    def settings(self) -> Settings:
        """As they were resolved."""
        found: Settings = json.loads(self.tried.settings)
        return found


def varied(ranked: Sequence[Tested]) -> list[Tested]:
    """At most ``BLENDED`` to make an average of: the best first, but the best of every family among them."""
    best_of: dict[str, Tested] = {}
    for one in ranked:
        best_of.setdefault(one.order.family, one)
    ahead = list(ranked[: BLENDED - len(best_of)])
    return ahead + [one for one in best_of.values() if one not in ahead]
