"""Gates that a team added: by the interval, with margins that behave, fixed before training."""

import csv
from dataclasses import replace

import numpy as np
import pytest

from app.approval.approve import approve, why_not
from app.approval.check import train_and_check
from app.approval.gate_rules import by_referee, decided
from app.core.gate_rules import BY_GROUP, GateKind, GateRule, described, result_title, with_rule
from app.core.gates import DEFAULT_GATES
from app.core.ids import new_id
from app.core.progress import Silent
from app.core.referee import Query, RefereeVerdict, Ruling
from app.core.runs import CandidateState, Plan, RunState, Score, Task
from app.errors import BadInput
from app.registry import gates, runs
from app.training.order import AgainstChampion, Champion, Fitted, GroupFigure, Measured

PLAN = Plan("v", "r", "y", Task.BINARY, "roc_auc", "yes")
NUMBERS = replace(PLAN, task=Task.REGRESSION, metric="rmse")
EXPLAINED = replace(NUMBERS, metric="r2")
BETTER = Score(0.05, 0.02, 0.08)
MEASURED = Measured(champion=Champion("churn@1", "", None))


def fitted(value=0.85, low=0.8, high=0.9, gap=BETTER, **changes):
    made = Fitted("x", CandidateState.PASSED, 1.0, holdout=Score(value, low, high), against_baseline=gap)
    figures = (("roc_auc", Score(value, low, high)), ("log_loss", Score(0.4, 0.3, 0.5)))
    against = AgainstChampion("churn@1", gap)
    told = {"figures": figures, "against_champion": against, "onnx_bytes": 120_000} | changes
    return replace(made, **told)


def result(rule, found, plan=PLAN, measured=MEASURED):
    (only,) = decided(plan, [rule], measured, found)
    return only


@pytest.mark.parametrize(
    ("metric", "amount", "passed"),
    [("roc_auc", 0.79, True), ("roc_auc", 0.82, False), ("log_loss", 0.51, True), ("log_loss", 0.45, False)],
)
def test_a_bound_is_kept_by_the_interval_not_by_the_figure_alone(metric, amount, passed):
    found = result(GateRule(GateKind.BOUND, amount, metric), fitted())
    assert found.passed is passed
    assert ("figure alone would do" in found.message) is not passed


def test_a_bound_on_what_has_no_value_is_not_kept_and_says_so():
    found = result(GateRule(GateKind.BOUND, 0.5, "macro_f1"), fitted())
    assert not found.passed and "Macro F1 has no value" in found.message


@pytest.mark.parametrize(
    ("amount", "relative", "passed"),
    [(0.0, False, True), (0.019, False, True), (0.02, False, False), (-0.01, False, True), (0.02, True, True),
     (0.03, True, False)],
)  # fmt: skip
def test_a_margin_is_beaten_by_the_whole_interval_of_the_difference(amount, relative, passed):
    for kind in (GateKind.CHAMPION, GateKind.BASELINE):
        assert result(GateRule(kind, amount, relative=relative), fitted()).passed is passed


def test_not_worse_than_the_champion_by_more_than_a_little_can_be_asked_for():
    worse = fitted(gap=Score(-0.01, -0.03, 0.01))
    assert not result(GateRule(GateKind.CHAMPION), worse).passed
    assert result(GateRule(GateKind.CHAMPION, -0.04), worse).passed
    assert not result(GateRule(GateKind.CHAMPION, -0.02), worse).passed


@pytest.mark.parametrize(("plan", "champion"), [(NUMBERS, 10.0), (EXPLAINED, -4.0), (EXPLAINED, 0.4)])
def test_a_relative_margin_asks_for_more_whatever_the_sign_of_the_score(plan, champion):
    needed = 0.1 * abs(champion)
    for ahead, passed in ((1.5 * needed, True), (0.5 * needed, False), (-0.5 * needed, False)):
        value = champion - ahead if plan is NUMBERS else champion + ahead
        gap = Score(ahead, ahead - 0.01 * needed, ahead + 0.01 * needed)
        found = result(GateRule(GateKind.CHAMPION, 0.1, relative=True), fitted(value, value, value, gap), plan)
        assert found.bound == pytest.approx(needed) and found.passed is passed


def test_without_a_champion_there_is_nothing_to_beat():
    found = result(GateRule(GateKind.CHAMPION), fitted(), measured=Measured())
    assert found.passed and "no champion" in found.message


