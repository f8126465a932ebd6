"""How rows are divided is chosen on the Train page, with what was found by itself, asked and warned about."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QLabel

from app.core.dividing import Way
from app.core.progress import Silent
from app.core.runs import SplitKind
from app.data.intake import add
from app.registry.project import Project
from app.ui.train.train_page import TrainPage
from app.ui.widgets.buttons import Button
from app.ui.window import MainWindow
from tests.ui.helpers import wait_until

ROWS = 300


def day(place: int) -> str:
    return f"2025-{place // 28 % 12 + 1:02d}-{place % 28 + 1:02d}"


def write_table(path: Path) -> Path:
    lines = (
        f"{i * 7907 % 1009},{day(i * 101 % 336)},K{i * 37 % 90},{'yes' if i * 7919 % 10 < 4 else 'no'}"
        for i in range(ROWS)
    )
    path.write_text("\n".join(["x,seen,customer_id,y", *lines]) + "\n")
    return path


def texts(page: TrainPage) -> str:
    return "\n".join(found.text() for found in page.form.split.findChildren(QLabel) if found.isVisible())


def press(page: TrainPage, name: str) -> None:
    next(one for one in page.form.split.findChildren(Button, name) if one.isVisible()).click()


def choose(page: TrainPage, way: Way) -> None:
    ways = page.form.split.ways
    index = next(i for i in range(ways.count()) if ways.itemData(i) == way)
    ways.setCurrentIndex(index)
    ways.activated.emit(index)


def test_a_time_is_asked_about_and_the_choice_holds(tmp_path: Path, make_window: Callable[..., MainWindow]) -> None:
    with Project.create(tmp_path / "project", actor="Ada") as project:
        assert add(project, write_table(tmp_path / "t.csv"), target="y", ctx=Silent()).version
    window = make_window(tmp_path / "project")
    wait_until(lambda: window.session.project is not None, 30, "the project")
    window.show_page("train")
    page = window.page
    assert isinstance(page, TrainPage)
    wait_until(lambda: page.form.chosen is not None, 60, "something to train on")

    def holds(way: Way) -> bool:
        chosen = page.form.chosen
        return chosen is not None and chosen.plan is not None and (
            chosen.plan.split, chosen.plan.split_column) == (way.kind, way.column)  # fmt: skip

    wait_until(lambda: "seen is a date and may say when a row happened" in texts(page), 10, "the question")
    assert "customer_id repeats" in texts(page)
    press(page, "train.split.by_time")
    wait_until(lambda: holds(Way(SplitKind.TIME, "seen")), 60, "the division by time")
    wait_until(lambda: "newest 20% of the rows by seen, from" in texts(page), 10, "the cut")
    assert "may say when" not in texts(page)
    choose(page, Way(SplitKind.GROUP, "customer_id"))
    wait_until(lambda: holds(Way(SplitKind.GROUP, "customer_id")), 60, "the division by group")
    choose(page, Way(SplitKind.STRATIFIED))
    wait_until(lambda: holds(Way(SplitKind.STRATIFIED)), 60, "the division by row")
    wait_until(lambda: "classes in proportion" in texts(page), 10, "the words about it")
    assert "may say when a row happened" not in texts(page)
