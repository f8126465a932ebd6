"""Take in what really happened: a file of labels, joined with collected predictions. The parent's side."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.outcomes import Delivery, JoinedBy, LabelCounts
from app.core.progress import JobContext, Part
from app.errors import NotAllowed, NotFound
from app.jobs.supervise import Limits, run_in_child
from app.monitoring.join_order import JOINED, Columns, Joined, JoinOrder
from app.serving.segments import ID_PREFIX

if TYPE_CHECKING:
    from app.core.deploy import Bundle
    from app.core.models import ModelVersion
    from app.registry.project import Project

MEMORY_BYTES = 4 << 30
Pair = tuple[str, str]
"""A prediction's id and its label."""


def add_labels(
    project: Project, path: Path, *, id_column: str, label_column: str, model: str | None = None, ctx: JobContext
) -> Delivery:
    """Join a file's labels with predictions and keep both, the file and each label, as a new delivery.

    ``model``: a model's name, for all its versions, or one version; needed where they answer different questions, and
    where an id that is no prediction's own fits predictions of several models. What the project's own services have
    logged is collected first. FileRefused or BadInput if the file cannot be read so; NotFound without predictions;
    NotAllowed if the model has to be named. Nothing is recorded then.
    """
    from app.data.arrival import arrive
    from app.registry import outcomes
    from app.serving.watched import collect_home

    collect_home(project, Part(ctx, 0.0, 0.1))
    bundles = _bundles(project, model)
    with project.scratch("labels") as folder:
        copy, own = folder / path.name, folder / "child"
        own.mkdir()
        arrive(path, copy, Part(ctx, 0.1, 0.2))
        order = _order(project, copy, id_column, label_column, bundles)
        found = run_in_child(
            "app.monitoring.joining:join",
            order,
            ctx=Part(ctx, 0.2, 0.9),
            returns=Joined,
            folder=own,
            limits=Limits(memory_bytes=MEMORY_BYTES),
        )
        if model:
            refuse_others(project, found, model)
        else:
            refuse_several(found, {digest: version.model_name for digest, (_, version) in bundles.items()})
        counts, fresh = _counted(project, found, own / JOINED)
        stored = project.objects.take_file(copy)
    return outcomes.record_labels(
        project, name=path.name, sha256=stored.sha256, joined_by=found.joined_by, counts=counts, labels=fresh
    )


def _bundles(project: Project, model: str | None) -> dict[str, tuple[Bundle, ModelVersion]]:
    """By digest the bundles that have predictions here, of one model if named. Raises NotFound."""
    from app.registry import deploy, models, watch

    named = models.model_version_by_label(project, model) if model else None
    whole = named is not None and model == named.model_name
    found: dict[str, tuple[Bundle, ModelVersion]] = {}
    for digest in watch.answers(project):
        bundle = deploy.bundle_by_sha256(project, digest)
        if bundle is not None:
            version = models.model_version(project, bundle.model_version_id)
            if named is None or version.id == named.id or (whole and version.model_id == named.model_id):
                found[digest] = bundle, version
    if not found:
        whose = f"Of {model} no" if model else "No"
        raise NotFound(
            f"{whose} prediction has been collected yet.", "Labels belong to predictions: collect those first."
        )
    return found


def _order(
    project: Project, copy: Path, id_column: str, label_column: str, bundles: dict[str, tuple[Bundle, ModelVersion]]
) -> JoinOrder:
    from app.registry import datasets, monitoring, runs, watch
    from app.training import results

    versions = {version.id: version for _, version in bundles.values()}
    recipes = {v.id: results.recipe(project, runs.candidate(project, v.candidate_id)) for v in versions.values()}
    asked = {(recipe.target, recipe.target_type) for recipe in recipes.values() if recipe.target}
    if not asked:
        raise NotAllowed("These models predict no column: there is nothing to compare their answers with.")
    if len(asked) > 1:
        names = ", ".join(sorted(version.label for version in versions.values()))
        raise NotAllowed("These models predict different things.", f"Say which one is meant: {names}.")
    newest = max(versions.values(), key=lambda version: version.created_at)
    reading = datasets.reading(project, runs.run(project, newest.run_id).plan.reading_id)
    until = {i: next((r.to_at for r in monitoring.reports(project, i, limit=1)), "") for i in versions}
    return JoinOrder(
        copy,
        id_column,
        label_column,
        next(iter(asked))[1],
        reading.recipe,
        tuple(str(project.objects.path(log.sha256)) for log in watch.answered(project, bundles)),
        tuple((ID_PREFIX + digest, until[version.id]) for digest, (_, version) in bundles.items()),
        frozenset(label for recipe in recipes.values() for label in recipe.labels),
    )


