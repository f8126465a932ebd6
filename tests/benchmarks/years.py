"""Figures of a project with years of history: ``python tests/benchmarks/years.py [--runs 10000] [--share 1.0]``. Not
part of any timed test run. What each page and command takes that reads a list, and how many statements it asks."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parents[2]))

import sqlalchemy as sa

from app.core import automations as rules
from app.core.alerts import AlertKind
from app.core.automations import Rule, Step, Trigger, When
from app.core.data import DataVersion
from app.core.ids import new_id
from app.core.models import ModelVersion
from app.core.monitoring import MonitorReport, Performance, Verdict, Window
from app.core.runs import RunState, Score
from app.registry import audit, automations, datasets, deploy, models, monitoring, runs, tables
from app.registry.project import Project
from tests.ui.many_runs import make_runs

ROOT = Path(__file__).parents[2]
FIRST = datetime(2024, 1, 1, tzinfo=UTC)
VERSIONS, MODELS, LOGS, LOOKS, ALERTS, RULE_RUNS, ENTRIES = 1_000, 60, 100_000, 3_000, 1_000, 3_000, 50_000
"""Three years: a refresh a day, a retrain every fortnight, logs every five minutes of one, a look a day of three."""


def main() -> None:
    """Make the project, or take the one that is there, and read every list of it three times."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--share", type=float, default=1.0, help="of the rest of the history")
    parser.add_argument("--at", type=Path, help="a folder where the project is kept for the next time")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = args.at or Path(scratch)
        if not (folder / "project").exists():
            folder.mkdir(exist_ok=True)
            with make_runs(folder, args.runs, 180) as made:
                _History(made, args.share).make()
        _measure(folder / "project")


def _measure(path: Path) -> None:
    print(f"load average {os.getloadavg()[0]:.1f}")
    with Project.open(path, actor="Ada") as project:
        for name, read in _readers(project).items():
            _timed(name, read)
    for words in ("runs", "versions", "audit", "verify", "releases --at 2025-06-01", "automations", "alerts --all"):
        _command(words, path)


def _at(number: int, of: int) -> str:
    return f"{FIRST + timedelta(days=3 * 365) * number / of:%Y-%m-%dT%H:%M:%S.%fZ}"


