"""Cycles of Python objects are collected on the window's thread alone.

Python collects wherever an allocation happens to cross a threshold, which may be a job's thread. A widget that dies
there is deleted beside its thread, and the process with it (measured: three of four runs of the journeys ended in a
segmentation fault inside the collector). So the automatic collection is off in the window's process and a timer
collects instead; the pattern is calibre's (Kovid Goyal, ``GarbageCollector``).
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QCoreApplication, QObject, QTimer

INTERVAL_MS = 1000
OLDEST_EVERY = 60
"""Ticks between two looks at the oldest generation: some 50 ms once the data's libraries are there."""


class Collector(QObject):
    """Looks once a second whether there is enough to collect. Lives as long as the application."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._ticks = 0
        self._timer = QTimer(self, interval=INTERVAL_MS)
        self._timer.timeout.connect(self.collect)
        self._timer.start()

    def collect(self) -> None:
        """Collect the generations whose thresholds were crossed, the oldest one rarely."""
        self._ticks += 1
        counts, thresholds = gc.get_count(), gc.get_threshold()
        if self._ticks % OLDEST_EVERY == 0 and counts[2]:
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
