"""JSON bytes -> checked rows. Two ways with one result: a compiled one for requests that are right, and
a careful one that says what is wrong. The compiled one hands over whenever it is not sure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import cast

import msgspec

from .contract import Contract, Field, Value
from .findings import Findings
from .limits import MAX_DEPTH, MAX_ROWS
from .problems import Refusal
from .rows import Rows
from .validate import NotFinite, Rules, check_ids, is_moment, is_whole

_JSON_TYPES: dict[str, object] = {
    "number": float,
    "integer": int | float,
    "boolean": bool,
    "category": str,
    "text": str,
    "datetime": str,
}
_SCALAR = str | int | float | bool | None
_MAX_DIGITS = 400
"""An integer with more digits is beyond every float; Python would refuse it above 4,300 by itself."""


class JsonRows:
    """Reads ``{"rows": [{...}], "ids": [...]}`` by one contract."""

    def __init__(self, contract: Contract) -> None:
        self._rules = Rules(contract)
        self._quick = _Quick.of(contract)

    def read(self, body: bytes) -> Rows:
        """Raises Refusal: 400 not JSON, 413 too many rows, 422 the rows are wrong."""
        rows = self._quick.read(body) if self._quick is not None else None
        return rows if rows is not None else self._read_carefully(body)

    def _read_carefully(self, body: bytes) -> Rows:
        content = parse(body)
        if not isinstance(content, dict) or not isinstance(content.get("rows"), list):
            raise Refusal(422, 'The request must be {"rows": [{column: value, ...}, ...]}.', code="no_rows")
        if content.keys() - {"rows", "ids"}:
            raise Refusal(422, 'Besides "rows" and "ids" the request must hold nothing.', code="unknown_member")
        return self._rules.check(content["rows"], content.get("ids"))


def parse(body: bytes) -> object:
    """Any JSON value, NaN and its like as ``NotFinite``. Raises Refusal (400): malformed, not UTF-8,
    duplicate keys, nested deeper than 32."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise Refusal(400, "The request is not UTF-8.", code="not_utf8") from None
    try:
        content = json.loads(
            text, object_pairs_hook=_distinct, parse_constant=_constant, parse_int=_int, parse_float=float
        )
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:
        place = f" at byte {error.pos}" if isinstance(error, json.JSONDecodeError) else ""
        raise Refusal(400, f"The request is not valid JSON{place}.", code="malformed") from None
    _check_depth_and_text(content)
    return content


class _DuplicateKey(Refusal):
    def __init__(self) -> None:
        super().__init__(400, "An object in the request holds the same key twice.", code="duplicate_key")


def _distinct(pairs: list[tuple[str, object]]) -> dict[str, object]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise _DuplicateKey()
    return content


def _constant(_: str) -> NotFinite:
    return NotFinite()


def _int(digits: str) -> int | NotFinite:
    return int(digits) if len(digits) <= _MAX_DIGITS else NotFinite()


def _too_deep() -> Refusal:
    return Refusal(400, f"The request is nested deeper than {MAX_DEPTH}.", code="too_deep")


def _check_depth_and_text(content: object) -> None:
    """Walks level by level; half of a surrogate pair is no text that could be answered or logged."""
    level: list[object] = [content]
    for _ in range(MAX_DEPTH):
        level = _below(level)
        if not level:
            return
    if any(isinstance(value, dict | list) for value in level):
        raise _too_deep()
    _below(level)


def _below(level: list[object]) -> list[object]:
    """The values one level further in; checks the texts of this one."""
    texts = [v for v in level if isinstance(v, str)]
    below: list[object] = []
    for value in level:
        if isinstance(value, dict):
            texts.extend(value)
            below.extend(value.values())
        elif isinstance(value, list):
            below.extend(value)
    _check_text(texts)
    return below


def _check_text(texts: Iterable[str]) -> None:
    try:
        for text in texts:
            text.encode("utf-8")
    except UnicodeEncodeError:
        raise Refusal(400, "A text in the request holds half of a surrogate pair.", code="malformed") from None


