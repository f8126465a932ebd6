"""One side of the drift benchmark in a process of its own: ``drift.py SYSTEM FOLDER``; one line of JSON.

``numpy.npz`` and ``texts.json`` in FOLDER hold both tables; reading them is not timed. Memory: how much more the
process has held at most than before the work.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

NUMBERS, TEXTS, SIDES = 14, 6, ("then", "now")
Told = dict[str, float]


def read(folder: Path) -> dict[str, dict[str, np.ndarray]]:
    """Both tables, column by column."""
    held = np.load(folder / "tables.npz", allow_pickle=False)
    made: dict[str, dict[str, np.ndarray]] = {}
    for side in SIDES:
        made[side] = {f"n{i}": held[f"{side}.n{i}"] for i in range(NUMBERS)}
        made[side] |= {f"c{i}": held[f"{side}.c{i}"].astype(object) for i in range(TEXTS)}
    return made


def ours(tables: dict[str, dict[str, np.ndarray]], folder: Path) -> tuple[Callable[[], Told], Callable[[], Told]]:
    """The statistics, and then the whole with null bands."""
    sys.path.insert(0, str(Path(__file__).parents[3]))
    from app.monitoring.drift import cells_of, compare, figures
    from app.monitoring.nulls import NullStore

    columns = {
        side: {n: v if v.dtype.kind == "f" else v.tolist() for n, v in table.items()} for side, table in tables.items()
    }
    kept = folder / "nulls"
    kept.mkdir(exist_ok=True)

    def statistics() -> Told:
        reference = {n: cells_of(v) for n, v in columns["then"].items()}
        found = {n: figures(n, cells, columns["now"][n]) for n, cells in reference.items()}
        return {n: dict(f.statistics).get("wasserstein", f.effect) for n, f in found.items()}

    def bands() -> Told:
        reference = {n: cells_of(v) for n, v in columns["then"].items()}
        begun = time.perf_counter()
        for name, cells in reference.items():
            NullStore(kept, kept).of(cells, len(columns["now"][name]))
        bands_s = time.perf_counter() - begun
        told = compare(reference, columns["now"], store=NullStore(kept, kept))
        return {"moved": sum(c.moved for c in told.columns), "bands_s": bands_s}

    return statistics, bands


def evidently(tables: dict[str, dict[str, np.ndarray]], folder: Path) -> tuple[Callable[[], Told], None]:
    """Its preset: Wasserstein by the reference's deviation, Jensen-Shannon."""
    import pandas as pd
    from evidently import DataDefinition, Dataset, Report
    from evidently.presets import DataDriftPreset

    definition = DataDefinition(
        numerical_columns=[f"n{i}" for i in range(NUMBERS)], categorical_columns=[f"c{i}" for i in range(TEXTS)]
    )
    then, now = (Dataset.from_pandas(pd.DataFrame(tables[side]), definition) for side in SIDES)

    def statistics() -> Told:
        told = json.loads(Report([DataDriftPreset()]).run(now, then).json())
        values = {m["metric_name"]: m["value"] for m in told["metrics"] if "column=" in m["metric_name"]}
        return {n.partition("column=")[2].split(",")[0].rstrip(")"): float(v) for n, v in values.items()}

    return statistics, None


def _held_kb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> None:
    """Measure and tell."""
    system, folder = sys.argv[1], Path(sys.argv[2])
    tables = read(folder)
    statistics, bands = (ours if system == "ours" else evidently)(tables, folder)
    before = _held_kb()
    told: dict[str, object] = {"system": system}
    begun = time.perf_counter()
    told["values"] = statistics()
    told["seconds"] = time.perf_counter() - begun
    told["memory_mb"] = (_held_kb() - before) / 1024
    if bands is not None:
        told["cold"], told["warm"] = bands(), bands()
    print(json.dumps(told))


if __name__ == "__main__":
    main()
