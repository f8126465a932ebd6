"""From an approved model version to a folder that answers without Modelyard.

Everything in it comes from stored objects, so building again gives the same bytes and the same bundle id.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.bundles import placing
from app.bundles.contract_of import contract_of
from app.bundles.parts import Parts, assemble
from app.bundles.verify import verify_bundle
from app.core.contracts import DataContract
from app.core.data import Profile, Reading
from app.core.deploy import Bundle
from app.core.models import ModelVersion
from app.core.naming import file_name
from app.core.progress import JobContext
from app.core.runs import Candidate, Evaluation, ParityCertificate, Recipe, Run
from app.core.thresholds import ChosenThreshold
from app.errors import BundleProblem, NotFound, ParityFailed
from app.jobs.decoding import decode
from app.jobs.supervise import run_in_child
from app.runtime.contract import Contract

if TYPE_CHECKING:
    from app.registry.project import Project


@dataclass(frozen=True, slots=True)
class _Approved:
    """A model version with everything behind it. ``data_contract``: the newest of its data set, None without one;
    ``threshold``: the chosen one, None: the likeliest class is answered."""

    version: ModelVersion
    run: Run
    candidate: Candidate
    reading: Reading
    recipe: Recipe
    data_sha256: str
    data_contract: DataContract | None
    threshold: ChosenThreshold | None


def build(project: Project, model_version_id: str, *, out: Path | None = None, ctx: JobContext) -> Bundle:
    """Build the bundle of a model version in the project's ``bundles`` and record it; also copy it to ``out``.

    Building again gives the same bytes and the same record, until the data set's contract or the threshold changes: a
    bundle carries the rules and the threshold that hold when it is built, and its manifest names them. NotFound,
    ParityFailed without a certificate that passed, CorruptObject, EnvironmentProblem (disk full), BadInput if ``out``
    is taken.
    """
    if out is not None:
        placing.refuse_taken(out)
    approved = _approved(project, model_version_id)
    ctx.progress(0.1, f"Collecting {approved.version.label}")
    with project.scratch("bundle") as scratch:
        parts = _parts(project, approved, scratch, ctx)
        ctx.progress(0.7, "Writing the bundle")
        ctx.check_cancelled()
        bundle = _write(project, approved.version, parts, scratch)
    if out is not None:
        save_elsewhere(project, bundle.id, out)
    ctx.progress(1.0, f"Bundle of {approved.version.label} is ready")
    return bundle


def save_elsewhere(project: Project, bundle_id: str, folder: Path) -> Path:
    """Copy a recorded bundle to a new or empty ``folder``; the folder. BundleProblem if it is no longer whole."""
    from app.registry import deploy

    recorded = deploy.bundle(project, bundle_id)
    source = project.path / recorded.path
    if verify_bundle(source).id != recorded.sha256:
        raise BundleProblem(f"{source} holds another bundle than the one recorded.", "Build it again.")
    placing.copy_to(source, folder)
    return folder


def _approved(project: Project, model_version_id: str) -> _Approved:
    from app.registry import contracts, datasets, models, runs, thresholds

    version = models.model_version(project, model_version_id)
    run = runs.run(project, version.run_id)
    candidate = runs.candidate(project, version.candidate_id)
    if candidate.recipe_sha256 is None or candidate.onnx_sha256 is None or candidate.predictions_sha256 is None:
        raise NotFound(f"{version.label} has no exported model.", "Train again.")
    recipe = project.objects.read_json(candidate.recipe_sha256, Recipe)
    data = datasets.version(project, run.plan.version_id)
    reading = datasets.reading(project, run.plan.reading_id)
    held = contracts.contract_of(project, data.dataset_id)
    threshold = thresholds.threshold_of(project, candidate.id)
    return _Approved(version, run, candidate, reading, recipe, data.sha256, held, threshold)


def _parts(project: Project, approved: _Approved, scratch: Path, ctx: JobContext) -> Parts:
    objects, candidate = project.objects, approved.candidate
    parity = _passed_certificate(project, approved)
    profile = objects.read_json(approved.reading.profile_sha256, Profile)
    rules = approved.data_contract.rules if approved.data_contract is not None else ()
    at = approved.threshold.at if approved.threshold is not None else None
    contract = contract_of(approved.version.label, approved.recipe, approved.reading, profile, rules, at)
    assert candidate.onnx_sha256 is not None
    return Parts(
        contract=contract,
        onnx=objects.read(candidate.onnx_sha256),
        golden=_golden(project, approved, contract, scratch, ctx),
        parity=parity,
        card=objects.read(approved.version.card_sha256),
        facts=_facts(project, approved),
        about=_about(project, approved),
    )


def _passed_certificate(project: Project, approved: _Approved) -> bytes:
    """The certificate's bytes. ParityFailed unless it passed, and for exactly this model."""
    candidate = approved.candidate
    if candidate.parity_sha256 is None:
        raise ParityFailed(f"{approved.version.label} has no parity certificate.", "Train again.")
    data = project.objects.read(candidate.parity_sha256)
    certificate = decode(data, ParityCertificate)
    if not certificate.passed or certificate.onnx_sha256 != candidate.onnx_sha256:
        raise ParityFailed(f"The exported model of {approved.version.label} is not proven.", "Train again.")
    return data


