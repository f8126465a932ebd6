"""What a rule answers by itself is what engines answer to its query: DuckDB, and SQLite from the exported text."""

import sqlite3
from dataclasses import replace
from datetime import datetime, timedelta

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.core.data import Column, ColumnType, Use
from app.core.runs import Task
from app.training.inputs import canonical_inputs, specs
from app.training.pace import Pace
from app.training.sql import engine, fitting
from app.training.sql.asked import NO_TIME, Hearing, affords
from app.training.sql.dialects import DIALECTS, whole_query
from app.training.sql.features import features_of, has_gaps
from app.training.sql.rules import Constant, Lookup, Sum, Tree
from app.training.sql.search import Found, Rules

ROWS = 600
COLUMNS = (
    Column("age", ColumnType.NUMBER, Use.INPUT),
    Column('the "plan"', ColumnType.CATEGORY, Use.INPUT),
    Column("paid", ColumnType.BOOLEAN, Use.INPUT),
    Column("since", ColumnType.DATETIME, Use.INPUT),
    Column("remark", ColumnType.TEXT, Use.INPUT),
)


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """A stored table with every type, missing values and a quote in a name; its raw columns."""
    dice = np.random.default_rng(7)
    gone = dice.random(ROWS) < 0.2
    start = datetime(2020, 1, 1)
    columns = {
        "age": [None if g else float(v) for g, v in zip(gone, dice.integers(18, 90, ROWS) / 2, strict=True)],
        'the "plan"': [None if dice.random() < 0.1 else str(dice.choice(["it's", "pro", "free"])) for _ in range(ROWS)],
        "paid": [bool(v) for v in dice.random(ROWS) < 0.5],
        "since": [start + timedelta(days=int(d)) for d in dice.integers(0, 1000, ROWS)],
        "remark": ["word " * int(n) for n in dice.integers(1, 5, ROWS)],
    }
    path = tmp_path_factory.mktemp("sql") / "table.parquet"
    pq.write_table(pa.table(columns), path)
    return path, columns


@pytest.fixture(scope="module")
def seen(table):
    """Canonical inputs, the questions they allow and a target that depends on several of them."""
    _, columns = table
    raw = {
        "age": np.array([np.nan if v is None else v for v in columns["age"]]),
        'the "plan"': np.array(columns['the "plan"'], dtype=object),
        "paid": np.array(columns["paid"], dtype=np.float64),
        "since": np.array(columns["since"], dtype="datetime64[us]"),
        "remark": np.array(columns["remark"], dtype=object),
    }
    inputs = specs(COLUMNS, raw)
    x = canonical_inputs(inputs, raw)
    age = np.nan_to_num(raw["age"], nan=5)
    y = 0.03 * age + 0.8 * (raw['the "plan"'] == "it's") + 0.5 * (raw["since"] > np.datetime64("2021-06-01"))
    return inputs, x, y


def rules(seen, task):
    inputs, x, y = seen
    if task is Task.BINARY:
        y = (y > np.median(y)).astype(float)
    if task is Task.MULTICLASS:
        y = np.digitize(y, np.quantile(y, [0.3, 0.7])).astype(float)
    features = features_of(inputs, x)
    assert not any(feature.spec.name == "remark" for feature in features)
    found = [
        fitting.constant(y, task),
        fitting.lookup(features, x, y, task),
        fitting.weighted_sum(features, x, y, task),
    ]
    return [r for r in [*found, *(fitting.tree(features, x, y, task, d, 0) for d in (1, 2, 3))] if r is not None]


@pytest.mark.parametrize("task", list(Task))
def test_the_engine_answers_what_the_rule_says(table, seen, task, tmp_path):
    labels = ("low", "it's middle", "high") if task is Task.MULTICLASS else ()
    kinds = set()
    for rule in rules(seen, task):
        lines = engine.expression(rule, task, labels)
        rows = np.arange(ROWS - 1, -1, -2)
        with engine.opened(rows, tmp_path) as connection:
            said = engine.ask(connection, lines, table[0], task, labels)
        expected = rule.answer({name: cells[rows] for name, cells in seen[1].items()})
        own = expected if not isinstance(rule, Constant | Tree) or task is Task.MULTICLASS else np.round(expected, 12)
        np.testing.assert_allclose(said.answer, own, rtol=1e-3, atol=1e-3)
        kinds.add(type(rule))
    assert {Constant, Lookup, Tree} <= kinds
    assert (Sum in kinds) == (task is not Task.MULTICLASS)