class _History:
    """Rows written straight into the tables: nothing is trained, fetched or served."""

    def __init__(self, project: Project, share: float) -> None:
        self._project = project
        self._share = share
        (self._dataset,) = datasets.datasets(project)

    def make(self) -> None:
        """All of it."""
        self._data_versions(datasets.versions(self._project, self._dataset.id)[0])
        made = self._models()
        bundles = [
            deploy.record_bundle(
                self._project, model_version_id=v.id, sha256=f"{n:064x}", path=f"bundles/{n}", size_bytes=1
            )
            for n, v in enumerate(made)
        ]
        with self._project.database.write() as connection:
            self._releases(connection, [(bundle.id, v) for bundle, v in zip(bundles, made, strict=True)])
            self._logs(connection, [bundle.sha256 for bundle in bundles])
            self._looks(connection, made)
            self._alerts(connection, made[0].model_id)
            for number in range(self._many(ENTRIES)):
                audit.record(connection, self._project, "data.look", f"row:{number}", {"number": number})
        self._rules()

    def _many(self, count: int) -> int:
        return max(2, int(count * self._share))

    def _data_versions(self, first: DataVersion) -> None:
        reading = datasets.current_reading(self._project, first.id)
        for number in range(self._many(VERSIONS)):
            text = f"version {number}".encode()
            sha256 = self._project.objects.put_bytes(text)
            sources = (datasets.Source(f"day {number}.csv", sha256, len(text)),)
            datasets.record_version(self._project, datasets.NewVersion(
                self._dataset.id, "", sources, sha256, first.rows, first.id, reading.recipe, reading.columns,
                reading.positive, reading.table_sha256, reading.profile_sha256, reading.findings,
            ))  # fmt: skip

    def _models(self) -> list[ModelVersion]:
        wanted, model = self._many(MODELS), new_id()
        whole = runs.counted(self._project)[RunState.FINISHED]
        card, names = self._project.objects.put_bytes(b"card"), {"name": "churn", "dataset_id": self._dataset.id}
        chosen = [runs.run(self._project, str(1 + number * whole // wanted)) for number in range(wanted)]
        rows = [
            {"id": new_id(), "model_id": model, "number": number, "run_id": run.id,
             "candidate_id": run.candidates[1].id, "card_sha256": card, "created_at": _at(number, wanted)}
            for number, run in enumerate(chosen, 1)
        ]  # fmt: skip
        with self._project.database.write() as connection:
            connection.execute(sa.insert(tables.models).values(id=model, created_at=_at(0, 1), **names))
            connection.execute(sa.insert(tables.model_versions), rows)
            connection.execute(sa.insert(tables.approvals), [
                {"id": new_id(), "model_version_id": row["id"], "decision": "approved", "actor": "Ada",
                 "reason": "Good.", "at": row["created_at"]}
                for row in rows
            ])  # fmt: skip
        return models.model_versions(self._project)[::-1]

    def _releases(self, connection: sa.Connection, made: list[tuple[str, ModelVersion]]) -> None:
        rows = [
            {"id": new_id(), "environment": environment, "model_id": version.model_id, "bundle_id": bundle_id,
             "mode": "all", "share": 1.0, "kind": "promote", "reason": "better", "actor": "Ada",
             "at": _at(number, len(made))}
            for number, (bundle_id, version) in enumerate(made) for environment in ("staging", "production")
        ]  # fmt: skip
        connection.execute(sa.insert(tables.releases), rows)

    def _logs(self, connection: sa.Connection, bundles: list[str]) -> None:
        sha256, count = self._project.objects.put_bytes(b"a log"), self._many(LOGS)
        rows = [
            {"id": new_id(), "sha256": sha256, "bundle_sha256": bundles[n * len(bundles) // count], "rows": 10,
             "first_at": _at(n, count), "last_at": _at(n + 1, count), "created_at": _at(n + 1, count)}
            for n in range(count)
        ]  # fmt: skip
        connection.execute(sa.insert(tables.prediction_logs), rows)

    def _looks(self, connection: sa.Connection, made: list[ModelVersion]) -> None:
        told = Performance("roc_auc", Score(0.8, 0.7, 0.9), 300, Score(0.75, 0.6, 0.85), 0.6, "limit")
        count, rows = self._many(LOOKS), []
        for number in range(count):
            version = made[number * len(made) // count]
            window = Window(_at(number, count), _at(number + 1, count), 300)
            verdict = Verdict.ACT if number % 50 == 49 else Verdict.OK
            report = MonitorReport(version.label, verdict, "Still right.", window, None, told, None)
            rows.append({
                "id": new_id(), "model_version_id": version.id, "verdict": verdict.value, "line": report.line,
                "from_at": window.first_at, "to_at": window.last_at, "rows": window.rows,
                "sha256": self._project.objects.put_json(report), "created_at": window.last_at,
            })  # fmt: skip
        connection.execute(sa.insert(tables.drift_reports), rows)

    def _alerts(self, connection: sa.Connection, model_id: str) -> None:
        count = self._many(ALERTS)
        ids = [(new_id(), _at(n, count)) for n in range(count)]
        about = {"model_id": model_id, "kind": AlertKind.COLUMN.value, "line": "x moved"}
        rows = [{"id": id_, "subject": f"x{n % 9}", "created_at": at, **about} for n, (id_, at) in enumerate(ids)]
        connection.execute(sa.insert(tables.alerts), rows)
        for state in ("open", "closed"):
            connection.execute(sa.insert(tables.alert_events), [
                {"alert_id": id_, "state": state, "reason": "known", "actor": "Ada", "at": at} for id_, at in ids
            ])  # fmt: skip

    def _rules(self) -> None:
        steps = (Step.COLLECT, Step.MONITOR)
        triggers = (Trigger(When.DAY, "06:30"), Trigger(When.ACT), Trigger(When.WEEK, "07:00", 0))
        made = [automations.add_automation(self._project, t.when.value, Rule(t, steps, "churn")) for t in triggers]
        begun, done = rules.RunState.RUNNING, rules.RunState.DONE
        count = self._many(RULE_RUNS)
        ids = [(new_id(), made[n % len(made)].id, _at(n, count)) for n in range(count)]
        told = [
            (id_, step, state, at)
            for id_, _, at in ids
            for step, state in (("", begun), *((s.value, done) for s in steps), ("", done))
        ]
        with self._project.database.write() as connection:
            connection.execute(sa.insert(tables.automation_runs), [
                {"id": id_, "automation_id": owner, "trigger": f"time {at}", "host": "x", "pid": 1,
                 "process_started": 0.0, "created_at": at}
                for id_, owner, at in ids
            ])  # fmt: skip
            connection.execute(sa.insert(tables.automation_events), [
                {"run_id": id_, "step": step, "state": state.value, "note": "{}", "at": at}
                for id_, step, state, at in told
            ])  # fmt: skip


def _readers(project: Project) -> dict[str, Callable[[], object]]:
    """Everything that a page asks for, by page."""
    from app.monitoring.automation.automations import dry_run, needing
    from app.monitoring.automation.maturity import maturity
    from app.training.search.trial_log import cut_off
    from app.ui.automations.automation_view import automations_view
    from app.ui.compare.candidate_view import run_views
    from app.ui.compare.run_grid import read_grid
    from app.ui.compare.sql_answer import read_answer
    from app.ui.data.data_view import read_view
    from app.ui.home.overview import read_overview
    from app.ui.models.challenge_view import challenge_view
    from app.ui.models.model_view import model_views
    from app.ui.monitor.alert_view import alerts_view
    from app.ui.monitor.fleet_view import fleet
    from app.ui.monitor.monitor_view import monitor_views
    from app.ui.services.rollout_view import places_view
    from app.ui.train.train_view import trainables

    (dataset,) = datasets.datasets(project)
    view, version = read_view(project, None), models.model_versions(project)[-1]
    assert view is not None
    return {
        "Home: overview": lambda: read_overview(project),
        "Home: maturity": lambda: maturity(project),
        "Data: newest version": lambda: read_view(project, None),
        "Data: SQL answer": lambda: read_answer(project, view, "duckdb"),
        "Train: what can be trained": lambda: trainables(project),
        "Train: what was cut off": lambda: _unless_none(lambda: cut_off(project, dataset.id)),
        "Compare: newest of each question": lambda: run_views(project),
        "Compare: all runs": lambda: read_grid(project),
        "Models: versions": lambda: model_views(project),
        "Models: challenger of the first": lambda: challenge_view(project, version.id),
        "Services: environments": lambda: places_view(project, None),
        "Services: environments on a day": lambda: places_view(project, "2025-06-01"),
        "Monitor: versions": lambda: monitor_views(project),
        "Monitor: fleet": lambda: fleet(project),
        "Monitor: alerts": lambda: alerts_view(project),
        "Automations: rules and runs": lambda: automations_view(project),
        "Automations: when they would have run": lambda: dry_run(project),
        "Automations: who needs somebody": lambda: needing(project),
        "History: newest": lambda: audit.entries(project, limit=500),
        "History: words": lambda: audit.entries(project, text="4999", limit=500),
        "one look at reports": lambda: monitoring.newest_reports(project),
    }


def _unless_none(read: Callable[[], object]) -> None:
    from app.errors import NotFound

    try:
        read()
    except NotFound:
        return


def _timed(name: str, read: Callable[[], object]) -> None:
    with _statements() as asked:
        seconds, worked = [], []
        for _ in range(3):
            begun, before = time.perf_counter(), time.process_time()
            read()
            seconds.append(time.perf_counter() - begun)
            worked.append(time.process_time() - before)
    took = f"{min(seconds):7.3f} s (first {seconds[0]:.3f}), processor {min(worked):.3f} s"
    print(f"{name:40} {took}, {len(asked) // 3:5d} statements", flush=True)


@contextmanager
def _statements() -> Iterator[list[str]]:
    asked: list[str] = []

    def note(*told: object) -> None:
        asked.append(str(told[2]))

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    yield asked
    sa.event.remove(sa.Engine, "before_cursor_execute", note)


def _command(words: str, project: Path) -> None:
    verb, *rest = words.split()
    begun, before = time.perf_counter(), os.times()
    line = [sys.executable, str(ROOT / "packaging" / "modelyard.py"), verb, str(project), *rest, "--json"]
    done = subprocess.run(line, capture_output=True, cwd=ROOT, check=False)
    took, after = time.perf_counter() - begun, os.times()
    worked = after.children_user + after.children_system - before.children_user - before.children_system
    told = f"{took:7.3f} s, processor {worked:.3f} s"
    print(f"{words:40} {told}, exit code {done.returncode}, {len(done.stdout):,} bytes", flush=True)


if __name__ == "__main__":
    main()
