"""What the overlay says while a file hangs over the window, and that one can choose new data there."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication, QPushButton

from app.core.data import AddResult, Choice, Finding, Outcome
from app.data.preview import Preview
from app.ui.data.data_page import DataPage
from app.ui.offers import offers, targets
from app.ui.problems import Problem
from app.ui.session import Question, Session
from app.ui.settings import Settings
from app.ui.whose_data import NEW, WhoseData
from app.ui.window import MainWindow
from tests.data.corpus import SHEET, workbook
from tests.ui.helpers import drag_over, drop_table, files_mime, wait_until

TABLE = "age,plan,churned\n" + "".join(f"{20 + i},{'abc'[i % 3]},{'yes' if i % 4 else 'no'}\n" for i in range(40))


def said(window: MainWindow) -> str:
    return " / ".join(text for text, _quiet in window.overlay._offers)


@pytest.fixture
def page(window: MainWindow, tmp_path: Path) -> DataPage:
    return drop_table(window, tmp_path / "churn.csv", TABLE)


def drop_now(window: MainWindow, file: Path, place: QPoint) -> None:
    mime = files_mime([file])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(window, QDropEvent(QPointF(place), copy, mime, left, none))


def answer(window: MainWindow, name: str, text: str = "") -> QPushButton:
    return next(b for b in answers(window, name) if text in b.text())


def answers(window: MainWindow, name: str) -> list[QPushButton]:
    return [button for button in window.banner.findChildren(QPushButton, name) if button.isVisible()]


@pytest.mark.parametrize(("from_left", "shown"), [(0.97, ("other name", 1)), (0.03, ("churn", 2))])
def test_matching_columns_offer_the_next_version_at_the_left_and_new_data_at_the_right(
    window: MainWindow, page: DataPage, tmp_path: Path, from_left: float, shown: tuple[str, int]
):
    later = tmp_path / "other name.csv"
    later.write_text(TABLE + "77,a,no\n")

    mime = drag_over(window, [later])
    wait_until(lambda: "version 2 of churn" in said(window), 10, "what becomes of it")
    assert said(window).endswith("/ Drop here to add it as new data")
    drop_now(window, later, QPoint(round(window.width() * from_left), 300))
    del mime

    def on_the_page() -> tuple[str, int]:
        assert page.view is not None
        return page.view.dataset.name, page.view.version.number

    wait_until(lambda: on_the_page() == shown, 60, str(shown))


def test_a_workbook_with_the_same_columns_is_offered_as_the_next_version(
    window: MainWindow, page: DataPage, tmp_path: Path
):
    rows = [line.split(",") for line in TABLE.splitlines()]
    later = tmp_path / "sheet.xlsx"
    later.write_bytes(workbook({"Data": [rows[0], *([int(a), *others] for a, *others in rows[1:])]}))
    mime = drag_over(window, [later])
    wait_until(lambda: "version 2 of churn" in said(window), 10, "what becomes of it")
    del mime


def test_what_fits_two_data_sets_is_asked_about_and_goes_where_one_says(
    window: MainWindow, page: DataPage, tmp_path: Path
):
    files = [tmp_path / name for name in ("south.csv", "may.csv", "june.csv", "july.csv")]
    for number, file in enumerate(files):
        file.write_text(TABLE + f"{70 + number},a,no\n")
    window.adder.add_files(files[:1], name=NEW)
    wait_until(lambda: page.view is not None and page.view.dataset.name == "south", 60, "a second data set")

    (tmp_path / "none.csv").write_text("")
    window.adder.add_files([*files[1:3], tmp_path / "none.csv"])
    wait_until(lambda: "none.csv is empty" in window.banner.message, 60, "the refusal")
    window.banner._dismiss.click()
    wait_until(lambda: "2 files have the columns of churn, south" in window.banner.message, 60, "the question")
    answer(window, "data.whose.new").click()
    wait_until(lambda: page.view is not None and page.view.dataset.name == "june", 60, "new data")
    assert not window.banner.isVisible()
    window.show_problem(Problem("Something else went wrong."))
    window.banner._dismiss.click()
    assert not window.banner.isVisible(), "the question was answered"

    window.adder.add_files(files[3:])
    wait_until(lambda: "july.csv has the columns of" in window.banner.message, 60, "the question again")
    choices = {action.text(): action for action in answer(window, "data.whose.menu").menu().actions()}
    assert list(choices) == ["churn", "south", "may", "june"]
    choices["south"].trigger()
    wait_until(lambda: page.view is not None and page.view.dataset.name == "south", 60, "the one that was chosen")
    assert page.view is not None
    assert page.view.version.number == 2


def test_what_nobody_answered_yet_is_asked_before_what_came_later(settings: Settings):
    session, told = Session(settings), list[tuple[str, list[int], str]]()
    asked: list[Question] = []
    session.asked.connect(asked.append)
    whose = WhoseData(session)
    for number, name in enumerate(("may", "june")):
        choices = (Choice("churn"), Choice("south"))
        unclear = Finding("UNCLEAR", Outcome.REJECT, f"{name}.csv has the columns of both.", choices=choices)
        whose.ask(
            [AddResult(Outcome.REJECT, (unclear,))], lambda which, to, name=name: told.append((name, [*which], to))
        )
        assert [question.message[:4] for question in asked[number:]] == ["may."]
    _text, _name, to_south = asked[-1].answers[1]
    assert callable(to_south)
    to_south()
    assert told == [("may", [0], "south")] and asked[-1].message.startswith("june")
    asked[-1].otherwise()
    assert len(asked) == 3


def test_a_file_that_fits_two_data_sets_has_a_target_for_each(tmp_path: Path):
    found = Preview(fits=(("churn", 2), ("south", 2)))
    offered = [text for text, _ in offers([tmp_path / "churn.csv"], str, found)]
    assert [text.rpartition(" as ")[2] for text in offered] == ["version 2 of churn", "version 2 of south", "new data"]
    assert targets(found) == ("churn", "south")


def test_the_overlay_says_what_becomes_of_a_file(window: MainWindow, page: DataPage, tmp_path: Path):
    for name, content, words, quiet in (
        ("other.csv", b"x,y\n1,2\n3,4\n", "Drop to add other.csv (12 B) as new data", "CSV, TSV"),
        ("other.xlsx", workbook({"Data": SHEET}), "Drop to add other.xlsx (1.6 KB) as new data", "CSV, TSV"),
        ("rows.jsonl", b'{"age": 1}\n{"age": 2}\n', "Drop to add rows.jsonl (22 B)", "With the same columns"),
        ("shot.png", b"\x89PNG\r\n\x1a\n", "shot.png cannot be added: it holds no table.", ""),
        ("none.csv", b"", "none.csv is empty.", ""),
    ):
        (tmp_path / name).write_bytes(content)
        mime = drag_over(window, [tmp_path / name])
        wait_until(lambda t=words, q=quiet: said(window) == t and window.overlay._offers[0][1].startswith(q), 10, words)
        del mime
