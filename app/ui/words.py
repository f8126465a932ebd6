"""Figures, sizes and times as a person reads them, in the person's locale."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale, QTimeZone

from app.core.runs import Score

_FLAGS = re.compile(r" \(--[^()]*\)|, or train with --split .*?(?=\.$|\.\s)", re.MULTILINE)
"""Flags of the command line, in brackets; runs made before that have the second form."""
_SIZES = ("B", "KB", "MB", "GB", "TB")


def _tr(text: str) -> str:
    return QCoreApplication.translate("words", text)


def locale() -> QLocale:
    """The person's locale; English where the system has none (the C locale groups no digits)."""
    own = QLocale()
    return (
        own
        if own.language() != QLocale.Language.C
        else QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom)
    )


def plain_tip(text: str) -> str:
    """A person's text as a tooltip: Qt would take one with tags for rich text, and load what it names."""
    if "<" not in text:
        return text
    return f"<qt>{html.escape(text)}</qt>".replace("\n", "<br>")


def in_the_window(text: str) -> str:
    """What was recorded or raised for the command line too, without its flags: ``(--split time:signup)`` says to a
    window's user nothing that the sentence before does not."""
    return _FLAGS.sub("", text)


def count(number: int) -> str:
    """5000 -> ``5,000``."""
    return locale().toString(number)


def plural(number: int, one: str, many: str) -> str:
    """``1 row`` or ``2 rows``."""
    return f"{count(number)} {one if number == 1 else many}"


def figure(value: float | None, digits: int = 3) -> str:
    """A score: about four significant digits, never a bare exponent for everyday sizes; a dash for none."""
    if value is None or math.isnan(value):
        return "–"
    size = abs(value)
    if size >= 1_000_000 or (size and size < 0.0005):
        return f"{value:.{digits}g}"
    places = digits if size < 10 else 2 if size < 100 else 1 if size < 1000 else 0
    return locale().toString(value, "f", places)


def ends(score: Score | None, write: Callable[[float], str] = figure) -> str:
    """A figure's 95 % interval, as gates, cards and the command line write it: ``[0.801, 0.880]``; empty of none."""
    return f"[{write(score.low)}, {write(score.high)}]" if score is not None else ""


def with_ends(score: Score | None, write: Callable[[float], str] = figure) -> str:
    """A figure with its interval: ``0.842 [0.801, 0.880]``; a dash for none."""
    return f"{write(score.value)} {ends(score, write)}" if score is not None else figure(None)


def percent(share: float) -> str:
    """0.442 -> ``44%``; tiny shares do not vanish."""
    if 0 < share < 0.005:
        return "<1%"
    return f"{share * 100:.0f}%"


def size_words(size_bytes: int) -> str:
    """1234567 -> ``1.2 MB``."""
    value, unit = float(size_bytes), 0
    while value >= 1000 and unit < len(_SIZES) - 1:
        value, unit = value / 1000, unit + 1
    return f"{value:.0f} {_SIZES[unit]}" if unit == 0 or value >= 100 else f"{value:.1f} {_SIZES[unit]}"


def seconds_words(seconds: float) -> str:
    """8.2 -> ``8 s``, 95 -> ``2 min``."""
    if seconds < 90:
        return _tr("{0} s").format(max(1, round(seconds)))
    if seconds < 90 * 60:
        return _tr("{0} min").format(round(seconds / 60))
    return _tr("{0} h").format(round(seconds / 3600, 1))


def brief_seconds(seconds: float) -> str:
    """0.0042 -> ``4.2 ms``, 0.31 -> ``310 ms``; from a second on as ``seconds_words``."""
    if seconds >= 1:
        return seconds_words(seconds)
    thousandths = 1000 * seconds
    return _tr("{0} ms").format(f"{thousandths:.1f}" if thousandths < 10 else round(thousandths))


def when(utc: str) -> str:
    """An ISO 8601 UTC time as a local one: only the clock time today, the date with it otherwise."""
    moment = local(utc)
    if moment.date() == QDateTime.currentDateTime().date():
        return locale().toString(moment.time(), QLocale.FormatType.ShortFormat)
    return moment.toString("yyyy-MM-dd HH:mm")


def local(utc: str) -> QDateTime:
    """An ISO 8601 UTC time in this machine's time zone. ValueError if it is none."""
    parsed = datetime.fromisoformat(utc)
    return QDateTime.fromMSecsSinceEpoch(round(parsed.timestamp() * 1000), QTimeZone.systemTimeZone())
