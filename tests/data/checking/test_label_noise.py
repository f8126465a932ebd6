"""Labels that were flipped are found where neighbours tell; where classes overlap nobody is suspected."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from app.core.data import Column, ColumnType, Finding, Use
from app.core.runs import Task
from app.data.checking.label_noise import MOST_ROWS, label_noise_findings
from app.data.checking.sample import Sample, some_of

RANDOM = np.random.default_rng(0)
TARGET = Column("y", ColumnType.CATEGORY, Use.TARGET)
INPUTS = [
    Column("a", ColumnType.NUMBER, Use.INPUT),
    Column("b", ColumnType.NUMBER, Use.INPUT),
    Column("colour", ColumnType.CATEGORY, Use.INPUT),
    Column("noise", ColumnType.NUMBER, Use.INPUT),
]


def sample_of(rows: int, apart: float) -> tuple[Sample, npt.NDArray[np.object_]]:
    """Two classes whose numbers lie ``apart`` (in standard deviations)."""
    yes = RANDOM.random(rows) < 1 / 3
    told = np.where(yes, 0.9, 0.1) if apart > 1 else np.full(rows, 0.5)
    values = {
        "a": RANDOM.normal(size=rows) + yes * apart,
        "b": RANDOM.normal(size=rows) - yes * apart,
        "colour": np.where(RANDOM.random(rows) < told, "red", "blue").astype(object),
        "noise": RANDOM.normal(size=rows),
    }
    y = np.where(yes, "yes", "no").astype(object)
    return Sample(values | {"y": y}, np.arange(rows), rows), y


def found(sample: Sample, task: Task = Task.BINARY) -> tuple[Finding, ...]:
    return label_noise_findings(sample, TARGET, INPUTS, task)


def test_flipped_labels_are_named_with_rows_and_cells() -> None:
    sample, y = sample_of(900, apart=6)
    flipped = [100, 300, 601]
    for at in flipped:
        y[at] = "no" if y[at] == "yes" else "yes"
    (finding,) = found(sample)
    assert finding.code == "LABEL_NOISE" and finding.column == "y" and not finding.blocks_training
    assert finding.rows == tuple(at + 1 for at in flipped)
    assert finding.cells == tuple(y[flipped])
    assert "Row 101" in finding.message


def test_right_labels_raise_no_suspicion() -> None:
    assert found(sample_of(900, apart=6)[0]) == ()


def test_where_classes_overlap_nobody_is_suspected() -> None:
    sample, y = sample_of(900, apart=0.3)
    y[100] = "yes"
    assert found(sample) == ()


def test_numbers_that_are_predicted_are_not_judged() -> None:
    assert found(sample_of(900, apart=6)[0], Task.REGRESSION) == ()


def test_of_a_large_table_a_sample_is_looked_at_and_said_so() -> None:
    sample, y = sample_of(3 * MOST_ROWS, apart=6)
    row = int(some_of(len(y), MOST_ROWS)[100])
    y[row] = "no" if y[row] == "yes" else "yes"
    (finding,) = found(sample)
    assert finding.rows == (row + 1,) and "in a sample of 3,000 rows" in finding.message
