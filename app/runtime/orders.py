"""What a keeper is told and tells, in two files that are replaced as a whole. Standard library only."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

ORDER_SUFFIX = ".order"
"""The order file lies beside the state file and has this ending instead of its own."""


@dataclass(frozen=True, slots=True)
class State:
    """What the state file tells. ``state``: starting, running, restarting, failed or stopped. ``takes_orders``: the
    version of ``Order`` that is understood. ``order`` and ``outcome`` (done or failed): of the last one that was
    carried out; ``message`` says why it failed."""

    state: str
    keeper_pid: int
    url: str | None = None
    port: int | None = None
    pid: int | None = None
    restarts: int = 0
    started: str | None = None
    message: str = ""
    bundle: str | None = None
    log_dir: str | None = None
    takes_orders: int = 1
    order: str | None = None
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """Serve another bundle from now on. ``entry``: its ``serve.py``; ``course``: a challenger's options, if any."""

    id: str
    entry: str
    course: tuple[str, ...] = ()


def order_file(state_file: Path) -> Path:
    """Where orders for the keeper that tells in ``state_file`` are left."""
    return state_file.with_suffix(ORDER_SUFFIX)


def read_order(path: Path) -> Order | None:
    """The order that lies there; None if there is none that can be read."""
    try:
        told = json.loads(path.read_bytes())
        return Order(str(told["id"]), str(told["entry"]), tuple(str(word) for word in told["course"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write(path: Path, content: State | Order) -> None:
    """Replace the file; who reads it finds the old or the new content. Raises OSError."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    temporary.write_text(json.dumps(asdict(content)), "utf-8")
    temporary.replace(path)


def split(words: Sequence[str], options: Mapping[str, bool]) -> tuple[list[str], list[str]]:
    """The words that belong to these options, and the others. ``options``: by name whether a value follows."""
    own: list[str] = []
    others: list[str] = []
    waiting = iter(words)
    for word in waiting:
        name, joined, _ = word.partition("=")
        if name not in options:
            others.append(word)
        elif options[name] and not joined:
            own += [word, *([value] if (value := next(waiting, None)) is not None else [])]
        else:
            own.append(word)
    return own, others


def value_of(words: Sequence[str], name: str) -> str | None:
    """The value of an option among the words that ``split`` took."""
    for word, following in zip(words, [*words, None][1:], strict=True):
        if word == name:
            return following
        if word.startswith(f"{name}="):
            return word.partition("=")[2]
    return None
