"""JSON and JSON lines as a table: one record a row, numbers exactly as written. Child side."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from app.core.data import Choice, Finding, ParseRecipe
from app.core.progress import JobContext
from app.data.findings import ask, listed, refused, warn
from app.data.formats.csv_scan import LONGEST_LINE, line_too_long
from app.data.formats.raw import Kind, RawTable
from app.data.formats.text import SAMPLE_BYTES, CleanText
from app.data.formats.text_table import TextTable
from app.data.names import column_names
from app.data.wishes import Wishes
from app.errors import FileRefused

_START = re.compile(r'\s*(?:\[\s*(?:[{\[\]]|$)|\{\s*(?:"|\}))')
_SPACE = re.compile(r"[\s,]*")
_TELL_EVERY = 20_000
_CHUNK_CHARACTERS = 1 << 20
_LONGEST_WORD = len("-Infinity")


class Number(str):
    """A number's digits as they stand in the file: no digit is lost on the way."""

    __slots__ = ()


@dataclass
class _Met:
    """What was met on the way."""

    nonstandard: int = 0
    truncated: bool = False
    doubled: list[str] = field(default_factory=list)


def is_json(clean: CleanText) -> bool:
    """Whether a text begins as JSON records do; a CSV header may start with a bracket, but not like this."""
    with clean.path.open("rb") as file:
        return _START.match(file.read(SAMPLE_BYTES).decode("utf-8-sig", "replace")) is not None


def open_json(clean: CleanText, folder: Path, wishes: Wishes, ctx: JobContext) -> RawTable:
    """Open JSON text. Raises FileRefused (JSON_TOO_DEEP, NOT_TEXT, NO_ROWS)."""
    met = _Met()
    table, places = TextTable(folder), dict[str, int]()
    lines = _is_lines(clean.path)
    try:
        for record in _line_records(clean.path, met) if lines else _records(clean.path, met):
            table.add(_row(_spread(record) if wishes.policies.spread else record, table, places, met))
            if table.rows % _TELL_EVERY == 0:
                ctx.progress(None, f"Reading record {table.rows:,}")
    except RecursionError as error:
        raise refused(
            "JSON_TOO_DEEP", "The values are nested too deeply to be a table.", "Save flat records."
        ) from error
    if not table.rows or not places:
        raise refused("NO_ROWS", "The file holds no records.")
    names, doubles = column_names(list(places))
    kinds = tuple(kind.kind for kind in table.kinds)
    made = ParseRecipe("jsonl" if lines else "json", clean.encoding)
    found = (*clean.findings, *doubles, *_findings(met, names, kinds))
    return RawTable(table.relation(), names, kinds, made, found, table.rows, cells=table.cells)


def _is_lines(path: Path) -> bool:
    """Whether the first line is a record by itself, and not the only one."""
    with path.open(encoding="utf-8-sig") as file:
        lines = (line for line in iter(lambda: file.readline(LONGEST_LINE), "") if line.strip())
        first, second = next(lines, ""), next(lines, "")
    try:
        if not second:
            return False
        return isinstance(_decoder().decode(first), dict) and first.lstrip().startswith("{")
    except (ValueError, RecursionError):
        return False


def _line_records(path: Path, met: _Met) -> Iterator[object]:
    decoder = _decoder(met)
    with path.open(encoding="utf-8-sig") as file:
        number = 0
        while line := file.readline(LONGEST_LINE + 1):
            number += 1
            if len(line) > LONGEST_LINE:
                raise line_too_long(number)
            if not line.strip():
                continue
            try:
                record = decoder.decode(line)
            except ValueError as error:
                if not file.read(1):
                    met.truncated = True
                    return
                message = f"Line {number:,} is no JSON: {error}."
                raise refused("NOT_TEXT", message, f"Mend or remove line {number:,}.") from error
            yield record


def _records(path: Path, met: _Met) -> Iterator[object]:
    """The elements of a list, one after another; or what a single object holds."""
    with path.open(encoding="utf-8-sig") as file:
        buffer = file.read(_CHUNK_CHARACTERS)
        at = _after_space(buffer, 0)
        if not buffer.startswith("[", at):
            yield from _of_object(_whole(buffer + file.read(), met))
            return
        yield from _elements(file, buffer, at + 1, met)


def _elements(file: TextIO, buffer: str, at: int, met: _Met) -> Iterator[object]:
    decoder = _decoder(met)
    while True:
        at = _after_space(buffer, at)
        if buffer.startswith("]", at):
            return
        record, end = _element(decoder, buffer, at)
        if end is None or end == len(buffer):  # cut off here, or a number that may go on
            more = file.read(max(_CHUNK_CHARACTERS, len(buffer)))
            if more:
                buffer, at = buffer[at:] + more, 0
                if end is None and len(buffer) > 2 * LONGEST_LINE:
                    raise line_too_long(1)
                continue
            met.truncated = True
            if end is None:
                return
        yield record
        assert end is not None
        at = end
        if at > _CHUNK_CHARACTERS:
            buffer, at = buffer[at:], 0


