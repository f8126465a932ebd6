"""The figures are those of pandas and scipy; what is shown is what is most related; samples say so."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from app.core.progress import Silent
from app.data.frame import frame
from app.data.intake import add
from app.data.looking import relating, relations
from app.data.looking.associations import association, correlation_ratio, cramers_v, kinds, numbers, ranks
from app.registry.project import Project


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    with Project.create(tmp_path_factory.mktemp("relations") / "project", actor="Ada") as made:
        yield made


@pytest.fixture(scope="module")
def table(project, tmp_path_factory):
    random = np.random.default_rng(4)
    n = 700
    x = random.normal(size=n)
    data = pd.DataFrame(
        {
            "x": x,
            "y": np.exp(x + random.normal(size=n) / 3),
            "gap": np.where(random.random(n) < 0.2, np.nan, -x),
            "plan": np.where(x > 0.5, "pro", np.where(random.random(n) < 0.5, "basic", "plus")),
            "noise": random.choice(list("abcd"), n),
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(np.round(x * 100), unit="D"),
            "gone": np.where(x + random.normal(size=n) > 0, "yes", "no"),
        }
    )
    file = tmp_path_factory.mktemp("csv") / "table.csv"
    data.to_csv(file, index=False)
    added = add(project, file, target="gone", ctx=Silent())
    return added.reading, frame(project, "table")


def test_numbers_are_related_as_pandas_does_missing_ones_left_out(project, table):
    reading, data = table
    found = relations.relations(project, reading, 700, Silent())
    rank = data[["x", "y", "gap"]].corr("spearman")
    plain = data[["x", "y", "gap"]].corr("pearson")
    for one, other in (("x", "y"), ("x", "gap"), ("y", "gap")):
        pair = found.value(other, one)
        assert pair is not None and pair.measure == "rank"
        assert pair.value == pytest.approx(rank.loc[one, other], abs=1e-9)
        assert pair.pearson == pytest.approx(plain.loc[one, other], abs=1e-9)
    gap = found.value("x", "gap")
    assert gap is not None and gap.rows == data["gap"].notna().sum()
    day = found.value("x", "day")
    assert day is not None and day.value == pytest.approx(1, abs=1e-3)


def test_the_target_comes_first_and_the_strongest_pair_leads(project, table):
    reading, _ = table
    found = relations.relations(project, reading, 700, Silent())
    assert found.columns[0] == found.target == "gone"
    assert found.columns[-1] == "noise"
    strengths = [abs(pair.value or 0) for pair in found.pairs]
    assert strengths == sorted(strengths, reverse=True)
    assert len(found.pairs) == 7 * 6 // 2


def test_categories_are_related_by_the_corrected_measure_of_cramer():
    random = np.random.default_rng(1)
    a, noise = random.integers(0, 3, 900), random.integers(0, 5, 900)
    b = np.where(random.random(900) < 0.6, a, noise)
    for one, other in ((a, b), (a, noise)):
        counts = pd.crosstab(one, other).to_numpy()
        n, (r, k) = counts.sum(), counts.shape
        phi2 = stats.chi2_contingency(counts, correction=False).statistic / n
        corrected = max(0, phi2 - (k - 1) * (r - 1) / (n - 1))
        least = min(r - (r - 1) ** 2 / (n - 1), k - (k - 1) ** 2 / (n - 1)) - 1
        assert cramers_v(one, other) == pytest.approx(np.sqrt(corrected / least))
    assert (cramers_v(a, noise) or 0) < 0.06 < 0.5 < (cramers_v(a, b) or 0)
    assert cramers_v(a, a) == pytest.approx(1)
    assert cramers_v(a, np.zeros(900, dtype=np.int64)) is None


def test_the_correlation_ratio_is_the_share_of_variance_between_groups():
    random = np.random.default_rng(2)
    group = random.integers(0, 4, 500)
    value = group * 2.0 + random.normal(size=500)
    anova = pd.DataFrame({"g": group, "v": value})
    means = anova.groupby("g")["v"].transform("mean")
    share = ((means - value.mean()) ** 2).sum() / ((value - value.mean()) ** 2).sum()
    assert correlation_ratio(group, value) == pytest.approx(np.sqrt(share))
    assert correlation_ratio(group, np.ones(500)) is None


def test_equal_values_share_their_rank():
    values = np.array([3.0, 1.0, 3.0, 2.0, 3.0])
    assert list(ranks(values)) == list(stats.rankdata(values))


def test_rare_values_are_put_together_and_missing_ones_stay_missing():
    codes = np.array([-1, *range(200), 0, 0, 1])
    folded = kinds(codes).codes
    assert folded[0] == -1 and folded.max() == 49
    assert folded[1] == folded[201] == folded[202]


def test_too_few_rows_in_common_have_no_figure():
    left, right = np.full(20, np.nan), np.arange(20.0)
    left[:5] = 1.0
    assert association(numbers(left), numbers(right)).value is None


def test_a_large_table_is_sampled_and_a_wide_one_shows_the_related_columns(project, tmp_path_factory, monkeypatch):
    random = np.random.default_rng(3)
    n = 3_000
    columns = {f"n{i}": random.normal(size=n) for i in range(60)}
    signal = columns["n7"] + columns["n41"]
    file = tmp_path_factory.mktemp("wide") / "wide.parquet"
    pd.DataFrame(columns | {"y": signal + random.normal(size=n)}).to_parquet(file)
    reading = add(project, file, target="y", ctx=Silent()).reading
    found = relations.relations(project, reading, n, Silent())
    assert (len(found.columns), found.considered, found.rows_used) == (30, 61, n)
    assert set(found.columns[1:3]) == {"n7", "n41"}

    class Here(Silent):
        folder = tmp_path_factory.mktemp("child")

    monkeypatch.setattr(relating, "SAMPLE_ROWS", 1_000)
    used = relations.relatable(reading)
    places = tuple(next(i for i, c in enumerate(reading.columns) if c.name == u.name) for u in used)
    path = project.objects.path(reading.table_sha256)
    sampled = [relating.relate(Here(), path, used, places, len(reading.columns), n) for _ in range(2)]
    assert sampled[0] == sampled[1]
    assert 800 < sampled[0].rows_used < 1_200 and sampled[0].rows == n
