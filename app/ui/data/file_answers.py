"""Answers to questions about how a file is read: each is another reading of the same bytes.

An answer also notes in the recipe which question it answers: the next file of this shape is not asked about it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from app.core.data import AUTO, AUTO_LINE, Choice, ColumnEdit, ColumnType, Finding, ParseRecipe, Reading, Use
from app.ui.data.change import Answer, Change

Words = Callable[[str], str]
Recipes = Callable[[ParseRecipe, str], ParseRecipe]

HINT_LETTERS = 48


def _answered(finding: Finding, recipe: ParseRecipe) -> ParseRecipe:
    there = recipe.answered
    return recipe if finding.question in there else replace(recipe, answered=(*there, finding.question))


def _menu(text: str, item: str, effect: str, set_to: Recipes) -> Callable[[Finding, Reading, Words], list[Answer]]:
    """A choice between what was found. ``item``: how a choice is called, with its value in it."""

    def make(finding: Finding, reading: Reading, tr: Words) -> list[Answer]:
        items = tuple(
            Answer(
                _item(tr(item), choice),
                Change(tr(effect), recipe=_answered(finding, set_to(reading.recipe, choice.value))),
            )
            for choice in finding.choices
        )
        return [Answer(tr(text), items[0].change, items)] if items else []

    return make


def _item(words: str, choice: Choice) -> str:
    hint = choice.hint if len(choice.hint) <= HINT_LETTERS else f"{choice.hint[:HINT_LETTERS]}…"
    name = words.format(_SHOWN.get(choice.value, choice.value))
    return f"{name}  –  {hint}" if hint else name


def _dates(finding: Finding, reading: Reading, tr: Words) -> list[Answer]:
    name = finding.column or ""
    edits = (ColumnEdit(name, type=ColumnType.DATETIME, use=_freed(reading, name)),)
    others = tuple(pair for pair in reading.recipe.day_first_of if pair[0] != name)
    effect = tr("dates of {0}").format(name)

    def answer(text: str, first: bool) -> Answer:
        recipe = replace(reading.recipe, day_first_of=(*others, (name, first)))
        return Answer(text, Change(effect, edits, _answered(finding, recipe)))

    return [answer(tr("Day first"), True), answer(tr("Month first"), False)]


def mixed_dates(finding: Finding, reading: Reading, tr: Words) -> list[Answer]:
    """Cells that are no dates become missing; which number is the day has to be said too."""
    words = (tr("Day first, rest missing"), tr("Month first, rest missing"))
    dates = [
        replace(answer, text=text, change=replace(answer.change, missing=True))
        for answer, text in zip(_dates(finding, reading, tr), words, strict=True)
    ]
    name = finding.column or ""
    edits = (ColumnEdit(name, type=ColumnType.TEXT, use=Use.INPUT),)
    return [*dates, Answer(tr("Keep as text"), Change(tr("type of {0}").format(name), edits))]


def _commas(finding: Finding, reading: Reading, tr: Words) -> list[Answer]:
    """What a comma separates, where both are possible; where it is sure, only text is another way."""
    name = finding.column or ""
    effect = tr("decimals of {0}").format(name)
    if finding.choices:
        edits = tuple(ColumnEdit(c.value, type=ColumnType.TEXT) for c in finding.choices)
        return [Answer(tr("Keep as text"), Change(effect, edits, _answered(finding, reading.recipe)))]
    edits = (ColumnEdit(name, type=ColumnType.NUMBER, use=_freed(reading, name)),)
    others = tuple(pair for pair in reading.recipe.comma_of if pair[0] != name)

    def answer(text: str, what: str) -> Answer:
        recipe = replace(reading.recipe, comma_of=(*others, (name, what)))
        return Answer(text, Change(effect, edits, _answered(finding, recipe)))

    return [answer(tr("Decimals"), "decimals"), answer(tr("Thousands"), "thousands")]


def _freed(reading: Reading, name: str) -> Use | None:
    """A column that waited for this answer becomes an input; another use stays."""
    return Use.INPUT if reading.column(name).use is Use.IGNORED else None


def _ragged(finding: Finding, reading: Reading, tr: Words) -> list[Answer]:
    drop = not reading.recipe.drop_ragged
    recipe = _answered(finding, replace(reading.recipe, drop_ragged=drop))
    text = tr("Leave them out") if drop else tr("Take them in")
    return [Answer(text, Change(tr("rows of another width"), recipe=recipe))]


def _doubles(finding: Finding, reading: Reading, tr: Words) -> list[Answer]:
    later = [c.value for c in finding.choices if any(column.name == c.value for column in reading.columns)]
    used = [name for name in later if reading.column(name).use is not Use.IGNORED]
    if not used:
        return []
    edits = tuple(ColumnEdit(name, use=Use.IGNORED) for name in used)
    return [Answer(tr("Ignore the later ones"), Change(tr("columns of one name"), edits))]


def _spread(finding: Finding, reading: Reading, tr: Words) -> list[Answer]:
    if reading.recipe.spread:
        return []
    recipe = _answered(finding, replace(reading.recipe, spread=True))
    return [Answer(tr("Spread into columns"), Change(tr("groups of values"), recipe=recipe))]


def _missing_words(finding: Finding, reading: Reading, tr: Words) -> list[Answer]:
    name = finding.column or ""
    recipe = replace(reading.recipe, missing_words_of=(*reading.recipe.missing_words_of, name))
    effect = tr("missing values of {0}").format(name)
    return [Answer(tr("It means missing"), Change(effect, recipe=_answered(finding, recipe)))]


def _delimiter(recipe: ParseRecipe, character: str) -> ParseRecipe:
    return replace(recipe, delimiter=character, header_line=AUTO_LINE)


def _of_archive(recipe: ParseRecipe, member: str) -> ParseRecipe:
    """Another file is judged anew."""
    return replace(recipe, member=member, encoding=AUTO, delimiter=AUTO, quote=AUTO, header_line=AUTO_LINE)


_SHOWN = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar", " ": "space", ":": "colon"}

FILE_ANSWERS: dict[str, Callable[[Finding, Reading, Words], list[Answer]]] = {
    "ENCODING_GUESSED": _menu("Encoding…", "{0}", "the encoding", lambda r, v: replace(r, encoding=v)),
    "DELIMITER_GUESSED": _menu(
        "Separator…", "{0}", "the separator", lambda r, v: replace(r, delimiter=v, header_line=AUTO_LINE)
    ),
    "PREAMBLE": _menu("Header…", "Line {0}", "the header's line", lambda r, v: replace(r, header_line=int(v))),
    "SHEET_CHOICE": _menu("Sheet…", "{0}", "the sheet", lambda r, v: replace(r, sheet=v, header_line=AUTO_LINE)),
    "IS_ZIP": _menu("File…", "{0}", "the file of the archive", _of_archive),
    "RAGGED_ROWS": _ragged,
    "DUPLICATE_COLUMNS": _doubles,
    "DATES_AMBIGUOUS": _dates,
    "DELIMITER_DECIMAL": _commas,
    "NESTED_VALUES": _spread,
    "NA_AMBIGUOUS": _missing_words,
}
