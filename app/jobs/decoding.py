"""JSON as one of our nouns: one decoder a type, made under a lock. Every thread of every room decodes this way."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TypeVar

import msgspec

T = TypeVar("T")

_making = threading.Lock()
_decoders: dict[object, object] = {}


def decode(content: bytes | str, type_: type[T]) -> T:
    """JSON as ``type_``. msgspec.ValidationError if it is something else, msgspec.DecodeError if it is no JSON."""
    return decoder(type_).decode(content)


def decoder(type_: type[T]) -> msgspec.json.Decoder[T]:
    """The one decoder of a type. Two threads that make one of the same type at once crash msgspec (0.22, SIGSEGV):
    what it learns about a dataclass is kept at the class, so the lock is for all types."""
    with _making:
        known = _decoders.get(type_) or msgspec.json.Decoder(type_, dec_hook=special)
        _decoders[type_] = known
    return known  # type: ignore[return-value]


def special(type_: type, value: object) -> object:
    """What JSON has no form for: paths."""
    if isinstance(type_, type) and issubclass(type_, Path) and isinstance(value, str):
        return Path(value)
    if isinstance(value, type_):
        return value
    raise TypeError(f"{value!r} is not a {type_.__name__}")
