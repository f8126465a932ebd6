"""Real hold-out rows with the answers that scikit-learn gave them before conversion. In a child only."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from app.core.data import Column, ColumnType, Use
from app.core.runs import ANOMALY, NORMAL
from app.data import table
from app.data.plain_values import plain_values
from app.jobs.child import ChildContext
from app.runtime.contract import Contract
from app.runtime.golden import Golden
from app.runtime.logline import Output

GOLDEN_ROWS = 100

Raw = npt.NDArray[np.generic]


def write_golden(
    ctx: ChildContext, table_path: Path, predictions_path: Path, contract: Contract, most: int = GOLDEN_ROWS
) -> int:
    """Write ``golden.jsonl`` into the child's folder; how many rows it has.

    ``most`` rows, evenly spread over the hold-out in its stored order.
    """
    golden = golden_rows(table_path, predictions_path, contract, most)
    (ctx.folder / "golden.jsonl").write_bytes(msgspec.json.Encoder().encode_lines(golden))
    return len(golden)


def golden_rows(table_path: Path, predictions_path: Path, contract: Contract, most: int) -> list[Golden]:
    """Rows as a client would send them, with the expected outputs."""
    import pyarrow.parquet as pq

    predictions = pq.read_table(predictions_path)
    chosen = _spread(len(predictions), most)
    positions = predictions["row"].to_numpy()[chosen]
    answers = predictions.take(chosen).to_pylist()
    columns = [Column(f.name, ColumnType(f.type), Use.INPUT) for f in contract.inputs]
    raw = table.load(table_path, columns)
    values = {c.name: plain_values(raw[c.name][positions], c.type) for c in columns}
    return [
        Golden({name: column[i] for name, column in values.items()}, _expected(answer, contract))
        for i, answer in enumerate(answers)
    ]


def _spread(rows: int, most: int) -> npt.NDArray[np.intp]:
    return np.unique(np.linspace(0, max(rows - 1, 0), min(rows, most)).astype(np.intp))


def _expected(answer: dict[str, object], contract: Contract) -> Output:
    if contract.task == "regression":
        return Output(value=_float(answer["predicted"]))
    if contract.task == "anomaly":
        score = _float(answer["predicted"])
        return Output(label=ANOMALY if score >= _float(answer["cut"]) else NORMAL, score=score)
    probabilities = {label.text: _float(answer[f"probability:{label.text}"]) for label in contract.labels}
    text = _answered(str(answer["predicted"]), probabilities, contract)
    label = next(label.value for label in contract.labels if label.text == text)
    return Output(label=label, score=probabilities[contract.positive or text], probabilities=probabilities)


def _answered(likeliest: str, probabilities: dict[str, float], contract: Contract) -> str:
    """The label that a chosen threshold makes of the probabilities, else the likeliest."""
    if contract.threshold is None or contract.positive is None:
        return likeliest
    other = next(label.text for label in contract.labels if label.text != contract.positive)
    return contract.positive if probabilities[contract.positive] >= contract.threshold else other


def _float(value: object) -> float:
    assert isinstance(value, float)
    return value
