"""Rolling out and back by clicks: what is live is shown, and the way back takes two."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QDate
from PySide6.QtWidgets import QLabel

from app.core.progress import Silent
from app.core.releases import Mode
from app.ui.models.models_page import ModelsPage
from app.ui.services.services_page import ServicesPage
from app.ui.window import MainWindow
from tests.ui.helpers import ClickCounter, visible_button, wait_until


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with two approved versions."""
    from app.approval.approve import approve
    from app.approval.check import train_and_check
    from app.data.intake import add
    from app.registry.project import Project
    from app.training.plan import make_plan

    folder = tmp_path_factory.mktemp("rollout")
    chance = random.Random(3)
    rows = [(x := chance.gauss(0, 1), "yes" if x + chance.gauss(0, 0.5) > 0 else "no") for _ in range(300)]
    table = folder / "churn.csv"
    table.write_text("a,churned\n" + "".join(f"{x:.4f},{left}\n" for x, left in rows))
    with Project.create(folder / "project", actor="Ada") as project:
        added = add(project, table, target="churned", ctx=Silent())
        assert added.version and added.reading
        plan = replace(make_plan(project, added.version, added.reading, seconds=60), families=("linear",))
        for seed in (1, 2):
            run = train_and_check(project, replace(plan, seed=seed), Silent())
            approve(project, run.id, reason="Good", ctx=Silent())
    return folder / "project"


def test_a_version_is_rolled_out_and_back_by_clicks(
    made: Path, make_window: Callable[..., MainWindow], click_counter: ClickCounter
) -> None:
    window = make_window(made)
    wait_until(lambda: window.session.project is not None, 30, "the project")
    page = window.page_named("services")
    assert isinstance(page, ServicesPage)

    def live() -> list[str]:
        return [place.live.version for place in page.environments.model.records if place.live is not None]

    window.show_page("services")
    wait_until(lambda: page.running.empty.isVisible(), 30, "the words that there is no service yet")
    window.show_page("models")
    models = window.page_named("models")
    assert isinstance(models, ModelsPage)
    wait_until(lambda: models.model.records)
    for version in ("churn@1", "churn@2"):
        labels = [view.version.label for view in models.model.records]
        models.table.selectRow(labels.index(version))
        click_counter.click(visible_button(window, "model.rollout"))
        wait_until(lambda: page.desk.form.isVisible())
        assert page.desk.form.version.currentText() == version
        page.desk.form.environment.setCurrentText("production")
        click_counter.click(visible_button(window, "rollout.do"))
        wait_until(lambda version=version: live() == [version], 60)
        window.show_page("models")

    window.show_page("services")
    page.tabs.setCurrentIndex(0)
    wait_until(lambda: page.panel.view is not None)
    before = click_counter.clicks
    click_counter.click(visible_button(window, "model.rollback"))
    click_counter.click(visible_button(window, "rollback.do"))
    wait_until(lambda: live() == ["churn@1"], 60)
    assert click_counter.clicks - before == 2
    assert click_counter.dialogs == 0

    page.environments.day.setDate(QDate.currentDate().addDays(-2))
    wait_until(lambda: live() == [])
    stop_services(window)


def test_a_challenge_is_settled_and_a_model_retired_by_clicks(
    made: Path, make_window: Callable[..., MainWindow]
) -> None:
    window = make_window(made)
    wait_until(lambda: window.session.project is not None, 30, "the project")
    page = window.page_named("services")
    assert isinstance(page, ServicesPage)
    window.show_page("services")
    page.tabs.setCurrentWidget(page.environments)
    wait_until(lambda: bool(page.environments.model.records) and page.panel.view is not None)
    few = page.environments._view
    places = tuple(replace(p, model_id=f"m{n}", model=f"m{n}") for n in range(4) for p in few.places)
    page.environments.show_places(replace(few, places=places))
    page.environments.filter.setText("M3 stag")
    assert [(p.model, p.environment.name) for p in page.environments.model.records] == [("m3", "staging")]
    page.environments.show_places(few)  # of so few nothing is filtered
    page.environments.table.selectRow(1)

    def now() -> tuple[str, str | None] | None:
        live = page.environments.model.records[1].live
        return (live.version, live.challenger) if live is not None else None

    for version, mode in (("churn@1", Mode.ALL), ("churn@2", Mode.SHADOW)):
        visible_button(window, "model.rollout").click()
        page.desk.form.version.setCurrentText(version)
        page.desk.form.how.setCurrentIndex(page.desk.form.how.findData(mode.value))
        visible_button(window, "rollout.do").click()
        wait_until(lambda mode=mode: now() == ("churn@1", "churn@2" if mode is Mode.SHADOW else None), 60)
    gate_staging(window, page)
    visible_button(window, "model.settle").click()
    wait_until(lambda: not page.desk.settling.buttons[-1].isEnabled(), 30, "the gate's answer")
    assert page.desk.settling.buttons[-1].toolTip() == "A gate of staging fails."
    assert "ROC AUC on the hold-out" in page.desk.settling.findChildren(QLabel)[-1].text()
    visible_button(window, "environments.edit").click()
    visible_button(window, "gates.remove.bound:roc_auc").click()
    wait_until(lambda: not page.environments.model.records[1].environment.gates)
    visible_button(window, "environments.done").click()
    visible_button(window, "model.settle").click()
    visible_button(window, "settle.challenger").click()
    wait_until(lambda: now() == ("churn@2", None), 60)
    visible_button(window, "model.retire").click()
    page.desk.retiring.reason.setText("Nobody asks")
    visible_button(window, "retire.do").click()
    wait_until(lambda: now() is None, 60)
    assert page.environments.model.records[1].history[0].reason == "Nobody asks"
    wait_until(lambda: any(view.retired for view in page.model.records))
    page.tabs.setCurrentIndex(0)
    page.table.selectRow([view.retired for view in page.model.records].index(True))
    assert "retired" in window.actions_.why_not("service.start")


def gate_staging(window: MainWindow, page: ServicesPage) -> None:
    """Ask for more than any version has, in the editor, which offers what gates of these models can be about."""
    visible_button(window, "environments.edit").click()
    visible_button(window, "environments.gates.staging").click()
    form = page.environments.editor._gates.form

    def kinds() -> list[tuple[str, str]]:
        return [tuple(form.kind.itemData(at)) for at in range(form.kind.count())]

    wait_until(lambda: ("fairness", "selection_rate") in kinds(), 30, "what may be asked")
    assert ("slice", "accuracy") in kinds() and ("live", "") in kinds() and ("bound", "rmse") not in kinds()
    visible_button(window, "gates.more").click()
    form.kind.setCurrentIndex(kinds().index(("bound", "roc_auc")))
    form.amount.setValue(0.9999)
    visible_button(window, "gates.add").click()
    wait_until(lambda: bool(page.environments.model.records[1].environment.gates), 30, "the gate")
    visible_button(window, "environments.done").click()


def stop_services(window: MainWindow) -> None:
    from app.serving.local import statuses, stop

    project = window.session.project
    assert project is not None
    for status in statuses(project):
        stop(project, status.service.id, Silent())
