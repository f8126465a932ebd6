"""While the window is open a reading child waits; with the application it is gone."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from PySide6.QtWidgets import QApplication

from app.core.progress import Silent
from app.data.intake import add
from app.jobs import starting
from app.registry.project import Project
from app.ui import children_ahead
from app.ui.children_ahead import ChildrenAhead
from tests.ui.helpers import wait_until


@pytest.fixture
def ahead(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[ChildrenAhead]:
    monkeypatch.setattr(children_ahead, "NEXT_AFTER_S", 0.0)
    monkeypatch.setattr(children_ahead, "FIRST_AFTER_MS", 3_600_000)  # begun here; else once more on a slow machine
    made = ChildrenAhead(qapp)
    made.begin()
    wait_until(lambda: made.reserve is not None and made.reserve.spare is not None, 60, "a child in reserve")
    yield made
    made.close()
    made.deleteLater()


def waiting(ahead: ChildrenAhead) -> int:
    """The process id of the child that waits."""
    wait_until(lambda: ahead.reserve is not None and ahead.reserve.spare is not None, 60, "a child in reserve")
    assert ahead.reserve is not None and ahead.reserve.spare is not None
    return ahead.reserve.spare.leader


def test_a_child_waits_for_the_next_file_reads_it_and_is_gone(ahead: ChildrenAhead, tmp_path: Path):
    first = waiting(ahead)
    (tmp_path / "a.csv").write_text("a,b\n" + "1,x\n2,y\n" * 20)
    with Project.create(tmp_path / "p", actor="Ada <ada@example.org>") as project:
        result = add(project, tmp_path / "a.csv", ctx=Silent())
    assert result.version is not None and result.version.rows == 40
    assert not psutil.pid_exists(first)
    ahead.close()
    assert ahead.reserve is None


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux forks")
def test_with_the_server_the_child_that_waits_is_one_of_its(ahead: ChildrenAhead, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(starting, "_warm", [])
    ahead.close()
    ahead.begin()
    first = waiting(ahead)
    assert psutil.Process(first).ppid() == os.getpid()
    ahead.begin_server()
    wait_until(lambda: not psutil.pid_exists(first), 60, "the end of the first")
    assert "forkserver" in " ".join(psutil.Process(waiting(ahead)).parent().cmdline())
