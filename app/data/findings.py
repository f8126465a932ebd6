"""What is said about a file: one function per kind of sentence, and how a refusal travels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

from app.core.data import Choice, Finding, Outcome
from app.errors import FileRefused

SHOWN_ROWS = 20


def refused(code: str, message: str, hint: str = "") -> FileRefused:
    """The error by which reading stops; ``code`` is stable."""
    return FileRefused(message, hint, code=code)


def as_finding(error: FileRefused) -> Finding:
    """A refusal as the finding that a person sees."""
    return Finding(error.code, Outcome.REJECT, error.message, hint=error.hint)


def ask(
    code: str,
    message: str,
    hint: str = "",
    column: str | None = None,
    rows: Iterable[int] = (),
    *,
    cells: Iterable[object] = (),
    choices: Iterable[Choice] = (),
) -> Finding:
    """A question; the file is stored with the safest reading."""
    places = tuple(rows)[:SHOWN_ROWS]
    return Finding(code, Outcome.ASK, message, column, places, hint, cells=shortened(cells), choices=tuple(choices))


def warn(
    code: str,
    message: str,
    hint: str = "",
    column: str | None = None,
    rows: Iterable[int] = (),
    *,
    blocks_training: bool = False,
    cells: Iterable[object] = (),
    choices: Iterable[Choice] = (),
) -> Finding:
    """Something worth knowing."""
    places = tuple(rows)[:SHOWN_ROWS]
    return Finding(
        code, Outcome.WARN, message, column, places, hint, blocks_training, shortened(cells), tuple(choices)
    )  # fmt: skip


def shortened(cells: Iterable[object], most: int = 60) -> tuple[str, ...]:
    """What stands in the first cells, each on one line."""
    lines = (" ".join(str(cell).split()) for cell in islice(cells, SHOWN_ROWS))
    return tuple(f"{line[:most]}…" if len(line) > most else line for line in lines)


def note(code: str, message: str, column: str | None = None) -> Finding:
    """Nothing to worry about."""
    return Finding(code, Outcome.ACCEPT, message, column)


def listed(items: Sequence[object], most: int = 5) -> str:
    """``3, 17 and 240`` or ``3, 17, 240, 241, 250 and 12 more``."""
    words = [f"{i:,}" if isinstance(i, int) else str(i) for i in items[:most]]
    if len(items) > most:
        return f"{', '.join(words)} and {len(items) - most:,} more"
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)


def shown(cell: object, most: int = 40) -> str:
    """A cell in quotes, shortened, on one line."""
    words = " ".join(str(cell).split()) or str(cell)
    return f"'{words[:most]}…'" if len(words) > most else f"'{words}'"
