"""Every picture gives its numbers back, in every form that it is saved in."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QApplication

from app.core.data import Histogram
from app.core.explanations import Contribution, Dependence, Reasons
from app.core.runs import Importance, Score
from app.core.search import Trial
from app.ui.charts.axes import number, spread, ticks
from app.ui.charts.chart import Chart, PlottedTable
from app.ui.charts.confusion import ConfusionChart, contrast, fold, mixed, readable_on
from app.ui.charts.contributions import ContributionsChart
from app.ui.charts.curves import CurveChart, Series
from app.ui.charts.dependence import DependenceChart
from app.ui.charts.importance import ImportanceChart
from app.ui.charts.intervals import Scale
from app.ui.charts.over_time import Moment, OverTimeChart
from app.ui.charts.residuals import Points, ResidualChart
from app.ui.charts.search import SearchChart
from app.ui.charts.then_now import ThenNowChart
from app.ui.theme import Appearance, color, theme


def curves() -> Chart:
    chart = CurveChart("ROC", "False positive rate", "True positive rate")
    chart.show_series([Series("forest", (0.0, 0.2, 1.0), (0.0, 0.7, 1.0))], (QPointF(0, 0), QPointF(1, 1)))
    return chart


def confusion() -> Chart:
    chart = ConfusionChart("Confusion")
    chart.show_matrix(("no", "yes"), ((8, 2), (1, 9)))
    return chart


def residuals() -> Chart:
    chart = ResidualChart("Residuals")
    chart.show_points([Points("forest", (1.0, 2.0, 4.0), (1.5, 2.0, 3.0))])
    return chart


def importance() -> Chart:
    chart = ImportanceChart("Importance")
    chart.show_importance((Importance("age", 0.01, 0.0, 0.02), Importance("plan", 0.2, 0.1, 0.3)))
    return chart


def dependence() -> Chart:
    chart = DependenceChart("Effect")
    chart.show_dependence(
        Dependence("plan", "yes", (0.0, 1.0), ("basic", "premium"), (0.2, 0.6), ((0.1, 0.7), (0.3, 0.5)))
    )
    return chart


def then_now() -> Chart:
    chart = ThenNowChart("fee")
    chart.show_pair("fee", Histogram((3, 1), (0.0, 5.0, 10.0)), Histogram((2, 6), (0.0, 5.0, 10.0)))
    return chart


def over_time() -> Chart:
    chart = OverTimeChart("Performance over time")
    moments = [
        Moment("2026-03-03T09:00:00.000000Z", 500, 400, 0.8, 0.75, 0.85, "ok", "Still right."),
        Moment("2026-03-10T09:00:00.000000Z", 500, 20, None, 0.0, 0.0, "info", "Not enough labels: 20 of 200."),
        Moment("2026-03-17T09:00:00.000000Z", 500, 400, 0.6, 0.55, 0.65, "fail", "Below its limit."),
    ]
    chart.show_moments("ROC AUC", moments, 0.7, 0.81, greater=True)
    return chart


def contributions() -> Chart:
    chart = ContributionsChart("Reasons")
    told = (Contribution("plan", "basic", 0.3), Contribution("age", "41", -0.1))
    chart.show_reasons(Reasons("yes", 0.4, 0.6, 100, told, ()))
    return chart


def search() -> Chart:
    chart = SearchChart("Score against time")
    trials = [
        Trial(n, "Forest", "forest", "{}", Score(v, v, v), 1.0, 100, 5, n * 2.0)
        for n, v in ((1, 0.6), (2, 0.8), (3, 0.7))
    ]
    chart.show_trials("roc_auc", 20.0, 7.0, trials, trials[:2])
    return chart


@pytest.fixture(
    params=[curves, confusion, residuals, importance, dependence, contributions, search, then_now, over_time],
    ids=lambda make: make.__name__,
)
def chart(request, qtbot) -> Chart:
    made = request.param()
    qtbot.addWidget(made)
    made.resize(400, 300)
    return made


def test_saved_csv_holds_the_plotted_numbers(chart, tmp_path: Path) -> None:
    chart.save(tmp_path / "chart.csv")
    with (tmp_path / "chart.csv").open(newline="", encoding="utf-8") as file:
        headers, *rows = list(csv.reader(file))
    assert tuple(headers) == chart.table().headers
    assert [[str(cell) for cell in row] for row in chart.table().rows] == rows


def test_picture_is_saved_at_twice_the_size(chart, tmp_path: Path) -> None:
    chart.save(tmp_path / "chart.png")
    image = QImage(str(tmp_path / "chart.png"))
    assert (image.width(), image.height()) == (800, 600)
    assert len({image.pixel(x, y) for x in range(0, 800, 7) for y in range(0, 600, 7)}) > 3


def test_svg_tells_its_title_and_summary(chart, tmp_path: Path) -> None:
    chart.save(tmp_path / "chart.svg")
    text = (tmp_path / "chart.svg").read_text("utf-8")
    assert f"<title>{chart.title}</title>" in text
    assert chart.summary() in text


def test_numbers_are_copied_as_tab_separated_text(chart) -> None:
    chart.copy_numbers()
    lines = QGuiApplication.clipboard().text().split("\n")
    assert lines[0].split("\t") == list(chart.table().headers)
    assert len(lines) == 1 + len(chart.table().rows)


def test_a_chart_says_in_words_what_it_shows(chart) -> None:
    assert chart.accessibleName() == chart.title
    assert chart.accessibleDescription() == chart.summary()


def test_confusion_counts_right_answers() -> None:
    labels, counts = fold(("a", "b"), ((3, 1), (0, 2)), "others")
    assert (labels, counts) == (("a", "b"), ((3, 1), (0, 2)))


def test_figures_can_be_read_on_every_shade(qapp: QApplication) -> None:
    for appearance in (Appearance.DARK, Appearance.LIGHT):
        theme().choose(appearance)
        for token in ("chart1", "chart2"):
            for share in range(0, 101, 5):
                fill = mixed(color("surface2"), color(token), share / 100)
                assert contrast(readable_on(fill), fill) >= 4.5, (appearance, token, share)


def test_many_classes_are_folded_without_losing_a_row() -> None:
    labels = tuple(f"c{i}" for i in range(40))
    counts = tuple(tuple(i + j for j in range(40)) for i in range(40))
    kept, folded = fold(labels, counts, "all others")
    assert kept[-1] == "all others"
    assert sum(map(sum, folded)) == sum(map(sum, counts))


def test_formulas_are_made_harmless_in_csv() -> None:
    assert PlottedTable(("name",), (("=1+1",),)).csv() == "name\n'=1+1\n"


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1.0]), (0, 1000, [0, 200, 400, 600, 800, 1000]), (3, 3, [3])],
)
def test_ticks_are_round_numbers(low: float, high: float, expected: list[float]) -> None:
    assert ticks(low, high) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.9312, "0.931"), (54.25, "54.2"), (1234.5, "1,234"), (0, "0"), (-0.5, "-0.5"), (2.5e8, "2.50e+08")],
)
def test_figures_are_short(value: float, text: str) -> None:
    assert number(value) == text


def test_scale_shows_every_interval_and_survives_a_single_value() -> None:
    scale = Scale.over([Score(0.7, 0.6, 0.8), None, Score(0.5, 0.4, 0.55)])
    assert scale.low < 0.4 < 0.8 < scale.high
    assert spread([2.0])[0] < 2.0 < spread([2.0])[1]