def _golden(project: Project, approved: _Approved, contract: Contract, scratch: Path, ctx: JobContext) -> bytes:
    """No rows where they hold personal data: a bundle is given away."""
    if _personal(project, approved):
        return b""
    folder = scratch / "golden"
    folder.mkdir()
    assert approved.candidate.predictions_sha256 is not None
    run_in_child(
        "app.bundles.golden_rows:write_golden",
        project.objects.path(approved.recipe.table_sha256),
        project.objects.path(approved.candidate.predictions_sha256),
        contract,
        ctx=ctx,
        returns=int,
        folder=folder,
    )
    return (folder / "golden.jsonl").read_bytes()


def _personal(project: Project, approved: _Approved) -> bool:
    """Whether an input was marked as personal data when the model was trained, or has been since."""
    from app.registry import datasets

    now = datasets.current_reading(project, approved.run.plan.version_id)
    marked = {c.name for c in (*approved.reading.columns, *now.columns) if c.personal}
    return any(spec.name in marked for spec in approved.recipe.inputs)


def _facts(project: Project, approved: _Approved) -> dict[str, object]:
    """The card for machines: what was trained on what, and how good it is."""
    candidate, recipe = approved.candidate, approved.recipe
    metrics: dict[str, object] = {}
    if candidate.evaluation_sha256 is not None:
        evaluation = project.objects.read_json(candidate.evaluation_sha256, Evaluation)
        metrics = dict(evaluation.metrics)
    return {
        "model": approved.version.label,
        "candidate": candidate.name,
        "family": recipe.family,
        "task": recipe.task,
        "target": recipe.target,
        "labels": recipe.labels,
        "inputs": [spec.name for spec in recipe.inputs],
        "rows_fitted": recipe.rows_fitted,
        "seed": recipe.seed,
        "hold_out": metrics,
        "data_sha256": approved.data_sha256,
        "onnx_sha256": candidate.onnx_sha256,
        "personal_data": _personal(project, approved),
        "prediction_log": "on by default; with --log off no prediction can be traced",
    }


def _about(project: Project, approved: _Approved) -> dict[str, str | None]:
    from app.registry import audit

    noun = f"model_version:{approved.version.id}"
    entries = audit.entries(project, noun=noun, verb="model.approve")
    return (
        {
            "model": approved.version.label,
            "model_version": approved.version.id,
            "run": approved.run.id,
            "data_version": approved.run.plan.version_id,
            "data_sha256": approved.data_sha256,
            "audit_head": next((e.hash for e in entries if e.noun == noun), None),
            "signature": None,
        }
        | _about_contract(approved)
        | _about_threshold(approved)
    )


def _about_contract(approved: _Approved) -> dict[str, str | None]:
    held = approved.data_contract
    return {} if held is None else {"data_contract": held.id, "data_contract_version": str(held.number)}


def _about_threshold(approved: _Approved) -> dict[str, str | None]:
    chosen = approved.threshold
    if chosen is None:
        return {}
    return {"threshold": repr(chosen.at), "threshold_chosen": f"{chosen.actor}, {chosen.chosen_at}: {chosen.summary}"}


def _write(project: Project, version: ModelVersion, parts: Parts, scratch: Path) -> Bundle:
    """Temp folder -> fsync -> rename -> row. A whole bundle of the same bytes that is there stays."""
    from app.registry import deploy

    name = file_name(version.label)
    try:
        made = scratch / name
        made.mkdir()
        manifest = assemble(made, parts)
        final = placing.settle(project, made, manifest.id)
    except OSError as error:
        raise placing.not_written(project.bundles_path, error) from error
    return deploy.record_bundle(
        project,
        model_version_id=version.id,
        sha256=manifest.id,
        path=project.relative(final),
        size_bytes=manifest.size_bytes + (final / "manifest.json").stat().st_size,
    )
