"""Small fitted models with their rows, contracts and expected answers, and bundles made of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from app.bundles.parts import Parts, assemble
from app.core.data import Column, ColumnType, Use
from app.core.runs import Task
from app.export.convert import convert
from app.export.parity import prove
from app.runtime import manifest
from app.runtime.contract import Contract, Field, Label, Value
from app.runtime.golden import Golden
from app.runtime.logline import Output
from app.training.candidates import build, canonical_inputs, specs

COLUMNS = (
    Column("age", ColumnType.INTEGER, Use.INPUT),
    Column("income", ColumnType.NUMBER, Use.INPUT),
    Column("rate: yearly", ColumnType.NUMBER, Use.INPUT),
    Column("member", ColumnType.BOOLEAN, Use.INPUT),
    Column("city", ColumnType.CATEGORY, Use.INPUT),
    Column("plan", ColumnType.CATEGORY, Use.INPUT),
    Column("joined", ColumnType.DATETIME, Use.INPUT),
    Column("note", ColumnType.TEXT, Use.INPUT),
    *(Column(f"x{i}", ColumnType.NUMBER, Use.INPUT) for i in range(7)),
)
CITIES = ("Köln", "Łódź", "São Paulo", "東京", "Nîmes")
WORDS = ("good", "bad", "late", "early", "Größe", "naïve", "fast", "slow")


@dataclass(frozen=True, slots=True)
class Example:
    """A model with the rows that were held out and what scikit-learn answers to them."""

    contract: Contract
    onnx: bytes
    rows: list[dict[str, Value]]
    expected: list[Output]
    parity: bytes

    def parts(self, golden: int = 100) -> Parts:
        lines = [Golden(row, expected) for row, expected in zip(self.rows, self.expected, strict=True)][:golden]
        return Parts(
            contract=self.contract,
            onnx=self.onnx,
            golden=msgspec.json.Encoder().encode_lines(lines),
            parity=self.parity,
            card=f"# {self.contract.model}\n".encode(),
            facts={"model": self.contract.model},
            about={"model": self.contract.model, "signature": None},
        )

    def build(self, folder: Path, golden: int = 100) -> manifest.Manifest:
        folder.mkdir(parents=True)
        return assemble(folder, self.parts(golden))


def raw_table(rows: int, seed: int) -> dict[str, np.ndarray]:
    """Columns as ``data.table`` would give them."""
    random = np.random.default_rng(seed)

    def texts(values: list[str], missing: float) -> np.ndarray:
        out = np.array(values, dtype=object)
        out[random.random(rows) < missing] = None
        return out

    start = np.datetime64("2020-01-01", "us")
    table: dict[str, np.ndarray] = {
        "age": random.integers(18, 90, rows).astype(np.float64),
        "income": random.lognormal(10, 1, rows),
        "rate: yearly": random.normal(0, 1, rows),
        "member": (random.random(rows) < 0.4).astype(np.float64),
        "city": texts(list(random.choice(CITIES, rows)), 0.1),
        "plan": texts([f"plan {c}" for c in random.choice(list("ABC"), rows)], 0.0),
        "joined": start + (random.integers(0, 2000 * 86_400, rows) * 1_000_000).astype("timedelta64[us]"),
        "note": texts([" ".join(random.choice(WORDS, 4)) for _ in range(rows)], 0.05),
        **{f"x{i}": random.normal(0, 1, rows) for i in range(7)},
    }
    table["income"][random.random(rows) < 0.1] = np.nan
    return table


def target_of(task: Task, raw: dict[str, np.ndarray], seed: int) -> np.ndarray:
    random = np.random.default_rng(seed + 1)
    signal = raw["x0"] + (raw["age"] - 50) / 20 + (raw["city"] == "Köln") + random.normal(0, 0.5, len(raw["age"]))
    if task is Task.REGRESSION:
        return signal * 100
    cuts = [0.0] if task is Task.BINARY else [-0.7, 0.7]
    return np.array([str(v) for v in np.digitize(signal, cuts)], dtype=object)


def make_example(task: Task, family: str = "boosting", *, rows: int = 900, seed: int = 5) -> Example:
    raw = raw_table(rows, seed)
    y = target_of(task, raw, seed)
    fit, held = slice(0, rows // 2), slice(rows // 2, rows)
    inputs = specs(COLUMNS, {n: v[fit] for n, v in raw.items()})
    model = build(family, {"iterations": 30} if family == "boosting" else {}, inputs, task, seed)
    model.fit(canonical_inputs(inputs, {n: v[fit] for n, v in raw.items()}), y[fit])
    x = canonical_inputs(inputs, {n: v[held] for n, v in raw.items()})
    onnx = convert(model, inputs, task, model.classes_)
    certificate = prove(model, onnx, inputs, task, model.classes_, x, {k: v[:1] for k, v in x.items()})
    labels = tuple(Label(text, int(text)) for text in model.classes_)
    fields = tuple(
        Field(s.name, s.type.value, "input", s.input, s.name not in ("x1", "plan"), s.minimum, s.maximum, s.categories)
        for s in inputs
    )
    others = (
        Field("id", "integer", "identifier"),
        Field("secret", "text", "ignored"),
        Field("y", "category", "target"),
    )
    positive = "1" if task is Task.BINARY else None
    contract = Contract("churn@3", task.value, (*fields, *others), "y", labels, positive)
    return Example(
        contract, onnx, plain_rows(raw, held), expected_of(model, x, contract), msgspec.json.encode(certificate)
    )


def plain_rows(raw: dict[str, np.ndarray], part: slice) -> list[dict[str, Value]]:
    columns = {c.name: [plain(v, c.type) for v in raw[c.name][part]] for c in COLUMNS}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def plain(value: object, type_: ColumnType) -> Value:
    if value is None or value != value:
        return None
    if type_ is ColumnType.DATETIME:
        return str(value)
    return {ColumnType.INTEGER: int, ColumnType.NUMBER: float, ColumnType.BOOLEAN: bool}.get(type_, str)(value)


def expected_of(model: object, x: dict[str, np.ndarray], contract: Contract) -> list[Output]:
    if contract.task == "regression":
        return [Output(value=float(v)) for v in model.predict(x)]
    outputs = []
    for text, row in zip(model.predict(x), model.predict_proba(x), strict=True):
        table = dict(zip((label.text for label in contract.labels), row.tolist(), strict=True))
        outputs.append(Output(label=int(text), score=table[contract.positive or text], probabilities=table))
    return outputs


def dumps(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
