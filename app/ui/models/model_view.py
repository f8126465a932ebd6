"""What the Models page shows of a model version: gathered from the registry in one go."""

from __future__ import annotations

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
    from app.registry import models, releases

    live, standings = live_bundles(project), releases.standings(project)
    return [_view(project, v, live, standings.get(v.id, Standing())) for v in models.model_versions(project)]


def _view(project: Project, version: ModelVersion, live: set[str], standing: Standing) -> ModelView:
    from app.registry import datasets, deploy, models, query_bundles, runs, thresholds
    from app.training import results

    run = runs.run(project, version.run_id)
    candidate = runs.candidate(project, version.candidate_id)
    made = tuple(deploy.bundles(project, version.id))
    return ModelView(
        version=version,
        run=run,
        candidate=candidate,
        dataset=datasets.dataset(project, run.dataset_id),
        data_version=datasets.version(project, run.plan.version_id),
        approval=next(iter(models.approvals(project, version.id)), None),
        gates=runs.gate_results(project, candidate.id),
        parity=results.certificate(project, candidate) if candidate.parity_sha256 else None,
        bundles=made,
        live=any(bundle.id in live for bundle in made),
        card=_card(project, version),
        standing=standing,
        threshold=thresholds.threshold_of(project, candidate.id),
        query=query_bundles.query_bundle_of(project, run.id),
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
