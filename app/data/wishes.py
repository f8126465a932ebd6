"""What is not left to judgement when a file is opened: chosen by a person, or answered for an earlier file.

Pure, standard library only: the command line and the window make wishes, the child follows them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from app.core.data import AUTO, AUTO_LINE, Finding, Outcome, ParseRecipe
from app.errors import BadInput

ENCODING, DELIMITER, PREAMBLE = "ENCODING_GUESSED", "DELIMITER_GUESSED", "PREAMBLE"
SHEET, MEMBER, DECIMAL = "SHEET_CHOICE", "IS_ZIP", "DELIMITER_DECIMAL"
DATES, RAGGED, NESTED = "DATES_AMBIGUOUS", "RAGGED_ROWS", "NESTED_VALUES"


@dataclass(frozen=True, slots=True)
class Wishes:
    """None leaves a setting to the opener. ``policies``: a recipe of which everything else is followed."""

    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    header_line: int | None = None
    sheet: str | None = None
    member: str | None = None
    policies: ParseRecipe = field(default_factory=lambda: ParseRecipe("csv"))

    @property
    def opening(self) -> bool:
        """Whether the file has to be opened in another way, not only its cells to be read so."""
        settings = (self.encoding, self.delimiter, self.quote, self.header_line, self.sheet, self.member)
        return any(s is not None for s in settings) or self.policies.drop_ragged or self.policies.spread


NO_WISHES = Wishes()


def all_of(recipe: ParseRecipe) -> Wishes:
    """Read the same bytes in the same way again."""
    r = recipe
    encoding, delimiter, quote = (None if text == AUTO else text for text in (r.encoding, r.delimiter, r.quote))
    line = None if r.header_line == AUTO_LINE else r.header_line
    return Wishes(encoding, delimiter, quote, line, r.sheet, r.member, r)


def remembered(recipe: ParseRecipe) -> Wishes | None:
    """What the next file of this shape takes over: the settings that a person answered for; None if there are none."""
    policies = bool(recipe.overrides or recipe.missing_words_of or recipe.spread or recipe.drop_ragged)
    if not (
        recipe.answered or policies or recipe.decimal != "." or recipe.day_first is not None or recipe.day_first_of
    ):
        return None
    there = set(recipe.answered)
    return Wishes(
        recipe.encoding if ENCODING in there else None,
        recipe.delimiter if DELIMITER in there else None,
        recipe.quote if DELIMITER in there else None,
        recipe.header_line if PREAMBLE in there else None,
        recipe.sheet if SHEET in there else None,
        recipe.member if MEMBER in there else None,
        recipe,
    )


def carried(made: ParseRecipe, wishes: Wishes) -> ParseRecipe:
    """The recipe that an opener made, with the policies that were followed."""
    p = wishes.policies
    return replace(
        made, decimal=p.decimal, day_first=p.day_first, overrides=p.overrides, set_missing=p.set_missing,
        answered=p.answered, day_first_of=p.day_first_of, comma_of=p.comma_of, missing_words_of=p.missing_words_of,
        drop_ragged=p.drop_ragged, spread=p.spread,
    )  # fmt: skip


def with_answers(findings: Iterable[Finding], answered: Sequence[str]) -> tuple[Finding, ...]:
    """Questions that a person answered are told as facts; they keep their choices, so that they can be changed."""
    there = set(answered)
    return tuple(
        replace(f, outcome=Outcome.ACCEPT) if f.question in there and not f.blocks_training else f for f in findings
    )


def without_columns(recipe: ParseRecipe, names: Sequence[str]) -> ParseRecipe:
    """The recipe without what was answered for some columns: it no longer holds."""
    return replace(
        recipe,
        overrides=tuple((n, t) for n, t in recipe.overrides if n not in names),
        set_missing=tuple(n for n in recipe.set_missing if n not in names),
        answered=tuple(q for q in recipe.answered if q.partition(":")[2] not in names or ":" not in q),
    )


def with_answer(recipe: ParseRecipe, question: str) -> ParseRecipe:
    """The recipe with one more question answered."""
    return recipe if question in recipe.answered else replace(recipe, answered=(*recipe.answered, question))


def wishes_from(texts: Sequence[str]) -> Wishes:
    """``KEY=VALUE`` of the command line. Raises BadInput for an unknown key or a value that cannot be."""
    made = NO_WISHES
    for text in texts:
        key, equals, value = text.partition("=")
        wish = _WISHES.get(key.strip())
        if wish is None or not equals:
            raise BadInput(f"{text!r} is no way to read a file.", f"Write KEY=VALUE; keys are {', '.join(_WISHES)}.")
        question, follow = wish
        made = follow(made, value)
        made = replace(made, policies=with_answer(made.policies, question))
    return made


def _encoding(wishes: Wishes, value: str) -> Wishes:
    import codecs

    try:
        codecs.lookup(value)
    except (LookupError, ValueError) as error:
        raise BadInput(f"There is no encoding {value}.", "Try utf-8, cp1252 or utf-16.") from error
    return replace(wishes, encoding=value)


def _delimiter(wishes: Wishes, value: str) -> Wishes:
    character = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "none": ""}.get(value, value)
    if len(character.encode()) > 1 or character in ('"', "\n", "\r"):
        raise BadInput(f"{value!r} cannot separate cells.", "Give one ASCII character, or tab.")
    return replace(wishes, delimiter=character)


def _header(wishes: Wishes, value: str) -> Wishes:
    if not value.isdecimal():
        raise BadInput(f"{value!r} is no line number.", "Lines count from 1; 0 means that there is no header.")
    return replace(wishes, header_line=int(value))


def _decimal(wishes: Wishes, value: str) -> Wishes:
    mark = {"comma": ",", "point": "."}.get(value, value)
    if mark not in (",", "."):
        raise BadInput(f"{value!r} is no decimal mark.", "Give , or . (comma or point).")
    return replace(wishes, policies=replace(wishes.policies, decimal=mark))


def _day_first(wishes: Wishes, value: str) -> Wishes:
    return replace(wishes, policies=replace(wishes.policies, day_first=_yes(value)))


def _yes(value: str) -> bool:
    if value.lower() not in ("yes", "no", "true", "false"):
        raise BadInput(f"{value!r} is neither yes nor no.", "Write yes or no.")
    return value.lower() in ("yes", "true")


_WISHES: dict[str, tuple[str, Callable[[Wishes, str], Wishes]]] = {
    "encoding": (ENCODING, _encoding),
    "delimiter": (DELIMITER, _delimiter),
    "quote": (DELIMITER, lambda w, v: replace(w, quote=v[:1])),
    "header_line": (PREAMBLE, _header),
    "sheet": (SHEET, lambda w, v: replace(w, sheet=v)),
    "member": (MEMBER, lambda w, v: replace(w, member=v)),
    "decimal": (DECIMAL, _decimal),
    "day_first": (DATES, _day_first),
    "drop_ragged": (RAGGED, lambda w, v: replace(w, policies=replace(w.policies, drop_ragged=_yes(v)))),
    "spread": (NESTED, lambda w, v: replace(w, policies=replace(w.policies, spread=_yes(v)))),
}
