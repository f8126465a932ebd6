"""Predictions are cut into windows by the time that their ids carry, or by their number."""

from datetime import UTC, datetime

import pytest

from app.core.ids import new_id
from app.core.monitoring import Every
from app.monitoring.retraining.cutting import pieces


def ids(*days):
    return [new_id(round(datetime(2026, month, day, 12, tzinfo=UTC).timestamp() * 1000)) for month, day in days]


@pytest.mark.parametrize(
    ("every", "expected"),
    [
        (Every.DAY, [(0, 2), (2, 3), (3, 4), (4, 5)]),
        (Every.WEEK, [(0, 2), (2, 4), (4, 5)]),
        (Every.MONTH, [(0, 3), (3, 5)]),
        (Every.COUNT, [(0, 3), (3, 5)]),
    ],
)
def test_windows_end_where_their_time_ends(every, expected):
    """2026-03-29 is a Sunday; the clocks of Europe change on it, those of the windows do not."""
    asked = ids((3, 29), (3, 29), (3, 30), (4, 1), (4, 6))
    assert list(pieces(asked, every, 3)) == expected
    assert list(pieces([], every, 3)) == []
