"""Rolling out and back by clicks: what is live is shown, and the way back takes two."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QDate

from app.core.progress import Silent
from app.ui.models.models_page import ModelsPage
from app.ui.services.services_page import ServicesPage
from app.ui.window import MainWindow
from tests.ui.helpers import ClickCounter, visible_button, wait_until


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with two approved versions."""
    from dataclasses import replace

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


def stop_services(window: MainWindow) -> None:
    from app.serving.local import statuses, stop

    project = window.session.project
    assert project is not None
    for status in statuses(project):
        stop(project, status.service.id, Silent())
