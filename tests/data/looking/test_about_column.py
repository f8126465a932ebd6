"""A column's page has the figures that pandas would give, for every kind of column and target."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from app.core.progress import Recorder, Silent
from app.data.edit import set_target
from app.data.frame import frame
from app.data.intake import add
from app.data.looking import profile as profiles
from app.data.looking.about_column import about_column
from app.errors import JobCancelled
from app.registry import datasets
from app.registry.project import Project


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    with Project.create(tmp_path_factory.mktemp("column") / "project", actor="Ada") as made:
        yield made


@pytest.fixture(scope="module")
def data(project, tmp_path_factory):
    random = np.random.default_rng(5)
    n = 1_000
    lost = (np.arange(n) >= 300) & (np.arange(n) < 400)
    table = pd.DataFrame(
        {
            "age": np.where(lost, np.nan, random.integers(18, 80, n)),
            "income": np.where(lost | (random.random(n) < 0.02), np.nan, np.round(random.gamma(2, 900, n), 2)),
            "plan": random.choice(["basic", "plus", "pro"], n, p=[0.6, 0.3, 0.1]),
            "calls": random.integers(0, 6, n),
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 300, n), unit="D"),
            "code": [f"K{i:05}" for i in range(n)],
        }
    )
    table["gone"] = np.where(random.random(n) < 0.2 + 0.1 * table["calls"], "yes", "no")
    file = tmp_path_factory.mktemp("csv") / "people.csv"
    table.to_csv(file, index=False)
    add(project, file, target="gone", ctx=Silent())
    return frame(project, "people")


def look(project, name, ctx=None):
    version = datasets.find_version(project, "people")[1]
    reading = datasets.current_reading(project, version.id)
    return about_column(project, reading, profiles.load(project, reading), name, ctx or Silent())


def test_numbers_have_their_histogram_quantiles_and_deviation(project, data):
    page = look(project, "income")
    counts, edges = np.histogram(data["income"].dropna(), bins=40)
    assert page.histogram is not None
    assert np.allclose(page.histogram.edges, edges)
    assert abs(np.array(page.histogram.counts) - counts).sum() <= 2  # a value on an edge may round to its neighbour
    assert sum(page.histogram.counts) == data["income"].notna().sum()
    assert page.deviation == pytest.approx(data["income"].std())
    assert float(page.quantiles[2]) == pytest.approx(data["income"].quantile(0.5, interpolation="lower"), abs=3)


def test_the_rate_of_the_target_is_told_for_every_value_with_its_interval(project, data):
    page = look(project, "calls")
    assert (page.target, page.about) == ("gone", "yes")
    rates = (data["gone"] == "yes").groupby(data["calls"]).agg(["mean", "size"])
    assert [g.label for g in page.groups] == [str(v) for v in rates.index]
    assert [g.value for g in page.groups] == pytest.approx(list(rates["mean"]))
    assert [g.rows for g in page.groups] == list(rates["size"])
    assert all(0 <= g.low < g.value < g.high <= 1 for g in page.groups)


def test_many_values_are_told_in_ten_groups_of_equal_size_and_the_missing_one(project, data):
    page = look(project, "age")
    assert len(page.groups) == 11
    assert page.groups[-1].label == "missing" and page.groups[-1].rows == 100
    assert sum(g.rows for g in page.groups) == 1_000
    assert max(g.rows for g in page.groups) < 150
    assert page.groups[0].label.startswith("18 – ")
    low, high = (int(end) for end in page.groups[3].label.split(" – "))
    inside = data["age"].between(low, high)
    assert page.groups[3].value == pytest.approx((data["gone"][inside] == "yes").mean())


def test_where_values_are_missing_and_with_which_other_column(project, data):
    page = look(project, "age")
    assert page.missing == sum(page.stretches) == 100
    long = page.stretch_rows
    assert [i for i, lost in enumerate(page.stretches) if lost] == list(range(300 // long, -(-400 // long)))
    (other,) = page.together
    assert (other.name, other.both, other.other) == ("income", 100, data["income"].isna().sum())
    assert look(project, "calls").together == ()


def test_top_values_are_counted_and_dates_read_as_days(project, data):
    counts = data["plan"].value_counts()
    assert dict(look(project, "plan").top) == counts.to_dict()
    assert look(project, "code").top == ()
    day = look(project, "day")
    assert day.quantiles[2] == str(data["day"].quantile(0.5, interpolation="lower").date())
    assert day.groups[0].label.startswith("2024-01-01 – ")
    assert (day.mean, day.deviation) == (None, None)


def test_a_target_that_is_a_number_is_told_by_its_mean(project, data):
    version = datasets.find_version(project, "people")[1]
    before = datasets.current_reading(project, version.id)
    set_target(project, before.id, "income", Silent())
    page = look(project, "plan")
    datasets.select_reading(project, before.id)
    means = data["income"].groupby(data["plan"], observed=True).agg(["mean", "count"])
    assert page.about is None
    assert {g.label: (round(g.value, 6), g.rows) for g in page.groups} == {
        name: (round(row["mean"], 6), row["count"]) for name, row in means.iterrows()
    }
    assert all(g.low < g.value < g.high for g in page.groups)


def test_the_targets_own_page_tells_no_relation(project, data):
    page = look(project, "gone")
    assert (page.target, page.groups) == (None, ())


def test_it_stops_when_another_column_is_chosen(project, data):
    with pytest.raises(JobCancelled):
        look(project, "age", Recorder(cancel_at=0))
