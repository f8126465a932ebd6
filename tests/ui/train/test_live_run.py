"""A run while it is under way: what leads, what the card shows, and how a search is stopped with what it has."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLabel

from app.core.progress import Silent
from app.core.runs import Candidate, CandidateState, RunState, Score
from app.core.search import Trial
from app.ui.session import Session
from app.ui.settings import Settings
from app.ui.train.budgets import BudgetField, budget_words
from app.ui.train.live_run import LiveRun
from app.ui.train.run_progress import RUN_JOB, RunProgress
from app.ui.window import MainWindow
from tests.ui.helpers import ClickCounter, visible_button, wait_until


def trial(number: int, value: float | None, *, rows: int = 100) -> Trial:
    score = Score(value, value - 0.1, value + 0.1) if value is not None else None
    return Trial(number, f"Forest {number}", "forest", "{}", score, 1.0, rows, 5, 2.0 * number)


def candidate(name: str, value: float, *, baseline: bool = False) -> Candidate:
    score = Score(value, value - 0.1, value + 0.1)
    return Candidate(name, "run", name, "forest", CandidateState.PASSED, baseline, 1.0, cv=score, holdout=score)


def test_leaders_are_those_that_were_best_when_they_ended() -> None:
    live = LiveRun("roc_auc", 20.0, [trial(1, 0.6), trial(2, 0.5), trial(3, None), trial(4, 0.8), trial(5, 0.7)])
    assert [t.number for t in live.leaders()] == [1, 4]
    falling = LiveRun("rmse", 20.0, [trial(1, 6.0), trial(2, 7.0), trial(3, 5.0)])
    assert [t.number for t in falling.leaders()] == [1, 3]


def test_a_trial_on_more_rows_leads_before_a_better_one_on_fewer() -> None:
    live = LiveRun("roc_auc", 20.0, [trial(1, 0.9), trial(2, 0.8, rows=1000), trial(3, 0.95)])
    assert [t.number for t in live.leaders()] == [1, 2]
    assert [line.name for line in live.lines()] == ["Forest 2", "Forest 3", "Forest 1"]


def test_the_leaderboard_ranks_candidates_and_trials_together_and_names_none_twice() -> None:
    live = LiveRun("roc_auc", 20.0, [trial(1, 0.9), trial(2, 0.7), trial(3, 0.6)])
    live.candidates += [
        candidate("Forest 1, trial 1", 0.9),
        candidate("Tree", 0.65),
        candidate("Baseline", 0.5, baseline=True),
    ]
    lines = live.lines()
    assert [line.name for line in lines] == ["Forest 1, trial 1", "Forest 2", "Tree", "Forest 3", "Baseline"]
    assert [line.best for line in lines] == [True, False, False, False, False]
    assert lines[-1].quiet


@pytest.fixture
def card(qapp: QApplication, settings: Settings, window: MainWindow) -> Iterator[RunProgress]:
    """The card in a window of its own, with that window's session."""
    made = RunProgress(window.session, window.actions_)
    made.resize(900, 400)
    made.show()
    yield made
    made.close()


def running(session: Session, live: LiveRun) -> tuple[threading.Event, Callable[[], None]]:
    """A run that lasts until it is let go."""
    end = threading.Event()

    def work(_ctx: object) -> None:
        assert end.wait(60)

    session.jobs.start("Training churn", work, kind=RUN_JOB, about=live)
    return end, end.set


def test_the_card_follows_a_run_and_shows_what_leads(card: RunProgress, window: MainWindow) -> None:
    live = LiveRun("roc_auc", 60.0)
    _end, let_go = running(window.session, live)
    assert card.job is not None
    assert not card.chart.isVisible()
    card.resize(700, 400)
    card.title.setText("Training " + "flights" * 30)
    assert card.minimumSizeHint().width() <= 600, "its buttons stay in reach beside the versions in a window of 1100 px"
    card.resize(900, 400)
    assert "tried" in card.why_not_finish
    live.trials += [trial(1, 0.6), trial(2, 0.8)]
    wait_until(lambda: card.chart.isVisible(), 20, "the picture")
    assert [line.name for line in card.lines.lines] == ["Forest 2", "Forest 1"]
    assert "0.8 by Forest 2" in card.chart.accessibleDescription()
    assert card.findChild(object, "run.left").text().endswith("of 1 min left")
    let_go()
    wait_until(lambda: card.job is None, 20, "the end")
    assert not card.isVisible()


