"""What the Models page shows of a model version: gathered from the registry in one go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.data import Dataset, DataVersion
from app.core.deploy import Bundle, ServiceState
from app.core.gates import GateResult
from app.core.models import Approval, ModelVersion
from app.core.referee import QueryBundle
from app.core.releases import Stage, Standing
from app.core.runs import Candidate, ParityCertificate, Run
from app.core.thresholds import ChosenThreshold
from app.errors import CorruptObject

if TYPE_CHECKING:
    from app.registry.project import Project


@dataclass(frozen=True, slots=True)
class ModelView:
    """A model version with what stands behind it. ``card``: Markdown; ``threshold``: the chosen one, None: the
    likeliest class is answered; ``query``: the bundle that was made of the run's SQL rule."""

    version: ModelVersion
    run: Run
    candidate: Candidate
    dataset: Dataset
    data_version: DataVersion
    approval: Approval | None
    gates: tuple[GateResult, ...]
    parity: ParityCertificate | None
    bundles: tuple[Bundle, ...]
    live: bool
    card: str
    standing: Standing
    threshold: ChosenThreshold | None = None
    query: QueryBundle | None = None

    @property
    def stage(self) -> Stage:
        """By the releases; ``live`` too while a service that belongs to no environment runs it."""
        return Stage.LIVE if self.live else self.standing.stage


def model_views(project: Project) -> list[ModelView]:
    """All model versions, newest first."""
    from app.registry import models

    versions = models.model_versions(project)
    behind = _Behind.read(project, versions)
    return [_view(project, version, behind) for version in versions]


@dataclass(frozen=True, slots=True)
class _Behind:
    """What stands behind all versions, read at once: runs, data sets and data versions by their ids, approvals,
    bundles and standings by model version, gates and thresholds by candidate, query bundles by run. ``live``: ids of
    bundles."""

    runs: dict[str, Run]
    datasets: dict[str, Dataset]
    data_versions: dict[str, DataVersion]
    approvals: dict[str, Approval]
    bundles: dict[str, list[Bundle]]
    standings: dict[str, Standing]
    gates: dict[str, tuple[GateResult, ...]]
    thresholds: dict[str, ChosenThreshold]
    queries: dict[str, QueryBundle]
    live: set[str]

    @classmethod
    def read(cls, project: Project, versions: Sequence[ModelVersion]) -> _Behind:
        """The same number of queries however many versions there are."""
        from app.registry import datasets, deploy, models, query_bundles, releases, runs, thresholds

        found = {run.id: run for run in runs.runs_of_ids(project, [version.run_id for version in versions])}
        bundles: dict[str, list[Bundle]] = {}
        for bundle in deploy.bundles(project):
            bundles.setdefault(bundle.model_version_id, []).append(bundle)
        return cls(
            found,
            {dataset.id: dataset for dataset in datasets.datasets(project)},
            datasets.versions_of_ids(project, {run.plan.version_id for run in found.values()}),
            models.first_approvals(project),
            bundles,
            releases.standings(project),
            runs.gate_results_of(project, [version.candidate_id for version in versions]),
            thresholds.thresholds(project),
            {bundle.run_id: bundle for bundle in reversed(query_bundles.query_bundles(project))},
            live_bundles(project),
        )


def _view(project: Project, version: ModelVersion, behind: _Behind) -> ModelView:
    from app.training import results

    run, made = behind.runs[version.run_id], tuple(behind.bundles.get(version.id, ()))
    candidate = next(one for one in run.candidates if one.id == version.candidate_id)
    return ModelView(
        version=version,
        run=run,
        candidate=candidate,
        dataset=behind.datasets[run.dataset_id],
        data_version=behind.data_versions[run.plan.version_id],
        approval=behind.approvals.get(version.id),
        gates=behind.gates.get(candidate.id, ()),
        parity=results.certificate(project, candidate) if candidate.parity_sha256 else None,
        bundles=made,
        live=any(bundle.id in behind.live for bundle in made),
        card=_card(project, version),
        standing=behind.standings.get(version.id, Standing()),
        threshold=behind.thresholds.get(candidate.id),
        query=behind.queries.get(run.id),
    )


def live_bundles(project: Project) -> set[str]:
    """Ids of the bundles that a service runs now."""
    from app.serving.local import statuses

    running = (ServiceState.RUNNING, ServiceState.STARTING, ServiceState.RESTARTING)
    return {status.service.bundle_id for status in statuses(project) if status.actual in running}


def _card(project: Project, version: ModelVersion) -> str:
    try:
        return project.objects.read(version.card_sha256).decode()
    except CorruptObject as error:
        return error.message
