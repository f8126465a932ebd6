"""A project with as many runs as one asks for, written straight into its tables: nothing is trained."""

from __future__ import annotations

import json
from pathlib import Path

import sqlalchemy as sa

from app.core.ids import new_id
from app.core.progress import Silent
from app.core.runs import RunState
from app.data.intake import add
from app.registry.project import Project
from app.registry.rows import to_json
from app.registry.tables import candidates, gate_results, run_events, runs
from app.training.plan import make_plan

PER_RUN = 5
"""Candidates: a baseline and four rivals."""


def make_runs(folder: Path, count: int, facts: int) -> Project:
    """``count`` runs that differ in seed, seconds, scores and, every tenth, in one of ``facts`` packages."""
    table = folder / "churn.csv"
    table.write_text("x,y\n" + "".join(f"{i % 17},{'yes' if i % 3 else 'no'}\n" for i in range(120)))
    project = Project.create(folder / "project", actor="Ada")
    added = add(project, table, target="y", ctx=Silent())
    assert added.version and added.reading and added.dataset
    plan = make_plan(project, added.version, added.reading)
    environments = [project.objects.put_json(_environment(facts, odd)) for odd in (False, True)]
    with project.database.write("many runs") as connection:
        ids = [new_id() for _ in range(count)]
        told = to_json(plan).replace('"seed":0', '"seed":SEED')
        connection.execute(
            sa.insert(runs),
            [
                {
                    "id": id_, "number": n, "dataset_id": added.dataset.id, "version_id": added.version.id,
                    "reading_id": added.reading.id, "plan": told.replace("SEED", str(n % 50)),
                    "environment_sha256": environments[n % 10 == 0],
                    "created_at": f"2026-01-01T00:{n // 60 % 60:02}:{n % 60:02}Z",
                }
                for n, id_ in enumerate(ids, 1)
            ],
        )  # fmt: skip
        for state in (RunState.RUNNING, RunState.FINISHED):
            connection.execute(sa.insert(run_events), [_event(id_, state) for id_ in ids])
        made = [_candidate(id_, n, k) for n, id_ in enumerate(ids) for k in range(PER_RUN)]
        connection.execute(sa.insert(candidates), made)
        connection.execute(sa.insert(gate_results), [gate for c in made for gate in _gates(c)])
    return project


def _environment(facts: int, odd: bool) -> dict[str, object]:
    packages = [[f"package{i}", "2" if odd and i == 7 else "1"] for i in range(facts)]
    return {"modelyard": "1", "python": "3.12", "system": "x", "machine": "x", "processor": "x", "cores": 2} | {
        "packages": packages,
        "threads": [],
    }


def _event(run_id: str, state: RunState) -> dict[str, object]:
    return {
        "run_id": run_id, "state": str(state), "at": "2026-01-01T00:00:00Z", "actor": "Ada", "reason": "",
        "notes": json.dumps([]), "host": "x", "pid": 1, "process_started": 0.0,
    }  # fmt: skip


def _candidate(run_id: str, run: int, k: int) -> dict[str, object]:
    score = 0.5 if k == 0 else 0.6 + (run * 37 + k * 11) % 300 / 1000
    family = ("dummy", "linear", "forest", "boosting", "network")[k]
    row: dict[str, object] = {c.name: None for c in candidates.columns}
    return row | {
        "id": new_id(), "run_id": run_id, "position": k, "name": family.capitalize(), "family": family,
        "state": "passed", "baseline": k == 0, "seconds": 1.0 + k, "onnx_bytes": 1000 * k, "note": "",
        "created_at": "2026-01-01T00:00:00Z", "cv_value": score, "cv_low": score - 0.05, "cv_high": score + 0.05,
        "holdout_value": score, "holdout_low": score - 0.04, "holdout_high": score + 0.04,
    }  # fmt: skip


def _gates(candidate: dict[str, object]) -> list[dict[str, object]]:
    names = ("better_than_baseline", "parity", "data_checks")
    return [
        {"candidate_id": candidate["id"], "position": i, "name": name, "passed": True, "value": 0.1, "bound": 0.0,
         "message": "It is."}
        for i, name in enumerate(names)
    ]  # fmt: skip
