"""The child that reads a file of labels and finds the predictions they belong to.

The file is held by its ids; logs are read line by line. Whether ids are prediction ids, the caller's own or values of
an input is not asked but seen: the way that finds most of them.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from app.core.data import ColumnType
from app.core.outcomes import Contradiction, JoinedBy, UnknownLabel
from app.core.progress import Part
from app.data.foreign import ColumnsMissing, read_for_contract
from app.errors import BadInput
from app.jobs.child import ChildContext
from app.monitoring.join_order import JOINED, Columns, Joined, JoinOrder
from app.runtime import logline
from app.runtime.contract import Field, Value
from app.runtime.logline import Line

BATCH_ROWS = 8_192
MOST_SHOWN = 20
"""Contradictions are shown so that somebody can look them up, not all of them."""
MOST_NAMED = 3
_WHOLE = re.compile(r"-?[0-9]+\.0")


@dataclass(slots=True)
class _Told:
    """The file: one label an id, and what else stood there. ``answers``: the classes that are known; empty: any."""

    answers: frozenset[str]
    rows: int = 0
    unlabelled: int = 0
    nameless: int = 0
    labels: dict[str, str] = field(default_factory=dict)
    times: Counter[str] = field(default_factory=Counter)
    contradicted: dict[str, list[str]] = field(default_factory=dict)
    unknown: int = 0
    unknown_labels: dict[str, UnknownLabel] = field(default_factory=dict)

    def add(self, key: str | None, label: str | None) -> None:
        self.rows += 1
        if label is None:
            self.unlabelled += 1
        elif key is None:
            self.nameless += 1
        else:
            self.times[key] += 1
            self._see(key, label)
            first = self.labels.setdefault(key, label)
            if first != label:
                self._contradict(key, first, label)

    def contradictions(self) -> tuple[Contradiction, ...]:
        """The first ids with different labels."""
        some = islice(self.contradicted.items(), MOST_SHOWN)
        return tuple(Contradiction(key, tuple(labels)) for key, labels in some)

    def _see(self, key: str, label: str) -> None:
        if not self.answers or label in self.answers:
            return
        self.unknown += 1
        if len(self.unknown_labels) < MOST_SHOWN:
            self.unknown_labels.setdefault(label, UnknownLabel(label, self.rows, key))

    def _contradict(self, key: str, first: str, label: str) -> None:
        told = self.contradicted.setdefault(key, [first])
        if label not in told and len(told) < MOST_SHOWN:
            told.append(label)


@dataclass(slots=True)
class _Way:
    """What one way of joining finds: of each id the predictions that have it, and whether they were reported on
    already; ``bundles``: that made them."""

    found: dict[str, list[tuple[str, bool]]] = field(default_factory=dict)
    bundles: set[str] = field(default_factory=set)


def join(ctx: ChildContext, order: JoinOrder) -> Joined:
    """Match and write ``JOINED``. Raises FileRefused and BadInput as a file to predict does."""
    told = _read(ctx, order)
    _refuse_no_answers(order, told.labels.values())
    ways = _matches(ctx, order, told)
    way = max(ways, key=lambda w: len(ways[w].found))  # the first of equals
    found = ways[way].found
    with (ctx.folder / JOINED).open("w", encoding="utf-8") as out:
        for number, (key, predictions) in enumerate(found.items()):
            for prediction, late in predictions:
                out.write(json.dumps([number, prediction, told.labels[key], late]) + "\n")
    plain = [key for key in told.labels if key not in told.contradicted]
    lost = sum(told.times[key] for key in plain if key not in found) + told.nameless
    return Joined(
        way if found else JoinedBy.NOTHING,
        told.rows,
        len(found),
        lost,
        sum(told.times[key] - 1 for key in found),
        sum(told.times[key] for key in told.contradicted),
        told.unlabelled,
        told.contradictions(),
        tuple(sorted(ways[way].bundles)),
        () if found else tuple(plain[:MOST_SHOWN]),
        told.unknown,
        tuple(told.unknown_labels.values()),
    )


def _refuse_no_answers(order: JoinOrder, labels: Collection[str]) -> None:
    """A column of which no value is an answer of the model is another column: taken in, it would change what is known.
    Raises BadInput."""
    if order.answers and labels and order.answers.isdisjoint(labels):
        some = ", ".join(islice(sorted(set(labels)), MOST_NAMED))
        known = ", ".join(islice(sorted(order.answers), MOST_SHOWN))
        raise BadInput(
            f"No value of {order.label_column} is an answer of the model: {some}.",
            f"It answers {known}. Is what happened in another column?",
        )


def columns(ctx: ChildContext, source: Path) -> Columns:
    """The names of a file's columns. Raises FileRefused."""
    return Columns(read_for_contract(source, (), ctx.folder, ctx).columns)