def _element(decoder: json.JSONDecoder, buffer: str, at: int) -> tuple[object, int | None]:
    """An element and where it ends; None if the text is cut off before that. FileRefused if it is no JSON."""
    try:
        return decoder.raw_decode(buffer, at)
    except json.JSONDecodeError as error:
        if "Unterminated" in error.msg or error.pos >= len(buffer.rstrip()) - _LONGEST_WORD:
            return None, None
        raise _no_json(error) from error


def _after_space(buffer: str, at: int) -> int:
    found = _SPACE.match(buffer, at)
    assert found is not None
    return found.end()


def _whole(text: str, met: _Met) -> object:
    try:
        return _decoder(met).decode(text)
    except json.JSONDecodeError as error:
        raise _no_json(error) from error


def _no_json(error: json.JSONDecodeError) -> FileRefused:
    return refused("NOT_TEXT", f"The file begins as JSON but is none: {error}.", "Save it again, or as CSV.")


def _of_object(value: object) -> Iterator[object]:
    """The records in a single object: lists by column, objects by column (as pandas writes), or the one list in it."""
    if not isinstance(value, dict):
        yield value
        return
    columns = list(value.values())
    if (
        columns
        and all(isinstance(c, list) for c in columns)
        and len({len(c) for c in columns}) == 1
        and len(columns) > 1
    ):
        yield from (dict(zip(value, row, strict=True)) for row in zip(*columns, strict=True))
    elif columns and all(isinstance(c, dict) for c in columns) and len({tuple(c) for c in columns}) == 1:
        yield from ({name: c[key] for name, c in value.items()} for key in columns[0])
    else:
        lists = [c for c in columns if isinstance(c, list) and c and isinstance(c[0], dict)]
        yield from lists[0] if len(lists) == 1 else [value]


def _decoder(met: _Met | None = None) -> json.JSONDecoder:
    def constant(name: str) -> str:
        if met is not None:
            met.nonstandard += 1
        return Number({"NaN": "NaN", "Infinity": "inf", "-Infinity": "-inf"}[name])

    def fields(pairs: list[tuple[str, object]]) -> dict[str, object]:
        """A record in which every value of a name that is there twice is kept."""
        made: dict[str, object] = {}
        for name, value in pairs:
            place, number = name, 2
            while place in made:
                place, number = f"{name} ({number})", number + 1
            if place != name and met is not None:
                met.doubled.append(place)
            made[place] = value
        return made

    return json.JSONDecoder(
        parse_int=Number, parse_float=Number, parse_constant=constant, object_pairs_hook=fields
    )  # fmt: skip


def _row(record: object, table: TextTable, places: dict[str, int], met: _Met) -> dict[int, str]:
    """The texts of a record's values by column; a list is a row without names, a single value one column."""
    if isinstance(record, list):
        record = {f"column {i}": value for i, value in enumerate(record, 1)}
    elif not isinstance(record, dict):
        record = {"value": record}
    row: dict[int, str] = {}
    for name, value in record.items():
        place = places.setdefault(name, len(places))
        kinds = table.kind_of(place)
        if value is None:
            continue
        if isinstance(value, Number):
            kinds.numbers += 1
            row[place] = str(value)
        elif isinstance(value, str):
            kinds.texts += 1
            row[place] = value.encode("utf-8", "replace").decode("utf-8")  # lone surrogates have no UTF-8 form
        elif isinstance(value, bool):
            kinds.booleans += 1
            row[place] = "true" if value else "false"
        else:
            kinds.nested += 1
            row[place] = json.dumps(value, ensure_ascii=False, default=str).encode("utf-8", "replace").decode("utf-8")
    return row


def _spread(record: object) -> object:
    """A record with the groups in it as fields of their own, ``address.city``; lists stay."""
    if not isinstance(record, dict):
        return record
    flat: dict[str, object] = {}
    for name, value in record.items():
        if isinstance(value, dict) and value:
            flat |= {f"{name}.{inner}": v for inner, v in _as_dict(_spread(value)).items()}
        else:
            flat[name] = value
    return flat


def _as_dict(value: object) -> dict[str, object]:
    assert isinstance(value, dict)
    return value


def _findings(met: _Met, names: tuple[str, ...], kinds: tuple[Kind, ...]) -> tuple[Finding, ...]:
    found: list[Finding] = []
    nested = [name for name, kind in zip(names, kinds, strict=True) if kind is Kind.NESTED]
    if nested:
        message = f"{listed(nested)}: lists or groups of values in one cell; they are kept as JSON text and not used."
        found.append(ask("NESTED_VALUES", message, "Give each value a field of its own.", nested[0]))
    later = [name for name in dict.fromkeys(met.doubled) if name in names]
    if later:
        message = f"Records name a field more than once: the later ones are called {listed(later)}."
        found.append(
            ask("DUPLICATE_COLUMNS", message, "Look at how the file was made.", later[0], choices=map(Choice, later))
        )
    if met.truncated:
        message = "The file ends in the middle; the complete records before that were read."
        found.append(ask("JSON_TRUNCATED", message, "Make or download it again."))
    if met.nonstandard:
        message = f"{met.nonstandard:,} values are NaN or Infinity, which JSON does not know."
        found.append(warn("JSON_NONSTANDARD", message, "They were read as missing and infinite."))
    return tuple(found)
