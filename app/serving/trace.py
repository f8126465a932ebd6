"""From a prediction back to the data: a join over what the project has recorded, link by link.

A link that cannot be followed is named with its reason; the links behind it are missing too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from app.core.origins import Descent
from app.core.progress import Silent
from app.core.watch import Link, PredictionLog, Trace
from app.errors import CorruptObject, NotFound
from app.runtime import logline
from app.runtime.logline import Line
from app.serving.segments import ID_PREFIX

if TYPE_CHECKING:
    from app.core.data import DataVersion
    from app.core.deploy import Bundle
    from app.core.models import Approval, ModelVersion
    from app.core.runs import Run
    from app.registry.project import Project

Before = TypeVar("Before")
Noun = TypeVar("Noun")


def trace(project: Project, prediction_id: str) -> Trace:
    """Everything behind a prediction.

    If it is not known yet, what the project's own services have logged since is collected first.
    """
    wanted, walk = prediction_id.strip(), _Walk()
    line = walk.follow("prediction", wanted, lambda i: _line(project, i), lambda found: (found.id, found.id))
    bundle = walk.follow("bundle", line, lambda found: _bundle(project, found), lambda b: (_bundle_id(b), b.id))
    version = walk.follow("model_version", bundle, lambda b: _version(project, b), lambda v: (v.label, v.id))
    run = walk.follow("run", version, lambda v: _run(project, v), lambda r: (r.id, r.id))
    plan = walk.follow("plan", run, _plan, lambda text: (text, None))
    data = walk.follow("data_version", run, lambda r: _data_version(project, r), lambda d: (d.label, d.version.id))
    digest = walk.follow("data", data, lambda d: _bytes(project, d.version), lambda text: (text, None))
    approval = walk.follow("approval", version, lambda v: _approval(project, v), lambda a: (_in_words(a), a.id))
    return Trace(
        prediction=wanted,
        inputs=_json(line.inputs) if line else None,
        output=_json(line.output) if line else None,
        bundle=_bundle_id(bundle) if bundle else None,
        model_version=version.label if version else None,
        run=run.id if run else None,
        plan=plan,
        seed=run.plan.seed if run else None,
        data_version=data.label if data else None,
        sha256=digest,
        approval=_in_words(approval) if approval else None,
        links=tuple(walk.links),
        lineage=_lineage(project, data),
        violations=line.violations if line else (),
    )


@dataclass(slots=True)
class _Walk:
    """Follows links and remembers each: found, or missing and why."""

    links: list[Link] = field(default_factory=list)

    def follow(
        self,
        name: str,
        before: Before | None,
        fetch: Callable[[Before], Noun],
        tell: Callable[[Noun], tuple[str, str | None]],
    ) -> Noun | None:
        """What lies behind ``before``; ``tell``: its text and id."""
        if before is None:
            self.links.append(Link(name, None, None, "A link before it is missing."))
            return None
        try:
            noun = fetch(before)
        except (NotFound, CorruptObject) as error:
            self.links.append(Link(name, None, None, error.message))
            return None
        self.links.append(Link(name, *tell(noun)))
        return noun


@dataclass(frozen=True, slots=True)
class _Data:
    """A data version with the name that people know it by."""

    label: str
    version: DataVersion


def _line(project: Project, prediction_id: str) -> Line:
    log, offset = _place(project, prediction_id)
    text = project.objects.read(log.sha256)
    found = logline.entry(text[offset : text.find(b"\n", offset) + 1], offset).line
    if found is None or found.id != prediction_id:
        raise CorruptObject(f"The log {log.sha256[:12]} holds something else where this prediction should be.")
    return found


def _place(project: Project, prediction_id: str) -> tuple[PredictionLog, int]:
    from app.registry import watch
    from app.serving.logs import collect_services

    place = watch.find_prediction(project, prediction_id)
    if place is None:
        collect_services(project, Silent())
        place = watch.find_prediction(project, prediction_id)
    if place is None:
        raise NotFound(f"This project has collected no prediction {prediction_id}.")
    return place


def _bundle(project: Project, line: Line) -> Bundle:
    from app.registry import deploy

    digest = line.bundle.removeprefix(ID_PREFIX)
    found = deploy.bundle_by_sha256(project, digest)
    if found is None:
        raise NotFound(f"This project made no bundle {digest[:12]}.")
    return found


def _bundle_id(bundle: Bundle) -> str:
    return ID_PREFIX + bundle.sha256


def _version(project: Project, bundle: Bundle) -> ModelVersion:
    from app.registry import models

    return models.model_version(project, bundle.model_version_id)


def _run(project: Project, version: ModelVersion) -> Run:
    from app.registry import runs

    return runs.run(project, version.run_id)


def _plan(run: Run) -> str:
    return _json(run.plan)


def _json(noun: object) -> str:
    import msgspec

    return msgspec.json.encode(noun).decode()


def _data_version(project: Project, run: Run) -> _Data:
    from app.registry import datasets

    version = datasets.version(project, run.plan.version_id)
    return _Data(f"{datasets.dataset(project, version.dataset_id).name}@{version.number}", version)


def _lineage(project: Project, data: _Data | None) -> tuple[Descent, ...]:
    from app.data.lineage import lineage

    return lineage(project, data.version.id) if data is not None else ()


def _bytes(project: Project, version: DataVersion) -> str:
    """The digest of the data, if its bytes are still there (their content is what ``verify`` is for)."""
    gone = [s.name for s in version.sources if not project.objects.exists(s.sha256)]
    if gone:
        raise NotFound(f"The bytes of {', '.join(gone)} are missing from the project.")
    return version.sha256


def _approval(project: Project, version: ModelVersion) -> Approval:
    from app.registry import models

    for approval in models.approvals(project, version.id):
        if approval.decision == "approved":
            return approval
    raise NotFound(f"{version.label} has no approval.")


def _in_words(approval: Approval) -> str:
    return f"{approval.actor}, {approval.at}: {approval.reason}"
