"""Another way to read a version: types, uses, target and positive class of many columns at once.

Every edit is a new reading; undo selects the earlier one. Parent side: nothing heavy is imported here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.data import (
    TYPE_WORDS,
    Column,
    ColumnEdit,
    ColumnType,
    DataVersion,
    Finding,
    ParseRecipe,
    Profile,
    Reading,
    Use,
)
from app.core.progress import JobContext
from app.data.findings import listed
from app.data.guess import classes_of
from app.data.looking import profile as profiles
from app.data.reading import ABOUT_TARGET, ABOUT_USES, PROFILE_FILE, TABLE_FILE, AboutTarget, Known, ReadRequest
from app.data.targeting import retarget
from app.errors import BadInput

if TYPE_CHECKING:
    from app.registry.project import Project

_TEXTS = (ColumnType.CATEGORY, ColumnType.TEXT)
_ABOUT_USE = ("COLUMN_ID_LIKE", "COLUMN_CONSTANT", "COLUMN_ALL_MISSING")
_ONLY_ONE = (Use.TARGET, Use.TIME, Use.GROUP)
_IN_USE = (Use.INPUT, *_ONLY_ONE)


class Keep(Enum):
    """Leave it as it is (None would mean: none)."""

    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class _Made:
    """What the new reading is made of."""

    recipe: ParseRecipe
    columns: tuple[Column, ...]
    positive: str | None
    table_sha256: str
    profile_sha256: str
    findings: tuple[Finding, ...]
    why_target: str


def edit_columns(
    project: Project,
    reading_id: str,
    edits: Sequence[ColumnEdit],
    *,
    positive: str | Keep | None = Keep.KEEP,
    set_missing_bad: bool = False,
    recipe: ParseRecipe | None = None,
    may_lose: bool = True,
    ctx: JobContext,
) -> Reading:
    """Record and select a new reading with all edits; without any change the same reading comes back.

    A changed type reads the original bytes again in a child. If cells do not fit it, TypesRefused names rows, columns,
    cells and counts, and nothing is recorded; with ``set_missing_bad`` such cells become missing values. Unless they
    ``may_lose``, neither may cells lose zeros in front or digits by the new type. ``recipe``: read with other
    settings (encoding, delimiter, decimal, day first, sheet, header line). Raises NotFound too.
    """
    from app.registry import datasets

    before = datasets.reading(project, reading_id)
    version = datasets.version(project, before.version_id)
    columns = _with_uses(before, edits)
    types = _type_changes(before, edits)
    if types or (recipe is not None and recipe != before.recipe):
        changed = _with_types(recipe or before.recipe, types, set_missing_bad)
        careful = () if may_lose else tuple(types)
        made = _read_again(project, before, version, columns, changed, careful, ctx)
        relabelled = _relabelled(made.columns, [edit for edit in edits if edit.name not in types])
        made = replace(made, columns=relabelled)
    else:
        made = _same_table(project, before, _relabelled(columns, edits), ctx)
    made = _with_positive(project, made, positive)
    if made == _made_of(before):
        return before
    return datasets.record_reading(
        project,
        before.version_id,
        recipe=made.recipe,
        columns=made.columns,
        positive=made.positive,
        table_sha256=made.table_sha256,
        profile_sha256=made.profile_sha256,
        findings=made.findings,
        why_target=made.why_target,
        summary=summary_of(before, edits, made.positive, made.recipe),
    )


def set_target(project: Project, reading_id: str, column: str, ctx: JobContext) -> Reading:
    """Predict another column; the target before becomes an input again. Raises BadInput, NotFound."""
    return edit_columns(project, reading_id, [ColumnEdit(column, use=Use.TARGET)], ctx=ctx)


def summary_of(before: Reading, edits: Sequence[ColumnEdit], positive: str | None, recipe: ParseRecipe) -> str:
    """What was changed, as *Undo* names it."""
    parts = [f"type of {e.name}: {TYPE_WORDS[e.type]}" for e in edits if e.type is not None]
    parts += [f"{e.name} used as {e.use}" for e in edits if e.use is not None]
    parts += [f"unit of {e.name}: {e.unit or 'none'}" for e in edits if e.unit is not None]
    parts += [f"description of {e.name}" for e in edits if e.description is not None]
    marks = {True: "personal data", False: "no personal data"}
    parts += [f"{e.name}: {marks[e.personal]}" for e in edits if e.personal is not None]
    if positive != before.positive and not edits:
        parts.append(f"positive class: {positive}")
    if not parts:
        parts.append("how the file is read" if recipe != before.recipe else "columns")
    return listed(parts, 3)


def _with_uses(before: Reading, edits: Sequence[ColumnEdit]) -> tuple[Column, ...]:
    """The columns with their new uses; at most one target, time and group: the one before becomes an input again.
    BadInput for a name that is not there or two of these."""
    names = {column.name for column in before.columns}
    for edit in edits:
        if edit.name not in names:
            raise BadInput(f"There is no column {edit.name}.", "Choose one of the table's columns.")
    uses = {edit.name: edit.use for edit in edits if edit.use is not None}
    for only in _ONLY_ONE:
        names_of = [name for name, use in uses.items() if use is only]
        if len(names_of) > 1:
            raise BadInput(f"Only one column can be the {only}, not {listed(names_of)}.", "Choose one of them.")
    moved = {use for use in uses.values() if use in _ONLY_ONE}
    used = (_used(column, uses.get(column.name), moved) for column in before.columns)
    told = {edit.name: edit for edit in edits}
    return tuple(_told(column, told[column.name]) if column.name in told else column for column in used)


def _told(column: Column, edit: ColumnEdit) -> Column:
    """The column with what a person says of it; that needs no new look at the bytes."""
    return replace(
        column,
        unit=column.unit if edit.unit is None else " ".join(edit.unit.split()),
        description=column.description if edit.description is None else " ".join(edit.description.split()),
        personal=column.personal if edit.personal is None else edit.personal,
    )


def _used(column: Column, use: Use | None, moved: set[Use]) -> Column:
    if use is not None:
        return column if use is column.use else replace(column, use=use, why="")
    return replace(column, use=Use.INPUT, why="") if column.use in moved else column


def _type_changes(before: Reading, edits: Sequence[ColumnEdit]) -> dict[str, ColumnType]:
    """The types that need the bytes to be read again: category and text are the same cells."""
    types = {edit.name: edit.type for edit in edits if edit.type is not None}
    now = {column.name: column.type for column in before.columns}
    return {n: t for n, t in types.items() if t is not now[n] and not (t in _TEXTS and now[n] in _TEXTS)}


def _with_types(recipe: ParseRecipe, types: dict[str, ColumnType], set_missing_bad: bool) -> ParseRecipe:
    overrides = dict(recipe.overrides) | types
    lenient = set(recipe.set_missing) - set(types) | (set(types) if set_missing_bad else set())
    return replace(recipe, overrides=tuple(overrides.items()), set_missing=tuple(sorted(lenient)))


def _relabelled(columns: Sequence[Column], edits: Sequence[ColumnEdit]) -> tuple[Column, ...]:
    types = {edit.name: edit.type for edit in edits if edit.type is not None}
    return tuple(replace(c, type=types[c.name], why="") if c.name in types else c for c in columns)


def _read_again(
    project: Project,
    before: Reading,
    version: DataVersion,
    columns: tuple[Column, ...],
    recipe: ParseRecipe,
    careful: tuple[str, ...],
    ctx: JobContext,
) -> _Made:
    """Read the version's bytes with another recipe in a child."""
    from app.data.reader import read_in_child
    from app.registry import contracts

    rules = contracts.rules_of(project, version.dataset_id)
    known = Known("", "", _open_ones_freed(columns, before, recipe), before.positive, recipe, rules)
    paths = tuple(project.objects.path(source.sha256) for source in version.sources)
    names = tuple(source.name for source in version.sources)
    size = sum(source.size_bytes for source in version.sources)
    with project.scratch("read") as folder:
        result = read_in_child(ReadRequest(paths, names, recipe, (known,), careful=careful), folder, size, ctx)
        ctx.check_cancelled()
        why = before.why_target if before.target == _target(result.columns) else ""
        return _Made(
            result.recipe,
            result.columns,
            result.positive,
            project.objects.put_file(folder / TABLE_FILE, ctx=ctx).sha256,
            project.objects.put_bytes((folder / PROFILE_FILE).read_bytes()),
            result.findings,
            why,
        )


