"""What the Services page shows: services as they are, their contracts, an example row, the last predictions."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.deploy import ServiceStatus
from app.errors import BundleProblem
from app.jobs.decoding import decode
from app.runtime.contract import Contract, Value

if TYPE_CHECKING:
    from app.registry.project import Project
    from app.serving.recent import RecentPrediction


@dataclass(frozen=True, slots=True)
class ServiceView:
    """``contract`` None: the bundle cannot be read; ``problem`` says why. ``retired``: its model was taken out of the
    environment that it answered in."""

    status: ServiceStatus
    model_version_id: str
    contract: Contract | None
    example: dict[str, Value]
    problem: str = ""
    retired: bool = False

    @property
    def id(self) -> str:
        """The service's id."""
        return self.status.service.id


def service_views(project: Project) -> list[ServiceView]:
    """All services, newest first."""
    from app.serving.local import statuses

    return [_view(project, status) for status in statuses(project)]


def last_predictions(project: Project, service_id: str, limit: int = 100) -> list[RecentPrediction]:
    """The newest predictions of a service, newest first."""
    from app.serving.recent import recent

    return recent(project, limit, service_id)


def output_words(output: str) -> str:
    """A logged output (JSON object) in a few words: the label with its probability, or the value."""
    told = json.loads(output)
    if told.get("value") is not None:
        return f"{told['value']:.6g}"
    label, probabilities = told.get("label"), told.get("probabilities") or {}
    share = probabilities.get(_key(label))
    if share is None and told.get("score") is not None:
        return f"{_key(label)}  {told['score']:.4g}"
    return f"{_key(label)}  {share:.1%}" if share is not None else _key(label)


def _key(label: object) -> str:
    return str(label).lower() if isinstance(label, bool) else str(label)


def _view(project: Project, status: ServiceStatus) -> ServiceView:
    from app.registry import deploy, releases
    from app.serving.example import example_rows

    retired = releases.is_retired(project, status.service.id)
    bundle = deploy.bundle(project, status.service.bundle_id)
    folder = project.path / bundle.path
    try:
        example = example_rows(folder)[0]
        contract = decode((folder / "contract.json").read_bytes(), Contract)
    except (BundleProblem, OSError) as error:
        return ServiceView(status, bundle.model_version_id, None, {}, str(error), retired)
    return ServiceView(status, bundle.model_version_id, contract, example, retired=retired)
