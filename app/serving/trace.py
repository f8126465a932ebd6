"""From a prediction back to the data: a join over what the project has recorded, link by link.

A link that cannot be followed is named with its reason; the links behind it are missing too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.progress import Silent
from app.core.watch import PredictionLog, Trace
from app.errors import CorruptObject, NotFound
from app.runtime import logline
from app.runtime.logline import Line
from app.serving.query_trace import trace_query
from app.serving.segments import ID_PREFIX
from app.serving.walk import Walk, as_json, bytes_of, data_version_of, lineage_of, plan_of

if TYPE_CHECKING:
    from app.core.deploy import Bundle
    from app.core.models import Approval, ModelVersion
    from app.core.runs import Run
    from app.registry.project import Project


def trace(project: Project, prediction_id: str) -> Trace:
    """Everything behind a prediction, or behind a query's bundle if that is what the id names.

    If it is not known yet, what the project's own services have logged since is collected first.
    """
    wanted, walk = prediction_id.strip(), Walk()
    if (of_query := trace_query(project, wanted)) is not None:
        return of_query
    line = walk.follow("prediction", wanted, lambda i: _line(project, i), lambda found: (found.id, found.id))
    bundle = walk.follow("bundle", line, lambda found: _bundle(project, found), lambda b: (_bundle_id(b), b.id))
    version = walk.follow("model_version", bundle, lambda b: _version(project, b), lambda v: (v.label, v.id))
    run = walk.follow("run", version, lambda v: _run(project, v), lambda r: (r.id, r.id))
    plan = walk.follow("plan", run, plan_of, lambda text: (text, None))
    data = walk.follow("data_version", run, lambda r: data_version_of(project, r), lambda d: (d.label, d.version.id))
    digest = walk.follow("data", data, lambda d: bytes_of(project, d.version), lambda text: (text, None))
    approval = walk.follow("approval", version, lambda v: _approval(project, v), lambda a: (_in_words(a), a.id))
    return Trace(
        prediction=wanted,
        inputs=as_json(line.inputs) if line else None,
        output=as_json(line.output) if line else None,
        bundle=_bundle_id(bundle) if bundle else None,
        model_version=version.label if version else None,
        run=run.id if run else None,
        plan=plan,
        seed=run.plan.seed if run else None,
        data_version=data.label if data else None,
        sha256=digest,
        approval=_in_words(approval) if approval else None,
        links=tuple(walk.links),
        lineage=lineage_of(project, data),
        violations=line.violations if line else (),
        shadow_of=line.shadow_of if line else None,
        instead_of=line.instead_of if line else None,
    )


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


def _approval(project: Project, version: ModelVersion) -> Approval:
    from app.registry import models

    for approval in models.approvals(project, version.id):
        if approval.decision == "approved":
            return approval
    raise NotFound(f"{version.label} has no approval.")


def _in_words(approval: Approval) -> str:
    return f"{approval.actor}, {approval.at}: {approval.reason}"
