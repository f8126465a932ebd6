"""How the rows of a version can be divided, what is still to be asked about it, and the answer. Parent side."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.core.data import Column, ColumnEdit, ColumnType, Profile, Reading, Use
from app.core.decisions import Decision
from app.core.dividing import CUT, ORDERED, TOGETHER, Question, Way
from app.core.moments import FORM_WORDS, TimeForm, time_form
from app.core.progress import JobContext
from app.core.runs import SplitKind
from app.data.edit import edit_columns
from app.data.findings import listed
from app.data.looking import profile as profiles

if TYPE_CHECKING:
    from app.registry.project import Project

LEAST_GROUPS, ROWS_A_GROUP, MOST_OFFERED = 5, 1.5, 12
_ABLE = (Use.INPUT, Use.IDENTIFIER)


def ways_of(reading: Reading, profile: Profile) -> tuple[Way, ...]:
    """What is offered: by row, by each column that tells time, by columns whose values repeat. Any other column can be
    used as time or group as well, where columns are edited."""
    pairs = list(zip(reading.columns, profile.columns, strict=True))
    times = [c.name for c, held in pairs if c.use is Use.TIME or (c.use in _ABLE and time_form(c, held))]
    told = [f.column for f in reading.findings if f.code == TOGETHER]
    groups = [c.name for c, held in pairs if c.use is Use.GROUP or c.name in told]
    groups += [
        c.name
        for c, held in pairs
        if c.name not in (*groups, *times)
        and c.use in _ABLE
        and c.type in (ColumnType.CATEGORY, ColumnType.TEXT, ColumnType.INTEGER)
        and LEAST_GROUPS <= held.distinct <= (profile.rows - held.missing) / ROWS_A_GROUP
    ]
    by_time = [Way(SplitKind.TIME, name) for name in times[:MOST_OFFERED]]
    return (Way(SplitKind.STRATIFIED), *by_time, *(Way(SplitKind.GROUP, name) for name in groups[:MOST_OFFERED]))


def reasons_of(reading: Reading, column: str | None) -> tuple[str, str]:
    """Why a time divides that nobody chose, and where it cuts; either is empty where nothing is said."""
    found = next((f for f in reading.findings if f.code in (ORDERED, CUT) and f.column == column), None)
    if found is None or column is None:
        return "", ""
    why = found.message.partition(". Divided by chance")[0] if found.code == ORDERED else ""
    return why, found.choices[0].hint if found.choices else ""


def question_of(project: Project, reading: Reading, kind: SplitKind) -> Question | None:
    """What to ask where rows are divided by chance although a column may say when each happened, and nobody decided
    about that."""
    from app.registry import decisions

    if kind is not SplitKind.STRATIFIED:
        return None
    profile, held = profiles.load(project, reading), decisions.decisions(project, reading.version_id)
    forms = {
        c.name: form
        for c, about in zip(reading.columns, profile.columns, strict=True)
        if c.use in _ABLE and (ORDERED, c.name) not in held and (form := time_form(c, about))
    }
    ordered = [f.column for f in reading.findings if f.code == ORDERED and f.column in forms]
    names = sorted(forms, key=lambda name: (name not in ordered, forms[name] is TimeForm.YEAR))
    return Question(tuple(names), _asked(forms, names, bool(ordered), profile)) if names else None


def _asked(forms: dict[str, TimeForm], names: list[str], ordered: bool, profile: Profile) -> str:
    if ordered:
        missing = next(held.missing for held in profile.columns if held.name == names[0])
        lost = f", but {missing:,} of {profile.rows:,} have none and would be left out" if missing else ""
        return f"The rows are in the order of {names[0]}{lost}; they are divided by chance."
    if len(names) > 1:
        return f"{listed(names, 3)} may say when a row happened; the rows are divided by chance."
    return (
        f"{names[0]} is {FORM_WORDS[forms[names[0]]]} and may say when a row happened; the rows are divided by chance."
    )


def divide(project: Project, version_id: str, way: Way, ctx: JobContext) -> Reading:
    """Divide the version's rows in this way from now on: a new reading, checked for what speaks against it. By row:
    what was the time or the group is used as before, and no time is asked about again."""
    from app.registry import datasets, decisions

    reading = datasets.current_reading(project, version_id)
    freed = [c for c in reading.columns if c.use in _FREED[way.kind] and c.name != way.column]
    edits = [ColumnEdit(c.name, use=_use_before(project, reading, c)) for c in freed]
    if way.column is not None:
        edits.append(ColumnEdit(way.column, use=Use(way.kind.value)))
    after = edit_columns(project, reading.id, edits, ctx=ctx)
    if way.kind is SplitKind.STRATIFIED:
        for name in _times(project, after):
            decisions.decide(project, version_id, ORDERED, name, Decision.KEEP)
    return after


_FREED = {
    SplitKind.STRATIFIED: (Use.TIME, Use.GROUP),
    SplitKind.GROUP: (Use.TIME,),
    SplitKind.TIME: (),
}
"""A time decides before a group, so it has to go where a group is to decide."""


def _times(project: Project, reading: Reading) -> Iterable[str]:
    """The columns about which a question would be asked."""
    asked = question_of(project, reading, SplitKind.STRATIFIED)
    found = [f.column for f in reading.findings if f.code == ORDERED and f.column]
    return dict.fromkeys([*found, *(asked.columns if asked else ())])


def _use_before(project: Project, reading: Reading, column: Column) -> Use:
    """What the column was used as when it last divided nothing; a group that always was one names things."""
    from app.registry import datasets

    earlier = [one for one in datasets.readings(project, reading.version_id) if one.number < reading.number]
    for one in sorted(earlier, key=lambda one: -one.number):
        use = next((c.use for c in one.columns if c.name == column.name), column.use)
        if use not in (Use.TIME, Use.GROUP):
            return use
    return Use.INPUT if column.use is Use.TIME else Use.IDENTIFIER
