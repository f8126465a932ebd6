"""What a recorded look says to the rules that wait for one: bad, good, or neither. Pure.

Neither does not end a stretch: labels that run short for a week, or a figure that comes close to its limit and falls
again, are the same fall, and a rule answers to each fall once.
"""

from __future__ import annotations

from app.core.monitoring import Performance, Verdict
from app.monitoring.verdict import below_limit, inside_limit


def is_below(told: Performance) -> bool | None:
    """Below its limit, surely; good enough again; None where the labels say neither."""
    if below_limit(told):
        return True
    return False if told.limit is not None and inside_limit(told) else None


def says_act(verdict: Verdict, told: Performance) -> bool | None:
    """*Act*, or not; None where too little is known, and while the figure is still on the wrong side of its limit."""
    if verdict in (Verdict.ACT, Verdict.UNKNOWN):
        return True if verdict is Verdict.ACT else None
    return None if told.value is not None and not inside_limit(told) else False
