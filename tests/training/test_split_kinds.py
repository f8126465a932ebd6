"""Runs divided by time and by group: the rows are where they belong, and a recipe gives the same bytes again."""

from dataclasses import replace

import numpy as np
import pyarrow.parquet as pq
import pytest

from app.approval.card import card
from app.approval.check import train_and_check
from app.core.data import ColumnEdit, ColumnType, Profile, Use
from app.core.decisions import Decision
from app.core.progress import Silent
from app.core.runs import CandidateState, SplitKind
from app.data.edit import edit_columns
from app.data.intake import add
from app.data.standing import standing_findings
from app.errors import BadInput, NotAllowed
from app.registry import datasets
from app.registry.decisions import decide
from app.training import results
from app.training.bench import bench_for
from app.training.champion import divided_alike
from app.training.order import Measured
from app.training.plan import make_plan
from app.training.search.search_notes import divided_by_date, hint_by_chance
from app.training.train import order_for, train
from tests.training.elsewhere import assert_same_bytes

N = 900


def visits() -> dict:
    rng = np.random.default_rng(3)
    day = rng.integers(0, 365, N)
    amount = rng.normal(size=N).round(3)
    chance = 1 / (1 + np.exp(-2 * amount - (day - 180) / 200))
    return {
        "customer": [f"K{c:03d}" for c in rng.integers(0, 150, N)],
        "seen": (np.datetime64("2025-06-01") + day).astype(str),
        "amount": amount,
        "plan": rng.choice(["basic", "plus"], N),
        "left": np.where(rng.random(N) < chance, "yes", "no"),
    }


@pytest.fixture(scope="module")
def added(training_project, write_csv):
    return add(training_project, write_csv("visits", visits()), target="left", ctx=Silent())


@pytest.fixture(scope="module", params=[SplitKind.TIME, SplitKind.GROUP], ids=str)
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def reading(added, kind, training_project):
    first = datasets.readings(training_project, added.version.id)[0]
    column, use = ("seen", Use.TIME) if kind is SplitKind.TIME else ("customer", Use.GROUP)
    other = ("customer", Use.IDENTIFIER) if kind is SplitKind.TIME else ("seen", Use.INPUT)
    edits = [ColumnEdit(column, use=use), ColumnEdit(other[0], use=other[1])]
    return edit_columns(training_project, first.id, edits, ctx=Silent())


@pytest.fixture(scope="module")
def run(added, reading, training_project):
    plan = make_plan(training_project, added.version, reading, seconds=60)
    return train_and_check(training_project, replace(plan, families=("linear", "boosting")), Silent())


def made(run):
    return [c for c in run.candidates if c.state is CandidateState.PASSED and c.onnx_sha256]


def held_out(project, run):
    """Positions of the hold-out in the stored table, and the stored column by which rows were divided."""
    best = run.best
    rows = pq.read_table(project.objects.path(best.predictions_sha256))["row"].to_numpy()
    recipe = results.recipe(project, best)
    column = pq.read_table(project.objects.path(recipe.table_sha256))[recipe.split.column]
    return rows, np.array(column.to_pylist()), recipe


def test_the_plan_follows_the_use_and_the_column_is_no_input(run, reading, kind, training_project):
    assert (run.plan.split, run.plan.split_column) == (kind, "seen" if kind is SplitKind.TIME else "customer")
    recipe = results.recipe(training_project, run.best)
    assert run.plan.split_column not in [spec.name for spec in recipe.inputs]


def test_the_hold_out_is_the_newest_rows_or_whole_groups(run, kind, training_project):
    rows, column, recipe = held_out(training_project, run)
    others = np.setdiff1d(np.arange(N), rows)
    if kind is SplitKind.TIME:
        assert column[rows].min() > column[others].max()
        assert np.datetime64(recipe.split.cut) == np.datetime64(column[rows].min())
    else:
        assert not set(column[rows]) & set(column[others])
    assert 0.1 < len(rows) / N < 0.3


def test_the_run_and_the_card_say_how_rows_were_divided(run, kind, training_project):
    said = {SplitKind.TIME: "Tested on the newest", SplitKind.GROUP: "no group is on both sides"}[kind]
    assert any(said in note for note in run.notes)
    text = card(training_project, run, run.best, reason="Good enough")
    assert ("or later" in text) is (kind is SplitKind.TIME)
    assert ("all rows of one group are on one side" in text) is (kind is SplitKind.GROUP)


