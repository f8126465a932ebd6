"""How far a project's loop closes by itself: Google's MLOps levels 0, 1 and 2, and how long its models take to live.

Source of the levels: Google Cloud Architecture Center, "MLOps: Continuous delivery and automation pipelines in machine
learning" (https://cloud.google.com/architecture/mlops-continuous-delivery-and-automation-pipelines-in-machine-learning):
0 manual process; 1 pipeline automation (continuous training: data and model validation, metadata, triggers); 2 CI/CD
pipeline automation (automatic deployment through environments, with monitoring). What level 2 asks of the pipeline's
own source (built and tested by CI) is no question to a project here: the pipeline is this program.
"""

from __future__ import annotations

from dataclasses import dataclass

SOURCE = "Google: MLOps, continuous delivery and automation pipelines in machine learning"


@dataclass(frozen=True, slots=True)
class Criterion:
    """What a level asks for. ``missing``: what is not there yet, in words, empty where it is met; ``page``, ``what``:
    where to do something about it."""

    level: int
    name: str
    title: str
    missing: str
    page: str
    what: str = ""

    @property
    def met(self) -> bool:
        """Whether it is there."""
        return not self.missing


@dataclass(frozen=True, slots=True)
class Lead:
    """How long a model took, in times as stored (ISO 8601, UTC; empty: not yet). ``dropped`` to ``live``: from its
    first data to its first answer; ``alarm`` to ``answered``: from the last first alarm of a version to the moment at
    which a newer version was live."""

    model: str
    dropped: str
    live: str = ""
    alarm: str = ""
    answered: str = ""


@dataclass(frozen=True, slots=True)
class Maturity:
    """``criteria``: in the order of the levels."""

    criteria: tuple[Criterion, ...]
    leads: tuple[Lead, ...] = ()

    @property
    def level(self) -> int:
        """The highest level of which everything is met, and everything of those below."""
        return next((one.level - 1 for one in sorted(self.criteria, key=lambda c: c.level) if not one.met), 2)
