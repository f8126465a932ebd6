"""What one system did on one set: a line in a file that is only ever appended to, so that a run can go on later."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from app.core.runs import Task
from app.training.metrics import Answers, class_answers, statistic, value

Floats = npt.NDArray[np.float64]
REPLICATES = 500


@dataclass(frozen=True)
class Key:
    """Which cell of the table."""

    set: str
    seconds: float
    seed: int
    system: str

    @property
    def folder(self) -> str:
        """Where its answers are, below the results' folder."""
        return f"{self.set}-{self.system}-{self.seconds:g}s-{self.seed}"


@dataclass(frozen=True)
class Cell:
    """``error``: 1 - ROC AUC, log loss or RMSE on the unseen rows, None where the system failed (``note`` says how).
    ``fit_s``: as the system measured it; ``wall_s``: of its whole process, with imports and answers; ``load``: of the
    machine when it started."""

    key: Key
    error: float | None
    fit_s: float = 0.0
    wall_s: float = 0.0
    predict_ms: float = 0.0
    model_bytes: int = 0
    load: float = 0.0
    note: str = ""


@dataclass
class Results:
    """All cells of a folder; the newest line of a cell counts."""

    folder: Path
    cells: dict[Key, Cell] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.cells = {cell.key: cell for cell in self._lines()}

    @property
    def path(self) -> Path:
        """One JSON object a line."""
        return self.folder / "results.jsonl"

    def add(self, cell: Cell) -> None:
        """Append."""
        self.cells[cell.key] = cell
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(cell)) + "\n")

    def predicted(self, key: Key) -> Floats:
        """What the system answered."""
        with np.load(self.folder / key.folder / "answer.npz") as held:
            return np.asarray(held["predicted"], np.float64)

    def _lines(self) -> Iterator[Cell]:
        text = self.path.read_text("utf-8") if self.path.exists() else ""
        for line in text.splitlines():
            if line.endswith("}"):  # a torn last line is done again
                told = json.loads(line)
                yield Cell(**{**told, "key": Key(**told["key"])})


@dataclass(frozen=True)
class Truth:
    """The unseen rows' targets, which no system's process is told of."""

    task: Task
    metric: str
    labels: tuple[str, ...]
    target: npt.NDArray[np.generic]

    @staticmethod
    def read(data: Path) -> Truth:
        """Of one set under one seed."""
        info = json.loads((data / "info.json").read_text())
        target = json.loads((data / "truth.json").read_text())
        kind = np.float64 if info["task"] == "regression" else object
        return Truth(Task(info["task"]), info["metric"], tuple(info["labels"]), np.array(target, dtype=kind))

    def error(self, predicted: Floats) -> float:
        """Smaller is better."""
        return float(self._turned(np.array([value(self.metric, self._answers(predicted))]))[0])

    def worse_beyond_noise(self, ours: Floats, other: Floats) -> bool:
        """Whether the 95 % interval of the paired bootstrap over the unseen rows says so."""
        random = np.random.default_rng(0)
        weights = random.multinomial(len(self.target), np.full(len(self.target), 1 / len(self.target)), REPLICATES)
        left, right = (
            self._turned(statistic(self.metric, self._answers(p))(weights.astype(np.float64))) for p in (ours, other)
        )
        return bool(np.nanquantile(left - right, 0.025) > 0)

    def _turned(self, values: Floats) -> Floats:
        return 1 - values if self.metric == "roc_auc" else values

    def _answers(self, predicted: Floats) -> Answers:
        if self.task is Task.REGRESSION:
            return Answers(self.task, self.target, predicted)
        return class_answers(self.task, self.target, predicted, self.labels, self.labels[-1])