class _Quick:
    """A decoder made from the contract. ``read`` gives None whenever the careful way has to look."""

    def __init__(self, contract: Contract) -> None:
        others = [f for f in contract.fields if f.use != "input"]
        fields = [*contract.inputs, *others]
        self._inputs = len(contract.inputs)
        self._row = _row_type(fields, self._inputs)
        request = msgspec.defstruct(
            "Request",
            [("rows", list[self._row]), ("ids", list[str | int] | None, None)],  # type: ignore[name-defined]
            forbid_unknown_fields=True,
        )
        self._decode = cast(Callable[[bytes], "_Request"], msgspec.json.Decoder(request).decode)
        self._dropped = [(f"f{i}", f.name) for i, f in enumerate(fields) if f.use in ("ignored", "target")]
        self._others = [f"f{i}" for i in range(self._inputs, len(fields))]
        self._whole = [i for i, f in enumerate(contract.inputs) if f.type == "integer"]
        self._moments = [i for i, f in enumerate(contract.inputs) if f.type == "datetime"]
        self._texts = [i for i, f in enumerate(contract.inputs) if f.type in ("category", "text", "datetime")]
        self._colons_a_row = self._inputs + sum(f.name.count(":") for f in contract.inputs)
        self._other_colons = {f"f{i}": 1 + f.name.count(":") for i, f in enumerate(fields) if i >= self._inputs}

    @classmethod
    def of(cls, contract: Contract) -> _Quick | None:
        """None where a column's name cannot be compiled (quotes, backslashes, control characters)."""
        if any(c in '"\\' or ord(c) < 32 for f in contract.fields for c in f.name):
            return None
        return cls(contract)

    def read(self, body: bytes) -> Rows | None:
        try:
            request = self._decode(body)
        except (msgspec.DecodeError, ValueError, RecursionError):
            return None
        if not self._every_key_is_there_once(body, request):
            return None
        if len(request.rows) > MAX_ROWS or not self._ids_fit(request):
            return None
        dropped = self._drop(request.rows)
        values = [msgspec.structs.astuple(row)[: self._inputs] for row in request.rows]
        if not self._values_fit(values):
            return None
        return Rows(values, request.rows, request.ids, dropped)

    def _every_key_is_there_once(self, body: bytes, request: _Request) -> bool:
        """A key given twice is decoded once, so its colon is left over. An escaped colon could hide that."""
        return rb"\u003" not in body and body.count(b":") == self._colons(request)

    def _colons(self, request: _Request) -> int:
        found = 1 if request.ids is None else 2
        found += self._colons_a_row * len(request.rows)
        for row in request.rows:
            values = msgspec.structs.astuple(row)
            for i in self._texts:
                text = values[i]
                if text is not None:
                    found += text.count(":")
            for name in self._others:
                value = getattr(row, name)
                if value is not msgspec.UNSET:
                    found += self._other_colons[name] + (value.count(":") if isinstance(value, str) else 0)
        for value in request.ids or ():
            found += value.count(":") if isinstance(value, str) else 0
        return found

    def _ids_fit(self, request: _Request) -> bool:
        findings = Findings()
        check_ids(request.ids, len(request.rows), findings)
        return not findings

    def _drop(self, rows: list[msgspec.Struct]) -> dict[str, int]:
        dropped: dict[str, int] = {}
        for attribute, name in self._dropped:
            for row in rows:
                if getattr(row, attribute) is not msgspec.UNSET:
                    setattr(row, attribute, msgspec.UNSET)
                    dropped[name] = dropped.get(name, 0) + 1
        return dropped

    def _values_fit(self, values: list[tuple[Value, ...]]) -> bool:
        for i in self._whole:
            if not all(row[i] is None or is_whole(row[i]) for row in values):
                return False
        return all(row[i] is None or is_moment(row[i]) for i in self._moments for row in values)


class _Request(msgspec.Struct):
    """How the compiled decoder's result looks to the type checker."""

    rows: list[msgspec.Struct]
    ids: list[str | int] | None = None


def _row_type(fields: list[Field], inputs: int) -> type[msgspec.Struct]:
    described: list[tuple[str, object] | tuple[str, object, object]] = []
    for i, field in enumerate(fields):
        if i >= inputs:
            described.append((f"f{i}", _SCALAR | msgspec.UnsetType, msgspec.UNSET))
        else:
            type_ = _JSON_TYPES[field.type]
            described.append((f"f{i}", type_ | None if field.missing_allowed else type_))  # type: ignore[operator]
    names = {f"f{i}": field.name for i, field in enumerate(fields)}
    return msgspec.defstruct("Row", described, rename=names, forbid_unknown_fields=True)
