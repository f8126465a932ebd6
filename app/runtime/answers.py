"""Rows -> predictions that are logged: the model runs once for all requests that wait at one moment.

Natural micro-batching: whatever has arrived when the event loop comes round is answered in one run,
without a timer, so a lone client waits for nobody.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast

import msgspec
from msgspec import UNSET, UnsetType

from .contract import Value
from .ids import new_ids
from .log import LogFull, LogWriter
from .logline import Line, Output
from .model import Answers, Model
from .problems import Refusal
from .rows import Rows

MAX_BATCH_ROWS = 2_048


class Prediction(msgspec.Struct):
    """One answer as a client sees it. ``model``, ``bundle``: of a challenger that answered this row of a request whose
    other rows the champion answered."""

    id: str
    caller_id: str | int | UnsetType = UNSET
    label: str | int | float | bool | UnsetType = UNSET
    score: float | UnsetType = UNSET
    probabilities: dict[str, float] | UnsetType = UNSET
    value: float | UnsetType = UNSET
    violations: tuple[str, ...] | UnsetType = UNSET
    model: str | UnsetType = UNSET
    bundle: str | UnsetType = UNSET


NO_FINITE_ANSWER = "no_finite_answer"
"""The code of a refusal by a model that has none."""


@dataclass(slots=True)
class Answered:
    """The predictions of one request. ``violations``: of all its rows, by their code; empty if there were none.
    ``unlogged``: the lines of rows that were held."""

    predictions: list[Prediction]
    dropped: dict[str, int]
    violations: tuple[str, ...] = ()
    unlogged: list[Line] = field(default_factory=list)


@dataclass(slots=True)
class _Waiting:
    rows: Rows
    started: float
    future: asyncio.Future[Answered]


class Answerer:
    """Runs the model and the log for all requests of one process."""

    def __init__(self, model: Model, bundle: str, log: LogWriter | None) -> None:
        """``bundle``: as ``sha256:<hex>``; ``log`` None: predictions are not logged."""
        self._model = model
        self._bundle = bundle
        self._name = model.contract.model
        self._log = log
        self._encoder = msgspec.json.Encoder()
        self._waiting: list[_Waiting] = []

    async def answer(self, rows: Rows, started: float) -> Answered:
        """Together with whatever else waits. ``started``: ``time.perf_counter()`` when the request came.

        Raises Refusal: 422 where the model has no finite answer, 503 where the log is full.
        """
        loop = asyncio.get_running_loop()
        waiting = _Waiting(rows, started, loop.create_future())
        if not self._waiting:
            loop.call_soon(self._answer_waiting)
        self._waiting.append(waiting)
        return await waiting.future

    def answer_now(self, rows: Rows, started: float) -> Answered:
        """The same for one request, in the caller's thread."""
        answered, lines = self._tell(rows, self._model.answer(rows.values), started)
        self.log(lines)
        return answered

    def shadow_now(self, rows: Rows, shadow_of: Sequence[str], started: float) -> int:
        """What this model would have said to rows that another has answered, logged as such; how many.
        ``shadow_of``: the ids of the predictions that were answered. Raises Refusal."""
        _, lines = self._tell(rows, self._model.answer(rows.values), started, shadow_of)
        self.log(lines)
        return len(lines)

    def _answer_waiting(self) -> None:
        waiting, self._waiting = self._waiting, []
        for group in _groups(waiting):
            try:
                self._answer_group(group)
            except Exception as error:  # whatever it is, those who wait must hear of it
                _fail(group, error)

    def _answer_group(self, group: list[_Waiting]) -> None:
        """All of ``group`` in one run of the model and one write to the log."""
        if len(group) == 1:
            answers = self._model.answer(group[0].rows.values)
        else:
            answers = self._model.answer([values for w in group for values in w.rows.values])
        told: list[tuple[_Waiting, Answered]] = []
        lines: list[Line] = []
        first = 0
        for waiting in group:
            last = first + len(waiting.rows)
            part = Answers(answers.outputs[first:last], answers.violations[first:last])
            first = last
            try:
                answered, some = self._tell(waiting.rows, part, waiting.started)
            except Refusal as refusal:
                _fail([waiting], refusal)
                continue
            told.append((waiting, answered))
            lines += some
        self.log(lines)
        for waiting, answered in told:
            if not waiting.future.done():
                waiting.future.set_result(answered)

    def _tell(
        self, rows: Rows, answers: Answers, started: float, shadow_of: Sequence[str] | None = None
    ) -> tuple[Answered, list[Line]]:
        _refuse_without_answer(answers.outputs, rows.places)
        outputs = cast(list[Output], answers.outputs)
        ids = new_ids(len(outputs))
        callers = rows.caller_ids
        predictions = [
            _prediction(id_, output, callers[i] if callers else UNSET)
            for i, (id_, output) in enumerate(zip(ids, outputs, strict=True))
        ]
        answered = Answered(predictions, rows.dropped)
        if any(answers.violations):
            _tell_violations(answered, answers.violations)
        if self._log is None:
            return answered, []
        at = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
        ms = round((time.perf_counter() - started) * 1000, 3)
        lines = [
            Line(
                id_,
                at,
                self._bundle,
                self._name,
                cast(dict[str, Value], inputs),
                output,
                ms,
                violations,
                callers[i] if callers and shadow_of is None else None,  # a label by that id is for what was answered
                shadow_of[i] if shadow_of is not None else None,
                rows.instead_of,
            )
            for i, (id_, inputs, output, violations) in enumerate(
                zip(ids, rows.logged, outputs, answers.violations, strict=True)
            )
        ]
        if rows.held:
            answered.unlogged, lines = lines, []
        return answered, lines

    def log(self, lines: list[Line]) -> None:
        """Write all of these lines or none. Raises Refusal where the log is full."""
        if self._log is None or not lines:
            return
        try:
            self._log.append(self._encoder.encode_lines(lines), len(lines))
        except LogFull as error:
            raise Refusal(
                503,
                f"The prediction log cannot be written ({error}), so nothing is answered.",
                headers=((b"retry-after", b"5"),),
                code="log_full",
            ) from error


