"""What is wrong with a request's rows, gathered so that one answer names all of it."""

from __future__ import annotations

from .problems import Echo, Refusal, Wrong, rows_words

MAX_PROBLEMS = 100
"""Kinds of problems named in one answer; more are counted."""

_SHOWN_ROWS = 20
_SHOWN_IN_SENTENCE = 5


class Findings:
    """Collects what is wrong, by kind and column, with the rows of each."""

    def __init__(self) -> None:
        self._echo = Echo()
        self._found: dict[tuple[str, str | None], tuple[str, list[int]]] = {}
        self._beyond = 0

    def add(self, code: str, column: str | None, row: int, message: str, quoted: str | None = None) -> None:
        """``row``: 1-based. ``{}`` in ``message`` stands for ``quoted``, a piece of the request."""
        known = self._found.get((code, column))
        if known is not None:
            known[1].append(row)
        elif len(self._found) < MAX_PROBLEMS:
            text = message if quoted is None else message.replace("{}", self._echo.quote(quoted), 1)
            self._found[code, column] = (text, [row])
        else:
            self._beyond += 1

    def __bool__(self) -> bool:
        """Whether anything was found."""
        return bool(self._found)

    def refuse(self) -> None:
        """Raise a Refusal (422) if anything was found."""
        if self._found:
            raise Refusal(422, self._sentence(), problems=self._wrongs(), code="invalid_rows")

    def _wrongs(self) -> list[Wrong]:
        return [
            Wrong(code, message, None if code == "unknown_column" else column, tuple(rows[:_SHOWN_ROWS]), len(rows))
            for (code, column), (message, rows) in self._found.items()
        ]

    def _sentence(self) -> str:
        parts = [f"{message} ({rows_words(rows, len(rows))})" for message, rows in self._found.values()]
        more = len(parts) - _SHOWN_IN_SENTENCE + self._beyond
        return "; ".join(parts[:_SHOWN_IN_SENTENCE]) + (f"; and {more} more problems." if more > 0 else ".")
