"""Compare two readings, of the same data set or of two: what changed, and what that means.

Parent side: the tables are compared in a child; checks, gates and models are looked up here. Nothing is recorded.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.core.data import DataVersion, Finding, Profile, Reading, Use
from app.core.differences import (
    CheckFlip,
    ColumnChange,
    ColumnChangeKind,
    Differences,
    GateFlip,
    ModelEffect,
    RowDifferences,
    Side,
)
from app.core.gates import DEFAULT_GATES
from app.core.progress import JobContext
from app.data.differences.comparison import COMPARE, TableDifferences, TableRef
from app.data.findings import listed
from app.data.looking.profile import load as load_profile
from app.data.reading import MEMORY_BYTES
from app.data.standing import blocking

if TYPE_CHECKING:
    from app.registry.project import Project


def compare(
    project: Project, before: Reading, after: Reading, *, key: Sequence[str] | None = None, ctx: JobContext
) -> Differences:
    """What differs from ``before`` to ``after``. ``key``: columns that tell rows apart; None finds one among the
    identifiers, an empty one compares whole rows.

    Raises BadInput if a chosen key does not tell the rows apart, CorruptObject, JobCancelled, JobCrashed.
    """
    profiles = [load_profile(project, reading) for reading in (before, after)]
    same = bool(profiles[0].content) and profiles[0].content == profiles[1].content
    if same and not key:
        found = TableDifferences(RowDifferences((), profiles[0].rows, 0, 0), ())
    else:
        found = _compared(project, before, after, profiles, key, ctx)
    return Differences(
        _side(project, before),
        _side(project, after),
        same,
        column_changes(before, after),
        found.rows,
        found.shifts,
        check_flips(before, after),
        _gate_flips(project, before, after),
        _model_effects(project, before, after),
    )


def _compared(
    project: Project,
    before: Reading,
    after: Reading,
    profiles: Sequence[Profile],
    key: Sequence[str] | None,
    ctx: JobContext,
) -> TableDifferences:
    from app.jobs.supervise import Limits, run_in_child

    tables = [
        TableRef(project.objects.path(reading.table_sha256), reading.columns, profile.rows)
        for reading, profile in zip((before, after), profiles, strict=True)
    ]
    chosen = None if key is None else tuple(key)
    with project.scratch("compare") as folder:
        limits = Limits(MEMORY_BYTES)
        return run_in_child(COMPARE, *tables, chosen, ctx=ctx, returns=TableDifferences, folder=folder, limits=limits)


def possible_keys(before: Reading, after: Reading, profiles: Sequence[Profile]) -> tuple[str, ...]:
    """The columns of both that have another value in every row, as far as the profiles know: keys to choose from."""
    unique = [
        {c.name for c in profile.columns if not c.missing and _unique(c.distinct, profile.rows, c.distinct_is_estimate)}
        for profile in profiles
    ]
    return tuple(c.name for c in after.columns if all(c.name in names for names in unique))


def _unique(distinct: int, rows: int, is_estimate: bool) -> bool:
    return distinct >= rows * (0.95 if is_estimate else 1.0)


def column_changes(before: Reading, after: Reading) -> tuple[ColumnChange, ...]:
    """Columns added and removed, then those with another type or use."""
    old, new = ({c.name: c for c in reading.columns} for reading in (before, after))
    added = [ColumnChange(n, ColumnChangeKind.ADDED, "", c.type.value) for n, c in new.items() if n not in old]
    removed = [ColumnChange(n, ColumnChangeKind.REMOVED, c.type.value) for n, c in old.items() if n not in new]
    both = [(old[name], column) for name, column in new.items() if name in old]
    types = [
        ColumnChange(b.name, ColumnChangeKind.TYPE, a.type.value, b.type.value) for a, b in both if a.type is not b.type
    ]
    uses = [ColumnChange(b.name, ColumnChangeKind.USE, a.use.value, b.use.value) for a, b in both if a.use is not b.use]
    return (*added, *removed, *types, *uses)


def check_flips(before: Reading, after: Reading) -> tuple[CheckFlip, ...]:
    """Findings by code and column that only one side has; what appears first, blocking ones first. Columns that the
    other side does not use are not looked at there, so nothing can be said of them."""
    old, new = ({(f.code, f.column): f for f in reading.findings} for reading in (before, after))
    appeared = [_flip(f, appears=True) for k, f in new.items() if k not in old and _looked_at(f.column, before)]
    gone = [_flip(f, appears=False) for k, f in old.items() if k not in new and _looked_at(f.column, after)]
    return tuple(sorted((*appeared, *gone), key=lambda flip: (not flip.appears, not flip.blocks_training)))


def _looked_at(column: str | None, reading: Reading) -> bool:
    used = next((c.use for c in reading.columns if c.name == column), None)
    return used not in (Use.IDENTIFIER, Use.IGNORED)


def _flip(finding: Finding, *, appears: bool) -> CheckFlip:
    return CheckFlip(finding.code, finding.column, finding.message, appears, finding.blocks_training)


def _gate_flips(project: Project, before: Reading, after: Reading) -> tuple[GateFlip, ...]:
    """Only the gate on data checks can be told without training."""
    gate = next(g for g in DEFAULT_GATES if g.name == "data_checks")
    found = [blocking(project, reading) for reading in (before, after)]
    passes = [not stops for stops in found]
    if passes[0] == passes[1]:
        return ()
    message = (found[1] or found[0])[0].message
    return (GateFlip(gate.name, gate.title, passes[0], passes[1], message),)


def _model_effects(project: Project, before: Reading, after: Reading) -> tuple[ModelEffect, ...]:
    """For each model approved on the version before: can it read the rows after, and what an approval there takes."""
    from app.registry import datasets, models, runs

    if before.version_id == after.version_id:
        return ()
    found = []
    for model in models.model_versions(project):
        plan = runs.run(project, model.run_id).plan
        if plan.version_id == before.version_id:
            found.append(_effect(model.label, datasets.reading(project, plan.reading_id), after))
    return tuple(found)


def _effect(label: str, trained: Reading, after: Reading) -> ModelEffect:
    types = {c.name: c.type for c in after.columns}
    lost = [c.name for c in trained.inputs if c.name not in types]
    other = [c.name for c in trained.inputs if c.name in types and types[c.name] is not c.type]
    if lost:
        return ModelEffect(label, False, f"{label} needs {listed(lost)}, which these rows do not have.")
    if other:
        return ModelEffect(label, False, f"{label} was trained on another type of {listed(other)}.")
    fits = f"{label} can read these rows. Its approval stays; a model trained on them has to pass every gate anew."
    return ModelEffect(label, True, fits)


def _side(project: Project, reading: Reading) -> Side:
    from app.registry import datasets

    version: DataVersion = datasets.version(project, reading.version_id)
    name = datasets.dataset(project, version.dataset_id).name
    return Side(name, version.number, version.id, reading.number, reading.id, version.rows)
