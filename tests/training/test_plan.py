"""The plan says what will be trained, or in words why not."""

import pytest

from app.core.data import (
    Column,
    ColumnProfile,
    ColumnType,
    DataVersion,
    Finding,
    Outcome,
    ParseRecipe,
    Profile,
    Reading,
    Use,
)
from app.core.runs import Task
from app.errors import BadInput, NotAllowed
from app.registry.project import Project
from app.training.plan import label_of, make_plan, rows_in_time

DIGEST = "0" * 64


@pytest.fixture
def project(tmp_path):
    with Project.create(tmp_path / "plans", actor="test") as made:
        yield made


@pytest.fixture
def plan_for(project):
    def make(type_, distinct, *, top=(), low=None, high=None, rows=100, missing=0, reading_changes=None, **options):
        target = ColumnProfile("y", missing, distinct, minimum=low, maximum=high, top=top)
        profile = project.objects.put_json(Profile(rows, (ColumnProfile("x", 0, rows), target)))
        columns = (Column("x", ColumnType.NUMBER, Use.INPUT), Column("y", type_, Use.TARGET))
        fields = {"columns": columns, "positive": None, "findings": ()} | (reading_changes or {})
        reading = Reading(
            "r",
            "v",
            1,
            ParseRecipe("csv"),
            fields["columns"],
            fields["positive"],
            DIGEST,
            profile,
            fields["findings"],
            "",
        )
        return make_plan(project, DataVersion("v", "d", 1, DIGEST, (), rows, None, ""), reading, **options)

    return make


@pytest.mark.parametrize(
    ("type_", "distinct", "low", "high", "top", "task"),
    [
        (ColumnType.BOOLEAN, 2, None, None, (), Task.BINARY),
        (ColumnType.INTEGER, 2, "0", "1", (("1", 60), ("0", 40)), Task.BINARY),
        (ColumnType.INTEGER, 3, "0", "2", (("1", 60), ("0", 40)), Task.MULTICLASS),
        (ColumnType.INTEGER, 80, "25", "346", (("70", 3),), Task.REGRESSION),
        (ColumnType.NUMBER, 5, "0.5", "2.5", (("0.5", 3),), Task.REGRESSION),
        (ColumnType.NUMBER, 3, "0.0", "2.0", (("0.0", 3), ("2.0", 1)), Task.MULTICLASS),
        (ColumnType.CATEGORY, 4, None, None, (("a", 3), ("b", 2)), Task.MULTICLASS),
    ],
)
def test_the_kind_of_answer_follows_from_type_and_distinct_values(plan_for, type_, distinct, low, high, top, task):
    plan = plan_for(type_, distinct, low=low, high=high, top=top)
    assert plan.task is task
    assert plan.metric == {"binary": "roc_auc", "multiclass": "log_loss", "regression": "rmse"}[task]
    assert (plan.positive is not None) == (task is Task.BINARY)


@pytest.mark.parametrize(
    ("type_", "top", "high", "positive"),
    [
        (ColumnType.CATEGORY, (("no", 70), ("yes", 30)), None, "yes"),
        (ColumnType.CATEGORY, (("yes", 70), ("no", 30)), None, "yes"),
        (ColumnType.CATEGORY, (("red", 70), ("blue", 30)), None, "blue"),
        (ColumnType.INTEGER, (("0", 70), ("1", 30)), "1", "1"),
        (ColumnType.NUMBER, (("0.0", 70), ("1.0", 30)), "1", "1.0"),
        (ColumnType.BOOLEAN, (("true", 70), ("false", 30)), None, "true"),
    ],
)
def test_the_positive_class_is_a_yes_else_the_rarer_one(plan_for, type_, top, high, positive):
    assert plan_for(type_, 2, top=top, low="0", high=high).positive == positive


def test_a_person_who_set_the_positive_class_is_obeyed(plan_for):
    top = (("no", 70), ("yes", 30))
    assert plan_for(ColumnType.CATEGORY, 2, top=top, reading_changes={"positive": "no"}).positive == "no"


@pytest.mark.parametrize(
    ("type_", "distinct", "options", "words"),
    [
        (ColumnType.DATETIME, 50, {}, "date/time"),
        (ColumnType.CATEGORY, 1, {}, "only one value"),
        (ColumnType.CATEGORY, 90, {}, "too many"),
        (ColumnType.NUMBER, 50, {"rows": 100, "missing": 95}, "5 rows have a target"),
    ],
)
def test_what_cannot_be_trained_is_refused_in_words(plan_for, type_, distinct, options, words):
    with pytest.raises(NotAllowed, match=words):
        plan_for(type_, distinct, low="0", high="9", top=(("a", 1), ("b", 1)), **options)


