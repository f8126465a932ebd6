"""What a client did wrong, in words: RFC 9457 problem JSON, never a traceback, never much of the input."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus

import msgspec

PROBLEM_TYPE = b"application/problem+json"
ECHO_CHARACTERS = 200
"""At most this many characters of a request come back in an answer (SERVING.md)."""


class Echo:
    """Quotes parts of a request until its allowance is used up."""

    def __init__(self, allowance: int = ECHO_CHARACTERS) -> None:
        self.left = allowance

    def quote(self, value: object, most: int = 40) -> str:
        """``value`` in quotes, cut to ``most`` characters; an ellipsis once nothing is left."""
        text = str(value)
        part = text[: min(most, self.left)]
        self.left -= len(part)
        return f'"{part}"' if part == text else f'"{part}…"'


class Wrong(msgspec.Struct, omit_defaults=True, frozen=True):
    """One thing wrong with the rows. ``rows``: the first ones, 1-based; ``count``: how many in all."""

    code: str
    message: str
    column: str | None = None
    rows: tuple[int, ...] = ()
    count: int = 0


class Refusal(Exception):
    """A request that gets no prediction. Becomes the answer ``problem_json``."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        problems: Iterable[Wrong] = (),
        headers: tuple[tuple[bytes, bytes], ...] = (),
        code: str = "",
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.problems = tuple(problems)
        self.headers = headers
        self.code = code


class ProblemJson(msgspec.Struct, omit_defaults=True):
    """RFC 9457, plus ``error`` as the Open Inference Protocol names its one sentence."""

    type: str
    title: str
    status: int
    detail: str
    code: str = ""
    problems: tuple[Wrong, ...] = ()
    error: str = ""


def problem_json(refusal: Refusal, *, oip: bool = False) -> bytes:
    """The body of the answer."""
    phrase = HTTPStatus(refusal.status).phrase
    error = refusal.detail if oip else ""
    return msgspec.json.encode(
        ProblemJson("about:blank", phrase, refusal.status, refusal.detail, refusal.code, refusal.problems, error)
    )


def rows_words(rows: Iterable[int], count: int) -> str:
    """``row 3``, ``rows 1, 2``, ``rows 1, 2, 3 and 96 more``."""
    shown = list(rows)[:5]
    more = f" and {count - len(shown)} more" if count > len(shown) else ""
    return f"row{'s' if count > 1 else ''} {', '.join(map(str, shown))}{more}"
