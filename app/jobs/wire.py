"""What crosses the process border: one kind byte and JSON. Never pickle.

``Connection.recv`` unpickles whatever arrives, so only ``send_bytes`` and ``recv_bytes`` are used. JSON has
no NaN and no infinity (they become null): a result with a field that may be undefined says ``float | None``.
"""

from __future__ import annotations

import errno
import shutil
import traceback
from collections.abc import Callable, Sequence
from enum import Enum
from importlib import import_module
from inspect import Parameter, signature
from pathlib import Path
from typing import Any, get_type_hints

import msgspec

from app import errors
from app.jobs.decoding import special


class Kind(bytes, Enum):
    """The first byte of a message. ``TASK`` goes to the child, the others come from it."""

    TASK = b"t"
    PROGRESS = b"p"
    EMIT = b"e"
    RESULT = b"r"
    ERROR = b"x"


class ErrorReport(msgspec.Struct, frozen=True):
    """An exception on its way to the parent. ``names``: its classes, most special first; ``fields``: its
    text attributes (message, hint, details, code); ``trace``: for our own bugs."""

    names: tuple[str, ...]
    fields: dict[str, str]
    trace: str


def encode(kind: Kind, content: object) -> bytes:
    """A message. TypeError if the content has no JSON form."""
    return bytes(kind.value) + msgspec.json.encode(content, enc_hook=_plain)


def split(message: bytes) -> tuple[Kind, bytes]:
    """The kind and the JSON of a message."""
    return Kind(message[:1]), message[1:]


def name_of(function: Callable[..., object] | str) -> str:
    """``package.module:function``, by which the child finds it. ValueError for lambdas, methods and inner functions."""
    if isinstance(function, str):
        module, colon, name = function.partition(":")
        if not (module and colon and name):
            raise ValueError(f"{function!r} is not of the form 'package.module:function'")
        return function
    if "." in function.__qualname__ or "<" in function.__qualname__:
        raise ValueError(f"{function.__qualname__} is not a function at the top of a module")
    return f"{function.__module__}:{function.__qualname__}"


def find(name: str) -> Callable[..., object]:
    """The function that ``name_of`` named; imports its module."""
    module, _, attribute = name.partition(":")
    found: Callable[..., object] = getattr(import_module(module), attribute)
    return found


def typed_arguments(function: Callable[..., object], values: Sequence[object]) -> list[object]:
    """Plain JSON values as the types that ``function`` annotates, its first parameter (the context) left out.

    The annotations must be resolvable when the module runs, so nothing they name may stand under TYPE_CHECKING.
    """
    hints = get_type_hints(function)
    types = _positional_types(function, hints, len(values) + 1)[1:]
    return [msgspec.convert(v, type=t, dec_hook=special) for v, t in zip(values, types, strict=True)]


def _positional_types(function: Callable[..., object], hints: dict[str, Any], count: int) -> list[Any]:
    types: list[Any] = []
    for parameter in signature(function).parameters.values():
        hint = hints.get(parameter.name, Any)
        if parameter.kind is Parameter.VAR_POSITIONAL:
            types += [hint] * (count - len(types))
        elif parameter.kind is not Parameter.KEYWORD_ONLY:
            types.append(hint)
    if len(types) < count:
        raise TypeError(f"{function.__qualname__} takes {len(types) - 1} arguments, {count - 1} were given")
    return types[:count]


def report(error: BaseException, folder: Path | None = None) -> ErrorReport:
    """An exception as what can be sent. ``folder``: where the task wrote, to tell which disk has no room."""
    names = tuple(c.__name__ for c in type(error).__mro__)
    fields = {k: v for k, v in vars(error).items() if isinstance(v, str)}
    if isinstance(error, OSError) and error.errno in _FULL:
        fields["environment"] = _FULL[error.errno] + (_room(folder) if folder is not None else "")
    return ErrorReport(names, fields, "".join(traceback.format_exception(error)))


def restore(sent: ErrorReport) -> errors.ModelyardError:
    """The error to raise in the parent: the same class from ``app.errors``, or ``JobCrashed`` for our own bugs."""
    for name in sent.names:
        known = getattr(errors, name, None)
        if isinstance(known, type) and issubclass(known, errors.ModelyardError):
            return _rebuilt(known, sent.fields)
    if "environment" in sent.fields:
        return errors.EnvironmentProblem(sent.fields["environment"], "Make room, then try again.", sent.trace)
    if "MemoryError" in sent.names:
        return errors.OutOfMemory("The job ran out of memory.", "Close other programs or use fewer rows.", sent.trace)
    return errors.JobCrashed(
        f"The job stopped because of a fault in Modelyard: {_said(sent)}", "Copy the report and send it.", sent.trace
    )


def _rebuilt(known: type[errors.ModelyardError], fields: dict[str, str]) -> errors.ModelyardError:
    """An error with the sender's attributes, whatever its constructor takes."""
    error = known(fields.get("message", ""))
    error.args = (fields.get("message", ""),)
    vars(error).update(fields)
    return error


def _room(folder: Path) -> str:
    """Where the work was done, and how much room there is."""
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        return f" It was written to {folder.parent}."
    return f" It was written to {folder.parent}, where {free / 1e6:,.1f} MB are free."


_FULL = {
    errno.ENOSPC: "The disk is full.",
    errno.EDQUOT: "The disk quota is used up.",
    errno.EROFS: "The disk is read-only.",
}


def _plain(value: object) -> object:
    """JSON for what msgspec does not know: paths, and numbers of numpy without importing numpy."""
    if isinstance(value, Path):
        return str(value)
    item = getattr(value, "item", None)
    if callable(item) and getattr(value, "ndim", None) == 0:
        return item()
    raise TypeError(f"{type(value).__name__} has no JSON form; hand it over as a file")


def _said(sent: ErrorReport) -> str:
    """The line of a traceback that names the error: the last one that starts at the margin with its class."""
    lines = sent.trace.strip().splitlines()
    named = [line for line in lines if sent.names and line.partition(":")[0].endswith(sent.names[0])]
    return (named or lines or [""])[-1]