def test_a_check_that_blocks_training_blocks_the_plan_with_its_own_words(plan_for):
    leak = Finding("TARGET_ONE_CLASS", Outcome.WARN, "Only one class.", "y", (), "Choose another.", True)
    with pytest.raises(NotAllowed, match="Only one class") as caught:
        plan_for(ColumnType.CATEGORY, 2, top=(("a", 1), ("b", 1)), reading_changes={"findings": (leak,)})
    assert caught.value.hint == "Choose another."


def test_without_inputs_there_is_no_plan(plan_for):
    only_target = (Column("x", ColumnType.NUMBER, Use.IGNORED), Column("y", ColumnType.NUMBER, Use.TARGET))
    with pytest.raises(NotAllowed, match="input"):
        plan_for(ColumnType.NUMBER, 50, reading_changes={"columns": only_target})


def test_without_a_target_unusual_rows_are_looked_for_and_nothing_is_searched(plan_for):
    only_input = (Column("x", ColumnType.NUMBER, Use.INPUT), Column("y", ColumnType.NUMBER, Use.INPUT))
    only = {"columns": only_input}
    made = plan_for(ColumnType.NUMBER, 50, reading_changes=only, search=True)
    assert (made.task, made.target, made.positive, made.search) == (Task.ANOMALY, "", None, False)
    assert plan_for(ColumnType.NUMBER, 50, reading_changes=only, metric="stability:0.02").metric == "stability:0.02"
    for metric in ("stability:0.7", "stability:x", "rmse"):
        with pytest.raises(BadInput):
            plan_for(ColumnType.NUMBER, 50, reading_changes=only, metric=metric)


def test_a_metric_or_a_time_that_makes_no_sense_is_refused(plan_for):
    with pytest.raises(BadInput, match="does not fit"):
        plan_for(ColumnType.NUMBER, 50, low="0", high="9", top=(("0.5", 1),), metric="roc_auc")
    for seconds in (0, -1, float("nan")):
        with pytest.raises(BadInput, match="seconds"):
            plan_for(ColumnType.NUMBER, 50, low="0", high="9", top=(("0.5", 1),), seconds=seconds)


def test_wide_tables_and_short_times_are_sampled_sooner():
    narrow, wide = (tuple(Column(f"c{i}", ColumnType.NUMBER, Use.INPUT) for i in range(n)) for n in (10, 100))
    assert rows_in_time(narrow, 40) == 200_000
    assert rows_in_time(wide, 20) == 12_000
    assert rows_in_time(wide, 1) == 10_000
    many = tuple(Column(f"c{i}", ColumnType.NUMBER, Use.INPUT) for i in range(3000))
    assert rows_in_time(many, 60, search=True) == 20_000  # 900 of them are used
    assert rows_in_time(many, 60, search=True, every=True) == 10_000  # all of them, where there is no target
    assert rows_in_time((Column("t", ColumnType.TEXT, Use.INPUT),), 1) == 12_000


def test_labels_are_written_as_the_model_writes_them():
    assert label_of("Yes", ColumnType.BOOLEAN) == "true"
    assert label_of("0", ColumnType.BOOLEAN) == "false"
    assert label_of("1.0", ColumnType.INTEGER) == "1"
    assert label_of("1", ColumnType.NUMBER) == "1.0"
    assert label_of("01", ColumnType.CATEGORY) == "01"


@pytest.mark.parametrize("metric", ["macro_f1", "balanced_accuracy", "average_precision", 'cost:[["0","1",5.0]]'])
def test_a_class_can_be_chosen_by_other_metrics(plan_for, metric):
    made = plan_for(ColumnType.INTEGER, 2, low="0", high="1", top=(("1", 60), ("0", 40)), metric=metric)
    assert made.metric == metric


@pytest.mark.parametrize("metric", ["mape", "pinball:0.9", "pinball:0.25"])
def test_a_number_can_be_chosen_by_other_metrics(plan_for, metric):
    assert plan_for(ColumnType.NUMBER, 90, low="1", high="9", metric=metric).metric == metric


@pytest.mark.parametrize("metric", ["macro_f1", "cost", "pinball", "pinball:2", "pinball:x", "nonsense"])
def test_a_metric_that_does_not_fit_a_number_is_refused_in_words(plan_for, metric):
    with pytest.raises(BadInput, match=r"does not fit|quantile"):
        plan_for(ColumnType.NUMBER, 90, low="1", high="9", metric=metric)
