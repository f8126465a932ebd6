"""Where a project stands: what each step of the loop has, and what waits for somebody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.core.alerts import Alert, AlertState, ThenNow
from app.core.audit import AuditEntry
from app.core.data import Dataset, DataVersion, Reading
from app.core.deploy import Bundle, ServiceState, ServiceStatus
from app.core.models import ModelVersion
from app.core.runs import Run, RunState
from app.ui.home.waiting import Muted, OpenChallenge, Unseen, gone_folders, muted, open_challenges, unseen
from app.ui.monitor.alert_view import figures

if TYPE_CHECKING:
    from app.monitoring.automation.automations import Ran
    from app.registry.project import Project


@dataclass(frozen=True, slots=True)
class DataState:
    """One data set with its newest version, how that is read, its newest run that was not discarded, and its newest
    model. ``blocked``: why it cannot be trained on, if a check says so; ``why_not``: why the run's best candidate
    cannot be approved."""

    dataset: Dataset
    version: DataVersion
    reading: Reading
    run: Run | None
    model: ModelVersion | None
    blocked: str = ""
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Overview:
    """The project at a glance. Lists are newest first. ``runs``: those under way or cut off; ``counts``: how many runs
    there are in each state; ``alerts``: those that nobody has answered, ``figures``: by their ids how
    those went on that were looked at again; ``stuck``:
    automations that failed, met refused data or wait for a person; ``challenging``: ids of the runs that made a
    challenger, ``released``: of the model versions that ever went live in an environment."""

    data: tuple[DataState, ...] = ()
    runs: tuple[Run, ...] = ()
    counts: Mapping[RunState, int] = field(default_factory=dict)
    models: tuple[ModelVersion, ...] = ()
    bundles: tuple[Bundle, ...] = ()
    services: tuple[ServiceStatus, ...] = ()
    predictions: int = 0
    alerts: tuple[Alert, ...] = ()
    stuck: tuple[Ran, ...] = ()
    recent: tuple[AuditEntry, ...] = ()
    challengers: tuple[OpenChallenge, ...] = ()
    challenging: frozenset[str] = frozenset()
    released: frozenset[str] = frozenset()
    unseen: tuple[Unseen, ...] = ()
    gone_folders: tuple[str, ...] = ()
    muted: tuple[Muted, ...] = ()
    silenced: tuple[str, ...] = ()
    figures: Mapping[str, ThenNow] = field(default_factory=dict)

    @property
    def running(self) -> tuple[Run, ...]:
        """Runs that are under way."""
        return tuple(run for run in self.runs if run.state is RunState.RUNNING)

    @property
    def live(self) -> tuple[ServiceStatus, ...]:
        """Services that answer."""
        return tuple(status for status in self.services if status.actual is ServiceState.RUNNING)

    def badge(self, page: str) -> str:
        """The short word beside a page's name in the navigation."""
        if page == "data":
            return f"v{self.data[0].version.number}" if len(self.data) == 1 else str(len(self.data) or "")
        if page == "train":
            return str(len(self.running) or "")
        if page == "compare":
            return str(sum(n for state, n in self.counts.items() if state is not RunState.DISCARDED) or "")
        if page == "models":
            return f"v{self.models[0].number}" if self.models else ""
        if page == "monitor":
            return str(len(self.alerts) or "")
        if page == "automations":
            return str(len(self.stuck) or "")
        return str(len(self.live) or "") if page == "services" else ""


def read_overview(project: Project) -> Overview:
    """Read everything that the overview shows. Some milliseconds; not for the window's thread."""
    from app.monitoring.alerting.channels import silenced
    from app.monitoring.automation.automations import needing
    from app.registry import alerts, audit, challenges, datasets, deploy, models, releases, runs, watch
    from app.serving.local import statuses

    services = tuple(statuses(project))
    opened = tuple(a for a in alerts.alerts(project, closed=False) if a.state is AlertState.OPEN)
    versions, made = tuple(models.model_versions(project)), challenges.challenges(project)
    owners = {model.id: model.dataset_id for model in models.models(project)}
    answers = watch.answers(project)
    answering = frozenset(s.model_version for s in services if s.actual is ServiceState.RUNNING)
    return Overview(
        data=tuple(
            _state(project, dataset, next((v for v in versions if owners[v.model_id] == dataset.id), None))
            for dataset in datasets.datasets(project)
        ),
        runs=tuple(runs.runs_that(project, RunState.RUNNING, RunState.INTERRUPTED)),
        counts=runs.counted(project),
        models=versions,
        bundles=tuple(deploy.bundles(project)),
        services=services,
        predictions=sum(told.predictions for told in answers.values()),
        alerts=opened,
        stuck=tuple(needing(project)),
        recent=tuple(audit.entries(project, limit=8)),
        challengers=open_challenges(project, made),
        challenging=frozenset(one.run_id for one in made),
        released=frozenset(releases.standings(project)),
        unseen=unseen(project, versions, answering, answers),
        gone_folders=gone_folders(project),
        muted=muted(project),
        silenced=silenced(project),
        figures=figures(project, opened),
    )


def _state(project: Project, dataset: Dataset, model: ModelVersion | None) -> DataState:
    """``model``: the newest of these data."""
    from app.approval.approve import why_not
    from app.data.standing import blocking
    from app.registry import datasets, runs

    version = datasets.newest_version(project, dataset.id)
    reading = datasets.current_reading(project, version.id)
    blocked = next((finding.message for finding in blocking(project, reading)), "")
    standing = [state for state in RunState if state is not RunState.DISCARDED]
    newest = next(iter(runs.runs_that(project, *standing, dataset_id=dataset.id, most=1)), None)
    best = newest.best if newest is not None else None
    unfit = why_not(project, newest, best) if newest is not None and best is not None else ""
    return DataState(dataset, version, reading, newest, model, blocked, unfit)
