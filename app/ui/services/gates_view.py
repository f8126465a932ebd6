"""What an environment's gates may be about: whatever a gate of one of the project's models can."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.fairness import MEASURES
from app.core.gate_rules import PLAIN_METRICS
from app.core.metrics import FLAGGED
from app.core.runs import Task
from app.ui.train.gate_editor import Offered
from app.ui.train.train_view import grouping

if TYPE_CHECKING:
    from app.core.data import Reading
    from app.registry.project import Project

UNKNOWN = Offered(PLAIN_METRICS, live=True)
"""Before there are models or data."""


def gates_offered(project: Project) -> Offered:
    """By what the models predict and the columns of their data; without a model by the data sets."""
    from app.training.offered import METRICS

    known = _models(project) or _data(project)
    tasks = list(dict.fromkeys(task for task, _ in known))
    if not tasks:
        return UNKNOWN
    metrics = [metric for task in tasks for metric in METRICS[task]]
    return Offered(
        metrics=tuple(dict.fromkeys([*metrics, *([FLAGGED] if Task.ANOMALY in tasks else [])])),
        measures=tuple(dict.fromkeys(measure for task in tasks for measure in MEASURES[task])),
        columns=tuple(dict.fromkeys(name for _, reading in known for name in grouping(reading))),
        calibration=any(task.classifies for task in tasks),
        truth=tasks != [Task.ANOMALY],
        live=True,
    )


def _models(project: Project) -> list[tuple[Task, Reading]]:
    """The newest version of each model."""
    from app.registry import datasets, models, runs

    newest = [models.model_versions(project, model.id)[0] for model in models.models(project)]
    plans = [runs.run(project, version.run_id).plan for version in newest]
    return [(plan.task, datasets.reading(project, plan.reading_id)) for plan in plans]


def _data(project: Project) -> list[tuple[Task, Reading]]:
    from app.registry import datasets
    from app.training.plan import task_of

    found = [datasets.newest_version(project, one.id) for one in datasets.datasets(project)]
    readings = [datasets.current_reading(project, version.id) for version in found]
    return [(task_of(project, reading), reading) for reading in readings]
