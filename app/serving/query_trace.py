"""What stands behind a query's bundle: who took it along, the run that found it, the data that it was found on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.watch import Trace
from app.serving.segments import ID_PREFIX
from app.serving.walk import Walk, bytes_of, data_version_of, lineage_of, plan_of

if TYPE_CHECKING:
    from app.core.referee import QueryBundle, RefereeVerdict
    from app.core.runs import Run
    from app.registry.project import Project

_DIGITS = 64


def trace_query(project: Project, wanted: str) -> Trace | None:
    """The trace of a query's bundle by its id (``sha256:...``, or its digits alone); None if it names no such."""
    from app.registry import query_bundles

    digest = wanted.removeprefix(ID_PREFIX)
    bundle = query_bundles.query_bundle_by_sha256(project, digest) if len(digest) == _DIGITS else None
    return _trace(project, wanted, bundle) if bundle is not None else None


def _trace(project: Project, wanted: str, found: QueryBundle) -> Trace:
    walk = Walk()
    bundle = walk.follow("bundle", found, lambda b: b, lambda b: (ID_PREFIX + b.sha256, None))
    decision = f"{found.actor}, {found.at}: {found.summary}"
    walk.follow("query", bundle, lambda b: _verdict(project, b), lambda v: ("\n".join(v.query.lines), None))
    run = walk.follow("run", bundle, lambda b: _run(project, b), lambda r: (r.id, r.id))
    plan = walk.follow("plan", run, plan_of, lambda text: (text, None))
    data = walk.follow("data_version", run, lambda r: data_version_of(project, r), lambda d: (d.label, d.version.id))
    digest = walk.follow("data", data, lambda d: bytes_of(project, d.version), lambda text: (text, None))
    walk.follow("approval", bundle, lambda _b: decision, lambda text: (text, None))
    return Trace(
        prediction=wanted,
        inputs=None,
        output=None,
        bundle=ID_PREFIX + found.sha256,
        model_version=None,
        run=run.id if run else None,
        plan=plan,
        seed=run.plan.seed if run else None,
        data_version=data.label if data else None,
        sha256=digest,
        approval=decision,
        links=tuple(walk.links),
        lineage=lineage_of(project, data),
    )


def _verdict(project: Project, bundle: QueryBundle) -> RefereeVerdict:
    from app.errors import NotFound
    from app.registry import verdicts

    found = verdicts.verdict_of(project, bundle.run_id)
    if found is None:
        raise NotFound("The run has no verdict on its query.")
    return found


def _run(project: Project, bundle: QueryBundle) -> Run:
    from app.registry import runs

    return runs.run(project, bundle.run_id)
