"""What a command says: one JSON object or a few lines, an exit code, one sentence when it fails."""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, TextIO

from app.errors import FileRefused, JobCancelled, ModelyardError

if TYPE_CHECKING:
    from app.core.data import Finding


class Exit(IntEnum):
    """The exit codes; a public contract (see ``modelyard --help``)."""

    OK = 0
    FAILED = 1
    USAGE = 2
    GATE = 3
    REFUSED = 4
    DRIFT = 5
    CONFLICT = 6
    CANCELLED = 130


@dataclass(frozen=True, slots=True)
class Answer:
    """``body``: the JSON object; ``lines``: the same for people; ``problem``: the sentence for standard
    error where ``exit_code`` is not 0, with its ``hint``."""

    body: Mapping[str, object]
    lines: Sequence[str] = ()
    exit_code: Exit = Exit.OK
    problem: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Voice:
    """Where a command speaks: JSON or lines on ``out``, sentences on ``err``."""

    as_json: bool
    out: TextIO = field(default_factory=lambda: sys.stdout)
    err: TextIO = field(default_factory=lambda: sys.stderr)

    def finish(self, outcome: Answer | ModelyardError | None) -> int:
        """Tell what a command answered or raised; None: it has said everything itself."""
        if outcome is None:
            return int(Exit.OK)
        return self.fail(outcome) if isinstance(outcome, ModelyardError) else self.tell(outcome)

    def tell(self, answer: Answer) -> int:
        """Print the answer, return its exit code."""
        if self.as_json:
            self.say_json(answer.body)
        elif answer.lines:
            self._say("\n".join(answer.lines))
        if answer.problem:
            self.complain(answer.problem, answer.hint)
        return int(answer.exit_code)

    def fail(self, error: ModelyardError) -> int:
        """Print an error, return its exit code."""
        if self.as_json:
            self.say_json(error_body(error))
        self.complain(error.message, error.hint)
        return int(exit_code_of(error))

    def say_json(self, body: Mapping[str, object]) -> None:
        """One JSON object on one line."""
        self._say(to_json(body))

    def _say(self, text: str) -> None:
        """Whoever reads may have read enough (``| head``): what was done stays done, and so does its exit code."""
        try:
            print(text, file=self.out, flush=True)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.out.fileno())  # what is left in the buffer goes there

    def complain(self, sentence: str, hint: str = "") -> None:
        """One sentence and, on its own line, what to do."""
        print("\n".join(part for part in (sentence, hint) if part), file=self.err, flush=True)


def to_json(body: Mapping[str, object]) -> str:
    """Strict JSON: what is no finite number becomes null."""
    return json.dumps(_plain(body), ensure_ascii=False, allow_nan=False)


def error_body(error: ModelyardError) -> dict[str, object]:
    """An error as JSON: ``{"error": {"kind", "message", "hint", "code"?}}``."""
    told: dict[str, object] = {"kind": type(error).__name__, "message": error.message, "hint": error.hint}
    if isinstance(error, FileRefused) and error.code:
        told["code"] = error.code
    return {"error": told}


def error_answer(error: ModelyardError, exit_code: Exit) -> Answer:
    """An error under another exit code than its kind has by itself."""
    return Answer(error_body(error), (), exit_code, error.message, error.hint)


def exit_code_of(error: ModelyardError) -> Exit:
    """4 for a refused file, 130 for a cancelled job, 1 for everything else."""
    if isinstance(error, FileRefused):
        return Exit.REFUSED
    return Exit.CANCELLED if isinstance(error, JobCancelled) else Exit.FAILED


def _plain(value: object) -> object:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value


def finding_body(finding: Finding, *, blocks: bool) -> dict[str, object]:
    """A finding as every command tells it; where something is to be chosen, also what and how. ``blocks``: whether it
    stops training now."""
    asked = {"hint": finding.hint, "choices": [choice.value for choice in finding.choices]} if finding.choices else {}
    return asked | {
        "code": finding.code,
        "message": finding.message,
        "column": finding.column,
        "rows": list(finding.rows),
        "cells": list(finding.cells),
        "blocks": blocks,
    }
