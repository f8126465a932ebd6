"""The child that answers a file: reads it by the contract, judges every row, then runs the bundle's own model.

Nothing is answered before every row was judged, as in a request: what is wrong is named all at once.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

from app.core.progress import Part
from app.data.foreign import ForeignRows, read_for_contract
from app.errors import BadInput
from app.jobs.child import ChildContext
from app.jobs.decoding import decode
from app.runtime.answers import Answerer, Prediction
from app.runtime.contract import Contract
from app.runtime.log import LogWriter
from app.runtime.model import Model
from app.runtime.problems import Refusal, rows_words
from app.runtime.rows import Rows
from app.runtime.validate import Rules
from app.serving.answers_file import writer
from app.serving.predict import ANSWERS_FILE, LOG_FOLDER, AnsweredRows, PredictJob
from app.serving.segments import ID_PREFIX

BATCH_ROWS = 2_048
"""As the server groups rows; a run of the model over more gains nothing."""

_ONE_SEGMENT_BYTES = 1 << 62
_SHOWN_FAULTS = 5

PROBABILITY_PREFIX = "probability_"
VIOLATIONS = "violations"
SCORE = "score"
"""Codes of broken rules (see ``logline.Line``), with spaces between."""


def answer_file(child: ChildContext, job: PredictJob) -> AnsweredRows:
    """Write ``ANSWERS_FILE`` and the log in ``LOG_FOLDER`` into the child's folder.

    Raises FileRefused if the file cannot be read, BadInput if rows do not fit the contract.
    """
    contract = decode((job.bundle / "contract.json").read_bytes(), Contract)
    foreign = read_for_contract(job.source, contract.fields, child.folder, Part(child, 0.0, 0.3), job.recipe)
    _judge(contract, foreign)
    model = Model((job.bundle / "model.onnx").read_bytes(), contract)
    log = LogWriter(
        child.folder / LOG_FOLDER, ID_PREFIX + job.bundle_sha256, contract.model, max_bytes=_ONE_SEGMENT_BYTES
    )
    try:
        answerer = Answerer(model, ID_PREFIX + job.bundle_sha256, log)
        violating = _answer(child, job, contract, foreign, answerer)
    finally:
        log.close()
    return AnsweredRows(foreign.rows, violating)


def _judge(contract: Contract, foreign: ForeignRows) -> None:
    """Raise BadInput if any row does not fit; rows are numbered from 1, the header not counted."""
    rules, faults, before = Rules(contract), _Faults(), 0
    for batch in foreign.batches(BATCH_ROWS):
        try:
            if not batch.surely_fits():
                rules.check(batch.rows())
        except Refusal as refusal:
            faults.add(refusal, before)
        before += batch.cells.num_rows
    if faults:
        raise BadInput(
            f"{contract.model} cannot answer this file: {faults.sentence()}",
            "Correct these rows or leave them out; nothing was answered.",
        )


class _Faults:
    """What is wrong with the rows, by kind and column, over all batches."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str | None], _Fault] = {}

    def add(self, refusal: Refusal, before: int) -> None:
        """``before``: rows in the batches before this one."""
        for wrong in refusal.problems:
            fault = self._found.setdefault((wrong.code, wrong.column), _Fault(wrong.message))
            fault.rows.extend(before + row for row in wrong.rows)
            fault.count += wrong.count

    def __bool__(self) -> bool:
        """Whether anything is wrong."""
        return bool(self._found)

    def sentence(self) -> str:
        """The first five kinds with their first rows, and how many more there are."""
        parts = [f"{f.message} ({rows_words(f.rows, f.count)})" for f in self._found.values()]
        more = f"; and {len(parts) - _SHOWN_FAULTS} more problems" if len(parts) > _SHOWN_FAULTS else ""
        return "; ".join(parts[:_SHOWN_FAULTS]) + more + "."


@dataclass(slots=True)
class _Fault:
    message: str
    rows: list[int] = field(default_factory=list)
    count: int = 0


def _answer(child: ChildContext, job: PredictJob, contract: Contract, foreign: ForeignRows, answerer: Answerer) -> int:
    """How many rows break rules of the contract; they are answered as every other one."""
    names, before, violating = [f.name for f in contract.inputs], 0, 0
    added = _added_columns(contract)
    with writer(child.folder / ANSWERS_FILE, job.format, foreign.columns, added) as out:
        for batch in foreign.batches(BATCH_ROWS):
            child.progress(0.3 + 0.7 * before / max(foreign.rows, 1), f"Answering row {before:,} of {foreign.rows:,}")
            objects = batch.rows()
            values = [tuple(row[name] for name in names) for row in objects]
            try:
                answered = answerer.answer_now(Rows(values, objects), time.perf_counter())
            except Refusal as refusal:
                raise BadInput(f"Rows {before + 1} to {before + len(objects)}: {refusal.detail}") from refusal
            out.write(batch.cells, _columns(added, contract, answered.predictions))
            before += len(objects)
            violating += sum(bool(p.violations) for p in answered.predictions) if contract.rules else 0
    return violating


def _added_columns(contract: Contract) -> list[str]:
    """With a column for broken rules if the contract has rules: it is there or not before the first row is judged."""
    told = [VIOLATIONS] if contract.rules else []
    if contract.task == "regression":
        return ["prediction_id", "value", *told]
    if not contract.has_probabilities:
        return ["prediction_id", "label", SCORE, *told]
    return ["prediction_id", "label", *(PROBABILITY_PREFIX + label.text for label in contract.labels), *told]


def _columns(
    added: Sequence[str], contract: Contract, predictions: Sequence[Prediction]
) -> dict[str, Sequence[object]]:
    columns: list[Sequence[object]] = [[p.id for p in predictions]]
    if contract.task == "regression":
        columns.append([p.value for p in predictions])
    elif not contract.has_probabilities:
        columns += [[p.label for p in predictions], [p.score for p in predictions]]
    else:
        tables = [list(cast(dict[str, float], p.probabilities).values()) for p in predictions]
        columns += [[p.label for p in predictions], *zip(*tables, strict=True)]
    if contract.rules:
        columns.append([" ".join(p.violations or ()) for p in predictions])
    return dict(zip(added, columns, strict=True))
