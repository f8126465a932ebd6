"""The reading child: bytes in, typed table, profile and findings out. It never opens the registry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import duckdb
import msgspec

from app.core.data import Column, Finding, Profile, Use
from app.core.progress import JobContext, Part
from app.data import engine
from app.data.checking.checks import Table, table_findings
from app.data.checking.fewer import fewer
from app.data.checking.target_checks import target_findings
from app.data.checking.wide_checks import suspects
from app.data.contracts.judging import judged_findings
from app.data.differences.digest import digest
from app.data.findings import ask, note, refused
from app.data.formats.arrow_source import damaged
from app.data.formats.raw import RawTable, SourceFailed
from app.data.formats.sources import open_sources
from app.data.looking.announce import announce
from app.data.looking.profiling import EXACT_COLUMNS, EXACT_ROWS, profile_table
from app.data.looking.profiling_wide import profile_wide
from app.data.reading import PROFILE_FILE, TABLE_FILE, Known, ReadRequest, ReadResult
from app.data.targeting import Targeted, settle_target
from app.data.types.cells import Form
from app.data.types.convert import Converted
from app.data.types.convert_parts import convert
from app.data.types.expect import OPEN_QUESTION, chosen_types, day_first_in, known_types, remembered_types
from app.data.types.measure import DAY_FIRST, MONTH_FIRST, ambiguous_dates, timed
from app.data.types.misfits import emptied_note, outdated_question
from app.data.types.schema import Seen, column_of
from app.data.wishes import DATES, NO_WISHES, all_of, carried, remembered, with_answers, without_columns
from app.errors import FileRefused
from app.jobs.child import ChildContext

_ABOUT_INPUTS = ("COLUMN_ID_LIKE", "COLUMN_CONSTANT", "COLUMN_ALL_MISSING")
_WORD_ROWS = 20_480


def read(child: ChildContext, request: ReadRequest) -> ReadResult:
    """Read one source, or several as one table, into ``TABLE_FILE`` and ``PROFILE_FILE`` of the child's folder.

    Raises FileRefused with a code of PROMISES.md; BadInput if a type that a person chose does not fit or the
    target is not there.
    """
    with engine.connect(child.folder) as connection:
        raw, converted = _converted(connection, child, request)
        source = engine.typed_source(connection, converted.path, len(raw.names), converted.rows)
        profile = _profiled(connection, source, converted, raw.names, Part(child, 0.6, 0.8))
        if all(column.missing == profile.rows for column in profile.columns):
            raise refused("NO_ROWS", "The file has no values.")
        seen = _seen(connection, source, raw, converted, profile)
        columns, findings = _columns(raw, seen, request)
        match = match_of(raw.names, request.known)
        settled = settle_target(columns, profile, request.target, match)
        if request.announce:
            announce(child, request.names, converted.path, settled.columns, profile)
        child.progress(0.8, "Checking the rows")
        profile = replace(profile, content=digest(connection, source, profile))
        looked = suspects(converted.path) if len(seen) > engine.VERY_WIDE else None
        table = Table(connection, source, seen, profile, raw.recipe.decimal, looked)
        found = (*raw.findings, *table_findings(table), *findings)
        result = _result(connection, source, converted.path, raw, settled, profile, found, match)
        rules = match.rules if match is not None else ()
        broken = judged_findings(converted.path, result.columns, rules, Part(child, 0.9, 1.0))
        fits = tuple(one.dataset_id for one in all_that_match(raw.names, request.known))
        result = replace(result, findings=(*result.findings, *broken), fits=fits)
        (child.folder / PROFILE_FILE).write_bytes(msgspec.json.encode(profile, order="deterministic"))
        return result


def _profiled(
    connection: duckdb.DuckDBPyConnection, source: str, converted: Converted, names: Sequence[str], ctx: JobContext
) -> Profile:
    few_rows = converted.rows <= EXACT_ROWS
    if len(names) > engine.VERY_WIDE or (len(names) > EXACT_COLUMNS and few_rows):
        return profile_wide(converted.path, names, ctx)
    return profile_table(connection, source, names, ctx)


def _converted(
    connection: duckdb.DuckDBPyConnection, child: ChildContext, request: ReadRequest
) -> tuple[RawTable, Converted]:
    """The typed table; read again with care if DuckDB sees other rows than we do."""
    try:
        return _convert(connection, child, request, careful=False)
    except SourceFailed:
        pass
    try:
        return _convert(connection, child, request, careful=True)
    except SourceFailed as error:
        raise refused("NOT_TEXT", "The file is text, but no table.", "Look at its first lines.") from error


def _convert(
    connection: duckdb.DuckDBPyConnection, child: ChildContext, request: ReadRequest, *, careful: bool
) -> tuple[RawTable, Converted]:
    raw = opened(connection, child, request, careful=careful)
    match = match_of(raw.names, request.known)
    expected = known_types(raw.names, match.columns if match else ())
    insisted = chosen_types if request.recipe is not None else remembered_types
    expected |= insisted(raw.names, raw.recipe)
    child.progress(0.2, "Reading the rows")
    try:
        converted = convert(connection, raw, expected, child.folder / TABLE_FILE, request.careful)
    except duckdb.Error as error:
        if failure := engine.machine_failure(error):
            raise failure from error
        raise damaged(raw.damaged_code, error) if raw.damaged_code else SourceFailed(str(error)) from error
    if raw.rows is not None and converted.rows != raw.rows:
        raise SourceFailed(f"{raw.rows} rows were seen, {converted.rows} were read")
    told = tuple(map(emptied_note, converted.emptied)) + tuple(map(outdated_question, converted.given_up))
    told += _dates_in_either_order(raw, converted)
    told += _orders_taken_over(raw, converted)
    recipe = without_columns(raw.recipe, [one.column for one in converted.given_up])
    recipe = replace(recipe, day_first_of=(*recipe.day_first_of, *_orders_found(raw, converted)))
    return replace(raw, recipe=recipe, findings=(*raw.findings, *told)), converted


def _orders_found(raw: RawTable, converted: Converted) -> tuple[tuple[str, bool], ...]:
    """Whether the day comes first in columns whose own cells say so: the next file may hold none that tells."""
    orders = {timed(DAY_FIRST): True, timed(MONTH_FIRST): False}
    return tuple(
        (raw.names[i], orders[form.patterns])
        for i, form in converted.cells.items()
        if form.form is Form.MOMENT and not form.chosen and form.patterns in orders
        if day_first_in(raw.recipe, raw.names[i]) is None
    )


def _orders_taken_over(raw: RawTable, converted: Converted) -> tuple[Finding, ...]:
    """Dates whose order an earlier file told, and nobody was asked about."""
    if DATES in {question.partition(":")[0] for question in raw.recipe.answered}:
        return ()
    message = "{0}: either number of a date may be the day; they were read with the {1} first, as in the file before."
    return tuple(
        note("DATES_AMBIGUOUS", message.format(raw.names[i], "day" if day_first else "month"), raw.names[i])
        for i, form in converted.cells.items()
        if form.form is Form.MOMENT and not form.chosen and ambiguous_dates(converted.looks[i])
        if (day_first := dict(raw.recipe.day_first_of).get(raw.names[i])) is not None
    )


def _dates_in_either_order(raw: RawTable, converted: Converted) -> tuple[Finding, ...]:
    """A column that a person made a date, while nobody said which number is the day: it is read, and asked."""
    names = [
        raw.names[i]
        for i, form in converted.cells.items()
        if form.form is Form.MOMENT and form.chosen and ambiguous_dates(converted.looks[i])
        if day_first_in(raw.recipe, raw.names[i]) is None
    ]
    message = "{0}: either number of a date may be the day; they were read with the day first."
    return tuple(ask("DATES_AMBIGUOUS", message.format(n), "Choose day first or month first.", n) for n in names)


def opened(
    connection: duckdb.DuckDBPyConnection, child: ChildContext, request: ReadRequest, *, careful: bool
) -> RawTable:
    """The sources as the request wishes; new bytes as the answers to an earlier file of this shape say.

    Raises FileRefused.
    """
    ctx = Part(child, 0.0, 0.2)
    if request.recipe is not None or request.wishes is not None:
        wishes = all_of(request.recipe) if request.recipe is not None else request.wishes or NO_WISHES
        return open_sources(connection, request, wishes, child.folder, ctx, careful=careful)
    try:
        plain = open_sources(connection, request, NO_WISHES, child.folder, ctx, careful=careful)
    except FileRefused:
        again = _as_remembered(connection, child, request, request.known, careful)
        if again is None:
            raise
        return again
    match = match_of(plain.names, request.known)
    if match is not None and (wishes_ := remembered(match.recipe)) is not None and not wishes_.opening:
        return replace(plain, recipe=carried(plain.recipe, wishes_))
    others = [k for k in request.known if k is not match]
    return _as_remembered(connection, child, request, [*([match] if match else []), *others], careful) or plain


def _as_remembered(
    connection: duckdb.DuckDBPyConnection,
    child: ChildContext,
    request: ReadRequest,
    known: Sequence[Known],
    careful: bool,
) -> RawTable | None:
    """The file as the first known data set with answers about opening reads it, if it has that one's columns then."""
    for number, one in enumerate(known):
        wishes = remembered(one.recipe)
        if wishes is None or not wishes.opening:
            continue
        folder = child.folder / f"as{number}"
        folder.mkdir(exist_ok=True)
        try:
            raw = open_sources(connection, request, wishes, folder, Part(child, 0.0, 0.2), careful=careful)
        except FileRefused:
            continue
        if match_of(raw.names, [one]) is not None:
            return raw
    return None


