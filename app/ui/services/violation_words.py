"""Broken rules of a prediction in words: a service names them by codes, as in ``age:range``."""

from __future__ import annotations

from collections.abc import Callable, Iterable

SAID = {
    "type": "{0} has another type",
    "range": "{0} is out of range",
    "categories": "{0} is not an allowed value",
    "missing": "{0} is missing",
    "relation": "{0} does not hold",
    "other": "{0} is a value that training never saw",
}


def violation_words(codes: Iterable[str], tr: Callable[[str], str]) -> str:
    """The rules that a prediction broke, with commas between; a code of a kind that is not known stays as it is."""
    return ", ".join(_said(code, tr) for code in codes)


def _said(code: str, tr: Callable[[str], str]) -> str:
    about, _, kind = code.rpartition(":")
    return tr(SAID[kind]).format(about) if about and kind in SAID else code
