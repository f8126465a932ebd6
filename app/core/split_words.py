"""How rows were divided, as people say it."""

from __future__ import annotations

from datetime import datetime

from app.core.data import ColumnType
from app.core.moments import moment_of
from app.core.runs import SplitKind, SplitRule

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def cut_words(cut: str, type_: ColumnType | None) -> str:
    """``3 March 2026``, with the time of day if there is one; a number as it is, and what it stands for."""
    if type_ is ColumnType.DATETIME:
        return _moment_words(datetime.fromisoformat(cut))
    meant = moment_of(float(cut))
    return f"{float(cut):.15g} ({_moment_words(meant)})" if meant is not None else f"{float(cut):.15g}"


def _moment_words(moment: datetime) -> str:
    day = f"{moment.day} {MONTHS[moment.month - 1]} {moment.year}"
    time = f"{moment:%H:%M:%S}".removesuffix(":00")
    return day if time == "00:00" else f"{day} {time}"


def rule_words(rule: SplitRule) -> str:
    """One sentence: which rows were held out."""
    if rule.kind is SplitKind.TIME:
        return (
            f"A row is held out if its {rule.column} is {cut_words(rule.cut, rule.column_type)} or later: what was "
            "trained on is older than what was tested on."
        )
    if rule.kind is SplitKind.GROUP:
        return (
            f"A row is held out if the hash of its {rule.column} with seed {rule.seed} lies below {rule.holdout:g}: "
            "all rows of one group are on one side, and rows added later move none of these."
        )
    return (
        f"A row is held out if the hash of its inputs with seed {rule.seed} lies below {rule.holdout:g}: equal rows "
        "are on one side, and rows added later move none of these."
    )


def plan_words(
    kind: SplitKind, column: str | None, holdout: float, *, classes: bool, why: str = "", since: str = ""
) -> str:
    """Before training: which rows will be held out. ``classes``: whether classes are predicted; ``why``: what was found
    that divides them so, empty where a person said it; ``since``: where the time cuts (``since_words``)."""
    if kind is SplitKind.TIME:
        on = f", {since}" if since else ""
        if why:
            return f"{why}: the newest {holdout:.0%} are held out{on}."
        return f"Tested on the newest {holdout:.0%} of the rows by {column}{on}."
    if kind is SplitKind.GROUP:
        return (
            f"Tested on about {holdout:.0%} of the rows, more or less if groups are few; one {column} stays together."
        )
    return f"Tested on {holdout:.0%} of the rows, {'classes in proportion' if classes else 'chosen by their content'}."


def since_words(cut: str, type_: ColumnType) -> str:
    """``from 3 March 2026 on``."""
    return f"from {cut_words(cut, type_)} on"
