"""One candidate in one process: what happens when its export answers otherwise, or time is short."""

import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.core.data import Column, ColumnType, Use
from app.core.runs import CandidateState, Plan, Task
from app.training import fit
from app.training.fit import fit_candidate
from app.training.lineup import lineup
from app.training.order import ONNX, PREDICTIONS, RECIPE, CandidateOrder, FitOrder
from app.training.resolve import resolve


class Child:
    """What a function in a child is given."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lines: list[str] = []

    def progress(self, fraction, text):
        self.lines.append(text)


@pytest.fixture(scope="module")
def order_for(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fit")
    random = np.random.default_rng(0)
    x, z = random.normal(size=600), random.normal(size=600)
    y = np.where(x + 0.3 * random.normal(size=600) > 0, "yes", "no")
    pq.write_table(pa.table({"x": x, "z": z, "y": y}), folder / "table.parquet")
    inputs = tuple(Column(n, ColumnType.NUMBER, Use.INPUT) for n in "xz")

    def order(seconds=20.0):
        plan = Plan("v", "r", "y", Task.BINARY, "roc_auc", "yes", seconds=seconds)
        target = Column("y", ColumnType.CATEGORY, Use.TARGET)
        now = time.monotonic()
        return FitOrder(plan, inputs, target, str(folder / "table.parquet"), "0" * 64, now, now + seconds)

    return order


LINEAR = CandidateOrder("Linear model", "linear", 0.5)


def test_predictions_name_hold_out_rows_of_the_stored_table(order_for, tmp_path):
    order = order_for()
    found = fit_candidate(Child(tmp_path), LINEAR, order)
    assert found.state is CandidateState.PASSED and found.holdout_rows > 80
    written = pq.read_table(tmp_path / PREDICTIONS).to_pydict()
    table = pq.read_table(order.table_path)["y"].to_pylist()
    assert [table[row] for row in written["row"]] == written["actual"]
    assert len(written["row"]) == found.holdout_rows == len(set(written["row"]))
    assert np.allclose(np.array(written["probability:no"]) + written["probability:yes"], 1)


def test_an_export_that_answers_otherwise_fails_parity_and_is_kept_as_such(order_for, tmp_path, monkeypatch):
    """The mutant: the graph of a model that was fitted on flipped labels."""
    honest = fit.convert

    def lying(model, *others):
        model.estimator.coef_ = -model.estimator.coef_
        graph = honest(model, *others)
        model.estimator.coef_ = -model.estimator.coef_
        return graph

    monkeypatch.setattr(fit, "convert", lying)
    found = fit_candidate(Child(tmp_path), LINEAR, order_for())
    assert found.state is CandidateState.PARITY_FAILED
    assert not found.certificate.passed and found.certificate.differences_no_ties > 50
    assert found.certificate.failing and found.holdout is not None


def test_what_cannot_be_exported_fails_parity_in_words(order_for, tmp_path, monkeypatch):
    from app.errors import ParityFailed

    def refuse(*_):
        raise ParityFailed("Nothing of the kind can be exported.")

    monkeypatch.setattr(fit, "convert", refuse)
    found = fit_candidate(Child(tmp_path), LINEAR, order_for())
    assert found.state is CandidateState.PARITY_FAILED and "Nothing of the kind" in found.note
    assert not (tmp_path / ONNX).exists() and (tmp_path / RECIPE).exists()


def test_a_candidate_without_time_is_left_out(order_for, tmp_path):
    order = order_for(seconds=1.0)
    late = CandidateOrder("late", "linear", 0.5, needs=5.0)
    assert fit_candidate(Child(tmp_path), late, order).skipped
    assert not list(tmp_path.iterdir())


def test_with_little_time_fewer_folds_are_scored_and_it_is_said(order_for, tmp_path):
    slow = next(o for o in lineup(order_for().plan) if o.name == "Gradient boosting, slow")
    found = fit_candidate(
        Child(tmp_path), CandidateOrder(slow.name, slow.family, 0.02, variant=slow.variant), order_for()
    )
    assert found.state is CandidateState.PASSED and found.cv is not None
    assert "of 5 folds" in found.note


def test_steps_are_cut_by_a_pilot_and_the_rate_rises(order_for, monkeypatch):
    from app.training import resolve as resolving
    from app.training.bench import bench_for
    from app.training.pace import Pace

    monkeypatch.setattr(resolving, "PILOT_FROM", 1)
    order = order_for()
    boosting = next(o for o in lineup(order.plan) if o.family == "boosting")
    roomy = resolve(boosting, order.plan, bench_for(order), Pace(1000.0), 1000.0)
    tight = resolve(boosting, order.plan, bench_for(order), Pace(0.02), 1000.0)
    assert tight["iterations"] < roomy["iterations"]
    assert tight["rate"] > roomy["rate"]
    assert resolve(boosting, order.plan, bench_for(order), Pace(0.001), 0.001) is None
