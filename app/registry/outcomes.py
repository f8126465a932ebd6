"""Labels that came home: each file a delivery, each label a version of what happened; nothing is overwritten."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from app.core.ids import new_id
from app.core.outcomes import Delivery, JoinedBy, LabelCounts
from app.registry import audit
from app.registry.rows import from_json, need_objects, next_number, pieces, to_json
from app.registry.tables import label_deliveries, prediction_logs, predictions
from app.registry.tables import outcomes as outcomes_table

if TYPE_CHECKING:
    from app.registry.project import Project


def record_labels(
    project: Project,
    *,
    name: str,
    sha256: str,
    joined_by: JoinedBy,
    counts: LabelCounts,
    labels: Sequence[tuple[str, str]],
) -> Delivery:
    """Keep a delivery: (prediction id, label) pairs and the audit entry ``labels.add``, in one transaction."""
    with project.database.write("saving labels") as connection:
        need_objects(project, (sha256,))
        number = next_number(connection, label_deliveries.c.number)
        counts = replace(counts, by_bundle=_counted(connection, (id_ for id_, _ in labels)))
        made = Delivery(new_id(), number, name, sha256, joined_by, counts, project.actor, project.now())
        row = {c.name: getattr(made, c.name) for c in label_deliveries.columns}
        row |= {"counts": to_json(counts), "joined_by": joined_by.value}
        connection.execute(sa.insert(label_deliveries).values(row))
        rest = iter(labels)
        while some := list(islice(rest, 10_000)):
            rows = [{"prediction_id": i, "delivery_id": made.id, "number": number, "label": label} for i, label in some]
            connection.execute(sa.insert(outcomes_table), rows)
        audit.record(connection, project, "labels.add", f"label_delivery:{made.id}", {
            "name": name, "sha256": sha256, "rows": counts.rows, "joined": counts.joined, "changed": counts.changed,
        })  # fmt: skip
    return made


def deliveries(project: Project) -> list[Delivery]:
    """All of them, newest first."""
    return _deliveries(project)


def _deliveries(project: Project, since: str = "") -> list[Delivery]:
    query = sa.select(label_deliveries).where(label_deliveries.c.created_at > since)
    query = query.order_by(label_deliveries.c.number.desc())
    with project.database.read() as connection:
        return [_delivery(row) for row in connection.execute(query)]


def first_at(project: Project) -> str:
    """When the first delivery came; empty if there is none."""
    with project.database.read() as connection:
        return connection.execute(sa.select(sa.func.min(label_deliveries.c.created_at))).scalar() or ""


def newest_labels(project: Project, prediction_ids: Iterable[str]) -> dict[str, str]:
    """What is held to have happened: of each prediction the label of its newest delivery."""
    found: dict[str, str] = {}
    with project.database.read() as connection:
        for some in pieces(prediction_ids):
            where = outcomes_table.c.prediction_id.in_(some)
            query = sa.select(outcomes_table).where(where).order_by(outcomes_table.c.number)
            found.update({row.prediction_id: row.label for row in connection.execute(query)})
    return found


def history(project: Project, prediction_id: str) -> list[tuple[int, str]]:
    """Every label that a prediction ever got, oldest first, with the number of its delivery."""
    query = sa.select(outcomes_table).where(outcomes_table.c.prediction_id == prediction_id)
    with project.database.read() as connection:
        return [(row.number, row.label) for row in connection.execute(query.order_by(outcomes_table.c.number))]


def labels_of_bundles(project: Project, bundles: Sequence[str]) -> Iterator[tuple[str, str]]:
    """(prediction id, newest label) of the predictions that bundles (by digest) made."""
    query = sa.select(outcomes_table.c.prediction_id, outcomes_table.c.label).select_from(_with_logs())
    query = query.where(prediction_logs.c.bundle_sha256.in_(bundles)).order_by(outcomes_table.c.number)
    with project.database.read() as connection:
        newest = {row.prediction_id: row.label for row in connection.execute(query)}
    yield from newest.items()


def arrivals(project: Project, bundles: Sequence[str], since: str = "") -> list[tuple[str, str, int]]:
    """Of each delivery after ``since``, oldest first: its id, when it came and how many labels it had for these bundles
    (by digest)."""
    later = _deliveries(project, since)[::-1]
    counted, told = _by_bundle(project, later), []
    for made in later:
        labels = sum(count for bundle, count in counted[made.number] if bundle in bundles)
        if labels:
            told.append((made.id, made.created_at, labels))
    return told


def is_labelled(project: Project, bundles: Sequence[str]) -> bool:
    """Whether any prediction of these bundles (by digest) ever got a label."""
    return not last_labelled(project).keys().isdisjoint(bundles)


def last_labelled(project: Project) -> dict[str, str]:
    """When the last label of a prediction came, by the digest of the bundle that made it."""
    found: dict[str, str] = {}
    made = deliveries(project)
    counted = _by_bundle(project, made)
    for one in made:
        for bundle, _ in counted[one.number]:
            found.setdefault(bundle, one.created_at)
    return found


def _by_bundle(project: Project, made: Sequence[Delivery]) -> dict[int, Sequence[tuple[str, int]]]:
    """By a delivery's number how many of its labels belong to predictions of each bundle (by digest). Those of earlier
    releases have to be counted: at a million labels that takes seconds."""
    known: dict[int, Sequence[tuple[str, int]]] = {one.number: one.counts.by_bundle or () for one in made}
    uncounted = [one.number for one in made if one.counts.by_bundle is None]
    return known | (_scanned(project, uncounted) if uncounted else {})


def _scanned(project: Project, numbers: Sequence[int]) -> dict[int, Sequence[tuple[str, int]]]:
    number, bundle = outcomes_table.c.number, prediction_logs.c.bundle_sha256
    query = sa.select(number, bundle, sa.func.count()).select_from(_with_logs()).where(number <= max(numbers))
    found: dict[int, list[tuple[str, int]]] = {one: [] for one in numbers}
    with project.database.read() as connection:
        for of, digest, count in connection.execute(query.group_by(number, bundle)):
            if of in found:
                found[of].append((digest, count))
    return dict(found)


def _counted(connection: sa.Connection, prediction_ids: Iterable[str]) -> tuple[tuple[str, int], ...]:
    found = Counter[str]()
    bundle = prediction_logs.c.bundle_sha256
    joined = predictions.join(prediction_logs, prediction_logs.c.id == predictions.c.log_id)
    for some in pieces(prediction_ids):
        query = sa.select(bundle, sa.func.count()).select_from(joined).where(predictions.c.id.in_(some))
        found.update({row[0]: row[1] for row in connection.execute(query.group_by(bundle))})
    return tuple(sorted(found.items()))


def _with_logs() -> sa.Join:
    """Labels with the log that holds their prediction."""
    return outcomes_table.join(predictions, predictions.c.id == outcomes_table.c.prediction_id).join(
        prediction_logs, prediction_logs.c.id == predictions.c.log_id
    )


def _delivery(row: sa.Row[Any]) -> Delivery:
    fields = dict(row._mapping)
    fields["counts"] = from_json(fields["counts"], LabelCounts)
    fields["joined_by"] = JoinedBy(fields["joined_by"])
    return Delivery(**fields)
