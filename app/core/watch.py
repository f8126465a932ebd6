"""Predictions that came home, and the trace of one."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from app.core.origins import Descent


class Audience(StrEnum):
    """To whom predictions were said: a client; nobody, by a challenger in the shadow; us, when we tried a service."""

    CLIENT = "client"
    SHADOW = "shadow"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class PredictionLog:
    """A collected log segment: an object of JSON lines. ``rows``: how many answers to clients it holds; 0 where a
    challenger spoke in the shadow, or we tried a service. ``service_id`` None: a file was predicted or
    the bundle ran elsewhere."""

    id: str
    sha256: str
    bundle_sha256: str
    rows: int
    first_at: str
    last_at: str
    service_id: str | None
    created_at: str


@dataclass(frozen=True, slots=True)
class Answers:
    """What a bundle has answered to clients, as far as it came home."""

    predictions: int
    first_at: str
    last_at: str


MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Collected:
    """What ``collect`` found. ``collected``: answers to clients; ``foreign``: lines of bundles of other projects;
    ``shadow``, ``tests``: what was stored besides, that a challenger said in the shadow or that answered a test call of
    ours. ``strangers``: the models and bundles of foreign lines, in words."""

    collected: int
    duplicates: int
    foreign: int
    torn: int
    shadow: int = 0
    tests: int = 0
    strangers: tuple[str, ...] = field(default=(), compare=False)

    @property
    def named(self) -> str:
        """Whose the foreign lines are, in words with a space before; empty if there are none."""
        more = len(self.strangers) - MOST_NAMED
        told = ", ".join(self.strangers[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
        return f" ({told})" if told else ""

    @property
    def besides(self) -> str:
        """What was stored that no client was told, in words with a comma before each; empty if nothing."""
        told = ((self.shadow, "answer", "answers", " in the shadow"), (self.tests, "test call", "test calls", ""))
        return "".join(f", {n:,} {one if n == 1 else many}{where}" for n, one, many, where in told if n)


@dataclass(frozen=True, slots=True)
class Link:
    """One link of a trace: found (``value``) or missing (``value`` None and ``problem`` in words)."""

    name: str
    value: str | None
    noun_id: str | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Trace:
    """A prediction with everything behind it. ``inputs``, ``output`` and ``plan``: JSON objects as text;
    ``violations``: codes of the rules that its inputs broke; ``lineage``: where the data version came from, then those
    that it was made of; ``shadow_of``: nobody was answered this; it is beside the prediction of that id;
    ``instead_of``: the bundle of a challenger that was to answer, but had no finite answer."""

    prediction: str
    inputs: str | None
    output: str | None
    bundle: str | None
    model_version: str | None
    run: str | None
    plan: str | None
    seed: int | None
    data_version: str | None
    sha256: str | None
    approval: str | None
    links: tuple[Link, ...] = ()
    violations: tuple[str, ...] = ()
    lineage: tuple[Descent, ...] = ()
    shadow_of: str | None = None
    instead_of: str | None = None

    @property
    def whole(self) -> bool:
        """Whether no link is missing."""
        return all(link.value is not None for link in self.links)
