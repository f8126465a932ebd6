"""What differs between two runs: what was asked, which data, which environment. Parent side, nothing heavy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from app.core.data import Column
from app.core.runs import Run
from app.errors import CorruptObject
from app.registry import datasets
from app.training.environment import Environment, environment

if TYPE_CHECKING:
    from app.registry.project import Project

UNKNOWN = "unknown"
_IDS = ("version_id", "reading_id")


@dataclass(frozen=True, slots=True)
class Differing:
    """``where``: plan | data | environment; ``one`` and ``other``: as texts, empty where it is not there."""

    where: str
    name: str
    one: str
    other: str


def what_differs(project: Project, one: Run, other: Run) -> tuple[Differing, ...]:
    """Every difference, the plan's first; empty for runs of the same recipe on the same machine."""
    return (*_plans(one, other), *_data(project, one, other), *_environments(project, one, other))


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that was asked, of the data or of the environment of several runs. ``where``: as in ``Differing``;
    ``told``: each run's, as texts, empty where it is not there."""

    where: str
    name: str
    told: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Whether it tells any two of the runs apart."""
        return len(set(self.told)) > 1


def facts(project: Project, several: Sequence[Run]) -> tuple[Fact, ...]:
    """All facts of some runs, the plans' first, in the order of the runs."""
    plans = [_plan_of(run) for run in several]
    data = [_data_of(project, run) for run in several]
    environments = [_known_environment(project, run) for run in several]
    return (*_facts("plan", plans), *_facts("data", data), *_facts("environment", environments))


def _facts(where: str, each: Sequence[dict[str, str]]) -> list[Fact]:
    names = dict.fromkeys(name for told in each for name in told)
    return [Fact(where, name, tuple(told.get(name, "") for told in each)) for name in names]


def _known_environment(project: Project, run: Run) -> dict[str, str]:
    try:
        return _environment_of(project, run)
    except CorruptObject:
        return {"what it was made with": UNKNOWN}


def since_then(project: Project, run: Run) -> tuple[Differing, ...]:
    """What is another one here and now (``other``) than when the run was made (``one``)."""
    try:
        before = _environment_of(project, run)
    except CorruptObject:
        return (Differing("environment", "what it was made with", UNKNOWN, ""),)
    return tuple(_differing("environment", before, _told(environment())))


def changed_words(found: Sequence[Differing], most: int = 6) -> str:
    """``scikit-learn 1.7.2 → 1.8.0, python 3.11 → 3.12 and 3 more``; empty where nothing changed."""
    named = ", ".join(f"{d.name} {d.one or '–'} → {d.other or '–'}" for d in found[:most])
    return f"{named} and {len(found) - most} more" if len(found) > most else named


def _plans(one: Run, other: Run) -> list[Differing]:
    return _differing("plan", _plan_of(one), _plan_of(other))


def _plan_of(run: Run) -> dict[str, str]:
    names = [field.name for field in fields(run.plan) if field.name not in _IDS]
    return {name: _words(getattr(run.plan, name)) for name in names}


def _data(project: Project, one: Run, other: Run) -> list[Differing]:
    if one.plan.reading_id == other.plan.reading_id:
        return []
    return _differing("data", _data_of(project, one), _data_of(project, other))


def _data_of(project: Project, run: Run) -> dict[str, str]:
    version = datasets.version(project, run.plan.version_id)
    reading = datasets.reading(project, run.plan.reading_id)
    whose = f"{datasets.dataset(project, run.dataset_id).name}@{version.number}"
    told = {"version": whose, "rows": f"{version.rows:,}", "reading": str(reading.number)}
    return told | {f"column {column.name}": _column_words(column) for column in reading.columns}


def _column_words(column: Column) -> str:
    return f"{column.type.value}, {column.use.value}"


def _environments(project: Project, one: Run, other: Run) -> list[Differing]:
    if one.environment_sha256 == other.environment_sha256:
        return []
    return _differing("environment", _environment_of(project, one), _environment_of(project, other))


def _environment_of(project: Project, run: Run) -> dict[str, str]:
    return _told(project.objects.read_json(run.environment_sha256, Environment))


def _told(found: Environment) -> dict[str, str]:
    told = {f.name: str(getattr(found, f.name)) for f in fields(found) if f.name not in ("packages", "threads")}
    return told | dict(found.packages) | dict(found.threads)


def _words(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def _differing(where: str, one: dict[str, str], other: dict[str, str]) -> list[Differing]:
    names = [*one, *(name for name in other if name not in one)]
    return [
        Differing(where, name, one.get(name, ""), other.get(name, ""))
        for name in names
        if one.get(name, "") != other.get(name, "")
    ]