def refuse_several(found: Joined, bundles: Mapping[str, str]) -> None:
    """A customer's number says whose outcome it is, not which of two models was asked for it. ``bundles``: by digest
    the model's name. Raises NotAllowed; a prediction's own id is one model's."""
    names = sorted({name for digest, name in bundles.items() if ID_PREFIX + digest in found.bundles})
    if found.joined_by is not JoinedBy.PREDICTION and len(names) > 1:
        raise NotAllowed(
            f"These labels fit predictions of {' and '.join(names)}, by {found.joined_by.value}.",
            f"Say which one is meant (--model {names[0]}), or take them in for one after the other.",
        )


def refuse_others(project: Project, found: Joined, model: str) -> None:
    """Where no id is known of this model, some may name predictions of another one. Raises NotAllowed."""
    from app.registry import deploy, models, watch

    logs = [told[0] for told in (watch.find_prediction(project, one) for one in found.strange) if told is not None]
    made = [deploy.bundle_by_sha256(project, digest) for digest in sorted({log.bundle_sha256 for log in logs})]
    labels = [models.model_version(project, bundle.model_version_id).label for bundle in made if bundle is not None]
    if labels:
        told = " and ".join(labels)
        raise NotAllowed(f"These labels are of predictions by {told}, not by {model}.", "Join them with that model.")


def _counted(project: Project, found: Joined, path: Path) -> tuple[LabelCounts, list[Pair]]:
    """What is new, and the counts: the same label for the same prediction again is a duplicate."""
    from app.registry import outcomes

    by_row = _rows(path)
    known = outcomes.newest_labels(project, (i for row in by_row for i, _, _ in row))
    counts = LabelCounts(
        found.rows,
        0,
        found.unmatched,
        found.duplicate,
        found.contradictory,
        found.unlabelled,
        contradictions=found.contradictions,
        unknown=found.unknown,
        unknown_labels=found.unknown_labels,
    )
    fresh: dict[str, str] = {}
    for row in by_row:
        new = [(i, label) for i, label, _ in row if known.get(i) != label]
        fresh.update(new)
        counts = replace(
            counts,
            joined=counts.joined + bool(new),
            duplicate=counts.duplicate + (not new),
            late=counts.late + (bool(new) and any(late for _, _, late in row)),
            changed=counts.changed + any(i in known for i, _ in new),
            several=counts.several + (bool(new) and len(row) > 1),
        )
    return replace(counts, predictions=len(fresh)), list(fresh.items())


def _rows(path: Path) -> Iterable[list[tuple[str, str, bool]]]:
    """The predictions of each id of the file."""
    rows: defaultdict[int, list[tuple[str, str, bool]]] = defaultdict(list)
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            number, prediction, label, late = json.loads(line)
            rows[number].append((prediction, label, late))
    return rows.values()


def columns_of_file(project: Project, path: Path, ctx: JobContext) -> list[str]:
    """What the columns of a file of labels are called, so that a person can say which is which."""
    from app.data.arrival import arrive

    with project.scratch("labels") as folder:
        copy, own = folder / path.name, folder / "child"
        own.mkdir()
        arrive(path, copy, Part(ctx, 0.0, 0.3))
        limits = Limits(memory_bytes=MEMORY_BYTES)
        told = run_in_child("app.monitoring.joining:columns", copy, ctx=ctx, returns=Columns, folder=own, limits=limits)
    return list(told.names)
