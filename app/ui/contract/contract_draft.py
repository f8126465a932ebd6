"""A contract while it is edited: rules that can be changed, added, removed and taken back. No Qt."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from app.core.contract_words import OPERATOR_WORDS, bound_words, demand_words, share_words, type_words
from app.core.data import TYPE_WORDS, ColumnType
from app.errors import BadInput
from app.runtime.rules import KINDS, OPERATORS, Rule, is_judgeable

KIND_WORDS = {
    "type": "type",
    "range": "range",
    "categories": "allowed",
    "missing": "missing",
    "unique": "unique",
    "relation": "compared",
    "rows": "rows",
}
_EPOCH = datetime(1970, 1, 1)
_DAY_S = 86_400
_RELATION = re.compile(r"\s*(<=|>=|!=|<|>|=)\s*(.+?)\s*")

Types = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Step:
    rules: tuple[Rule, ...]
    effect: str


class Draft:
    """The rules as they stand. ``saved``: as they are in the newest contract, empty for a suggestion."""

    def __init__(self, saved: Sequence[Rule], rules: Sequence[Rule] | None = None, effect: str = "") -> None:
        self.saved = tuple(saved)
        self._steps = [_Step(self.saved, "")]
        if rules is not None and tuple(rules) != self.saved:
            self._steps.append(_Step(tuple(rules), effect))

    @property
    def rules(self) -> tuple[Rule, ...]:
        """What is shown now."""
        return self._steps[-1].rules

    @property
    def is_changed(self) -> bool:
        """Whether there is something to save."""
        return self.rules != self.saved

    @property
    def undo_effect(self) -> str:
        """What *Undo* takes back; empty if there is nothing."""
        return self._steps[-1].effect

    def change(self, place: int, rule: Rule, types: Types) -> None:
        """Put another rule in the place of one."""
        if rule != self.rules[place]:
            self._step((*self.rules[:place], rule, *self.rules[place + 1 :]), _changed(rule, types))

    def add(self, rule: Rule, types: Types) -> int:
        """Add a rule behind the last one of its column; its place."""
        places = [i for i, r in enumerate(self.rules) if r.column == rule.column]
        place = places[-1] + 1 if places else len(self.rules)
        self._step((*self.rules[:place], rule, *self.rules[place:]), _changed(rule, types))
        return place

    def remove(self, places: Sequence[int], types: Types) -> None:
        """Leave some rules out."""
        gone = [self.rules[p] for p in places]
        if gone:
            words = f"without {_named(gone[0], types)}" if len(gone) == 1 else f"{len(gone)} rules removed"
            self._step(tuple(r for i, r in enumerate(self.rules) if i not in set(places)), words)

    def undo(self) -> None:
        """Take back the last change."""
        if len(self._steps) > 1:
            self._steps.pop()

    def reason(self) -> str:
        """A reason to save, prefilled: what was changed, in words."""
        effects = list(dict.fromkeys(step.effect for step in self._steps[1:] if step.effect))
        more = f" and {len(effects) - 2} more" if len(effects) > 2 else ""
        return "; ".join(effects[:2]) + more

    def _step(self, rules: tuple[Rule, ...], effect: str) -> None:
        self._steps.append(_Step(rules, effect))


def _changed(rule: Rule, types: Types) -> str:
    said = _named(rule, types)
    return said if rule.on else f"{said}: off"


def _named(rule: Rule, types: Types) -> str:
    words = demand_words(rule, types)
    return f"{rule.column} {words}" if rule.column is not None else words


def least_text(rule: Rule, types: Types) -> str:
    """The cell *Least*."""
    return "" if rule.minimum is None else bound_words(rule, rule.minimum, types)


def most_text(rule: Rule, types: Types) -> str:
    """The cell *Most / allowed*, as a person would type it."""
    if rule.kind == "missing":
        return share_words(rule.maximum) if rule.maximum else "none"
    if rule.kind == "categories":
        return ", ".join(map(_quoted, rule.values))
    if rule.kind == "relation":
        return f"{rule.operator} {rule.other}"
    if rule.kind == "type":
        return type_words(rule)
    return "" if rule.maximum is None else bound_words(rule, rule.maximum, types)


def _quoted(value: str) -> str:
    plain = value == value.strip() and value and not set(value) & {",", '"', "\n", "\r"}
    return value if plain else '"' + value.replace('"', '""') + '"'


def with_least(rule: Rule, text: str, types: Types) -> Rule:
    """The rule with what was typed as its least value. BadInput if it is none."""
    return replace(rule, minimum=_bound(rule, text, types))


def with_most(rule: Rule, text: str, types: Types) -> Rule:
    """The rule with what was typed as its largest value, share, values, type or other column. BadInput for nonsense."""
    read = _MOST.get(rule.kind)
    return read(rule, text, types) if read is not None else replace(rule, maximum=_bound(rule, text, types))


def _share(rule: Rule, text: str, types: Types) -> Rule:
    plain = text.strip().removesuffix("%").strip().replace(",", ".")
    if plain.lower() in ("", "none", "never", "0"):
        return replace(rule, maximum=0.0)
    try:
        share = float(plain) / 100
    except ValueError:
        raise BadInput(f"“{text}” is no share.", "Type per cent, like 2.5, or none.") from None
    if not 0 <= share <= 1:
        raise BadInput(f"{text} is no share: it is between 0 and 100 %.", "Type per cent, like 2.5.")
    return replace(rule, maximum=share)


def _values(rule: Rule, text: str, types: Types) -> Rule:
    cells = next(csv.reader([text], skipinitialspace=True), [])
    values = tuple(dict.fromkeys(cell for cell in cells if cell.strip()))
    if not values:
        raise BadInput(f"{rule.column}: no value would be allowed.", "Name one at least, with commas between.")
    return replace(rule, values=values)


def _related(rule: Rule, text: str, types: Types) -> Rule:
    match = _RELATION.fullmatch(text)
    made = rule if match is None else replace(rule, operator=match.group(1), other=match.group(2))
    if match is None or not is_judgeable(made, types.get(made.column or "", ""), types.get(made.other or "")):
        raise BadInput(f"“{text}” compares with no column of the same type.", "Type for example: <= end")
    return made


def _type(rule: Rule, text: str, types: Types) -> Rule:
    found = next((str(t) for t, words in TYPE_WORDS.items() if text.strip().lower() in (words, str(t))), None)
    if found is None:
        raise BadInput(f"“{text}” is no type.", f"The types are {', '.join(TYPE_WORDS.values())}.")
    return replace(rule, values=(found,))


def _nothing(rule: Rule, text: str, types: Types) -> Rule:
    return rule


_MOST: dict[str, Callable[[Rule, str, Types], Rule]] = {
    "missing": _share,
    "categories": _values,
    "relation": _related,
    "type": _type,
    "unique": _nothing,
}


def _bound(rule: Rule, text: str, types: Types) -> float | None:
    plain = text.strip()
    if not plain:
        return None
    if rule.kind == "range" and types.get(rule.column or "") == ColumnType.DATETIME:
        try:
            moment = datetime.fromisoformat(plain).replace(tzinfo=None)
        except ValueError:
            raise BadInput(f"“{text}” is no date.", "Type it like 2026-01-31.") from None
        return (moment - _EPOCH).total_seconds() / _DAY_S
    try:
        return float(plain.replace(",", "").replace(" ", ""))
    except ValueError:
        raise BadInput(f"“{text}” is no number.", "Type it like 1250.5, or leave it empty.") from None


def is_editable(rule: Rule, *, least: bool) -> bool:
    """Whether a bound's cell can be typed into."""
    if least:
        return rule.kind in ("range", "rows")
    return rule.kind != "unique"


def kinds_for(type_: str) -> list[str]:
    """The kinds of rules that a column of this type can be given, ``rows`` apart."""
    probes = {k: Rule(k, "", operator="=") for k in KINDS if k != "rows"}
    return [k for k, rule in probes.items() if is_judgeable(rule, type_, type_)]


def new_rule(kind: str, column: str, types: Types) -> Rule:
    """A rule to begin with: wide open where a bound is a person's to say."""
    if kind == "missing":
        return Rule(kind, column, maximum=0.0)
    if kind == "type":
        return Rule(kind, column, values=(types[column],))
    if kind == "relation":
        alike = [
            n
            for n, t in types.items()
            if n != column and is_judgeable(Rule(kind, column, operator="="), types[column], t)
        ]
        if not alike:
            raise BadInput(f"No other column compares with {column}.", "Choose another rule.")
        ordered = is_judgeable(Rule(kind, column, operator="<="), types[column], types[alike[0]])
        return Rule(kind, column, operator="<=" if ordered else "=", other=alike[0])
    return Rule(kind, None if kind == "rows" else column)


OPERATOR_TIPS = ", ".join(f"{sign} {OPERATOR_WORDS[sign]}" for sign in OPERATORS)
"""What can be typed before the other column's name."""
