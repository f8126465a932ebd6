"""The loop closes by itself: ``run-due`` looks, retrains, gates and promotes where the policy allows it; no window, no
display, no PySide6. Everything is recorded, and the predictions of both versions can be traced."""

from __future__ import annotations

import csv
import json
import random
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.approval.approve import approve
from app.approval.check import train_and_check
from app.cli import main
from app.core.alerts import AlertKind, AlertState
from app.core.automations import RunState, Step
from app.core.progress import Silent
from app.data.intake import add
from app.monitoring.automation.automation_steps import do
from app.monitoring.automation.doing import Doing
from app.monitoring.automation.maturity import maturity
from app.monitoring.labels import add_labels
from app.registry import alerts, audit, automations, challenges, datasets, deploy, models
from app.registry.project import Project
from app.registry.verify import verify
from app.serving import local
from app.serving.client import predict
from app.serving.logs import collect_services
from app.serving.predict import predict_file
from app.serving.rollout import live_on, promote
from app.serving.trace import trace
from app.training.plan import make_plan
from tests.journeys.conftest import ROOT, argv, environment

TRAINED, ASKED = 400, 1600


def people(count: int, seed: int, *, leave_when_cheap: bool) -> list[dict[str, str]]:
    """People who leave when their fee is high; later, when it is low: the relation itself changed."""
    pick = random.Random(seed)
    made = []
    for number in range(count):
        fee = pick.gauss(50, 10)
        high = pick.random() < 1 / (1 + 2.718 ** ((50 - fee) / 3))
        left = "yes" if high != leave_when_cheap else "no"
        made.append({"who": f"{seed}-{number}", "fee": f"{fee:.2f}", "plan": pick.choice("ABC"), "left": left})
    return made


