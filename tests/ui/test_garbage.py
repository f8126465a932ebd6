"""A widget that only a cycle keeps dies on the window's thread, whoever allocates meanwhile."""

from __future__ import annotations

import gc
import sys
import threading
import weakref
from types import ModuleType

from PySide6.QtWidgets import QApplication, QWidget

from app.ui.garbage import NEW_MODULES, OLDEST_EVERY, collect_on_this_thread
from app.ui.window import MainWindow


def leave_a_cycle(died_on: list[int]) -> None:
    """A widget without a parent in a cycle that nobody holds."""
    widget = QWidget()
    widget.myself = widget  # type: ignore[attr-defined]
    weakref.finalize(widget, lambda: died_on.append(threading.get_ident()))


def allocate(times: int = 20) -> None:
    """Cross every threshold of the automatic collection many times."""
    for _ in range(times):
        kept = [[number] for number in range(50_000)]
        del kept


def test_a_thread_that_allocates_collects_no_widget(qapp: QApplication) -> None:
    collector = collect_on_this_thread()
    collector.collect()
    died_on: list[int] = []
    leave_a_cycle(died_on)
    thread = threading.Thread(target=allocate)
    thread.start()
    thread.join()
    assert died_on == []
    for _ in range(OLDEST_EVERY):
        collector.collect()
        allocate(1)
    assert died_on == [threading.get_ident()]


def test_every_window_collects_on_its_own_thread(window: MainWindow) -> None:
    assert not gc.isenabled()
    assert collect_on_this_thread() is collect_on_this_thread()


def test_what_libraries_bring_is_set_aside_not_looked_through(qapp: QApplication) -> None:
    collector = collect_on_this_thread()
    collector.collect()
    before = gc.get_freeze_count()
    for number in range(NEW_MODULES + 1):
        sys.modules[f"brought_{number}"] = ModuleType("brought")
    collector.collect()
    for number in range(NEW_MODULES + 1):
        del sys.modules[f"brought_{number}"]
    assert gc.get_freeze_count() > before
