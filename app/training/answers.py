"""A model's answers to rows whose truth is known, and the file that keeps them. In a child only."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from app.core.runs import Task
from app.training.metrics import Answers, Floats, class_answers

if TYPE_CHECKING:  # the referee reads predictions alone: scikit-learn takes longer to import than it takes to judge
    from app.export.onnx_model import OnnxModel
    from app.training.candidates import AnyModel
    from app.training.isolation import Isolation

WITNESS = "witness:"
RULE = "rule:"
Raw = npt.NDArray[np.generic]
Inputs = dict[str, Raw]


def answers_of(
    model: AnyModel, task: Task, x: Inputs, y: Raw, labels: tuple[str, ...], positive: str | None
) -> Answers:
    """What a fitted model answers to ``x``, whose truth is ``y``."""
    if task is Task.ANOMALY:
        model = cast("Isolation", model)
        return Answers(task, model.witnessed(x), np.asarray(model.predict(x), np.float64), threshold=model.cut)
    if not task.classifies:
        return Answers(task, np.asarray(y, np.float64), np.asarray(model.predict(x), np.float64).ravel())
    return class_answers(task, y, aligned(model.predict_proba(x), model.classes_, labels), labels, positive)


def aligned(probabilities: Floats, classes: tuple[str, ...], labels: tuple[str, ...]) -> Floats:
    """(n, k) probabilities in the order of ``labels``; 0 for a class that the model never saw (a small fold)."""
    out = np.zeros((len(probabilities), len(labels)))
    out[:, [labels.index(c) for c in classes]] = probabilities
    return out


def onnx_predicted(session: OnnxModel, x: Inputs) -> Floats:
    """What ``Answers.predicted`` holds, asked of the exported model."""
    return np.asarray(session.predict(x)[-1], np.float64)


def write_predictions(path: Path, answers: Answers, rows: Raw, rules: Mapping[int, Floats] | None = None) -> None:
    """The hold-out's answers as Parquet: ``row`` (position in the stored table), ``actual``, ``predicted`` and for
    classes one column ``probability:<label>`` each (float64). Of anomalies ``predicted``, the ``cut`` and a column
    ``witness:<n>`` for each other seed. ``rules``: what each rule of a query answered, by its place in the query's
    recipe, as columns ``rule:<place>`` (float64)."""
    columns: dict[str, Raw] = {"row": rows.astype(np.int64)}
    if answers.task is Task.ANOMALY:
        columns |= {"predicted": answers.predicted, "cut": np.full(answers.n, answers.threshold)}
        columns |= {f"{WITNESS}{i}": column for i, column in enumerate(answers.actual.T)}
    elif not answers.task.classifies:
        columns |= {"actual": answers.actual, "predicted": answers.predicted}
    else:
        labels = np.array(answers.labels, dtype=object)
        columns |= {"actual": labels[answers.actual.astype(np.intp)], "predicted": labels[answers.chosen]}
        columns |= {f"probability:{label}": answers.predicted[:, i] for i, label in enumerate(answers.labels)}
    columns |= {f"{RULE}{place}": answer for place, answer in (rules or {}).items()}
    pq.write_table(pa.table(columns), path)


def read_rule(path: Path, place: int) -> Floats:
    """(n,) what the rule at this place of a query's recipe answered. KeyError if it was not asked."""
    name = f"{RULE}{place}"
    return np.asarray(pq.read_table(path, columns=[name])[name].to_numpy(), np.float64)


def read_predictions(path: Path, task: Task, labels: tuple[str, ...], positive: str | None) -> tuple[Raw, Answers]:
    """``(rows, answers)`` as ``write_predictions`` wrote them."""
    table = pq.read_table(path)
    rows = table["row"].to_numpy()
    if task is Task.ANOMALY:
        others = [table[name].to_numpy() for name in table.column_names if name.startswith(WITNESS)]
        cut = float(table["cut"][0].as_py())
        return rows, Answers(task, np.column_stack(others), table["predicted"].to_numpy(), threshold=cut)
    if not task.classifies:
        return rows, Answers(task, table["actual"].to_numpy(), table["predicted"].to_numpy())
    actual = np.array(table["actual"].to_pylist(), dtype=object)
    predicted = np.column_stack([table[f"probability:{label}"].to_numpy() for label in labels])
    return rows, class_answers(task, actual, predicted, labels, positive)
