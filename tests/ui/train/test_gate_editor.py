"""Gates are added, removed and taken back on the Train page, before anything is trained."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel

from app.core.gate_rules import GateKind, GateRule
from app.core.metrics import costs_of
from app.core.progress import Silent
from app.data.intake import add
from app.registry import audit
from app.registry.gates import gate_sets
from app.registry.project import Project
from app.ui.train.train_page import TrainPage
from app.ui.train.train_view import trainables
from app.ui.widgets.buttons import Button
from app.ui.window import MainWindow
from tests.ui.helpers import wait_until


@pytest.fixture
def page(tmp_path: Path, make_window: Callable[..., MainWindow]) -> TrainPage:
    (tmp_path / "t.csv").write_text("x,y\n" + "".join(f"{i % 17},{'yes' if i % 3 else 'no'}\n" for i in range(120)))
    with Project.create(tmp_path / "project", actor="Ada") as project:
        assert add(project, tmp_path / "t.csv", target="y", ctx=Silent()).version
    window = make_window(tmp_path / "project")
    wait_until(lambda: window.session.project is not None, 30, "the project")
    window.show_page("train")
    page = window.page
    assert isinstance(page, TrainPage)
    wait_until(lambda: page.form.chosen is not None, 30, "something to train on")
    return page


def shown(page: TrainPage) -> str:
    return "\n".join(found.text() for found in page.form.gates.findChildren(QLabel) if found.isVisible())


def rules(page: TrainPage) -> tuple[GateRule, ...]:
    assert page.form.chosen is not None
    return page.form.chosen.rules


def add_gate(page: TrainPage, kind: GateKind, metric: str, amount: float, *, relative: bool = False) -> None:
    editor = page.form.gates
    editor.more.click()
    data = [tuple(editor.form.kind.itemData(i)) for i in range(editor.form.kind.count())]
    editor.form.kind.setCurrentIndex(data.index((kind.value, metric)))
    editor.form.amount.setValue(amount)
    editor.form.unit.setCurrentIndex(int(relative))
    before = rules(page)
    editor.form.button.click()
    wait_until(lambda: rules(page) != before, 30, "the changed gates")


def test_without_a_hand_laid_on_them_the_three_gates_stand_there(page: TrainPage) -> None:
    assert "Better than the baseline" in shown(page) and "Parity passed" in shown(page)
    assert not page.form.gates.undo.isVisible() and not page.form.gates.form.isVisible()


def test_that_there_are_no_runs_is_only_said_of_the_project_that_was_asked(page: TrainPage) -> None:
    wait_until(lambda: page.runs.currentWidget() is page.runs.empty, 30, "that there are no runs")
    page.session.close_project()
    assert page.runs.currentWidget() is not page.runs.empty


def test_gates_are_added_removed_and_taken_back_each_time_as_a_version(page: TrainPage) -> None:
    add_gate(page, GateKind.BOUND, "roc_auc", 0.8)
    add_gate(page, GateKind.CHAMPION, "", -5, relative=True)
    assert rules(page) == (
        GateRule(GateKind.BOUND, 0.8, "roc_auc"),
        GateRule(GateKind.CHAMPION, -0.05, relative=True),
    )
    wait_until(lambda: "At most 5 % worse than the champion" in shown(page), 30, "both gates")
    assert "ROC AUC at least 0.8" in shown(page)
    button = page.form.gates.findChild(Button, "gates.remove.bound:roc_auc")
    assert button is not None
    button.click()
    wait_until(lambda: len(rules(page)) == 1, 30, "one gate less")
    page.form.gates.undo.click()
    wait_until(lambda: len(rules(page)) == 2, 30, "the gate back")
    project, chosen = page.session.project, page.form.chosen
    assert project is not None and chosen is not None
    assert [(s.number, len(s.rules)) for s in gate_sets(project, chosen.dataset.id)] == [(4, 2), (3, 1), (2, 2), (1, 1)]
    assert len(audit.entries(project, verb="gates.change")) == 4


def test_a_gate_without_an_amount_asks_for_none(page: TrainPage) -> None:
    form = page.form.gates.form
    add_gate(page, GateKind.SQL_RULE, "", 3.0)
    assert rules(page) == (GateRule(GateKind.SQL_RULE),)
    page.form.gates.more.click()
    assert not form.amount.isVisible() and not form.unit.isVisible()


def test_costs_of_mistakes_are_a_metric_asked_for_each_class(page: TrainPage) -> None:
    form = page.form
    assert not form.costs.isVisible()
    form.metrics.setCurrentIndex(form.metrics.findData("cost"))
    assert form.costs.isVisible() and list(form.costs.amounts) == ["no", "yes"]
    form.costs.amounts["yes"].setValue(80)
    assert costs_of(str(form.options.metric)) == {("yes", "no"): 80.0, ("no", "yes"): 1.0}
    form.metrics.setCurrentIndex(0)
    assert not form.costs.isVisible() and form.options.metric == form.metrics.itemData(0)


def test_a_metric_is_kept_for_the_same_target_only(page: TrainPage) -> None:
    form = page.form
    first, chosen = form.metrics.itemData(0), form.chosen
    assert chosen is not None and chosen.plan is not None
    form.metrics.setCurrentIndex(1)
    form.show_trainables([chosen], None)
    assert form.metrics.currentIndex() == 1
    form.show_trainables([replace(chosen, plan=replace(chosen.plan, target="x"))], None)
    assert form.metrics.currentData() == first
    form.metrics.setCurrentIndex(1)
    form.show_trainables([replace(chosen, dataset=replace(chosen.dataset, id="another"))], None)
    assert form.metrics.currentData() == first


def test_a_gate_on_groups_asks_for_their_column(page: TrainPage) -> None:
    form = page.form.gates.form
    add_gate(page, GateKind.FAIRNESS, "selection_rate", 0.2)
    assert rules(page) == (GateRule(GateKind.FAIRNESS, 0.2, "selection_rate", column="x"),)
    wait_until(lambda: "differs by at most 0.2 between groups of x" in shown(page), 30, "the gate")
    page.form.gates.more.click()
    assert form.column.isVisible()
    form.kind.setCurrentIndex(0)
    assert not form.column.isVisible()


@pytest.mark.parametrize("kinds", [("no", "yes"), ("0", "1"), ("1", "2")])
def test_mistakes_cost_for_classes_of_any_type(tmp_path: Path, kinds: tuple[str, str]) -> None:
    table = "\n".join(["x\tend", *(f"{i * 7 % 50}\t{kinds[i * 7 % 50 > 20]}" for i in range(200))])
    with Project.create(tmp_path / "p", actor="Ada") as project:
        (tmp_path / "ends.tsv").write_text(table)
        add(project, tmp_path / "ends.tsv", target="end", ctx=Silent())
        (found,) = trainables(project)
    assert found.classes == kinds
