"""The Monitor page: an empty state that teaches, a look, labels dropped on it, a verdict in one line."""

from __future__ import annotations

import csv
import random
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QPushButton

from app.core.alerts import Alert, AlertKind, AlertState
from app.core.monitoring import Verdict
from app.core.progress import Silent
from app.ui.models.challenge_lists import CHANGED, REPLAYED, WORTH
from app.ui.models.models_page import ModelsPage
from app.ui.monitor.monitor_page import MonitorPage
from app.ui.widgets.then_now import THEN_NOW_ROLE
from app.ui.window import MainWindow
from tests.ui.helpers import ClickCounter, drop_files, visible_button, wait_until

TRAINED, ASKED = 800, 400


def rows(count: int, seed: int, shift: float = 0.0) -> list[dict[str, object]]:
    """People who leave when their fee is high; ``shift``: fees went up."""
    pick = random.Random(seed)
    made = []
    for number in range(count):
        fee = pick.gauss(50 + shift, 10)
        left = pick.random() < 1 / (1 + 2.718 ** ((50 - fee) / 5))
        told = "yes" if left else "no"
        made.append({"customer": f"c{seed}-{number}", "fee": round(fee, 2), "plan": pick.choice("ABC"), "left": told})
    return made


def write(path: Path, table: list[dict[str, object]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(table[0]))
        writer.writeheader()
        writer.writerows(table)
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that was asked for people whose fees went up."""
    from dataclasses import replace

    from app.approval.approve import approve
    from app.approval.check import train_and_check
    from app.data.intake import add
    from app.registry.project import Project
    from app.serving.predict import predict_file
    from app.training.plan import make_plan

    folder = tmp_path_factory.mktemp("monitor")
    with Project.create(folder / "people", actor="Ada") as project:
        added = add(project, write(folder / "people.csv", rows(TRAINED, 1)), target="left", ctx=Silent())
        assert added.version and added.reading
        plan = replace(make_plan(project, added.version, added.reading, seconds=60), families=("linear",))
        run = train_and_check(project, plan, Silent())
        version = approve(project, run.id, reason="Better than guessing.", ctx=Silent())
        asked = [{k: v for k, v in row.items() if k != "left"} for row in rows(ASKED, 2, shift=8)]
        predict_file(project, version.id, write(folder / "asked.csv", asked), folder / "answers.csv", Silent())
    return folder


@pytest.fixture
def unasked(make_window: Callable[..., MainWindow], tmp_path: Path) -> MonitorPage:
    """The page of a new project, where no model was asked yet."""
    from app.registry.project import Project

    with Project.create(tmp_path / "new", actor="Ada"):
        pass
    page = turned_to(make_window(tmp_path / "new"))
    wait_until(lambda: page.empty.isVisible(), 10, "the empty state")
    return page


def turned_to(window: MainWindow) -> MonitorPage:
    wait_until(lambda: window.session.project is not None, 30, "the project")
    window.show_page("monitor")
    page = window.page
    assert isinstance(page, MonitorPage)
    return page


@pytest.fixture
def watched(made: Path, tmp_path: Path, make_window: Callable[..., MainWindow]) -> MonitorPage:
    """The page in a window on a copy of that project."""
    shutil.copytree(made / "people", tmp_path / "copy")
    page = turned_to(make_window(tmp_path / "copy"))
    wait_until(lambda: page.chosen is not None, 30, "a model")
    return page


def looked(page: MonitorPage, looks: int) -> None:
    def done() -> bool:
        return page.chosen is not None and len(page.chosen.looks) == looks

    wait_until(done, 90, f"{looks} looks")


def test_without_predictions_the_page_says_how_to_get_some(unasked: MonitorPage) -> None:
    page = unasked
    buttons = [b for b in page.empty.findChildren(QPushButton) if b.isVisible()]
    assert len(buttons) == 1
    assert not page.actions_["monitor.refresh"].isEnabled()
    buttons[0].click()
    window = page.window()
    assert isinstance(window, MainWindow)
    assert window.page.objectName() == "page.services"


def test_a_look_names_what_moved_and_labels_settle_it(
    watched: MonitorPage, tmp_path: Path, click_counter: ClickCounter
) -> None:
    window, panel = watched.window(), watched.panel
    assert isinstance(window, MainWindow)
    assert panel.line.text() == "Not looked at yet."
    click_counter.click(visible_button(window, "monitor.refresh"))
    looked(watched, 1)
    report = watched.chosen.newest if watched.chosen else None
    assert report is not None
    assert report.verdict is Verdict.ACT
    assert panel.line.text() == report.line
    assert report.line.startswith("The scores and one column moved")
    columns = panel.moved.model
    names = [columns.index(row, 0).data() for row in range(columns.rowCount())]
    assert names == ["Scores", "fee", "plan"]
    assert columns.index(1, 1).data() == "Moved"
    assert columns.index(2, 1).data() == "As before"
    then, now = columns.index(1, 2).data(THEN_NOW_ROLE)
    assert (sum(then.counts) > sum(now.counts), sum(now.counts)) == (True, ASKED)
    assert panel.level.text() == "0.5 alarms a year by chance, looked at weekly"
    click_counter.click(panel.moved.why)
    assert panel.moved.chart.isVisible()
    assert panel.moved.heading.text() == "Scores: Moved"
    panel.moved.table.selectRow(1)
    assert panel.moved.chart.summary().startswith("fee: ")
    _answer_the_alert(window, watched, report.line, click_counter)
    _mute_and_send_again(window, watched, click_counter)

    labels = write(
        tmp_path / "truth.csv", [{"customer": r["customer"], "left": r["left"]} for r in rows(ASKED, 2, shift=8)]
    )
    assert drop_files(window, [labels])
    wait_until(lambda: watched.labels.isVisible(), 60, "the columns of the file")
    assert (watched.labels.id.currentText(), watched.labels.label.currentText()) == ("customer", "left")
    click_counter.click(watched.labels.button)
    looked(watched, 2)
    report = watched.chosen.newest if watched.chosen else None
    assert report is not None
    assert report.performance.labels == ASKED
    assert report.performance.value is not None
    assert not watched.labels.isVisible()
    panel.tabs.setCurrentIndex(1)
    assert [(m.labels, m.value is not None) for m in panel.over_time.chart._moments] == [(0, False), (ASKED, True)]
    panel.tabs.setCurrentIndex(3)
    wait_until(lambda: panel.fleet.model.rowCount() == 1, 30, "the fleet")
    (row,) = panel.fleet.model.records
    assert (row.version.label, row.asked, row.alerts, bool(row.last_label)) == ("people@1", ASKED, 0, True)
    assert row.look is not None
    assert row.look.verdict is report.verdict
    assert panel.line.text() == report.line
    promoted_on_models(watched, window, click_counter)
    assert click_counter.dialogs == 0


def _answer_the_alert(window: MainWindow, page: MonitorPage, line: str, click_counter: ClickCounter) -> None:
    """An alert is open on Home, in the navigation and on its tab; acknowledged with a reason it needs nobody."""
    wait_until(lambda: window.navigation.items["monitor"].badge == "1", 30, "the badge")
    assert page.session.project is not None
    window.show_page("home")
    text = f"people@1: {line}"
    wait_until(lambda: any(label.text() == text for label in window.page.findChildren(QLabel)), 30, "the to-do")
    look = next(b for b in window.page.findChildren(QPushButton) if b.text() == "Look" and b.isVisible())
    click_counter.click(look)
    alerts = page.panel.alerts
    wait_until(lambda: alerts.isVisible() and alerts.chosen is not None, 30, "the alert")
    assert not alerts.take.isEnabled()
    alerts.reason.setText("The fees were raised on purpose.")
    click_counter.click(alerts.take)
    wait_until(lambda: window.navigation.items["monitor"].badge == "", 30, "nothing open")
    wait_until(lambda: alerts.chosen is not None and alerts.chosen.state is AlertState.ACKNOWLEDGED, 30, "the answer")
    assert "on purpose" in alerts.said.text()
    channels = alerts.channels
    channels.kind.setCurrentIndex(2)
    channels.target.setText("alerts.jsonl")
    click_counter.click(channels.put)
    tests = partial(channels.findChildren, QPushButton, "alerts.test")
    wait_until(lambda: any(button.isVisible() for button in tests()), 30, "the channel")
    click_counter.click(visible_button(channels, "alerts.test"))
    told = page.session.project.path / "alerts.jsonl"
    wait_until(told.exists, 30, "the test")
    page.panel.tabs.setCurrentIndex(0)


def _mute_and_send_again(window: MainWindow, page: MonitorPage, click_counter: ClickCounter) -> None:
    """Silence about one model: asked for on the page, said there and on Home, ended with one click."""
    bar = page.muting
    assert not bar.isVisible()
    click_counter.click(visible_button(window, "monitor.mute"))
    assert not bar.quiet.isEnabled()
    bar.why.setText("A sale is on.")
    click_counter.click(bar.quiet)
    unmute = partial(bar.findChildren, QPushButton, "alerts.unmute")
    wait_until(lambda: any(button.isVisible() for button in unmute()), 30, "the mute")
    window.show_page("home")
    said = partial(window.page.findChildren, QLabel)
    wait_until(lambda: any("Alerts of people are muted until" in one.text() for one in said()), 30, "the to-do")
    window.show_page("monitor")
    wait_until(lambda: any(button.isVisible() for button in unmute()), 30, "the page")
    click_counter.click(visible_button(bar, "alerts.unmute"))
    wait_until(lambda: not bar.isVisible(), 30, "messages to go out again")


def promoted_on_models(watched: MonitorPage, window: MainWindow, click_counter: ClickCounter) -> None:
    """Retrain from Monitor, see the challenger on Models, rehearse it, promote it."""
    click_counter.click(visible_button(window, "run.retrain"))
    wait_until(lambda: isinstance(window.page, ModelsPage), 120, "the challenger")
    page = window.page
    assert isinstance(page, ModelsPage)
    tab = page.panel.challenger
    wait_until(lambda: tab.isVisible() and tab.view is not None and tab.view.comparison is not None, 30, "the view")
    found = tab.view.comparison if tab.view else None
    assert found is not None
    assert tab.view is not None
    lists = tab.lists
    assert (tab.view.data, found.problem) == ("people@2", "")
    assert lists.table.model().rowCount() == len(found.groups) > 4
    lists.choose(CHANGED)
    assert lists.table.model().rowCount() == found.changed
    assert {lists.table.model().index(0, place).data() for place in (2, 3)} == {"yes", "no"}
    lists.choose(WORTH)
    click_counter.click(visible_button(window, "model.worth"))
    wait_until(lambda: lists.said.text().startswith(("Yes: ", "Not yet: ")), 120, "the advice")
    wait_until(lambda: tab.view is not None and tab.view.worth is not None, 30, "what was kept")
    assert lists.table.model().rowCount() >= 4
    tab.how.setCurrentIndex(tab.how.findData("changed"))
    assert tab.changes.isVisible()
    assert (tab.plan.families, tab.plan.seconds, tab.plan.search) == (("linear",), 60.0, True)
    assert not tab.changes.kinds["linear"].isEnabled(), "one kind of model is tried at least"
    tab.changes.kinds["forest"].setChecked(True)
    assert tab.plan.families == ("linear", "forest")
    tab.how.setCurrentIndex(0)
    assert not tab.changes.isVisible()
    lists.choose(REPLAYED)
    click_counter.click(visible_button(window, "challenge.rehearse"))
    wait_until(lambda: tab.view is not None and tab.view.rehearsal is not None, 60, "the rehearsal")
    assert lists.said.text().startswith(f"Of the newest {ASKED} requests ")
    tab.reason.clear()
    assert not tab.promote.isEnabled()
    tab.reason.setText("Follows the new fees")
    click_counter.click(tab.promote)
    wait_until(lambda: page.chosen is not None and page.chosen.version.label == "people@2", 60, "the next version")
    wait_until(lambda: tab.decided.isVisible(), 30, "the decision")
    assert tab.decided.text().startswith("Promoted to people@2 by ")
    assert tab.decided.text().endswith("Follows the new fees")
    assert not tab.promote.isVisible()


def test_an_alert_is_shown_though_nobody_asked_a_model_yet(unasked: MonitorPage) -> None:
    page = unasked
    at = "2026-03-03T09:00:00.000000Z"
    line = "Service churn@1 does not answer."
    page._views_known = False  # as long as nobody knows of models, the alerts that are read first turn to no tab
    page._show_open([Alert("1", "m", "churn", AlertKind.SERVICE, "s", line, None, at, AlertState.OPEN, "", "Ada", at)])
    assert not page.panel.alerts.isVisible()
    page._show([])
    assert page.panel.alerts.isVisible()
    assert page.panel.line.text() == "No predictions yet."
    assert page.panel.tabs.tabText(2) == "Alerts · 1 open"
