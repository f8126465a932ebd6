"""Small true histories of a project, for the tests of this room and for the processes that they kill.

Loaded by path (see ``conftest``) and run as a script's module in children: imports only what the application has.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from dataclasses import dataclass, replace

import sqlalchemy as sa

from app.core.data import Column, ColumnType, DataVersion, ParseRecipe, Profile, Reading, Source, Use
from app.core.decisions import Decision
from app.core.deploy import Bundle
from app.core.gate_rules import GateKind, GateRule
from app.core.gates import GateResult
from app.core.ids import new_id
from app.core.models import ModelVersion
from app.core.monitoring import MonitorReport, Performance, Verdict, Window
from app.core.origins import Origin, OriginInput, OriginKind
from app.core.outcomes import Delivery, JoinedBy, LabelCounts
from app.core.progress import Silent
from app.core.referee import Query, RefereeVerdict, Ruling
from app.core.runs import Candidate, CandidateState, Plan, Run, RunState, Score, Task
from app.core.search import Trial
from app.errors import NotFound
from app.registry import (
    contracts,
    datasets,
    decisions,
    deploy,
    gates,
    models,
    monitoring,
    outcomes,
    reclaim,
    runs,
    tables,
    watch,
)
from app.registry.project import Project
from app.runtime.rules import Rule

COLUMNS = (
    Column("age", ColumnType.INTEGER, Use.INPUT, "whole numbers"),
    Column("left", ColumnType.BOOLEAN, Use.TARGET),
)
RECIPE = ParseRecipe("csv", overrides=(("age", ColumnType.INTEGER),))


def new_version(
    project: Project, text: str, dataset_id: str | None = None, name: str | None = None
) -> datasets.NewVersion:
    """A version whose objects are stored but whose row is not."""
    data = text.encode()
    sha256 = project.objects.put_bytes(data)
    return datasets.NewVersion(
        dataset_id=dataset_id,
        name=name or f"data {text}",
        sources=(Source(f"{text}.csv", sha256, len(data)),),
        sha256=sha256,
        rows=3,
        parent_id=None,
        recipe=RECIPE,
        columns=COLUMNS,
        positive="true",
        table_sha256=project.objects.put_bytes(b"table of " + data),
        profile_sha256=project.objects.put_json(Profile(3, ())),
        findings=(),
        why_target="the last column",
    )


def add(
    project: Project, text: str, dataset_id: str | None = None, name: str | None = None
) -> tuple[DataVersion, Reading]:
    """A recorded version with its first reading."""
    _, version, reading = datasets.record_version(project, new_version(project, text, dataset_id, name))
    return version, reading


def start(project: Project, version: DataVersion, reading: Reading) -> Run:
    """A run that goes on."""
    environment = project.objects.put_json({"python": "3.11"})
    plan = Plan(version.id, reading.id, "left", Task.BINARY, "roc_auc", positive="true")
    return runs.start_run(project, version.dataset_id, plan, environment)


def fit(project: Project, run: Run, name: str = "Linear", state: CandidateState = CandidateState.PASSED) -> Candidate:
    """A recorded candidate with objects of its own."""
    put = project.objects.put_bytes
    mark = f"{run.id} {name}".encode()
    made = Candidate(
        new_id(), run.id, name, "linear", state, False, 0.5, Score(0.8, 0.7, 0.9), Score(0.75, 0.6, 0.85),
        *(put(what + mark) for what in (b"recipe ", b"onnx ", b"parity ", b"predictions ", b"evaluation ")),
        onnx_bytes=5, note="",
    )  # fmt: skip
    runs.record_candidate(project, made, [GateResult("parity", True, None, None, "Passed on 3 rows.")])
    return made


def approve(project: Project, run: Run, candidate: Candidate) -> ModelVersion:
    """An approved candidate."""
    card = project.objects.put_bytes(f"# card of {candidate.id}".encode())
    name = next(d.name for d in datasets.datasets(project) if d.id == run.dataset_id)
    return models.record_approval(
        project, candidate_id=candidate.id, name=name, dataset_id=run.dataset_id, reason="All gates passed.", card=card
    )


def bundle(project: Project, version: ModelVersion) -> Bundle:
    """A recorded bundle."""
    sha256 = f"{random.getrandbits(256):064x}"
    path = f"bundles/{version.label}"
    return deploy.record_bundle(project, model_version_id=version.id, sha256=sha256, path=path, size_bytes=10)


def collect(project: Project, bundle_sha256: str, count: int = 3) -> list[str]:
    """Collected predictions, their ids."""
    ids = [new_id() for _ in range(count)]
    sha256 = project.objects.put_bytes("\n".join(ids).encode())
    watch.record_log(
        project, sha256=sha256, bundle_sha256=bundle_sha256, first_at=project.now(), last_at=project.now(),
        service_id=None, predictions=[(i, n * 37) for n, i in enumerate(ids)], cursor=(bundle_sha256, 37 * count),
    )  # fmt: skip
    return ids


def whole(project: Project, text: str) -> str:
    """Everything from data to a prediction, the prediction's id."""
    version, reading = add(project, text)
    run = start(project, version, reading)
    candidate = fit(project, run)
    runs.end_run(project, run.id, RunState.FINISHED)
    made = bundle(project, approve(project, run, candidate))
    return collect(project, made.sha256)[0]