@pytest.mark.parametrize("task", list(Task))
def test_sqlite_and_duckdb_answer_the_exported_query_alike(table, seen, task):
    path, columns = table
    labels = ("low", "it's middle", "high") if task is Task.MULTICLASS else ()
    names = ", ".join('"' + name.replace('"', '""') + '"' for name in columns)
    with sqlite3.connect(":memory:") as lite, duckdb.connect() as duck:
        lite.execute(f"CREATE TABLE customers ({names})")
        cells = zip(
            *([str(v) if isinstance(v, datetime) else v for v in column] for column in columns.values()), strict=True
        )
        lite.executemany(f"INSERT INTO customers VALUES ({', '.join('?' * len(columns))})", cells)
        duck.execute(f"CREATE TABLE customers AS FROM read_parquet('{path}')")
        for rule in rules(seen, task):
            lines = engine.expression(rule, task, labels)
            one = [row[0] for row in lite.execute(whole_query(lines, "customers", "answer", "sqlite")).fetchall()]
            other = [row[0] for row in duck.execute(whole_query(lines, "customers", "answer")).fetchall()]
            assert len(one) == ROWS
            if task is Task.MULTICLASS:
                assert one == other
            else:
                np.testing.assert_allclose(np.array(one, float), np.array(other, float), rtol=1e-9)


def test_every_dialect_can_be_written(seen):
    rule = rules(seen, Task.BINARY)[-1]
    lines = engine.expression(rule, Task.BINARY, ())
    written = {dialect: whole_query(lines, "customers", "answer", dialect) for dialect in DIALECTS}
    assert all(text.rstrip().endswith(";") and "customers" in text for text in written.values())
    assert "[answer]" in written["tsql"] and "`answer`" in written["mysql"]
    with pytest.raises(KeyError):
        whole_query(lines, "customers", "answer", "cobol")


def test_a_gap_that_the_fitted_rows_do_not_have_is_answered_all_the_same(table, seen, tmp_path):
    inputs, x, y = seen
    ages = [spec for spec in inputs if spec.name == "age"]
    whole = ~np.isnan(x[ages[0].input][:, 0])
    some = {name: cells[whole] for name, cells in x.items()}
    assert has_gaps(ages[0], x) and not has_gaps(ages[0], some)
    rows = np.flatnonzero(~whole)
    for gaps, answered in ((frozenset(), False), (frozenset({ages[0].input}), True)):
        rule = fitting.weighted_sum(features_of(ages, some, gaps), some, y[whole], Task.REGRESSION)
        lines = engine.expression(rule, Task.REGRESSION, ())
        with engine.opened(rows, tmp_path) as connection:
            said = engine.ask(connection, lines, table[0], Task.REGRESSION, ()).answer
        assert bool(np.isfinite(said).all()) == answered


def test_the_chosen_rule_is_asked_in_any_case_and_another_that_fails_fails_alone(table, seen, tmp_path):
    class Strange(Constant):
        def lines(self, say):
            return ["no_such_column"]

    kinds = [Found(rule, None, 1.0) for rule in (Constant(0.5), Strange(0.5), Constant(0.25))]
    rules = Rules(tuple(kinds), best=2)
    with engine.opened(np.arange(5), tmp_path) as connection:
        hearing = Hearing(connection, table[0], Task.REGRESSION, ())
        hurried = hearing.ask_all(rules, Pace(0.0), deadline=0.0)
        calm = hearing.ask_all(rules, Pace(600.0), deadline=0.0)
        with pytest.raises(duckdb.Error):
            hearing.ask_all(replace(rules, best=1), Pace(600.0), deadline=0.0)
    assert [one.note for one in hurried] == [NO_TIME, NO_TIME, ""]
    assert hurried[2].said.answer.tolist() == [0.25] * 5
    assert [one.said is None for one in calm] == [False, True, False] and "no_such_column" in calm[1].note
    assert calm[1].told(chosen=False).score_s is None and calm[1].lines == ("no_such_column",)


@pytest.mark.parametrize(
    ("seconds", "rules", "left", "run_left", "asked"),
    [(1, 5, 3.1, 0, True), (1, 5, 2.9, 0, False), (0.1, 5, 0, 9, True), (0.1, 5, 0, 8, False)],
)
def test_a_rule_is_asked_in_spare_time_or_where_all_of_them_are_cheap(seconds, rules, left, run_left, asked):
    assert affords(seconds, rules, left, run_left) is asked


def test_two_leaves_that_answer_alike_are_one(seen):
    inputs, x, _ = seen
    features = features_of(inputs, x)
    assert fitting.tree(features, x, np.ones(ROWS), Task.REGRESSION, 3, 0) is None
