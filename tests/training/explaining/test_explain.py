"""A real run is explained by its exported model: weak spots, effects, reasons, and the command that tells them."""

import json

import numpy as np
import pytest

from app.approval.check import train_and_check
from app.cli import main
from app.core.progress import Silent
from app.errors import BadInput, NotAllowed, NotFound
from app.training import results
from app.training.explaining.explain import (
    AskedRow,
    calibration_of,
    dependences_of,
    reasons_of,
    thresholds_of,
    weak_spots_of,
)

ROWS = 3000


@pytest.fixture(scope="module")
def run(training_project, write_csv, plan_of):
    """In the north nothing can be known, elsewhere two columns decide."""
    dice = np.random.default_rng(0)
    region = dice.choice(["north", "south", "east", "west"], ROWS)
    x = dice.normal(size=(ROWS, 3)).round(4)
    yes = np.where(region == "north", dice.random(ROWS) < 0.5, x[:, 0] + x[:, 1] > 0)
    gap = np.where(dice.random(ROWS) < 0.05, None, x[:, 2])
    columns = {"region": region, "a": x[:, 0], "b": x[:, 1], "c": gap, "bought": np.where(yes, "yes", "no")}
    plan = plan_of(write_csv("weak", columns), "bought", families=("boosting",))
    return train_and_check(training_project, plan, Silent())


def test_the_planted_weak_group_is_the_first(run, training_project):
    found = weak_spots_of(training_project, run.best.id, Silent())
    first = next(s for s in found.slices if not s.found)
    assert (first.title, first.stands) == ("region is north", True)
    assert 0.1 * ROWS < found.rows < 0.3 * ROWS


def test_reasons_add_up_and_are_those_of_the_served_model(run, training_project):
    for number in (1, ROWS):
        told = reasons_of(training_project, run.best.id, AskedRow(number), Silent())
        assert abs(told.base + sum(c.amount for c in told.contributions) - told.output) < 1e-6
        assert told.of == "yes" and 0 <= told.output <= 1
        assert len(told.neighbours) == 5 and number not in {n.row for n in told.neighbours}
        assert [n.distance for n in told.neighbours] == sorted(n.distance for n in told.neighbours)


def test_a_request_is_explained_as_the_row_it_equals(run, training_project):
    asked = {"region": "south", "a": 2.0, "b": 1.5, "c": None}
    told = reasons_of(training_project, run.best.id, AskedRow(inputs=json.dumps(asked)), Silent())
    amounts = {c.column: c.amount for c in told.contributions}
    assert told.output > 0.9 and amounts["a"] > 0 and amounts["b"] > 0
    assert {c.column: c.value for c in told.contributions}["c"] == "missing"
    with pytest.raises(BadInput, match="a cannot be"):
        reasons_of(training_project, run.best.id, AskedRow(inputs='{"a": "tall"}'), Silent())


def test_effects_of_the_columns_that_matter_come_first(run, training_project):
    found = dependences_of(training_project, run.best.id, Silent())
    ranked = [i.column for i in results.evaluation(training_project, run.best).importance]
    assert ranked and [d.column for d in found] == ranked
    a = next(d for d in found if d.column == "a")
    assert a.of == "yes" and a.mean[-1] - a.mean[0] > 0.4


def test_thresholds_and_calibration_are_of_the_hold_out(run, training_project):
    found = thresholds_of(training_project, run.best.id, Silent())
    told = calibration_of(training_project, run.best.id, Silent())
    assert (found.of, told.of) == ("yes", "yes") and found.rows == told.rows > 0.1 * ROWS
    assert 0 < found.outcome(0.5).precision < 1 and len(told.observed) == 10


def test_what_cannot_be_explained_is_said(run, training_project):
    sql = next(c for c in run.candidates if c.family == "sql")
    with pytest.raises(NotAllowed, match="no exported model"):
        weak_spots_of(training_project, sql.id, Silent())
    with pytest.raises(NotFound, match="no row 99999"):
        reasons_of(training_project, run.best.id, AskedRow(99999), Silent())


def test_the_command_tells_it_all(run, training_project, capsys):
    words = ["explain", str(training_project.path), run.id, "--row", "17"]
    assert main([*words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {"run", "candidate", "importance", "slices", "contributions", "base", "output"} <= set(told)
    assert abs(told["base"] + sum(c["amount"] for c in told["contributions"]) - told["output"]) < 1e-6
    assert main(words) == 0
    out = capsys.readouterr().out
    assert "region is north" in out and "Why the probability of yes" in out
    assert "Strumbelj and Kononenko 2014" in out and told["words"] == []
    assert main([*words[:3], "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["contributions"] is None
    assert main([*words[:3], "--prediction", "no-such-one", "--json"]) == 1
    assert "prediction" in json.loads(capsys.readouterr().out)["error"]["message"]


def test_a_logged_prediction_is_explained_by_the_model_that_answered_it(run, training_project, tmp_path, capsys):
    from app.approval.approve import approve
    from app.bundles.build import build
    from app.serving.predict import predict_file
    from app.serving.recent import recent

    version = approve(training_project, run.id, reason="Best there is.", ctx=Silent())
    build(training_project, version.id, ctx=Silent())
    (tmp_path / "ask.csv").write_text("region,a,b,c\nsouth,2.0,1.5,\n", "utf-8")
    predict_file(training_project, version.id, tmp_path / "ask.csv", tmp_path / "out.csv", Silent())
    (logged,) = recent(training_project, 10)
    assert main(["explain", str(training_project.path), run.id, "--prediction", logged.id, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["of"], told["candidate"]) == ("yes", run.best.name) and told["output"] > 0.9
    assert abs(told["output"] - json.loads(logged.output)["probabilities"]["yes"]) < 1e-6
