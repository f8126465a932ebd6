"""Types that are expected before a cell was seen: a person chose them, or the version before had them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.core.data import Column, ColumnType, ParseRecipe
from app.data.types.cells import FORM_OF, Cells, Form
from app.data.types.measure import (
    DAY_FIRST,
    DECIMALS,
    ISO,
    MONTH_FIRST,
    NAMED_MONTH,
    THOUSANDS,
    YEAR_FIRST,
    Look,
    timed,
)

OPEN_QUESTION = "a question about it is open"
"""Why a column is not used until a person has answered."""


@dataclass(frozen=True, slots=True)
class Expected:
    """``chosen``: a person insists, so that a cell that does not fit stops the reading, or (``lenient``) becomes a
    missing value; ``remembered``: they insisted for an earlier file, so that it is given up, and told, if it does not
    fit. Otherwise it is only preferred, and given up at the first cell that does not fit."""

    type: ColumnType
    chosen: bool = False
    lenient: bool = False
    remembered: bool = False


def chosen_types(names: Sequence[str], recipe: ParseRecipe) -> dict[int, Expected]:
    """What a person chose, by position."""
    types = dict(recipe.overrides)
    return {i: Expected(types[n], True, n in recipe.set_missing) for i, n in enumerate(names) if n in types}


def remembered_types(names: Sequence[str], recipe: ParseRecipe) -> dict[int, Expected]:
    """What a person chose for an earlier version, by position."""
    chosen = chosen_types(names, recipe)
    return {i: replace(one, remembered=True) for i, one in chosen.items()}


def comma_in(recipe: ParseRecipe, name: str) -> str:
    """What a column's comma separates, if a person said so: of this column, else of the whole file."""
    return dict(recipe.comma_of).get(name, DECIMALS if recipe.decimal == "," else "")


def day_first_in(recipe: ParseRecipe, name: str) -> bool | None:
    """Whether a column's dates begin with the day, if a person said so: of this column, else of the whole file."""
    return dict(recipe.day_first_of).get(name, recipe.day_first)


def known_types(names: Sequence[str], columns: Sequence[Column]) -> dict[int, Expected]:
    """What the version before had, by position; nothing where a question was open."""
    types = {c.name: c.type for c in columns if c.why != OPEN_QUESTION}
    return {i: Expected(types[n]) for i, n in enumerate(names) if n in types}


def expected_form(expected: Expected, decided: Cells, seen: Look, comma: str, day_first: bool | None) -> Cells:
    """The form to read a column in. ``decided``: what its cells alone would say."""
    wanted = FORM_OF[expected.type]
    if expected.chosen:
        return _chosen(wanted, seen, comma, day_first, expected.lenient)
    if wanted is Form.TEXT or decided.form is Form.EMPTY:
        return Cells(Form.TEXT)
    if expected.type is ColumnType.NUMBER and decided.form in (Form.INTEGER, Form.LOOSE_INTEGER):
        return Cells(Form.NUMBER, missing=decided.missing)
    return decided


def _chosen(wanted: Form, seen: Look, comma: str, day_first: bool | None, lenient: bool) -> Cells:
    sure = seen.sure_commas > 0 and seen.commas + seen.integers >= seen.numbers
    if wanted is Form.NUMBER and (comma == DECIMALS or (sure and comma != THOUSANDS)):
        wanted = Form.COMMA_NUMBER
    elif wanted is Form.NUMBER and (comma == THOUSANDS or seen.sure_grouped > seen.sure_commas):
        wanted = Form.GROUPED_NUMBER
    patterns = _date_patterns(seen, day_first) if wanted is Form.MOMENT else ()
    missing = seen.words if wanted is not Form.TEXT else ()
    return Cells(wanted, patterns, missing, chosen=True, lenient=lenient)


def _date_patterns(seen: Look, day_first: bool | None) -> tuple[str, ...]:
    """All patterns that may be meant; day first unless the cells or the person say otherwise."""
    best = max(seen.iso, seen.day_first, seen.month_first, seen.named, seen.year_first)
    if best == seen.iso:
        return ISO
    if best in (seen.named, seen.year_first):
        return NAMED_MONTH if seen.named >= seen.year_first else timed(YEAR_FIRST)
    first = seen.day_first >= seen.month_first if day_first is None else day_first
    return timed(DAY_FIRST if first else MONTH_FIRST)
