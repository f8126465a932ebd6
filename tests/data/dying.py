"""A reading child that does not survive its first look."""

from __future__ import annotations

import os

from app.data import look
from app.data.reading import ReaderAnswer, ReaderTask
from app.jobs.child import ChildContext


def dies_of_a_look(child: ChildContext, task: ReaderTask) -> ReaderAnswer:
    """As ``look.look_or_read``, but for looks."""
    if task.look is not None:
        os.abort()
    return look.look_or_read(child, task)
