"""Is a retrain worth it: a number where refitting pays, not yet where it does not, and why where it cannot be known."""

import json

import numpy as np
import pytest

from app.cli import main
from app.core.data import ColumnType
from app.core.progress import Silent
from app.core.runs import InputSpec, Recipe, Score, SplitRule, Task
from app.core.worth import Advice, CurvePoint, Measured, PastWindow, Worth
from app.monitoring.automation.clock import Clock
from app.monitoring.retraining.backtest import Past, backtest, mean_gain, windows_of
from app.monitoring.retraining.learning import Rows, fitted_answers, learning_curve
from app.monitoring.retraining.worth import advised
from app.registry import audit, models
from app.registry.project import Project
from app.registry.worth import newest_worth, record_worth
from tests.registry import story

GAIN = Score(0.02, 0.01, 0.03)
RECIPE = Recipe(
    "linear", "{}", (InputSpec("a", ColumnType.NUMBER, "c0", 0), InputSpec("b", ColumnType.NUMBER, "c1", 0)), "y",
    ColumnType.CATEGORY, Task.BINARY, ("no", "yes"), "yes", SplitRule(0, 0.2, 5, True), 0, "", 10_000, 0,
)  # fmt: skip


def rows(count, seed, weights):
    """Yes is likely where the weighted sum is high."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(count, 2)).astype(np.float32)
    yes = random.random(count) < 1 / (1 + np.exp(-x @ np.asarray(weights)))
    return Rows({"c0": x[:, :1], "c1": x[:, 1:]}, np.where(yes, "yes", "no").astype(object))


def test_an_answer_is_kept_and_told_again(tmp_path, capsys):
    with Project.create(tmp_path / "p", actor="Ada") as project:
        story.whole(project, "people")
        (version,) = models.model_versions(project)
        line = ["worth", str(project.path), version.label, "--last", "--json"]
        assert (newest_worth(project, version.id), main(line)) == (None, 1)
        for fresh in (10, 20):
            measured = Measured(100, fresh, (CurvePoint(100, 0.8, 0.7, 0.9),), GAIN, (), None, ("Too few labels.",))
            found = Worth(version.label, "roc_auc", Advice.YES, f"Yes: {fresh} new rows.", GAIN, fresh, measured)
            record_worth(project, version.id, found)
        assert newest_worth(project, version.id).worth == found
        capsys.readouterr()
        assert main(line) == 0
        told = json.loads(capsys.readouterr().out)
        assert (told["line"], told["new_rows"], told["actor"]) == ("Yes: 20 new rows.", 20, "Ada")
        assert [entry.verb for entry in audit.entries(project, verb="model.worth")] == ["model.worth"] * 2


def past(later):
    base = rows(600, 1, (3, 0))
    stale = fitted_answers(RECIPE, base, later, Clock(60))
    return Past(base, later, stale, [str(i) for i in range(len(later.y))])


def test_refitting_pays_where_the_relation_changed_and_does_not_where_it_stayed():
    for weights, pays in (((0, 3), True), ((3, 0), False)):
        windows, gain = backtest(RECIPE, "roc_auc", past(rows(600, 2, weights)), Clock(60), Silent())
        assert [w.rows for w in windows] == [120] * 4
        assert [w.first_at for w in windows] == ["120", "240", "360", "480"]
        assert (gain.low > 0) is pays
        assert gain.low < gain.value < gain.high
        assert windows[-1].gain.value > windows[0].gain.value if pays else abs(gain.value) < 0.05


def test_the_newest_windows_come_first_when_there_is_no_time_for_all():
    clock = Clock(60)
    clock.per_row = 59 / 1_000
    windows, _ = backtest(RECIPE, "roc_auc", past(rows(600, 2, (3, 0))), clock, Silent())
    assert windows == ()
    assert Clock(0).affords(1) is False
    assert windows_of(199) == []
    assert [len(part) for part in windows_of(200)] == [100, 100]


def test_a_curve_rises_with_its_rows_and_ends_where_the_time_does():
    train, holdout = rows(2_000, 3, (2, 1)), rows(2_000, 4, (2, 1))
    points, doubling = learning_curve(RECIPE, "log_loss", train, holdout, Clock(60), Silent())
    assert [p.rows for p in points] == [250, 500, 1_000, 2_000]
    assert points[-1].value <= points[0].value
    assert doubling.low < doubling.value < doubling.high
    slow = Clock(60)
    slow.per_row = 60 / 400
    points, doubling = learning_curve(RECIPE, "log_loss", train, holdout, slow, Silent())
    assert ([p.rows for p in points], doubling) == ([250], None)


def measured(doubling=None, past_gain=None, notes=()):
    windows = (PastWindow("2026-01-01", "2026-02-01", 100, past_gain),) if past_gain else ()
    return Measured(1_000, 200, (), doubling, windows, past_gain, notes)


BETTER, ALIKE = Score(0.02, 0.01, 0.03), Score(0.001, -0.01, 0.012)


@pytest.mark.parametrize(
    ("found", "fresh", "advice", "said"),
    [
        (measured(BETTER, BETTER), 500, Advice.YES, "Yes: refitted before the last window, ROC AUC would"),
        (measured(BETTER, ALIKE), 500, Advice.NOT_YET, "Not yet: refitted before"),
        (measured(BETTER), 1_000, Advice.YES, "Yes: 1,000 new rows should gain about 0.02 [0.01, 0.03] of ROC AUC."),
        (measured(BETTER), 0, Advice.NOT_YET, "Not yet: no rows came since."),
        (measured(ALIKE), 500, Advice.NOT_YET, "Not yet: the last doubling of the rows gained 0.001 [-0.01, 0.012]"),
        (measured(notes=("No time.",)), 500, Advice.NOT_YET, "Not yet: that could not be found out. No time."),
    ],
)
def test_the_advice_is_a_number_or_not_yet_and_why(found, fresh, advice, said):
    told, line, gain = advised("roc_auc", found, fresh)
    assert told is advice
    assert line.startswith(said)
    assert (gain is None) is (found.doubling is None)


def test_windows_of_more_rows_weigh_more_and_many_narrow_the_interval():
    wide, narrow = Score(0.1, 0.0, 0.2), Score(0.0, -0.1, 0.1)
    gain = mean_gain([PastWindow("", "", 300, wide), PastWindow("", "", 100, narrow)])
    assert gain.value == pytest.approx(0.075)
    assert gain.high - gain.value == pytest.approx(0.1 * np.hypot(0.75, 0.25))
