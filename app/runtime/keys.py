"""Who may ask: named keys, kept as SHA-256 only; a removed line revokes within a second.

A key file holds one key a line: its name, a space, the SHA-256 of the key in hex. ``#`` begins a comment.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import time
from pathlib import Path

from .problems import Refusal

_LOOK_AGAIN_S = 1.0
_UNAUTHORIZED = "A valid key is needed: Authorization: Bearer KEY."


def new_key(path: Path, name: str) -> str:
    """Make a key, add its name and hash to the file (made with mode 0600), and give it: it is kept nowhere.

    Raises ValueError for a name with spaces or one that is taken.
    """
    if not name or name.startswith("#") or any(c.isspace() for c in name):
        raise ValueError("A key's name is one word.")
    if path.exists() and name in _read(path).values():
        raise ValueError(f"There is a key named {name} already.")
    key = secrets.token_urlsafe(32)
    fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(fd, "w", encoding="utf-8") as file:
        file.write(f"{name} {hashlib.sha256(key.encode()).hexdigest()}\n")
    return key


class Keys:
    """The keys in one file, looked at again when it changes."""

    def __init__(self, path: Path, rate_per_s: float = 0.0) -> None:
        """``rate_per_s``: requests a key may make in a second, 0 for any number. Raises OSError, ValueError."""
        self._path = path
        self._rate = rate_per_s
        self._names = _read(path)
        if not self._names:
            raise ValueError(f"{path} holds no key.")
        self._stamp = _stamp(path)
        self._looked = time.monotonic()
        self._buckets: dict[str, tuple[float, float]] = {}

    def admit(self, headers: dict[bytes, bytes]) -> None:
        """Raises Refusal: the same 401 for a missing and a wrong key, 429 for too many requests."""
        name = self._name_of(_presented(headers))
        if name is None:
            raise Refusal(401, _UNAUTHORIZED, headers=((b"www-authenticate", b"Bearer"),), code="unauthorized")
        if self._rate:
            self._count(name, time.monotonic())

    def _name_of(self, presented: bytes) -> str | None:
        """Compares with every key in constant time, so that the time tells nothing."""
        self._look_again()
        digest = hashlib.sha256(presented).hexdigest().encode()
        found = None
        for known, name in self._names.items():
            if hmac.compare_digest(known.encode(), digest):
                found = name
        return found

    def _look_again(self) -> None:
        now = time.monotonic()
        if now - self._looked < _LOOK_AGAIN_S:
            return
        self._looked = now
        try:
            stamp = _stamp(self._path)
            if stamp != self._stamp:
                self._names, self._stamp = _read(self._path), stamp
        except (OSError, ValueError):  # gone or half-written: nobody is admitted by what cannot be read
            self._names, self._stamp = {}, None

    def _count(self, name: str, now: float) -> None:
        """A bucket of one second's requests that fills steadily."""
        most = max(self._rate, 1.0)
        left, then = self._buckets.get(name, (most, now))
        left = min(most, left + (now - then) * self._rate)
        if left < 1:
            self._buckets[name] = (left, now)
            wait = str(max(1, round((1 - left) / self._rate))).encode()
            raise Refusal(429, "Too many requests with this key.", headers=((b"retry-after", wait),), code="rate_limit")
        self._buckets[name] = (left - 1, now)


def _presented(headers: dict[bytes, bytes]) -> bytes:
    scheme, _, token = headers.get(b"authorization", b"").partition(b" ")
    if scheme.lower() == b"bearer":
        return token.strip()
    return headers.get(b"x-api-key", b"")


def _stamp(path: Path) -> tuple[int, int] | None:
    status = path.stat()
    return status.st_mtime_ns, status.st_size


def _read(path: Path) -> dict[str, str]:
    """Hash -> name. Raises ValueError for a line that is neither key nor comment."""
    names: dict[str, str] = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, digest = line.strip().partition(" ")
        if len(digest) != 64 or not all(c in "0123456789abcdef" for c in digest):
            raise ValueError(f"Line {number} of {path} is no key: a name, a space and a SHA-256 in hex are expected.")
        names[digest] = name
    return names
