"""Whether a target can be trained on at all, told from its profile: no pass over the rows. Pure."""

from __future__ import annotations

from app.core.data import Column, ColumnProfile, ColumnType, Finding
from app.core.runs import FOLDS, Task
from app.data.findings import listed, shown, warn
from app.data.task import guess_task

FEWEST_ROWS = 10
"""Rows with a target below which hold-out and folds are a handful each (see ``data.split``)."""

MOST_CLASSES = 100
"""Every family fits a class at a time: more make training long and each class thin (see ``training.resolve``)."""

FEWEST_OF_CLASS = 3
"""Of the smaller of two classes: one row to test on and two for the folds (``data.split`` refuses fewer)."""

SMALL_TABLE = 50
"""Rows below which every score is rough whatever the classes are (as in ``data.split``): no word about thin ones."""

LISTED = 5


def target_size_findings(target: Column, profile: ColumnProfile, rows: int) -> tuple[Finding, ...]:
    """What blocks training on this target, or else which classes are thin. ``rows``: of the whole table."""
    for check in (_date, _one_class, _few_rows, _many_classes, _small_class):
        if (found := check(target, profile, rows)) is not None:
            return (found,)
    return ()


def _date(target: Column, profile: ColumnProfile, rows: int) -> Finding | None:
    if target.type is not ColumnType.DATETIME:
        return None
    message = f"{target.name} is a date/time, which cannot be predicted."
    return warn("TARGET_IS_DATE", message, "Choose another target.", target.name, blocks_training=True)


def _one_class(target: Column, profile: ColumnProfile, rows: int) -> Finding | None:
    if profile.distinct >= 2:
        return None
    only = profile.top[0][0] if profile.top else profile.minimum
    message = f"{target.name} has only one value ({only}); there is nothing to learn."
    if not profile.distinct:
        message = f"{target.name} has no values; there is nothing to learn."
    hint = "Choose another target or add rows of another class."
    return warn("TARGET_ONE_CLASS", message, hint, target.name, blocks_training=True)


def _few_rows(target: Column, profile: ColumnProfile, rows: int) -> Finding | None:
    present = rows - profile.missing
    if present >= FEWEST_ROWS:
        return None
    have = "row has" if present == 1 else "rows have"
    message = f"{present} {have} a target ({target.name}); at least {FEWEST_ROWS} are needed to train and to test."
    return warn("TARGET_FEW_ROWS", message, "Add more rows.", target.name, blocks_training=True)


def _many_classes(target: Column, profile: ColumnProfile, rows: int) -> Finding | None:
    present = rows - profile.missing
    if guess_task(target, profile) is Task.REGRESSION or profile.distinct <= min(MOST_CLASSES, present // 2):
        return None
    about = "about " if profile.distinct_is_estimate else ""
    message = (
        f"{target.name} has {about}{profile.distinct:,} different values in {present:,} rows: too many for classes."
    )
    hint = "Choose another target, or set its type to number."
    return warn("TARGET_MANY_CLASSES", message, hint, target.name, blocks_training=True)


def _small_class(target: Column, profile: ColumnProfile, rows: int) -> Finding | None:
    """Classes with fewer rows than folds; of two classes the smaller one may be too small to train at all."""
    task = guess_task(target, profile)
    if not task.classifies or len(profile.top) < profile.distinct:
        return None  # with more classes than the profile lists the run's own notes name those left out
    few = [(value, count) for value, count in profile.top if count < FOLDS]  # the most frequent first
    if not few:
        return None
    told = listed([f"{shown(value)} has {count} {'row' if count == 1 else 'rows'}" for value, count in few], LISTED)
    if task is Task.BINARY and few[-1][1] < FEWEST_OF_CLASS:
        message = f"{target.name}: {told}; at least {FEWEST_OF_CLASS} are needed to train and to test."
        return warn("CLASS_FEW_ROWS", message, "Add rows of that class.", target.name, blocks_training=True)
    if rows < SMALL_TABLE:
        return None
    thin = f" Fewer than {FOLDS} folds will be used and scores are rough." if few[0][1] > 1 else ""
    lost = " A class with a single row is left out." if few[-1][1] == 1 else ""
    message = f"{target.name}: {told}.{thin}{lost}"
    return warn("CLASS_FEW_ROWS", message, "Add rows of those classes.", target.name)