def test_a_champion_that_cannot_answer_or_may_know_the_rows_is_told():
    cannot = fitted()
    cannot = replace(cannot, against_champion=AgainstChampion("churn@1", None, problem="It takes age."))
    assert not result(GateRule(GateKind.CHAMPION), cannot).passed
    assert "It takes age." in result(GateRule(GateKind.CHAMPION), cannot).message
    knows = replace(cannot, against_champion=AgainstChampion("churn@1", Score(0.05, 0.02, 0.08), may_have_seen=True))
    assert "churn@1 may have seen" in result(GateRule(GateKind.CHAMPION), knows).message


def test_size_and_time_of_an_answer_are_bounded():
    quick = fitted(latency_ms=Score(0.5, 0.4, 0.9))
    assert result(GateRule(GateKind.LATENCY, 1.0), quick).passed
    assert not result(GateRule(GateKind.LATENCY, 0.8), quick).passed
    assert not result(GateRule(GateKind.LATENCY, 1.0), fitted()).passed
    assert result(GateRule(GateKind.SIZE, 120), quick).passed
    assert not result(GateRule(GateKind.SIZE, 119), quick).passed


SELECTED = GateRule(GateKind.FAIRNESS, 0.1, "selection_rate", column="sex")


@pytest.mark.parametrize(("high", "passed"), [(0.09, True), (0.12, False)])
def test_the_largest_difference_between_groups_is_bounded_by_its_interval(high, passed):
    found = replace(fitted(), grouped=(GroupFigure(SELECTED.name, Score(0.08, 0.02, high), "m, against f", 2, 1),))
    told = result(SELECTED, found)
    assert told.passed is passed and told.value == high
    assert "selection rate by sex" in told.message and "1 group was too small" in told.message


@pytest.mark.parametrize(("metric", "passed"), [("roc_auc", True), ("log_loss", False)])
def test_the_worst_group_has_to_keep_to_a_bound(metric, passed):
    rule = GateRule(GateKind.SLICE, 0.7, metric, column="sex")
    found = replace(fitted(), grouped=(GroupFigure(rule.name, Score(0.75, 0.71, 0.8), "sex is f", 2),))
    told = result(rule, found)
    assert told.passed is passed and "sex is f" in told.message


def test_what_cannot_be_judged_is_not_passed():
    found = replace(fitted(), grouped=(GroupFigure(SELECTED.name, None, "fewer than two groups have 30 rows"),))
    assert not result(SELECTED, found).passed and "could not be judged" in result(SELECTED, found).message
    assert not result(SELECTED, fitted()).passed
    assert not result(GateRule(GateKind.CALIBRATION, 0.05), fitted()).passed


@pytest.mark.parametrize("ruling", list(Ruling))
def test_the_sql_rule_is_beaten_where_the_referee_says_so(ruling):
    query = Query("A tree", ("1",), 0.1, 0.1)
    verdict = RefereeVerdict(ruling, "roc_auc", "Linear", 0.8, 0.7, BETTER, 0.01, query, 0.5, "So it is.")
    assert by_referee(verdict).passed is (ruling is Ruling.NOT_ENOUGH)
    assert not by_referee(None).passed


def test_every_rule_is_told_in_words_and_a_list_holds_a_name_once():
    metrics = {GateKind.BOUND: "rmse", GateKind.SLICE: "rmse", GateKind.FAIRNESS: "selection_rate"}
    columns = dict.fromkeys(BY_GROUP, "plan")
    told = [GateRule(kind, -0.05, metrics.get(kind, ""), True, columns.get(kind, "")) for kind in GateKind]
    titles = {described(rule).title for rule in told}
    assert "At most 5 % worse than the champion" in titles and len(titles) == len(GateKind)
    assert {result_title(rule.name) for rule in told}.isdisjoint({rule.name for rule in told})
    rules = with_rule(with_rule((), GateRule(GateKind.SIZE, 10)), GateRule(GateKind.SIZE, 20))
    assert rules == (GateRule(GateKind.SIZE, 20),)


@pytest.fixture(scope="module")
def add_table(approval_project, tmp_path_factory):
    """Add a table of x and an answer that follows it; its version and reading."""
    from app.data.intake import add

    def made(name, rows, seed):
        random = np.random.default_rng(seed)
        x, noise = random.normal(size=rows), random.normal(size=rows)
        path = tmp_path_factory.mktemp("csv") / f"{name}.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow([f"x of {name}", "y"])
            writer.writerows((a, "yes" if a + b / 2 > 0.1 else "no") for a, b in zip(x.tolist(), noise, strict=True))
        added = add(approval_project, path, target="y", ctx=Silent())
        return added.version, added.reading

    return made


def trained(project, version, reading):
    from app.training.plan import make_plan

    plan = replace(make_plan(project, version, reading, seconds=30), families=("linear",))
    return train_and_check(project, plan, Silent())


