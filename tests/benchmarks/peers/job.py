"""What one system is asked in a process of its own, and what it tells. Read by both environments: no other imports.

``python FILE JOB.json``: the job names the folder of the set, the system, its seconds and its seed. Answered are
``answer.npz`` (``predicted``: (n, classes) probabilities in the order of ``labels``, or (n,) values) and ``told.json``.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

THREADS = 2
TIMED_ROWS, TIMES = 1000, 5


@dataclass(frozen=True)
class Job:
    """``data``: the set's folder; ``out``: where the answers go. ``labels`` is empty for a regression."""

    system: str
    data: str
    out: str
    seconds: float
    seed: int
    task: str
    target: str
    metric: str
    labels: tuple[str, ...]

    def write(self) -> Path:
        """The job as a file in its own folder."""
        path = Path(self.out) / "job.json"
        path.write_text(json.dumps(asdict(self)))
        return path

    @staticmethod
    def read(path: str) -> Job:
        """As ``write`` wrote it."""
        told = json.loads(Path(path).read_text())
        return Job(**{**told, "labels": tuple(told["labels"])})

    def answer(self, predicted: np.ndarray, fit_s: float, predict_ms: float, model_bytes: int, note: str = "") -> None:
        """Hand over. ``fit_s``: from the training rows in memory (or added) to a model that answers."""
        np.savez_compressed(Path(self.out) / "answer.npz", predicted=np.asarray(predicted, np.float64))
        told = {"fit_s": fit_s, "predict_ms": predict_ms, "model_bytes": model_bytes, "note": note}
        (Path(self.out) / "told.json").write_text(json.dumps(told))


def median_ms(work: Callable[[], object]) -> float:
    """The median of five calls, in milliseconds, after one that is not counted."""
    work()
    taken = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        work()
        taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken)