def _read(ctx: ChildContext, order: JoinOrder) -> _Told:
    _refuse_one_column(order)
    fields = (Field(order.id_column, "text", "input"), Field(order.label_column, order.label_type.value, "input"))
    try:
        rows = read_for_contract(order.source, fields, ctx.folder, Part(ctx, 0.0, 0.4), order.recipe)
    except ColumnsMissing as error:
        hint = f"It has: {', '.join(error.there)}."
        raise BadInput(f"The file has no column {' and no column '.join(error.missing)}.", hint) from error
    told = _Told(order.answers)
    for batch in rows.batches(BATCH_ROWS):
        for row in batch.rows():
            key, label = _key(row[order.id_column]), _label(row[order.label_column], order.label_type)
            told.add(key, label)
    return told


def _refuse_one_column(order: JoinOrder) -> None:
    if order.id_column == order.label_column:
        raise BadInput(
            f"The column {order.id_column} cannot be both the id and what happened.", "Name a column for each."
        )


def _matches(ctx: ChildContext, order: JoinOrder, told: _Told) -> dict[JoinedBy, _Way]:
    wanted = {key for key in told.labels if key not in told.contradicted}
    looked_at = dict(order.looked_at)
    ways = {way: _Way() for way in (JoinedBy.PREDICTION, JoinedBy.CALLER, JoinedBy.INPUT)}
    for number, path in enumerate(order.logs):
        ctx.progress(0.4 + 0.6 * number / len(order.logs), "Looking for the predictions")
        for line in _lines(Path(path), looked_at):
            late = line.at <= looked_at[line.bundle]
            for way, key in _keys(line, order.id_column).items():
                if key in wanted:
                    ways[way].found.setdefault(key, []).append((line.id, late))
                    ways[way].bundles.add(line.bundle)
    return ways


def _lines(path: Path, bundles: Mapping[str, str]) -> Iterator[Line]:
    for entry in logline.read(path):
        line = entry.line
        if line is not None and line.bundle in bundles and line.shadow_of is None:
            yield line


def _keys(line: Line, column: str) -> dict[JoinedBy, str]:
    """What a prediction may be known by."""
    keys = {JoinedBy.PREDICTION: line.id}
    if line.caller_id is not None:
        keys[JoinedBy.CALLER] = str(line.caller_id)
    if (told := _key(line.inputs.get(column))) is not None:
        keys[JoinedBy.INPUT] = told
    return keys


def _key(value: Value) -> str | None:
    """One text for an id, however a file, a caller or an input writes it: 17, 17.0 and " 17 " are the same."""
    text = "" if value is None else str(value).strip()
    return (text.removesuffix(".0") if _WHOLE.fullmatch(text) else text) or None


def _label(value: Value, type_: ColumnType) -> str | None:
    """As ``data.target.label_texts`` writes class labels; a number that is not finite counts as missing, as there."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if type_ is ColumnType.INTEGER:
        return str(int(value))
    return repr(float(value)) if type_ is ColumnType.NUMBER else str(value)