def match_of(names: Sequence[str], known: Sequence[Known]) -> Known | None:
    """The data set whose columns are the same, in whatever order; the likeliest of several."""
    same = all_that_match(names, known)
    return same[-1] if same else None


def all_that_match(names: Sequence[str], known: Sequence[Known]) -> list[Known]:
    """The data sets whose columns are the same, in whatever order."""
    return [k for k in known if {c.name for c in k.columns} == set(names)]


def _seen(
    connection: duckdb.DuckDBPyConnection, source: str, raw: RawTable, converted: Converted, profile: Profile
) -> tuple[Seen, ...]:
    stored = [str(row[1]) for row in connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()]
    words = _words(connection, source, stored)
    return tuple(
        Seen(
            name, raw.kinds[i], stored[i], converted.cells.get(i), converted.looks.get(i), profile.columns[i],
            words.get(i, 0.0), profile.rows, i >= len(raw.names) - raw.extra,
        )
        for i, name in enumerate(raw.names)
    )  # fmt: skip


def _words(connection: duckdb.DuckDBPyConnection, source: str, stored: Sequence[str]) -> dict[int, float]:
    """How many words a cell of each text column holds on average, in the first rows."""
    texts = [i for i, type_ in enumerate(stored) if type_ == "VARCHAR"]
    found: dict[int, float] = {}
    size = engine.BLOCK if len(stored) > engine.VERY_WIDE else 100
    for start in range(0, len(texts), size):
        batch = texts[start : start + size]
        parts = [f"avg(1 + length(trim(c{i})) - length(replace(trim(c{i}), ' ', '')))" for i in batch]
        columns = ", ".join(f"c{i}" for i in batch)
        sample = f"(SELECT {columns} FROM {source} LIMIT {_WORD_ROWS})"
        row = engine.one(connection, f"SELECT {', '.join(parts)} FROM {sample}")
        found |= {i: float(str(value)) for i, value in zip(batch, row, strict=True) if value is not None}
    return found