def trust(project: Project, version: DataVersion, text: str) -> None:
    """A contract, a gate, a decision about a finding, and a data set that a query made of the version."""
    contracts.record_contract(project, version.dataset_id, [Rule("range", "age", 18, 99)], "Nobody is younger.")
    gates.record_gates(project, version.dataset_id, [GateRule(GateKind.SIZE, 100)], "It has to be small.")
    decisions.decide(project, version.id, "TARGET_LEAK", "age", Decision.WAIVE, "Known before.")
    origin = Origin(OriginKind.QUERY, query="select 1", inputs=(OriginInput("data", version.id),))
    datasets.record_version(project, replace(new_version(project, f"derived {text}"), origin=origin))


def trial(number: int) -> Trial:
    """One that a search may have made."""
    return Trial(number, "Linear model", "linear", '{"strength": 1.0}', Score(0.8, 0.7, 0.9), 0.1, 80, 5, 1.0 + number)


def label(project: Project, labels: list[tuple[str, str]], name: str = "labels.csv") -> Delivery:
    """A recorded delivery of labels."""
    sha256 = project.objects.put_bytes(f"{name} {labels}".encode())
    counts = LabelCounts(len(labels), len(labels), 0, 0, 0, 0)
    return outcomes.record_labels(
        project, name=name, sha256=sha256, joined_by=JoinedBy.PREDICTION, counts=counts, labels=labels
    )


def report(project: Project, version: ModelVersion, line: str = "Still right.") -> MonitorReport:
    """A recorded look at a model version."""
    told = Performance("roc_auc", Score(0.8, 0.7, 0.9), 300, Score(0.75, 0.6, 0.85), 0.6, "limit")
    window = Window("2026-07-27T10:00:00.000000Z", "2026-07-27T11:00:00.000000Z", 3)
    made = MonitorReport(version.label, Verdict.OK, line, window, None, told, None)
    monitoring.record_report(project, version.id, made)
    return made


def watched(project: Project, version: ModelVersion) -> str:
    """A labelled prediction of a bundle and a report about it; the prediction's id."""
    prediction = collect(project, bundle(project, version).sha256)[0]
    label(project, [(prediction, "true")])
    report(project, version)
    closed(project, version)
    return prediction