def _prediction(id_: str, output: Output, caller_id: str | int | UnsetType) -> Prediction:
    if output.value is not None:
        return Prediction(id_, caller_id, value=output.value)
    return Prediction(
        id_,
        caller_id,
        label=cast(str, output.label),
        score=cast(float, output.score),
        probabilities=UNSET if output.probabilities is None else output.probabilities,
    )


def _tell_violations(answered: Answered, violations: list[tuple[str, ...]]) -> None:
    """Beside the answer, never instead of it: whoever asks hears that a row breaks the contract and decides what it is
    worth. A refusal would turn a rule about data into an outage; only a value that the model cannot take (a wrong type,
    see ``validate``) gets no answer."""
    for prediction, codes in zip(answered.predictions, violations, strict=True):
        if codes:
            prediction.violations = codes
    answered.violations = tuple(code for codes in violations for code in codes)


def _refuse_without_answer(outputs: Sequence[Output | None], places: Sequence[int] | None) -> None:
    """``places``: of the rows in the request, from 0; None: all of it."""
    if None in outputs:
        known = range(len(outputs)) if places is None else places
        rows = [place + 1 for place, output in zip(known, outputs, strict=True) if output is None]
        raise Refusal(
            422,
            f"The model has no finite answer for {len(rows)} of the rows (first: row {rows[0]}): values far outside of "
            "what it was trained on.",
            code=NO_FINITE_ANSWER,
        )


def _groups(waiting: list[_Waiting]) -> list[list[_Waiting]]:
    """Runs of at most ``MAX_BATCH_ROWS`` rows, so that many middling requests do not make one huge run."""
    groups: list[list[_Waiting]] = [[]]
    size = 0
    for one in waiting:
        if groups[-1] and size + len(one.rows) > MAX_BATCH_ROWS:
            groups.append([])
            size = 0
        groups[-1].append(one)
        size += len(one.rows)
    return groups


def _fail(group: list[_Waiting], error: Exception) -> None:
    for waiting in group:
        if not waiting.future.done():
            waiting.future.set_exception(error)