def _columns(
    raw: RawTable, seen: Sequence[Seen], request: ReadRequest
) -> tuple[tuple[Column, ...], tuple[Finding, ...]]:
    """Every column, with the types a person chose and, for a known data set, the uses it had."""
    chosen = dict(raw.recipe.overrides)
    found = [column_of(one, chosen.get(one.name)) for one in seen]
    columns, findings = [c for c, _ in found], [f for _, fs in found for f in fs]
    match = match_of(raw.names, request.known)
    if match is not None:
        before = {c.name: c for c in match.columns}
        columns = [_as_before(c, before[c.name]) for c in columns]
        findings = [f for f in findings if f.column is None or before[f.column].use not in (Use.INPUT, Use.TARGET)]
    return tuple(columns), tuple(findings)


def _as_before(column: Column, before: Column) -> Column:
    """Uses and the choice between category and text stay from version to version; an empty column is not used, and
    one that waited for an answer is judged anew. What a person said about a column always goes along."""
    column = replace(column, unit=before.unit, description=before.description, personal=before.personal)
    if before.why == OPEN_QUESTION:
        return column
    if column.use is Use.IGNORED and column.why and before.use is Use.INPUT:
        return column
    texts = {"category", "text"}
    type_ = before.type if {str(column.type), str(before.type)} <= texts else column.type
    return replace(column, use=before.use, why=before.why, type=type_)


def _result(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    path: Path,
    raw: RawTable,
    settled: Targeted,
    profile: Profile,
    found: tuple[Finding, ...],
    match: Known | None,
) -> ReadResult:
    about_target = target_findings(connection, source, path, settled.columns, profile)
    target = next((c.name for c in settled.columns if c.use is Use.TARGET), None)
    kept = [f for f in found if not (f.column is not None and f.column == target and f.code in _ABOUT_INPUTS)]
    told = fewer(with_answers((*kept, *about_target), raw.recipe.answered))
    return ReadResult(
        profile.rows, raw.recipe, settled.columns, settled.positive, told, settled.why,
        match.dataset_id if match else None,
    )  # fmt: skip
