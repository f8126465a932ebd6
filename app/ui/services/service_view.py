"""What the Services page shows: services as they are, their contracts, an example row, the last predictions."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.deploy import Bundle, ServiceStatus
from app.core.releases import ReleaseKind
from app.errors import BundleProblem
from app.jobs.decoding import decode
from app.runtime.contract import Contract, Value

if TYPE_CHECKING:
    from app.registry.project import Project
    from app.serving.recent import RecentPrediction


@dataclass(frozen=True, slots=True)
class ServiceView:
    """``contract`` None: the bundle cannot be read; ``problem`` says why. ``retired``: its model was taken out of the
    environment that it answered in; ``challenger``: what the model that challenges it expects and answers."""

    status: ServiceStatus
    model_version_id: str
    contract: Contract | None
    example: dict[str, Value]
    problem: str = ""
    retired: bool = False
    challenger: Contract | None = None

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


def threshold_words(contract: Contract, tr: Callable[[str], str]) -> str:
    """From where on a model answers so; empty where nothing is decided by a score."""
    if contract.task == "anomaly" and contract.threshold is not None:
        return tr("An anomaly from a score of {0} on.").format(f"{contract.threshold:.4g}")
    if contract.task != "binary":
        return ""
    if contract.threshold is None:
        return tr("The likelier class is answered: no threshold was chosen.")
    return tr("“{0}” is answered from {1} on.").format(contract.positive, f"{contract.threshold:.3g}")


def _key(label: object) -> str:
    return str(label).lower() if isinstance(label, bool) else str(label)


def _view(project: Project, status: ServiceStatus) -> ServiceView:
    from app.registry import deploy, releases
    from app.serving.example import example_rows

    last = releases.release_of_service(project, status.service.id)
    retired = last is not None and last.kind is ReleaseKind.RETIRE
    bundle = deploy.bundle(project, status.service.bundle_id)
    try:
        example = example_rows(project.path / bundle.path)[0]
        contract = _contract(project, bundle)
        tried = last.challenger_bundle_id if last is not None else None
        challenger = _contract(project, deploy.bundle(project, tried)) if tried is not None else None
    except (BundleProblem, OSError) as error:
        return ServiceView(status, bundle.model_version_id, None, {}, str(error), retired)
    return ServiceView(status, bundle.model_version_id, contract, example, retired=retired, challenger=challenger)


def _contract(project: Project, bundle: Bundle) -> Contract:
    return decode((project.path / bundle.path / "contract.json").read_bytes(), Contract)
