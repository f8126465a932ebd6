"""A challenger beside the champion: it answers a share of the requests, or is asked in the shadow of each.

Its model runs in the champion's process and by the champion's runtime, once its own golden rows have come out right
here. A request is answered by one of the two as a whole, and the answer names the bundle.
"""

from __future__ import annotations

import hashlib
import logging
import os
import queue
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from msgspec import UNSET, UnsetType

from . import golden, manifest
from .answers import Answered, Answerer
from .contract import Contract
from .dialects import Dialect, Mlflow, Own
from .http import JSON_TYPE, Headers, media_type
from .log import LogWriter
from .model import Model
from .oip import Oip
from .problems import Refusal

MAX_SHADOW_BYTES = 32 << 20
"""Requests that wait for the challenger in shadow mode; above it they are left out and counted, never waited for."""

REQUEST_ID = b"x-request-id"
_ALL = 1 << 64
_LOG = logging.getLogger(__name__)


class ChallengerRefused(Exception):
    """This bundle cannot stand beside the champion."""


@dataclass(frozen=True, slots=True)
class Side:
    """A model with the ways of asking it, by path. ``bundle``: as ``sha256:<hex>``."""

    contract: Contract
    bundle: str
    answerer: Answerer
    dialects: dict[str, Dialect]


def side(model: Model, bundle: str, log: LogWriter | None, oip: Oip | None = None) -> Side:
    """The model with every way of asking it."""
    contract = model.contract
    spoken = oip or Oip(contract)
    dialects: dict[str, Dialect] = {"/predict": Own(contract, bundle), "/invocations": Mlflow(contract)}
    return Side(
        contract, bundle, Answerer(model, bundle, log), dialects | {f"{path}/infer": spoken for path in spoken.paths()}
    )


def load(folder: Path, champion: Contract) -> tuple[Model, str]:
    """A proven challenger and its bundle id. Raises ChallengerRefused, BundleRefused, GoldenMismatch."""
    proven = manifest.verify(folder, folder / "logs")
    contract = msgspec.json.decode((folder / "contract.json").read_bytes(), type=Contract)
    if _question(contract) != _question(champion):
        raise ChallengerRefused(f"{contract.model} does not predict what {champion.model} does.")
    model = Model((folder / "model.onnx").read_bytes(), contract)
    golden.replay(model, golden.load(folder / "golden.jsonl"))
    return model, f"sha256:{proven.id}"


def _question(contract: Contract) -> tuple[object, ...]:
    return contract.task, contract.target, {label.text for label in contract.labels}


class _Asked(msgspec.Struct):
    ids: list[str | int] | UnsetType = UNSET
    id: str | int | UnsetType = UNSET


_ASKED = msgspec.json.Decoder(_Asked)


def key_of(headers: Headers, body: bytes) -> bytes:
    """What a request is known by: its ``X-Request-ID``, or the first of its ``ids``, or its ``id`` (inference
    protocol); a random one without any."""
    if (named := headers.get(REQUEST_ID)) is not None:
        return named
    if media_type(headers) in (JSON_TYPE, b"application/octet-stream", b""):
        try:
            asked = _ASKED.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return os.urandom(16)  # whoever reads it says what is wrong
        if asked.ids:
            return str(asked.ids[0]).encode("utf-8", "replace")
        if asked.id is not UNSET:
            return str(asked.id).encode("utf-8", "replace")
    return os.urandom(16)


def falls_to(bundle: str, key: bytes, share: float) -> bool:
    """Whether a request with this key is for the challenger. The same key always is, and stays so while the share
    of the same challenger grows."""
    digest = hashlib.sha256(bundle.encode() + b"\0" + key).digest()
    return int.from_bytes(digest[:8], "big") < share * _ALL


@dataclass(slots=True)
class _Shadowed:
    dialect: Dialect
    headers: Headers
    body: bytes
    ids: list[str]
    started: float


@dataclass(slots=True)
class Challenger:
    """``share`` None: shadow mode. Counters: ``rows`` logged for nobody, ``skipped`` requests in shadow mode because
    too many waited, ``refused`` ones that its contract does not take (the champion answers those)."""

    side: Side
    share: float | None
    rows: int = 0
    skipped: int = 0
    refused: int = 0
    _queue: queue.SimpleQueue[_Shadowed | None] = field(default_factory=queue.SimpleQueue)
    _waiting_bytes: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _thread: threading.Thread | None = None

    def answers(self, path: str, headers: Headers, body: bytes) -> bool:
        """Whether this request is the challenger's. A path that names the champion's version never is."""
        if self.share is None or path not in self.side.dialects:
            return False
        return falls_to(self.side.bundle, key_of(headers, body), self.share)

    def follow(self, path: str, headers: Headers, body: bytes, answered: Answered, started: float) -> None:
        """In shadow mode ask it too, later and in a thread of its own: nobody waits for it."""
        if self.share is not None:
            return
        dialect = self.side.dialects.get(path) or _same_kind(self.side, path)
        with self._lock:
            if self._waiting_bytes + len(body) > MAX_SHADOW_BYTES:
                self.skipped += 1
                return
            self._waiting_bytes += len(body)
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="shadow", daemon=True)
            self._thread.start()
        ids = [prediction.id for prediction in answered.predictions]
        self._queue.put(_Shadowed(dialect, headers, body, ids, started))

    def close(self) -> None:
        """After the last answer: what still waits is asked and logged first."""
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()

    def _work(self) -> None:
        while (one := self._queue.get()) is not None:
            try:
                self.rows += self._ask(one)
            except Refusal:
                self.refused += 1
            except Exception:  # whatever is wrong with the challenger, the next request is asked too
                self.refused += 1
                _LOG.exception("The challenger could not be asked.")
            with self._lock:
                self._waiting_bytes -= len(one.body)

    def _ask(self, one: _Shadowed) -> int:
        rows = one.dialect.read(one.headers, one.body)
        return self.side.answerer.shadow_now(rows, one.ids, one.started)

    def described(self) -> dict[str, object]:
        """How it stands, for whoever asks whether the service is ready."""
        told: dict[str, object] = {"model": self.side.contract.model, "bundle": self.side.bundle}
        if self.share is not None:
            return told | {"mode": "share", "share": self.share, "refused": self.refused}
        return told | {"mode": "shadow", "rows": self.rows, "skipped": self.skipped, "refused": self.refused}


def _same_kind(side: Side, path: str) -> Dialect:
    """The inference protocol under the challenger's own name, where a path names the champion's version."""
    found: Sequence[Dialect] = [dialect for known, dialect in side.dialects.items() if known.endswith("/infer")]
    return found[0]
