"""Makes the golden project of the newest schema: ``python tests/golden/make.py`` from the top folder.

Run once, when a schema is released; the archive is checked in and never made again. Later versions of Modelyard
have to open it (``tests/registry/test_golden.py``).
"""

from __future__ import annotations

import json
import sys
import tempfile
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parents[1]), str(HERE.parent / "registry")]

import story  # noqa: E402

from app.core.alerts import AlertKind, AlertState, Cause  # noqa: E402
from app.core.automations import Occasion, Step, StepResult, Trigger, When  # noqa: E402
from app.core.automations import Rule as Automated  # noqa: E402
from app.core.automations import RunState as AutomationState  # noqa: E402
from app.core.challenges import Comparison  # noqa: E402
from app.core.challenges import Decision as Decided  # noqa: E402
from app.core.data import Column, ColumnType, DataVersion, Finding, Outcome, Use  # noqa: E402
from app.core.decisions import Decision  # noqa: E402
from app.core.deploy import ServiceState  # noqa: E402
from app.core.gate_rules import GateKind, GateRule  # noqa: E402
from app.core.models import ModelVersion  # noqa: E402
from app.core.origins import Origin, OriginInput, OriginKind  # noqa: E402
from app.core.referee import Query, RefereeVerdict, Ruling  # noqa: E402
from app.core.releases import ReleaseKind  # noqa: E402
from app.core.runs import CandidateState, RunState, Score  # noqa: E402
from app.registry import (  # noqa: E402
    alerts,
    audit,
    automations,
    challenges,
    contracts,
    datasets,
    decisions,
    deploy,
    environments,
    gates,
    models,
    monitoring,
    releases,
    runs,
    trials,
    verdicts,
)
from app.registry.migrate import revisions  # noqa: E402
from app.registry.project import Project  # noqa: E402
from app.runtime.rules import Rule  # noqa: E402

VERDICT = RefereeVerdict(
    Ruling.ENOUGH, "roc_auc", "Linear", 0.8, 0.8, Score(0.0, -0.01, 0.005), 0.01, Query("A tree", ("1",), 0.1, 0.1),
    0.5, "A 1-line query reaches as much: SQL is enough.",
)  # fmt: skip


