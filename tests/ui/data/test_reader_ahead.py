"""While the window is open a reading child waits; with the application it is gone."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest
from PySide6.QtWidgets import QApplication

from app.core.progress import Silent
from app.data.intake import add
from app.registry.project import Project
from app.ui.data import reader_ahead
from app.ui.data.reader_ahead import ReaderAhead
from tests.ui.helpers import wait_until


def test_a_child_waits_for_the_next_file_reads_it_and_is_gone(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(reader_ahead, "NEXT_AFTER_S", 0.0)
    ahead = ReaderAhead(qapp)
    ahead.begin()
    wait_until(lambda: ahead.reserve is not None and ahead.reserve.spare is not None, 60, "a child in reserve")
    assert ahead.reserve is not None and ahead.reserve.spare is not None
    waiting = ahead.reserve.spare.leader
    (tmp_path / "a.csv").write_text("a,b\n" + "1,x\n2,y\n" * 20)
    with Project.create(tmp_path / "p", actor="Ada <ada@example.org>") as project:
        result = add(project, tmp_path / "a.csv", ctx=Silent())
    assert result.version is not None and result.version.rows == 40
    assert not psutil.pid_exists(waiting)
    ahead.close()
    assert ahead.reserve is None
    ahead.deleteLater()