def test_every_candidate_is_reproduced_to_the_byte_in_another_process(run, training_project):
    assert {"dummy", "linear", "boosting"} <= {c.family for c in made(run)}
    assert_same_bytes(training_project.path, made(run))


def test_in_the_bundle_the_column_is_an_identifier(run, reading, training_project):
    from app.bundles.contract_of import contract_of

    profile = training_project.objects.read_json(reading.profile_sha256, Profile)
    contract = contract_of("visits@1", results.recipe(training_project, run.best), reading, profile)
    uses = {field.name: field.use for field in contract.fields}
    assert uses[run.plan.split_column] == "identifier"
    assert run.plan.split_column not in [field.name for field in contract.inputs]


def test_a_time_that_is_text_is_refused_in_words(added, training_project):
    first = datasets.readings(training_project, added.version.id)[0]
    wrong = edit_columns(training_project, first.id, [ColumnEdit("plan", use=Use.TIME)], ctx=Silent())
    with pytest.raises(NotAllowed, match="neither a date nor a number"):
        make_plan(training_project, added.version, wrong)
    assert make_plan(training_project, added.version, wrong, split=SplitKind.STRATIFIED).split_column is None


def test_a_group_split_is_not_asked_for_without_a_group(added, training_project):
    first = datasets.readings(training_project, added.version.id)[0]
    assert first.column("seen").type is ColumnType.DATETIME
    with pytest.raises(NotAllowed, match="No column is used as group"):
        make_plan(training_project, added.version, first, split=SplitKind.GROUP)


def test_a_champion_of_other_columns_may_have_seen_the_hold_out(added, training_project):
    first = datasets.readings(training_project, added.version.id)[0]
    plan = make_plan(training_project, added.version, first, split=SplitKind.STRATIFIED)
    order = order_for(training_project, plan, first, (0.0, 60.0), Measured())
    recipe = bench_for(order).recipe(order, "linear", "{}")
    fewer = replace(order, inputs=order.inputs[:-1])
    assert divided_alike(recipe, order, bench_for(order))
    assert not divided_alike(recipe, fewer, bench_for(fewer))  # a row's place is a hash of its inputs


def test_rows_in_the_order_of_a_date_are_divided_by_it_unless_a_person_said_otherwise(training_project, write_csv):
    table = visits()
    table["seen"] = np.sort(table["seen"])
    table.pop("customer")
    made = add(training_project, write_csv("ordered", table), target="left", ctx=Silent())
    reading = datasets.current_reading(training_project, made.version.id)

    def planned(**asked):
        return make_plan(training_project, made.version, reading, **asked)

    assert (planned().split, planned().split_column) == (SplitKind.TIME, "seen")
    assert "seen orders the rows, so they were divided by it" in divided_by_date(planned(), reading)[0]
    assert planned(split=SplitKind.STRATIFIED).split is SplitKind.STRATIFIED
    assert "To divide by chance, keep that check" in hint_by_chance(planned(), reading)
    order = order_for(training_project, planned(), reading, (0.0, 60.0), Measured())
    assert [column.name for column in order.inputs] == ["amount", "plan"] and order.split_by.name == "seen"
    decide(training_project, made.version.id, "TIME_SPLIT_SUGGESTED", "seen", Decision.KEEP)
    assert planned().split is SplitKind.STRATIFIED and not divided_by_date(planned(), reading)
    assert not hint_by_chance(planned(), reading)


def test_a_date_divides_nothing_by_itself_where_many_rows_would_be_left_out(training_project, write_csv):
    table = visits()
    table.pop("customer")
    table["seen"] = [day if i % 10 else "" for i, day in enumerate(np.sort(table["seen"]))]
    made = add(training_project, write_csv("undated", table), target="left", ctx=Silent())
    reading = datasets.current_reading(training_project, made.version.id)
    assert "TIME_SPLIT_SUGGESTED" in {one.finding.code for one in standing_findings(training_project, reading)}
    assert make_plan(training_project, made.version, reading).split is SplitKind.STRATIFIED


def test_who_cannot_be_tested_on_the_newest_rows_is_told_how_to_divide_by_chance(training_project, write_csv):
    table = visits()
    table.pop("customer")
    table["seen"] = np.sort(table["seen"])
    table["left"][N // 2 :] = "no"
    made = add(training_project, write_csv("one_sided", table), target="left", ctx=Silent())
    reading = datasets.current_reading(training_project, made.version.id)
    with pytest.raises(BadInput, match="newest rows have only one class") as refused:
        train(training_project, make_plan(training_project, made.version, reading, seconds=20), Silent())
    assert "--split stratified" in refused.value.hint
