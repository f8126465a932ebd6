"""*Bundle the query instead*: a folder whose artefact is the SQL file, with the proof that it answers as recorded.

Building again gives the same bytes as long as the data set keeps its name and the same columns are personal.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.bundles import placing
from app.bundles.query_order import QueryOrder
from app.bundles.query_parts import QueryParts, assemble_query, size_of
from app.core.data import ColumnType, Reading
from app.core.naming import file_name
from app.core.progress import JobContext, Part
from app.core.referee import QueryBundle, QueryCertificate, RefereeVerdict
from app.core.runs import Candidate, Recipe, Run
from app.errors import NotFound, ParityFailed
from app.jobs.supervise import run_in_child

if TYPE_CHECKING:
    from app.registry.project import Project


@dataclass(frozen=True, slots=True)
class _Found:
    """A run's query with everything behind it. ``table``: what the query calls the rows: the data set's name."""

    run: Run
    candidate: Candidate
    recipe: Recipe
    reading: Reading
    verdict: RefereeVerdict
    table: str
    data_sha256: str

    @property
    def sql(self) -> str:
        return "\n".join(self.verdict.query.lines)

    @property
    def columns(self) -> tuple[tuple[str, ColumnType], ...]:
        """What the query reads; a query that reads nothing still needs rows to answer, so the first input."""
        from app.training.sql import text

        read = [(spec.name, spec.type) for spec in self.recipe.inputs if text.name(spec.name) in self.sql]
        return tuple(read or [(spec.name, spec.type) for spec in self.recipe.inputs[:1]])


def bundle_query(project: Project, run_id: str, *, out: Path | None = None, ctx: JobContext) -> QueryBundle:
    """Write the bundle of a run's query into the project's ``bundles`` and record it; also copy it to ``out``.

    NotFound if the run has no query or no model to compare it with, ParityFailed if an engine answers otherwise than
    recorded, EnvironmentProblem (disk full), BadInput if ``out`` is taken.
    """
    if out is not None:
        placing.refuse_taken(out)
    found = _found(project, run_id, Part(ctx, 0.0, 0.2))
    with project.scratch("query") as scratch:
        parts = _proven(project, found, scratch, Part(ctx, 0.2, 0.9))
        ctx.check_cancelled()
        bundle = _write(project, found, parts, scratch)
    if out is not None:
        placing.copy_to(project.path / bundle.path, out)
    ctx.progress(1.0, f"Bundle of {parts.label} is ready")
    return bundle


def _found(project: Project, run_id: str, ctx: JobContext) -> _Found:
    from app.registry import datasets, runs
    from app.training import referee, results

    run = runs.run(project, run_id)
    verdict = referee.referee(project, run, ctx)
    candidate = next((c for c in run.candidates if c.family == referee.FAMILY and c.predictions_sha256), None)
    if candidate is None:
        raise NotFound(f"Run {run.number} has no query.", "Train again, with more seconds.")
    reading = datasets.reading(project, run.plan.reading_id)
    name = datasets.dataset(project, run.dataset_id).name
    digest = datasets.version(project, run.plan.version_id).sha256
    return _Found(run, candidate, results.recipe(project, candidate), reading, verdict, name, digest)


def _proven(project: Project, found: _Found, scratch: Path, ctx: JobContext) -> QueryParts:
    """The parts, once every engine that is here has answered as recorded. ParityFailed otherwise."""
    folder = scratch / "proof"
    folder.mkdir()
    queries, columns = _queries(found), found.columns
    order = QueryOrder(
        table_path=project.objects.path(found.recipe.table_sha256),
        predictions_path=project.objects.path(str(found.candidate.predictions_sha256)),
        table_name=found.table,
        columns=columns,
        queries=queries,
        task=found.run.plan.task,
        labels=found.recipe.labels,
        positive=found.recipe.positive,
        golden=not _personal(project, found),
    )
    prove = "app.bundles.query_proof:prove_query"
    certificate = run_in_child(prove, order, ctx=ctx, returns=QueryCertificate, folder=folder)
    if not certificate.passed:
        raise ParityFailed(f"The query of run {found.run.number} does not answer as recorded.", "Train again.")
    return QueryParts(
        label=f"SQL answer of run {found.run.number}",
        table=found.table,
        target=found.run.plan.target,
        task=found.run.plan.task,
        labels=found.recipe.labels,
        positive=found.recipe.positive,
        columns=columns,
        queries=queries,
        verdict=found.verdict,
        certificate=certificate,
        golden=(folder / "golden.jsonl").read_bytes(),
        about=_about(found),
    )


def _queries(found: _Found) -> tuple[tuple[str, str], ...]:
    """Every dialect; a translation that its own dialect cannot parse raises sqlglot's error: our bug."""
    import sqlglot

    from app.training.sql.dialects import DIALECTS, whole_query

    lines = found.verdict.query.lines
    written = tuple((d, whole_query(lines, found.table, found.run.plan.target, d)) for d in DIALECTS)
    for dialect, sql in written:
        sqlglot.parse_one(sql, read=dialect)
    return written


def _personal(project: Project, found: _Found) -> bool:
    """Whether a column that the query reads is marked as personal data, then or now."""
    from app.registry import datasets

    now = datasets.current_reading(project, found.run.plan.version_id)
    marked = {c.name for c in (*found.reading.columns, *now.columns) if c.personal}
    return any(name in marked for name, _ in found.columns)


def _about(found: _Found) -> dict[str, str | None]:
    return {
        "model": f"{found.table}, SQL answer of run {found.run.number}",
        "kind": "query",
        "run": found.run.id,
        "candidate": found.candidate.id,
        "data_version": found.run.plan.version_id,
        "data_sha256": found.data_sha256,
        "recipe_sha256": found.candidate.recipe_sha256,
        "predictions_sha256": found.candidate.predictions_sha256,
        "signature": None,
    }


def _write(project: Project, found: _Found, parts: QueryParts, scratch: Path) -> QueryBundle:
    from app.registry import query_bundles

    try:
        made = scratch / file_name(f"{found.table}-query-{found.run.number}")
        made.mkdir()
        manifest = assemble_query(made, parts)
        final = placing.settle(project, made, manifest.id)
    except OSError as error:
        raise placing.not_written(project.bundles_path, error) from error
    return query_bundles.record_query_bundle(
        project,
        run_id=found.run.id,
        sha256=manifest.id,
        path=project.relative(final),
        size_bytes=size_of(final, manifest),
        summary=found.verdict.sentence,
    )
