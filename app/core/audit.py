"""The history: entries that each carry the hash of the one before."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what to what. ``commitment``: SHA-256 of salt and payload, so that the payload can be
    erased while the chain still verifies. ``payload``: JSON as text, None once erased."""

    seq: int
    at: str
    actor: str
    verb: str
    noun: str
    commitment: str
    previous_hash: str
    hash: str
    payload: str | None = None
    salt: str | None = None


def commitment_of(payload: str, salt: str) -> str:
    """The salted commitment to a payload: SHA-256 of ``salt``, a zero byte, ``payload``."""
    return hashlib.sha256(f"{salt}\0{payload}".encode()).hexdigest()


def hash_of(seq: int, at: str, actor: str, verb: str, noun: str, commitment: str, previous_hash: str) -> str:
    """SHA-256 over the canonical JSON list of an entry's fields."""
    fields = [seq, at, actor, verb, noun, commitment, previous_hash]
    return hashlib.sha256(json.dumps(fields, separators=(",", ":"), ensure_ascii=True).encode()).hexdigest()
