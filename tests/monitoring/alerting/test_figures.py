"""How an open alert goes on: the newest look's figure beside the first, and nothing rewritten."""

import json
from dataclasses import replace

import pytest

from app.cli import main
from app.core.alerts import AlertState
from app.core.monitoring import ColumnDrift, Drift, DriftTest, MonitorReport, Performance, Verdict, Window
from app.core.progress import Silent
from app.core.runs import Score
from app.monitoring.alerting.alerts import raise_for
from app.monitoring.alerting.figures import then_now
from app.registry import alerts, monitoring
from tests.registry.conftest import STORY as story

TOLD = Performance("roc_auc", Score(0.81, 0.8, 0.82), 300, None, 0.9, "limit")
FEE = ColumnDrift("fee", DriftTest.SHAPE, 0.4, 0.0, 0.1, 0.001, 0.9, True, True, 0.0, 0.0, importance=0.1)


@pytest.fixture
def version(project):
    run = story.start(project, *story.add(project, "a", name="churn"))
    return story.approve(project, run, story.fit(project, run))


def look(project, version, clock, told=TOLD, *columns):
    """A look that says *act*, a day after the one before."""
    clock.advance(days=1)
    window = Window(project.now(), project.now(), 400)
    report = MonitorReport(version.label, Verdict.ACT, "Act.", window, Drift(columns, None, 0.01), told, None)
    return raise_for(project, monitoring.record_report(project, version.id, report), Silent())


def with_value(value):
    return replace(TOLD, value=Score(value, value - 0.01, value + 0.01))


def test_a_later_look_tells_how_it_goes_on_and_raises_nothing_again(project, version, clock, capsys):
    first = look(project, version, clock)
    assert then_now(project, first) is None
    for value, trend in ((0.78, "worse"), (0.83, "better"), (0.81, "the same")):
        assert look(project, version, clock, with_value(value)) is None
        told = then_now(project, first)
        assert (told.name, told.then, told.now, told.trend) == ("ROC AUC", 0.81, value, trend)
    assert look(project, version, clock, replace(TOLD, value=None, limit=None), FEE).subject == "fee"
    assert (told.then_at[:10], then_now(project, first)) == ("2026-07-28", told), "too few labels tell nothing"
    assert len([one for one in alerts.alerts(project) if one.id == first.id]) == 1
    assert alerts.alert(project, first.id).line == first.line

    assert main(["alerts", str(project.path), "--json"]) == 0
    figures = [one["figure"] for one in json.loads(capsys.readouterr().out)["alerts"]]
    assert [figure and (figure["then"], figure["now"], figure["trend"]) for figure in figures] == [
        None, (0.81, 0.81, "the same"),
    ]  # fmt: skip
    assert main(["alerts", str(project.path)]) == 0
    told = capsys.readouterr().out
    assert "ROC AUC: 0.81 (2026-07-28 10:00), now 0.81 (2026-07-31 10:00), the same" in told
    closed = alerts.change_alert(project, first.id, AlertState.CLOSED, "Retrained.")
    assert then_now(project, closed) is None


def test_a_distance_is_compared_with_the_same_distance_and_less_of_it_is_better(project, version, clock):
    quiet = replace(TOLD, value=None, labels=0)
    first = look(project, version, clock, quiet, FEE)
    assert look(project, version, clock, quiet, replace(FEE, effect=0.3)) is None
    told = then_now(project, first)
    assert (told.name, told.now, told.trend) == ("Distance (Kolmogorov-Smirnov) of fee", 0.3, "better")
    look(project, version, clock, quiet, replace(FEE, test=DriftTest.MISSING, effect=0.9))
    assert then_now(project, first) == told