class _Clock:
    """A second passes with every look. The past, so that its processes are gone on any machine."""

    def __init__(self) -> None:
        self.time = datetime(2025, 1, 1, 10, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.time += timedelta(seconds=1)
        return self.time


def _fill(project: Project) -> dict[str, object]:
    """One of everything that a project can hold; what a later version has to find again."""
    version, first = story.add(project, "january", name="churn")
    columns = (Column("age", ColumnType.CATEGORY, Use.INPUT), Column("left", ColumnType.BOOLEAN, Use.TARGET))
    finding = Finding("NA_AMBIGUOUS", Outcome.WARN, "NA may be a value.", "age", (3,), "Say what it is.")
    reading = datasets.record_reading(
        project, version.id, recipe=first.recipe, columns=columns, positive="true", table_sha256=first.table_sha256,
        profile_sha256=first.profile_sha256, findings=(finding,), summary="age is a category",
    )  # fmt: skip
    story.add(project, "february", dataset_id=version.dataset_id)
    _trust(project, version)
    run = story.start(project, version, reading)
    candidate = story.fit(project, run)
    story.fit(project, run, "Forest", CandidateState.PARITY_FAILED)
    verdicts.record_verdict(project, run.id, VERDICT)
    trials.record_trials(project, run.id, [story.trial(1), story.trial(2)])
    runs.end_run(project, run.id, RunState.FINISHED, notes=("1 row without a target was left out.",))
    bundle = story.bundle(project, story.approve(project, run, candidate))
    service = deploy.record_service(project, name="churn@1", bundle_id=bundle.id, port=8000, log_path="logs/churn-1")
    prediction = story.collect(project, bundle.sha256)[0]
    _loop(project, models.model_version(project, bundle.model_version_id), prediction)
    deploy.set_service_state(project, service.id, ServiceState.STOPPED)
    runs.end_run(project, story.start(project, version, first).id, RunState.CANCELLED, reason="You pressed Cancel.")
    story.start(project, version, reading)  # never ended: its process is gone by now
    return {
        "name": project.name,
        "prediction": prediction,
        "entries": audit.count(project),
        "head": audit.head(project),
    }


def _trust(project: Project, version: DataVersion) -> None:
    """A contract in two versions, decisions, and a data set that a query made."""
    contracts.record_contract(project, version.dataset_id, [Rule("type", "age", values=("integer",))], "")
    contracts.record_contract(project, version.dataset_id, [Rule("range", "age", 18, 99)], "Nobody is younger.")
    gates.record_gates(project, version.dataset_id, [GateRule(GateKind.BOUND, 0.7, "roc_auc")], "At least that.")
    decisions.decide(project, version.id, "NA_AMBIGUOUS", "age", Decision.KEEP)
    decisions.decide(project, version.id, "TARGET_LEAK", "age", Decision.WAIVE, "Known before.")
    origin = Origin(OriginKind.QUERY, query="select * from churn", inputs=(OriginInput("churn", version.id),))
    datasets.record_version(project, replace(story.new_version(project, "derived", name="derived"), origin=origin))


def _loop(project: Project, version: ModelVersion, prediction: str) -> None:
    """A label that was corrected, a look at the model, an alert about it, a release, a challenger, an automation."""
    story.label(project, [(prediction, "true")])
    story.label(project, [(prediction, "false")], "corrected.csv")
    story.report(project, version)
    _alerted(project, version)
    _released(project, version)
    _challenged(project, version)
    _automated(project)


def _alerted(project: Project, version: ModelVersion) -> None:
    cause = Cause(AlertKind.COLUMN, "age")
    report = monitoring.reports(project, version.id)[0]
    raised = alerts.raise_alert(project, version.model_id, cause, "age moved", report.id)
    assert raised is not None
    alerts.change_alert(project, raised.id, AlertState.ACKNOWLEDGED, "It is the season.")
    alerts.record_mute(project, version.model_id, "2025-01-02T00:00:00.000000Z", "Until the season is over.")
    alerts.record_sending(project, raised.id, "file alerts.jsonl", "")


def _released(project: Project, version: ModelVersion) -> None:
    environments.add_environment(project, "here")
    releases.record_release(
        project, environment_id="here", model_id=version.model_id, bundle_id=deploy.bundles(project, version.id)[0].id,
        service_id=None, kind=ReleaseKind.PROMOTE, reason="The first.",
    )  # fmt: skip


def _challenged(project: Project, version: ModelVersion) -> None:
    found = Comparison("churn@1", "Linear", "roc_auc", unseen=90, rows=90, difference=Score(0.01, -0.02, 0.04))
    made = challenges.record_challenge(
        project, champion_version_id=version.id, run_id=version.run_id, candidate_id=None,
        data_version_id=runs.run(project, version.run_id).plan.version_id, comparison=found,
    )  # fmt: skip
    challenges.record_decision(project, made.id, Decided.KEPT, "No better beyond the noise.")


def _automated(project: Project) -> None:
    rule = Automated(Trigger(When.DAY, at="06:30"), (Step.COLLECT, Step.MONITOR), model="churn")
    made = automations.add_automation(project, "Every morning", rule)
    run = automations.claim(project, made.id, Occasion("by hand", project.now(), "You pressed Run now."))
    assert run is not None
    automations.record_step(project, run.id, StepResult(Step.COLLECT, AutomationState.DONE, "Nothing new."))
    automations.end_run(project, run.id, AutomationState.DONE)


def main() -> None:
    """Write ``schema_NNNN.zip`` and what is expected of it."""
    name = f"schema_{revisions()[-1]}"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "project"
        with Project.create(path, name="Golden", actor="Ann <ann@example.org>", clock=_Clock()) as project:
            expected = _fill(project)
        with zipfile.ZipFile(HERE / f"{name}.zip", "x", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(p for p in path.rglob("*") if p.is_file()):
                archive.write(file, file.relative_to(path))
    (HERE / f"{name}.json").write_text(json.dumps(expected, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