def _open_ones_freed(columns: tuple[Column, ...], before: Reading, recipe: ParseRecipe) -> tuple[Column, ...]:
    """A column that waited for an answer and now gets a type becomes an input, unless a person says otherwise."""
    typed = {name for name, _ in recipe.overrides} - {name for name, _ in before.recipe.overrides}
    waiting = {c.name for c in columns if c.name in typed and c.use is Use.IGNORED and c.why}
    return tuple(
        replace(c, use=Use.INPUT if c.name in waiting else c.use, why="") if c.name in typed else c for c in columns
    )


def _same_table(project: Project, before: Reading, columns: tuple[Column, ...], ctx: JobContext) -> _Made:
    """Only uses change: the table and its profile stay; what was found about the target may not."""
    profile = profiles.load(project, before)
    target = _target(columns)
    same_target = target == before.target
    settled = retarget(columns, profile, target, before.why_target if same_target else "")
    positive = before.positive if same_target else settled.positive
    used = {column.name: column.use for column in columns if column.use in _IN_USE}
    kept = [f for f in before.findings if f.code not in ABOUT_USES and not (f.code in _ABOUT_USE and f.column in used)]
    if used == {c.name: c.use for c in before.columns if c.use in _IN_USE}:
        kept += [f for f in before.findings if f.code in ABOUT_USES]
    else:
        kept += _about_target(project, before, columns, ctx)
    return _Made(
        before.recipe,
        columns,
        positive,
        before.table_sha256,
        before.profile_sha256,
        tuple(kept),
        before.why_target if same_target else "",
    )


def _about_target(
    project: Project, before: Reading, columns: tuple[Column, ...], ctx: JobContext
) -> tuple[Finding, ...]:
    from app.jobs.supervise import run_in_child

    table: Path = project.objects.path(before.table_sha256)
    profile: Path = project.objects.path(before.profile_sha256)
    with project.scratch("target") as folder:
        return run_in_child(ABOUT_TARGET, table, profile, columns, ctx=ctx, returns=AboutTarget, folder=folder).findings


def _with_positive(project: Project, made: _Made, positive: str | Keep | None) -> _Made:
    """The positive class a person chose. BadInput if the target has no such class."""
    if isinstance(positive, Keep) or positive == made.positive:
        return made
    profile = project.objects.read_json(made.profile_sha256, Profile)
    index = next((i for i, c in enumerate(made.columns) if c.use is Use.TARGET), None)
    classes = classes_of(made.columns[index], profile.columns[index]) if index is not None else []
    if positive is not None and positive not in classes:
        raise BadInput(f"The target has no value {positive}.", f"Its values are {listed(classes)}.")
    return replace(made, positive=positive)


def _target(columns: Sequence[Column]) -> str | None:
    return next((c.name for c in columns if c.use is Use.TARGET), None)


def _made_of(before: Reading) -> _Made:
    return _Made(
        before.recipe,
        before.columns,
        before.positive,
        before.table_sha256,
        before.profile_sha256,
        before.findings,
        before.why_target,
    )
