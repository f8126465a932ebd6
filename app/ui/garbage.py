"""Cycles of Python objects are collected on the window's thread alone.

Python collects wherever an allocation happens to cross a threshold, which may be a job's thread. A widget that dies
there is deleted beside its thread, and the process with it (measured: three of four runs of the journeys ended in a
segmentation fault inside the collector). So the automatic collection is off in the window's process and a timer
collects instead; the pattern is calibre's (Kovid Goyal, ``GarbageCollector``).
"""

from __future__ import annotations

import gc
import sys

from PySide6.QtCore import QCoreApplication, QObject, QTimer

INTERVAL_MS = 250
"""Often, because each look at the youngest costs as much as was allocated since the last one."""
OLDEST_EVERY = 240
"""Ticks between two looks at the oldest generation."""
NEW_MODULES = 20


class Collector(QObject):
    """Looks four times a second whether there is enough to collect. Lives as long as the application.

    What libraries bring stays for good and is set aside unlooked at (``gc.freeze``): to look through the 66,000
    objects of SQLAlchemy and DuckDB stopped the window for 23 ms, thrice as long beside a busy child. That happens
    some ten times in the life of a process, so that little garbage is set aside with them.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._ticks = 0
        self._modules = 0
        self.collect()
        self._timer = QTimer(self, interval=INTERVAL_MS)
        self._timer.timeout.connect(self.collect)
        self._timer.start()

    def collect(self) -> None:
        """Collect the generations whose thresholds were crossed, the oldest one rarely."""
        self._ticks += 1
        if len(sys.modules) - self._modules > NEW_MODULES:
            self._modules = len(sys.modules)
            gc.freeze()
            return
        counts, thresholds = gc.get_count(), gc.get_threshold()
        if self._ticks % OLDEST_EVERY == 0:
            gc.collect(2)
        elif counts[1] > thresholds[1]:
            gc.collect(1)
        elif counts[0] > thresholds[0]:
            gc.collect(0)


def collect_on_this_thread() -> Collector:
    """Turn the automatic collection off and collect here from now on; once for each application."""
    application = QCoreApplication.instance()
    assert application is not None, "the application comes first"
    there = application.findChild(Collector)
    gc.disable()
    return there if there is not None else Collector(application)