def write(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """A model that is live in staging, and two rules: look when labels came; renew what is below its limit."""
    with Project.create(tmp_path / "p", actor="Ada") as made:
        table = write(tmp_path / "people.csv", people(TRAINED, 1, leave_when_cheap=False))
        added = add(made, table, target="left", ctx=Silent())
        reading = datasets.current_reading(made, added.version.id)
        plan = replace(make_plan(made, added.version, reading, seconds=60), families=("linear",))
        run = train_and_check(made, plan, Silent())
        version = approve(made, run.id, reason="Better than guessing.", ctx=Silent())
        promote(made, version.id, "staging", "The first one.", ctx=Silent())
        yield made
        for service in deploy.services(made):
            local.stop(made, service.id, Silent())


@pytest.fixture
def headless(tmp_path: Path) -> dict[str, str]:
    """The environment of a server without PySide6: to import it would fail, wherever it is installed."""
    (tmp_path / "without" / "PySide6").mkdir(parents=True)
    (tmp_path / "without" / "PySide6" / "__init__.py").write_text("raise ImportError('there is no window here')")
    return environment({"PYTHONPATH": f"{tmp_path / 'without'}:{ROOT}", "MODELYARD_ACTOR": "The schedule"})


def asked(project: Project, folder: Path) -> list[dict[str, str]]:
    """What people who came later were answered, with what they then did."""
    rows = people(ASKED, 2, leave_when_cheap=True)
    sent = write(folder / "asked.csv", [{k: v for k, v in row.items() if k != "left"} for row in rows])
    version = models.model_version_by_label(project, "people")
    predict_file(project, version.id, sent, folder / "answered.csv", Silent())
    with (folder / "answered.csv").open(newline="", encoding="utf-8") as file:
        return [row | told for row, told in zip(rows, csv.DictReader(file), strict=True)]


def add_rule(project: Project, *words: str) -> None:
    assert main(["automations", str(project.path), "--model", "people", *words]) == 0


def due(project: Project, headless: dict[str, str]) -> tuple[int, list[dict[str, Any]]]:
    """Exit code of ``run-due`` in a process of its own, and what ran."""
    line = argv("run-due", project.path, "--json")
    done = subprocess.run(line, capture_output=True, text=True, env=headless, cwd=project.path.parent, timeout=300)
    return done.returncode, json.loads(done.stdout)["ran"]


def test_the_loop_closes_without_a_window(project: Project, tmp_path: Path, headless: dict[str, str], capfd) -> None:
    add_rule(project, "--add", "Watch", "--when", "labels:200", "--do", "collect,monitor")
    add_rule(project, "--add", "Renew", "--when", "below", "--do", "retrain,gate,promote", "--to", "staging")
    answered = asked(project, tmp_path)
    labels = write(tmp_path / "labels.csv", [{"id": r["prediction_id"], "left": r["left"]} for r in answered])
    add_labels(project, labels, id_column="id", label_column="left", ctx=Silent())

    in_the_way = project.path / "bundles" / "people@2.zip"
    in_the_way.mkdir()
    code, (watch, renew) = due(project, headless)
    assert code == 1
    assert (watch["automation"], watch["why"]) == ("Watch", "1,600 new labels came for people")
    assert watch["steps"][1]["note"].startswith("people@1: Below its limit")
    assert (renew["automation"], renew["state"]) == ("Renew", "failed")
    assert [(s["step"], s["state"]) for s in renew["steps"]] == [
        ("retrain", "done"), ("gate", "done"), ("promote", "failed"),
    ]  # fmt: skip
    assert renew["note"].startswith("people@2 is approved, and is not live in staging yet: ")
    in_the_way.rmdir()
    code, (renew,) = due(project, headless)
    assert (code, renew["why"]) == (0, "people@2 was promoted by The schedule, and is not live in staging yet")
    assert [(s["step"], s["note"]) for s in renew["steps"]] == [("promote", "people@2 is live in staging.")]
    assert due(project, headless) == (0, [])
    assert len(challenges.challenges(project)) == 1
    told = [alert for alert in alerts.alerts(project) if alert.kind is AlertKind.AUTOMATION]
    assert [(alert.state, alert.reason) for alert in told] == [
        (AlertState.CLOSED, "By itself: Renew: people@2 is live in staging."),
    ]  # fmt: skip

    (live,) = live_on(project)
    assert (live.version, live.environment.name) == ("people@2", "staging")
    (status,) = local.statuses(project)
    row = {k: v for k, v in people(1, 3, leave_when_cheap=True)[0].items() if k != "left"}
    predict(str(status.url), [row | {"fee": float(row["fee"])}])
    collect_services(project, Silent())
    newest = next(iter(_newest(project)))
    for prediction, label in ((answered[0]["prediction_id"], "people@1"), (newest, "people@2")):
        told = trace(project, prediction)
        assert (told.whole, told.model_version) == (True, label)
    assert verify(project, Silent()).ok
    story = [entry.verb for entry in audit.entries(project, limit=100)][::-1]
    story = story[story.index("labels.add") :]
    wanted = ("monitor.report", "automation.done", "challenge.made", "model.approve", "release.promote")
    assert [verb for verb in story if verb in wanted] == [*wanted, "automation.done"]
    assert audit.entries(project, verb="model.approve")[0].actor == "The schedule"

    found = maturity(project)
    assert (found.level, found.criteria[0].met) == (0, True)
    unmet = [criterion.name for criterion in found.criteria if not criterion.met]
    assert unmet == ["contract", "watched", "staged", "rehearsed"]
    (lead,) = found.leads
    assert lead.dropped < lead.live < lead.alarm < lead.answered

    rule = replace(automations.find_automation(project, "Renew").rule, environment="production")
    made = challenges.challenges(project)[0]
    held = do(Step.PROMOTE, Doing(project, rule, "Renew", "Ada started it", made), Silent())
    assert (held.state, held.note.partition(" ")[0]) == (RunState.WAITING, "production")
    rule = replace(rule, environment="staging")
    held = do(Step.PROMOTE, Doing(project, rule, "Renew", "Ada started it", made), Silent())
    assert (held.state, held.note) == (
        RunState.WAITING,
        "people@2 is live there, but the challenger was compared with people@1: a person decides.",
    )
    assert [live.environment.name for live in live_on(project)] == ["staging"]


def _newest(project: Project) -> list[str]:
    from app.registry import watch

    return [id_ for id_, _, _ in watch.recent_predictions(project, 1)]
