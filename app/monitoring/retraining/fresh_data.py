"""Newer rows for a model: a newer version, what its source has now, or predictions whose outcomes came home."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.challenges import Fresh
from app.core.data import AddResult, DataVersion, Outcome
from app.core.monitoring import ENOUGH_LABELS
from app.core.origins import Origin, OriginInput, OriginKind
from app.core.progress import JobContext, Part
from app.data.findings import listed
from app.errors import BadInput, EnvironmentProblem, NotAllowed, NotFound
from app.jobs.supervise import Limits, run_in_child
from app.monitoring.retraining.gather_order import GATHERED, Gathered, GatherOrder
from app.serving.segments import ID_PREFIX

if TYPE_CHECKING:
    from app.core.models import ModelVersion
    from app.core.runs import Run
    from app.registry.project import Project

MEMORY_BYTES = 4 << 30
MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class _Champion:
    version: ModelVersion
    run: Run


def fresh_version(
    project: Project, champion: ModelVersion, fresh: Fresh, ctx: JobContext, data: str | None = None
) -> DataVersion:
    """The data version to train the challenger on. ``data``: named as ``churn@3``, then nothing else is looked for.

    NotAllowed, with the reason, where there are no newer rows than the champion's; NotFound, and as ``refresh`` and
    ``labelled_version`` raise.
    """
    from app.registry import datasets, runs

    who = _Champion(champion, runs.run(project, champion.run_id))
    if data is not None:
        return _named(project, who, data)
    if fresh is Fresh.REFRESHED:
        return _refreshed(project, who, ctx)
    if fresh is Fresh.LOGGED:
        return labelled_version(project, champion, ctx)
    newest = datasets.newest_version(project, who.run.dataset_id)
    if newest.id != who.run.plan.version_id and _is_newer(project, newest, who):
        return _with_newer_labels(project, who, newest, ctx) if fresh is Fresh.AUTO else newest
    if fresh is Fresh.NEWEST:
        raise NotAllowed(
            f"{champion.model_name} has no newer data than {champion.label} was trained on.",
            "Drop a newer file, or refresh the data.",
        )
    return _found(project, who, ctx)


def _is_newer(project: Project, version: DataVersion, who: _Champion) -> bool:
    from app.registry import datasets

    return version.number > datasets.version(project, who.run.plan.version_id).number


def _with_newer_labels(project: Project, who: _Champion, newest: DataVersion, ctx: JobContext) -> DataVersion:
    """The newest version; if it was built of predictions, it is built again, as further outcomes may have come."""
    from app.registry import origins

    origin = origins.origin_of(project, newest.id)
    built = origin is not None and origin.kind is OriginKind.PREDICTIONS
    if built and len(_labels(project, who.version)) >= ENOUGH_LABELS:
        return labelled_version(project, who.version, ctx)
    return newest


def _named(project: Project, who: _Champion, data: str) -> DataVersion:
    from app.registry import datasets

    dataset, version = datasets.find_version(project, data)
    if dataset.id != who.run.dataset_id:
        raise BadInput(f"{dataset.name} is not the data of {who.version.label}.", "Name a version of its own data.")
    return version


def _found(project: Project, who: _Champion, ctx: JobContext) -> DataVersion:
    """Labelled predictions, if there are enough of them and anything of them is new; else what the source has now."""
    try:
        if len(_labels(project, who.version)) >= ENOUGH_LABELS:
            made = labelled_version(project, who.version, ctx)
            if made.id != who.run.plan.version_id:
                return made
    except NotAllowed as nothing_new:
        ctx.progress(None, nothing_new.message)
    try:
        return _refreshed(project, who, ctx)
    except (NotAllowed, NotFound, BadInput, EnvironmentProblem) as error:
        raise NotAllowed(
            f"There are no newer rows than {who.version.label} was trained on.",
            "Drop a newer file, or deliver labels of predictions.",
            error.message,
        ) from error


def _refreshed(project: Project, who: _Champion, ctx: JobContext) -> DataVersion:
    from app.data.fetching import refresh

    result = refresh(project, who.run.dataset_id, ctx)
    version = _added(result)
    if not _is_newer(project, version, who):
        raise NotAllowed("The source has no newer rows.", "Drop a newer file, or deliver labels of predictions.")
    return version


def _added(result: AddResult) -> DataVersion:
    if result.version is None or result.outcome is Outcome.REJECT:
        why = result.findings[0].message if result.findings else "The rows cannot be used."
        raise NotAllowed(why, result.findings[0].hint if result.findings else "")
    return result.version


def labelled_version(project: Project, champion: ModelVersion, ctx: JobContext) -> DataVersion:
    """A new data version: the newest that was not built from predictions, with every prediction of the model below it
    whose outcome is known, once and with its newest outcome; those whose rows are there already are left out and
    counted. The one that holds these rows already is returned again. NotAllowed without labels, or nothing is new."""
    from app.data.intake import Arriving, add_arriving
    from app.registry import datasets, origins, runs

    labels, unknown = _outcomes(project, champion)
    _refuse_none(champion, labels, unknown)
    run = runs.run(project, champion.run_id)
    dataset = datasets.dataset(project, run.dataset_id)
    base, _ = origins.fetched_version(project, dataset.id)
    with project.scratch("gather") as folder:
        found = _gathered(project, champion, base, run.plan.target, labels, folder, Part(ctx, 0.0, 0.5))
        based = f"{dataset.name}@{base.number}"
        _refuse_nothing(found, based)
        origin = Origin(
            OriginKind.PREDICTIONS,
            query=_what_was_added(found, champion.model_name, unknown),
            inputs=(OriginInput(based, base.id),),
        )
        file = (folder / "child" / GATHERED).rename(folder / "with-predictions.parquet")
        arriving = Arriving((file,), origin, target=run.plan.target, dataset_id=dataset.id)
        return _added(add_arriving(project, arriving, Part(ctx, 0.5, 1.0)))


def _refuse_none(champion: ModelVersion, labels: Mapping[str, str], unknown: Sequence[str]) -> None:
    if labels:
        return
    if unknown:
        raise NotAllowed(
            f"No label is a class of {champion.label}: {_some(unknown)}.", "Deliver them again, corrected."
        )
    raise NotAllowed(
        f"No outcome of a prediction of {champion.model_name} is known yet.",
        "Deliver labels: by modelyard labels, or drop them on Monitor.",
    )


def _refuse_nothing(found: Gathered, based: str) -> None:
    if found.known and not found.rows:
        known = f"The rows of all {found.known:,} predictions with known outcomes are in {based} already."
        raise NotAllowed(known, "Deliver labels of newer predictions.")
    if not found.rows:
        raise NotAllowed("The predictions with known outcomes were not collected here.", "Collect them first.")


def _what_was_added(found: Gathered, model: str, unknown: Sequence[str]) -> str:
    days = f"{found.first_at[:10]} to {found.last_at[:10]}"
    left_out = f", without {found.known:,} whose rows were there already" if found.known else ""
    if unknown:
        left_out += f", without {len(unknown):,} whose label is no class of the model: {_some(unknown)}"
    return f"adding {found.rows:,} predictions of {model} whose outcomes came, {days}{left_out}"


def _some(labels: Sequence[str]) -> str:
    """The first of them, each once, in quotes: one may differ from a class by a blank alone."""
    return listed([f'"{label}"' for label in sorted(set(labels))], MOST_NAMED)


def _gathered(
    project: Project,
    champion: ModelVersion,
    base: DataVersion,
    target: str,
    labels: dict[str, str],
    folder: Path,
    ctx: JobContext,
) -> Gathered:
    from app.registry import datasets, watch

    own, file = folder / "child", folder / "labels.jsonl"
    own.mkdir()
    with file.open("w", encoding="utf-8") as lines:
        lines.writelines(json.dumps(pair) + "\n" for pair in labels.items())
    reading, bundles = datasets.current_reading(project, base.id), bundles_of(project, champion)
    order = GatherOrder(
        project.objects.path(reading.table_sha256),
        reading.columns,
        target,
        tuple(str(project.objects.path(log.sha256)) for log in reversed(watch.answered(project, bundles))),
        tuple(ID_PREFIX + sha256 for sha256 in bundles),
        file,
    )
    limits = Limits(memory_bytes=MEMORY_BYTES)
    return run_in_child(
        "app.monitoring.retraining.gathering:gather", order, ctx=ctx, returns=Gathered, folder=own, limits=limits
    )


def _labels(project: Project, champion: ModelVersion) -> dict[str, str]:
    return _outcomes(project, champion)[0]


def _outcomes(project: Project, champion: ModelVersion) -> tuple[dict[str, str], list[str]]:
    """What is known of the model's predictions, by their ids; and apart from it, one a prediction, labels that are no
    class of the champion: a mistyped one among thousands would ask for another kind of model."""
    from app.registry import outcomes, runs
    from app.training import results

    known, unknown = {}, []
    classes = results.recipe(project, runs.candidate(project, champion.candidate_id)).labels
    for prediction, label in outcomes.labels_of_bundles(project, bundles_of(project, champion)):
        if classes and label not in classes:
            unknown.append(label)
        else:
            known[prediction] = label
    return known, unknown


def bundles_of(project: Project, champion: ModelVersion) -> list[str]:
    """The digests of all bundles of a model, whatever its version."""
    from app.registry import deploy, models

    versions = models.model_versions(project, champion.model_id)
    return sorted({bundle.sha256 for version in versions for bundle in deploy.bundles(project, version.id)})
