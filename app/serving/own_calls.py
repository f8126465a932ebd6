"""Calls by which we try a service: logged and traced like any other, but nobody's question.

Each has a caller's id of its own that is noted beside the log before the call, so that no client can pass as one and
nothing is missed when we are killed in between. Such predictions count in no volume, no monitoring and no label.
"""

from __future__ import annotations

from pathlib import Path

from app.core.ids import new_id, time_of

NOTED = "test-calls"
WORDS = "test call at start"


def new_own_call(log_dir: Path) -> str:
    """The caller's id for one test call to the service that logs there. Raises OSError."""
    made = f"{WORDS} {new_id()}"
    with (log_dir / NOTED).open("a", encoding="ascii") as file:
        file.write(made + "\n")
    return made


def own_calls(log_dir: Path) -> frozenset[str]:
    """The callers' ids of all test calls to the service that logs there."""
    try:
        return frozenset((log_dir / NOTED).read_text("ascii", errors="replace").splitlines())
    except OSError:
        return frozenset()


def own_calls_since(log_dir: Path, unix_ms: int) -> int:
    """How many of them were made from this moment on. A line that a full disk cut short is none."""
    return sum(_made_at(called) >= unix_ms for called in own_calls(log_dir))


def _made_at(called: str) -> int:
    try:
        return time_of(called.rpartition(" ")[2])
    except ValueError:
        return 0