def closed(project: Project, version: ModelVersion) -> None:
    """One row in every table of what closes the loop, and what they name in the store."""
    at, by = project.now(), {"actor": "Ann", "at": project.now()}
    data_version = runs.run(project, version.run_id).plan.version_id
    compared, replayed = (project.objects.put_bytes(f"{what} {new_id()}".encode()) for what in ("compared", "replayed"))
    alert, challenge, work = new_id(), new_id(), new_id()
    model, served = {"model_id": version.model_id}, deploy.bundles(project, version.id)[0].id
    rows: dict[sa.Table, dict[str, object]] = {
        tables.project_settings: {"name": "alerts", "value": "{}", **by},
        tables.alerts: {"id": alert, **model, "kind": "drift", "subject": "age", "line": "age moved", "created_at": at},
        tables.alert_events: {"alert_id": alert, "state": "open", "reason": "", **by},
        tables.alert_mutes: {**model, "until": at, "reason": "known", **by},
        tables.alert_deliveries: {"alert_id": alert, "channel": "file", "outcome": "written", "at": at},
        tables.challenges: {
            "id": challenge, **model, "champion_version_id": version.id, "run_id": version.run_id,
            "data_version_id": data_version, "sha256": compared, "created_at": at,
        },
        tables.challenge_decisions: {"challenge_id": challenge, "decision": "kept", "reason": "no better", **by},
        tables.rehearsals: {"id": new_id(), "challenge_id": challenge, "sha256": replayed, "created_at": at},
        tables.releases: {
            "id": new_id(), "environment": "production", **model, "bundle_id": served, "mode": "all", "share": 1.0,
            "kind": "promote", "reason": "better", **by,
        },
        tables.automation_rules: {
            "automation_id": work, "name": "weekly", "rule": "{}", "state": "active", **by
        },
        tables.automation_runs: {
            "id": work, "automation_id": work, "trigger": "by hand", "host": "here", "pid": 1, "process_started": 0.0,
            "created_at": at,
        },
        tables.automation_events: {"run_id": work, "step": "monitor", "state": "done", "note": "", "at": at},
    }  # fmt: skip
    with project.database.write() as connection:
        for table, row in rows.items():
            connection.execute(sa.insert(table).values(row))


def verdict(text: str) -> RefereeVerdict:
    """What the referee may have said; another text is another object."""
    query = Query("A tree", ("1",), 0.1, 0.1)
    return RefereeVerdict(Ruling.ENOUGH, "roc_auc", "Linear", 0.8, 0.8, Score(0, -1, 1), 0.01, query, 0.5, text)


@dataclass
class Story:
    """Endless work on a project; ``tell(kind, id)`` is called after each thing that was confirmed."""

    project: Project
    tell: Callable[[str, str], None]

    def go_on(self, turns: int = 1_000_000) -> None:
        """Turn after turn until killed."""
        for turn in range(turns):
            self._turn(f"{os.getpid()} {turn} {random.getrandbits(32)}", turn)

    def _turn(self, text: str, turn: int) -> None:
        version, reading = add(self.project, text)
        self.tell("version", version.id)
        run = start(self.project, version, reading)
        self.tell("run", run.id)
        candidate = fit(self.project, run)
        self.tell("candidate", candidate.id)
        runs.end_run(self.project, run.id, RunState.FINISHED)
        made = approve(self.project, run, candidate)
        self.tell("model_version", made.id)
        packed = bundle(self.project, made)
        self.tell("bundle", packed.id)
        prediction = collect(self.project, packed.sha256)[0]
        self.tell("prediction", prediction)
        label(self.project, [(prediction, "true")], text)
        self.tell("label", prediction)
        if turn % 3 == 2:
            self.project.objects.put_bytes(b"garbage " + text.encode())
            reclaim.reclaim(self.project, Silent())


def lost(project: Project, kind: str, identifier: str) -> bool:
    """Whether something that was confirmed is not there any more."""
    look: dict[str, Callable[[], object]] = {
        "version": lambda: datasets.current_reading(project, identifier),
        "run": lambda: runs.run(project, identifier),
        "candidate": lambda: runs.candidate(project, identifier),
        "model_version": lambda: models.approvals(project, identifier)[0],
        "bundle": lambda: deploy.bundle(project, identifier),
        "prediction": lambda: watch.find_prediction(project, identifier) or _nothing(),
        "label": lambda: outcomes.history(project, identifier) or _nothing(),
    }
    try:
        look[kind]()
    except (LookupError, NotFound):
        return True
    return False


def _nothing() -> None:
    raise LookupError