def outcomes(project, run):
    return {gate.name: gate for gate in runs.gate_results(project, run.best.id)}


def test_a_run_is_judged_by_the_gates_of_its_data_set(approval_project, add_table):
    project = approval_project
    version, reading = add_table("judged", 600, 0)
    first = trained(project, version, reading)
    assert set(outcomes(project, first)) == {gate.name for gate in DEFAULT_GATES} and first.plan.gates == 0
    champion = approve(project, first.id, reason="The first one.", ctx=Silent())
    rules = [
        GateRule(GateKind.BOUND, 0.6, "macro_f1"),
        GateRule(GateKind.CHAMPION, -0.001),
        GateRule(GateKind.SIZE, 50),
        GateRule(GateKind.LATENCY, 1000),
        GateRule(GateKind.FAIRNESS, 0.2, "selection_rate", column="x of judged"),
        GateRule(GateKind.SLICE, 0.2, "accuracy", column="x of judged"),
        GateRule(GateKind.CALIBRATION, 0.4),
        GateRule(GateKind.SLICE, 0.2, "accuracy", column="gone"),
        GateRule(GateKind.SQL_RULE),
    ]
    gates.record_gates(project, version.dataset_id, rules)
    second = trained(project, version, reading)
    assert second.plan.gates == 1
    told = outcomes(project, second)
    assert [*told][3:7] == ["bound:macro_f1", "champion", "size", "latency"]
    assert not told["fairness:selection_rate@x of judged"].passed  # the column decides
    assert told["slice:accuracy@x of judged"].passed and told["calibration"].passed
    assert "no such column" in told["slice:accuracy@gone"].message
    assert told["bound:macro_f1"].passed and told["size"].passed and told["latency"].passed
    assert told["champion"].passed and told["champion"].value == 0  # the same model on the same rows
    assert "may have seen" not in told["champion"].message and champion.label in told["champion"].message
    assert not told["sql_rule"].passed  # one column decides: a query follows it
    assert "SQL" in why_not(project, second, second.best)
    _others_wait_for_the_referee(project, second)
    before = runs.runs(project)
    gates.record_gates(project, version.dataset_id, [GateRule(GateKind.BASELINE, 9.0)])
    with pytest.raises(BadInput, match="No model can keep to a gate"):
        trained(project, version, reading)
    assert runs.runs(project) == before, "nothing was begun"


def _others_wait_for_the_referee(project, run):
    """A candidate that passed all that was decided may not be approved while one gate is open."""
    passed = [gate for gate in runs.gate_results(project, run.best.id) if gate.passed]
    started = runs.start_run(project, run.dataset_id, run.plan, run.environment_sha256)
    other = replace(run.best, id=new_id(), run_id=started.id)
    runs.record_candidate(project, other, passed)
    ended = runs.end_run(project, started.id, RunState.FINISHED)
    assert "not compared with the SQL rule" in why_not(project, ended, other)


def test_a_champion_of_other_data_answers_this_hold_out_and_may_have_seen_it(approval_project, add_table):
    project = approval_project
    version, reading = add_table("grows", 500, 1)
    first = trained(project, version, reading)
    approve(project, first.id, reason="The first one.", ctx=Silent())
    gates.record_gates(project, version.dataset_id, [GateRule(GateKind.CHAMPION)])
    newer, newer_reading = add_table("grows", 700, 2)
    assert newer.dataset_id == version.dataset_id
    told = outcomes(project, trained(project, newer, newer_reading))["champion"]
    assert "may have seen some of these rows" in told.message
    assert told.value is not None and not told.passed  # as good, but not better


def test_without_a_target_gates_that_ask_what_is_right_are_not_asked():
    plan = replace(PLAN, target="", task=Task.ANOMALY, metric="stability:0.05")
    found = fitted(figures=(("stability:0.05", BETTER), ("flagged", Score(0.04, 0.03, 0.05))))
    for kind in (GateKind.CHAMPION, GateKind.CALIBRATION, GateKind.SLICE):
        metric = "roc_auc" if kind is GateKind.SLICE else ""
        told = result(GateRule(kind, 0.9, metric), found, plan)
        assert told.passed and told.message.startswith("Not asked")
    assert result(GateRule(GateKind.BOUND, 0.9, "roc_auc"), found, plan).passed
    assert result(GateRule(GateKind.BOUND, 0.06, "flagged"), found, plan).passed
    assert not result(GateRule(GateKind.BOUND, 0.04, "flagged"), found, plan).passed
    assert not result(GateRule(GateKind.SIZE, 100.0), found, plan).passed
