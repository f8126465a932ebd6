"""A challenger beside the champion: it answers a share of the requests, or is asked in the shadow of each.

Its model runs in the champion's process and by the champion's runtime, once its own golden rows have come out right
here. Who answers what, and that the answer names the bundle, is ``sharing``'s.
"""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
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


def keys_of(headers: Headers, body: bytes) -> list[bytes]:
    """What a request is known by: its ``X-Request-ID``, or each row by its own of the ``ids``, or its ``id`` (inference
    protocol); a random one without any. At least one."""
    if (named := headers.get(REQUEST_ID)) is not None:
        return [named]
    if media_type(headers) in (JSON_TYPE, b"application/octet-stream", b""):
        try:
            asked = _ASKED.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return [os.urandom(16)]  # whoever reads it says what is wrong
        if asked.ids:
            return [str(id_).encode("utf-8", "replace") for id_ in asked.ids]
        if asked.id is not UNSET:
            return [str(asked.id).encode("utf-8", "replace")]
    return [os.urandom(16)]


def falls_to(bundle: str, key: bytes, share: float) -> bool:
    """Whether a request with this key is for the challenger. The same key always is, and stays so while the share
    of the same challenger grows."""
    digest = hashlib.sha256(bundle.encode() + b"\0" + key).digest()
    return int.from_bytes(digest[:8], "big") < share * _ALL


@dataclass(slots=True)
class Challenger:
    """``share`` None: shadow mode. Counters: ``rows`` logged for nobody, ``skipped`` requests in shadow mode because
    too many waited, ``refused`` ones that it does not take or has no finite answer to (the champion answers those)."""

    side: Side
    share: float | None
    rows: int = 0
    skipped: int = 0
    refused: int = 0
    _waiting_bytes: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _worker: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "shadow"))

    def takes(self, path: str, headers: Headers, body: bytes) -> list[bool]:
        """For each key of a request (see ``keys_of``) whether the challenger answers it. A path that names the
        champion's version is the champion's."""
        if self.share is None or path not in self.side.dialects:
            return [False]
        return [falls_to(self.side.bundle, key, self.share) for key in keys_of(headers, body)]

    def could_not(self, why: Refusal) -> None:
        """The champion answers what this one cannot. Said aloud the first, the tenth, the hundredth ... time."""
        with self._lock:
            self.refused += 1
            times = self.refused
        if str(times) == "1".ljust(len(str(times)), "0"):
            _LOG.warning(
                "%s could not answer %s; the champion did: %s", self.side.contract.model, _times(times), why.detail
            )

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
        ids = [prediction.id for prediction in answered.predictions]

        def ask() -> int:
            return self.side.answerer.shadow_now(dialect.read(headers, body), ids, started)

        self._worker.submit(ask).add_done_callback(lambda asked: self._count(asked, len(body)))

    def close(self) -> None:
        """After the last answer: what still waits is asked and logged first."""
        self._worker.shutdown()

    def _count(self, asked: Future[int], size: int) -> None:
        with self._lock:
            self._waiting_bytes -= size
        error = asked.exception()
        if error is None:
            self.rows += asked.result()
            return
        self.refused += 1
        if not isinstance(error, Refusal):
            _LOG.error("The challenger could not be asked.", exc_info=error)

    def described(self) -> dict[str, object]:
        """How it stands, for whoever asks whether the service is ready."""
        told: dict[str, object] = {"model": self.side.contract.model, "bundle": self.side.bundle}
        if self.share is not None:
            return told | {"mode": "share", "share": self.share, "refused": self.refused}
        return told | {"mode": "shadow", "rows": self.rows, "skipped": self.skipped, "refused": self.refused}


def _times(count: int) -> str:
    return "a request" if count == 1 else f"{count} requests so far"


def _same_kind(side: Side, path: str) -> Dialect:
    """The inference protocol under the challenger's own name, where a path names the champion's version."""
    found: Sequence[Dialect] = [dialect for known, dialect in side.dialects.items() if known.endswith("/infer")]
    return found[0]