def test_stop_and_keep_the_best_asks_the_search_once(card: RunProgress, window: MainWindow) -> None:
    live = LiveRun("roc_auc", 60.0, [trial(1, 0.6)])
    _end, let_go = running(window.session, live)
    turned: list[str] = []
    card.turned.connect(lambda: turned.append(card.why_not_finish))
    card.finish()
    assert live.stop_asked.is_set()
    assert "stopping" in turned[-1]
    assert not card.job.cancel_asked.is_set()
    let_go()
    wait_until(lambda: card.job is None, 20, "the end")


def test_budgets_have_names_and_other_seconds_are_ones_own(qapp: QApplication) -> None:
    field = BudgetField()
    assert field.seconds == 20.0
    field.named.setCurrentIndex(1)
    assert field.spin.value() == 60
    field.spin.setValue(45)
    assert field.named.currentText() == "Own · 45 s"
    field.spin.setValue(600)
    assert field.named.currentText() == "Thorough · 10 min"
    assert [budget_words(s) for s in (0.2, 20, 60, 90, 3600)] == ["0 s", "20 s", "1 min", "90 s", "60 min"]


def test_the_budget_is_remembered_for_both_pages(window: MainWindow, settings: Settings) -> None:
    window.page_named("data").bar.effort.setCurrentIndex(2)
    assert settings.training_seconds == 600.0
    window.show_page("train")
    train = window.page_named("train")
    assert train.form.budget.seconds == 600.0
    train.form.budget.spin.setValue(33)
    window.show_page("data")
    assert window.page_named("data").bar.seconds == 33.0
    assert Settings(settings.folder).training_seconds == 33.0


@pytest.fixture
def cut_off(tmp_path: Path) -> Path:
    """A project whose last run was ended in the middle of its search."""
    from app.data.intake import add_text
    from app.registry import runs
    from app.registry.project import Project
    from app.registry.trials import record_trials
    from app.training.plan import make_plan

    table = "\n".join(["a\tb\tend", *(f"{i % 7}\t{i % 5}\t{'yes' if i % 7 > 3 else 'no'}" for i in range(400))])
    with Project.create(tmp_path / "cut", actor="Ada") as project:
        added = add_text(project, table, called="ends", ctx=Silent())
        assert added.version and added.reading
        plan = make_plan(project, added.version, added.reading, seconds=6, search=True, seed=3)
        run = runs.start_run(project, added.version.dataset_id, plan, project.objects.put_json({}))
        settings = '{"iterations": 20, "leaves": 8}'
        record_trials(
            project, run.id, [replace(trial(1, 0.8), name="Gradient boosting", family="boosting", settings=settings)]
        )
        runs.end_run(project, run.id, RunState.INTERRUPTED, reason="The program ended while run 1 was running.")
    return tmp_path / "cut"


def test_an_interrupted_search_is_gone_on_with_by_its_own_plan(
    cut_off: Path, make_window: Callable[..., MainWindow], click_counter: ClickCounter
) -> None:
    window = make_window(cut_off)
    data = window.page_named("data")
    window.show_page("data")
    wait_until(lambda: data.interrupted.isVisible(), 30, "the question")
    assert "tried 1 setting" in " ".join(words.text() for words in data.interrupted.findChildren(QLabel))
    window.show_page("train")
    page = window.page_named("train")
    wait_until(lambda: page.panel.trials, 30, "what was tried")
    click_counter.click(visible_button(window, "run.resume"))
    followed = page.progress.job
    assert followed is not None and not window.actions_["run.resume"].isEnabled()
    page.train_again()  # as a second press would
    assert [job for job in window.session.jobs.running if job.kind == RUN_JOB] == [followed]
    window.show_page("home")
    assert window.actions_["run.cancel"].isEnabled() and not window.actions_["run.train"].isEnabled()
    wait_until(lambda: page.progress.job is None, 120, "its end")
    assert window.actions_["run.train"].isEnabled() and not window.actions_["run.cancel"].isEnabled()
    window.show_page("train")
    wait_until(lambda: page.model.rowCount() == 2, 60, "the new run")
    wait_until(lambda: page.model.records[0].run.state is not RunState.RUNNING, 120, "its end")
    newest = page.model.records[0].run
    assert (newest.plan.seed, newest.plan.seconds) == (3, 6.0)
    assert page.model.records[1].run.state is RunState.DISCARDED
    assert any("run 1" in note.lower() for note in newest.notes)
