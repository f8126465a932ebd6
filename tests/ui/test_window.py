"""The shell: starts light, speaks to everybody, is never empty, takes drops, asks before it closes."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QKeySequence, QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from app.ui.actions import COMMANDS
from app.ui.adding import together
from app.ui.pages import PAGES
from app.ui.problems import Problem
from app.ui.session import folder_name
from app.ui.widgets.empty import EmptyState
from app.ui.window import MainWindow
from app.ui.words import plain_tip
from tests.ui.helpers import (
    accessible_name,
    drag_over,
    drop_files,
    modules_in,
    start_window,
    visible_button,
    wait_until,
    walk_widgets,
)

HEAVY = {"pandas", "sklearn", "onnx", "skl2onnx", "onnxruntime", "duckdb", "pyarrow", "scipy", "numpy", "sqlalchemy"}
HEAVY |= {"alembic", "pyqtgraph", "cryptography", "starlette", "uvicorn", "msgspec"}

FIRST_PAINT = """
import json, sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from app.ui.window import MainWindow
app = QApplication([])
window = MainWindow(None)
window.show()
QTimer.singleShot(200, app.quit)
app.exec()
print(json.dumps(sorted({name.split(".")[0] for name in sys.modules})))
window.session.shut()
"""


def test_the_first_paint_loads_nothing_heavy(tmp_path: Path):
    env = {"QT_QPA_PLATFORM": "offscreen", "MODELYARD_CONFIG_DIR": str(tmp_path)}
    assert modules_in(FIRST_PAINT, env) & HEAVY == set()


def test_the_process_says_when_it_was_painted(tmp_path: Path):
    process = start_window(tmp_path)
    process.kill()
    process.communicate()


@pytest.mark.parametrize("page", [entry.id for entry in PAGES])
def test_everything_one_acts_on_has_a_name(window: MainWindow, page: str):
    window.show_page(page)
    QTest.qWait(30)
    nameless = [f"{type(w).__name__} {w.objectName()}" for w in walk_widgets(window) if not accessible_name(w).strip()]
    assert nameless == []


@pytest.mark.parametrize("page", [entry.id for entry in PAGES if entry.id not in ("home", "settings", "history")])
def test_an_empty_page_says_one_sentence_and_offers_one_way_on(window: MainWindow, page: str):
    window.show_page(page)
    QTest.qWait(30)
    states = [state for state in window.page.findChildren(EmptyState) if state.isVisible()]
    assert len(states) == 1
    assert states[0].sentence.text().endswith(".")
    primaries = [b for b in window.page.findChildren(QPushButton) if b.isVisible() and b.property("role") == "primary"]
    assert len(primaries) == 1
    assert primaries[0].isEnabled()


def test_home_offers_every_way_in(window: MainWindow):
    for name in ("data.choose", "data.paste", "project.sample", "project.open", "project.new"):
        assert visible_button(window, name).isEnabled()


def test_pages_have_their_public_names(window: MainWindow):
    for entry in PAGES:
        assert window.page_named(entry.id).objectName() == f"page.{entry.id}"


def test_no_two_commands_share_keys(window: MainWindow):
    keys = [action.shortcut().toString() for action in window.actions_ if not action.shortcut().isEmpty()]
    assert [key for key, times in Counter(keys).items() if times > 1] == []


def test_a_command_without_a_project_says_why_not(window: MainWindow):
    action = window.actions_["run.train"]
    assert not action.isEnabled()
    assert action.toolTip() == "Open a project first."


def test_every_command_of_the_table_can_be_done(window: MainWindow):
    handled = {id_ for entry in PAGES for id_ in window.page_named(entry.id).handles}
    assert {command.id for command in COMMANDS} - handled - set(window._own) == set()


def test_the_palette_runs_a_command_by_name(window: MainWindow):
    QTest.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    wait_until(window.palette_.isVisible)
    QTest.keyClicks(window.palette_.edit, "go to settings")
    QTest.keyClick(window.palette_.edit, Qt.Key.Key_Return)
    assert window.page.objectName() == "page.settings"
    assert not window.palette_.isVisible()


def test_pages_are_reached_by_keys(window: MainWindow):
    QTest.keySequence(window, QKeySequence("Ctrl+2"))
    assert window.page.objectName() == f"page.{PAGES[1].id}"


def test_a_drag_says_what_a_drop_would_do(window: MainWindow, tmp_path: Path):
    file = tmp_path / "churn.csv"
    file.write_text("a,b\n1,2\n")
    mime = drag_over(window, [file])
    assert window.overlay.isVisible()
    assert "churn.csv (8 B)" in window.overlay.accessibleName()
    assert mime.urls()


def test_several_files_get_two_targets(window: MainWindow, tmp_path: Path):
    mime = drag_over(window, [tmp_path / "a.csv", tmp_path / "b.csv"])
    left, right = QPoint(40, 300), QPoint(window.width() - 40, 300)
    assert [window.overlay.target_at(left.toPointF()), window.overlay.target_at(right.toPointF())] == [0, 1]
    assert "Append 2 files" in window.overlay.accessibleName()
    assert mime.urls()


def test_a_narrow_window_collapses_the_navigation(window: MainWindow):
    window.resize(1100, 700)
    assert window.navigation.width() == 208
    window.resize(900, 700)
    assert window.navigation.width() == 56


def test_closing_while_a_job_runs_asks_inline(window: MainWindow):
    release = threading.Event()
    window.session.jobs.start("Training churn", lambda _ctx: release.wait(10))
    assert not window.close()
    assert window.isVisible()
    assert window.banner.message == "Training churn is still running."
    assert visible_button(window, "app.stop_and_quit").isEnabled()
    release.set()
    wait_until(lambda: not window.session.jobs.running)
    assert not window.banner.isVisible()


def test_a_bug_is_shown_as_one_and_can_be_reported(window: MainWindow):
    def fail(_ctx: object) -> None:
        raise ZeroDivisionError("an unforeseen thing")

    window.session.jobs.start("Anything", fail, failed=window.session.failed.emit)
    wait_until(window.banner.isVisible)
    assert "Nothing that was confirmed is lost" in window.banner.message
    assert "an unforeseen thing" in window.banner._report


def test_recent_projects_can_be_found_again_or_taken_off(make_window: Callable[..., MainWindow], tmp_path: Path):
    window = make_window()
    there, gone = tmp_path / "there", tmp_path / "gone"
    there.mkdir()
    (there / "project.modelyard").write_text(json.dumps({"modelyard": 1}))
    window.session.settings.remember("Gone", gone)
    window.session.settings.remember("There", there)
    window.page.clear()
    QTest.qWait(30)
    assert visible_button(window, "project.recent").accessibleName() == "Open There"
    assert visible_button(window, "project.locate").accessibleName() == "Locate Gone"
    remove = next(b for b in window.findChildren(QPushButton) if b.accessibleName().startswith("Remove Gone"))
    QTest.mouseClick(remove, Qt.MouseButton.LeftButton)
    assert [recent.name for recent in window.session.settings.recent] == ["There"]


def test_files_dropped_to_be_added_separately_are_refused_by_name(window: MainWindow, tmp_path: Path):
    good, bad, worse = tmp_path / "good.csv", tmp_path / "bad.csv", tmp_path / "worse.csv"
    good.write_text("a,b\n1,x\n2,y\n3,x\n")
    bad.write_bytes(b"")
    worse.write_bytes(b"\x80\x04\x95pickle")
    right = QPoint(window.width() * 3 // 4, window.height() // 2)
    assert drop_files(window, [good, bad, worse], right)
    wait_until(lambda: window.session.project is not None and window.banner.isVisible(), 60, "the refusals")
    assert window.banner.message == "bad.csv, worse.csv were not added."
    told = together((Problem("bad.csv is empty.", ""), Problem("A pickle.", "")), ("bad.csv", "worse.csv"), str)
    assert told.hint == "bad.csv is empty.  worse.csv: A pickle."


def test_what_is_dropped_while_a_project_is_being_made_goes_into_it(window: MainWindow, tmp_path: Path):
    from app.registry import datasets

    bad, good = tmp_path / "bad.csv", tmp_path / "good.csv"
    bad.write_bytes(b"")
    good.write_text("a,b\n1,x\n2,y\n3,x\n")
    for file in (bad, good, good):
        assert drop_files(window, [file])
    wait_until(lambda: not window.session.jobs.running, 60, "the three drops")
    assert together((Problem("A picture.", "Save it as text."),), ("a.png",), str).message == "a.png: A picture."
    project = window.session.project
    assert project is not None
    (added,) = datasets.datasets(project)
    assert [v.number for v in datasets.versions(project, added.id)] == [1]
    assert list(window.session.settings.projects_folder.glob("*")) == [project.path]
    assert window.session.first_drop is None


@pytest.mark.parametrize("text", ["<b>bold</b>", "<img src='x.png'>", "a & b\n<i>c</i>"])
def test_a_tooltip_shows_a_persons_text_as_it_is(text):
    document = QTextDocument()
    document.setHtml(plain_tip(text))
    assert document.toPlainText() == text
    assert plain_tip("a & b") == "a & b"


class OtherWindows(QObject):
    """Remembers every widget that was shown as a window of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.shown.append(f"{type(watched).__name__} {watched.objectName()}")
        return False


def test_making_the_pages_shows_no_other_window_that_would_take_the_focus(window: MainWindow, qapp: QApplication):
    watch = OtherWindows()
    qapp.installEventFilter(watch)
    for entry in PAGES:
        window.page_named(entry.id)
    qapp.removeEventFilter(watch)
    assert watch.shown == []


@pytest.mark.parametrize(
    ("wish", "folder"),
    [
        ("sales (2026)", "sales 2026"),
        ("Umsätze: Nord/Süd [final]…", "Umsätze Nord Süd final"),
        ("v1.2_b-c", "v1.2_b-c"),
        ("../..", "Project"),
        ("ä" * 300, "ä" * 80),
    ],
)
def test_a_folder_is_called_after_its_data_without_signs(wish: str, folder: str):
    assert folder_name(wish) == folder
