"""Nasty files dropped on the window by real events: outcome and code as written by hand, nothing left of a refusal.

One file of every code by default; all of the corpus with MODELYARD_LONG=1.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.core.data import OUTCOME_ORDER, Outcome
from app.ui.data.data_page import DataPage
from app.ui.window import MainWindow
from tests.data.corpus import CASES, Case
from tests.data.strangers import MODELS
from tests.ui.helpers import ClickCounter, drop_files, wait_until

STRANGERS = [Case(f"model: {name}", content, "reject", {code}, "model.onnx") for name, content, code in MODELS]


def chosen() -> list[Case]:
    """All, or the first that bring a code no case before had."""
    seen: set[str] = set()
    found = []
    for case in [*CASES, *STRANGERS]:
        if os.environ.get("MODELYARD_LONG") or not case.codes <= seen:
            found.append(case)
            seen |= case.codes
    return found


def drop(window: MainWindow, path: Path) -> None:
    """Drop a path on a window without a project and wait until it was answered."""
    assert drop_files(window, [path])
    wait_until(lambda: not window.session.jobs.running, 120, f"the answer to {path.name}")
    if window.session.project is not None:
        wait_until(lambda: isinstance(window.page, DataPage) and window.page.view is not None, 60, path.name)


def close(window: MainWindow) -> None:
    window.actions_["project.close"].trigger()
    wait_until(lambda: window.session.project is None, 30)


def test_every_kind_of_file_is_answered(window: MainWindow, tmp_path: Path, click_counter: ClickCounter):
    for number, case in enumerate(chosen()):
        folder = tmp_path / str(number)
        folder.mkdir()
        path = folder / case.file_name
        path.write_bytes(case.content)
        drop(window, path)
        if case.outcome == "reject":
            assert window.session.project is None, case.name
            assert window.banner.isVisible(), case.name
            assert [line.partition(":")[0] for line in window.banner._details.toPlainText().splitlines()] == [
                *case.codes
            ]
            continue
        page = window.page
        assert isinstance(page, DataPage) and page.view is not None, (case.name, window.banner.message)
        findings = page.view.reading.findings
        worst = max((f.outcome for f in findings), key=OUTCOME_ORDER.index, default=Outcome.ACCEPT)
        assert (str(worst), {f.code for f in findings} or {"OK"}) == (case.outcome, case.codes), case.name
        close(window)
    assert click_counter.dialogs == 0
    kept = sum(case.outcome != "reject" for case in chosen())
    assert len([*(tmp_path / "projects").iterdir()]) == kept, "a refused first file left a project behind"


@pytest.mark.parametrize("kind", ["folder", "pipe", "loop", "device"])
def test_what_is_no_file_is_answered(window: MainWindow, tmp_path: Path, kind: str):
    path = tmp_path / "thing"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(path if kind == "loop" else "/dev/null")
    drop(window, path)
    codes = {"folder": "IS_DIRECTORY", "pipe": "NOT_REGULAR_FILE", "loop": "SYMLINK_LOOP", "device": "NOT_REGULAR_FILE"}
    assert window.banner._details.toPlainText().startswith(codes[kind])
    assert window.session.project is None
