"""The classes of a target with their rows, told from its profile alone."""

from __future__ import annotations

from app.core.data import Column, ColumnProfile, ColumnType, Histogram, Use
from app.data.guess import class_rows


def test_both_numbers_of_a_target_are_counted_the_more_frequent_first():
    target = Column("y", ColumnType.INTEGER, Use.TARGET)
    held = ColumnProfile("y", 0, 2, "0", "1", 0.7, (), Histogram((30, 70), (-0.5, 0.5, 1.5)))

    assert list(class_rows(target, held).items()) == [("1", 70), ("0", 30)]


def test_words_are_counted_as_they_are_and_many_numbers_not_at_all():
    words = ColumnProfile("y", 0, 2, "no", "yes", None, (("yes", 5), ("no", 3)))
    numbers = ColumnProfile("y", 0, 9, "0", "8", 4.0, (), Histogram((1,) * 9, tuple(float(i) for i in range(10))))

    assert class_rows(Column("y", ColumnType.CATEGORY, Use.TARGET), words) == {"yes": 5, "no": 3}
    assert class_rows(Column("y", ColumnType.INTEGER, Use.TARGET), numbers) == {}
