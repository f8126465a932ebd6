"""The kind of answer that a target asks for. Pure."""

from __future__ import annotations

from app.core.data import Column, ColumnProfile, ColumnType
from app.core.runs import Task
from app.errors import NotAllowed

FEW_NUMBERS = 10
"""A number with at most so many distinct values, all whole, is taken for a class (digits, stars, grades)."""

NUMBERS = (ColumnType.NUMBER, ColumnType.INTEGER)


def guess_task(target: Column, profile: ColumnProfile) -> Task:
    """The kind of answer that the target asks for. NotAllowed for a date/time."""
    if target.type is ColumnType.DATETIME:
        raise NotAllowed(f"{target.name!r} is a date/time, which cannot be predicted.", "Choose another target.")
    if profile.distinct == 2:
        return Task.BINARY
    if target.type in NUMBERS and not _few_whole_numbers(target, profile):
        return Task.REGRESSION
    return Task.MULTICLASS


def _few_whole_numbers(target: Column, profile: ColumnProfile) -> bool:
    if profile.distinct > FEW_NUMBERS or profile.minimum is None or profile.maximum is None:
        return False
    if target.type is ColumnType.INTEGER:
        return True
    return all(float(text).is_integer() for text, _ in profile.top)
