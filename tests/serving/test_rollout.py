"""Roll out and roll back with real models: what is live is what answers, and the history says since when."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from app.approval.approve import approve
from app.approval.check import train_and_check
from app.cli import main
from app.core.gate_rules import GateKind, GateRule
from app.core.gate_words import rule_of
from app.core.gates import GateResult
from app.core.models import ModelVersion
from app.core.monitoring import MonitorReport, Performance, Verdict, Window
from app.core.progress import Silent
from app.core.releases import DEFAULT_ENVIRONMENTS, Mode, ReleaseKind
from app.core.runs import Score
from app.data.intake import add
from app.errors import BadInput, BundleProblem, EnvironmentProblem, NotAllowed, NotFound
from app.monitoring.monitor import watched_version
from app.registry import audit, deploy, environments, monitoring, releases
from app.registry.project import Project
from app.registry.thresholds import record_threshold
from app.serving import client, local, turns
from app.serving.course import Course
from app.serving.release_gates import results, results_of
from app.serving.rollout import live_on, promote, rollback, settle
from app.serving.switching import switch
from app.serving.trace import trace
from app.training.plan import make_plan

pytestmark = pytest.mark.skipif(os.name != "posix", reason="sockets are handed over on POSIX")


@dataclass(frozen=True)
class Versions:
    """A project with two approved versions of one model."""

    project: Project
    one: ModelVersion
    two: ModelVersion


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Versions]:
    folder = tmp_path_factory.mktemp("rollout")
    table = folder / "churn.csv"
    chance = random.Random(7)
    rows = [(chance.gauss(0, 1), chance.gauss(0, 1)) for _ in range(700)]
    told = "".join(f"{x:.4f},{y:.4f},{'yes' if x + chance.gauss(0, 0.5) > 0 else 'no'}\n" for x, y in rows)
    table.write_text("a,b,churned\n" + told)
    with Project.create(folder / "project", actor="Ada") as project:
        added = add(project, table, target="churned", ctx=Silent())
        plan = replace(make_plan(project, added.version, added.reading, seconds=600), families=("linear", "boosting"))
        run = train_and_check(project, plan, Silent())
        passed = [c for c in run.candidates if c.state == "passed" and not c.baseline]
        made = [approve(project, run.id, candidate_id=c.id, reason="Good", ctx=Silent()) for c in passed[:2]]
        yield Versions(project, *made)
        for status in local.statuses(project):
            local.stop(project, status.service.id, Silent())


def url_of(versions: Versions, environment: str) -> str:
    (service,) = [s for s in local.statuses(versions.project) if s.service.name == f"churn-{environment}"]
    return str(service.url)


def answers(versions: Versions, environment: str) -> str:
    return str(client.predict(url_of(versions, environment), [{"a": 0.5, "b": 0.1}], ids=["me"])["model"])


def live(versions: Versions, at: str | None = None) -> dict[str, tuple[str, str | None]]:
    return {one.environment.name: (one.version, one.challenger) for one in live_on(versions.project, at)}


def test_what_is_live_answers_and_the_history_says_since_when(versions: Versions) -> None:
    project, model = versions.project, versions.one.model_id
    running = local.start(project, deploy_of(versions.one, project), ctx=Silent())

    first = promote(project, versions.two.id, "production", "It beats the rule", ctx=Silent())
    assert url_of(versions, "production") == running.url  # its clients keep their address
    beaten = client.predict(running.url or "", [{"a": 0.5, "b": 0.1}])
    assert promote(project, versions.two.id, "Production", "Again", ctx=Silent()) == first
    promote(project, versions.one.id, "staging", "To try it", ctx=Silent())
    assert live(versions) == {"production": (versions.two.label, None), "staging": (versions.one.label, None)}
    assert url_of(versions, "staging") != running.url

    back = rollback(project, "production", model, "It is slower", ctx=Silent())
    assert (answers(versions, "production"), back.kind) == (versions.one.label, ReleaseKind.ROLLBACK)
    assert live(versions, first.at)["production"] == (versions.two.label, None)
    watched = [watched_version(project, name).label for name in ("churn", versions.two.label)]
    assert watched == [versions.one.label, versions.two.label]  # the newest answers nobody
    with pytest.raises(NotAllowed, match="Somebody has changed what is live"):  # asked twice at the same time
        rollback(project, "production", model, "It is slower", seen=first.id, ctx=Silent())
    with pytest.raises(NotAllowed, match="Nothing was live there before"):
        rollback(project, "production", model, "Further", ctx=Silent())

    promote(project, versions.two.id, "production", "All but a few", mode="share", share=1, ctx=Silent())
    assert answers(versions, "production") == versions.two.label
    (now,) = [one for one in live_on(project) if one.environment.name == "production"]
    assert (now.version, now.challenger, now.share) == (versions.one.label, versions.two.label, 1.0)
    assert now.since == back.at
    ended = rollback(project, "production", model, "Enough", ctx=Silent())
    assert (answers(versions, "production"), ended.challenger_bundle_id) == (versions.one.label, None)
    shadow = promote(project, versions.two.id, "production", "Look first", mode="shadow", ctx=Silent())
    assert (answers(versions, "production"), shadow.mode) == (versions.one.label, Mode.SHADOW)
    settle(project, "production", model, "Seen enough", ctx=Silent())
    assert live(versions)["production"] == (versions.one.label, None)

    for answer in (beaten, client.predict(url_of(versions, "production"), [{"a": 0.5, "b": 0.1}])):
        found = trace(project, answer["predictions"][0]["id"])  # type: ignore[index]
        assert (found.whole, found.model_version, found.bundle) == (True, answer["model"], answer["bundle"])
    assert beaten["model"] == versions.two.label

    told = [entry.verb for entry in audit.entries(project, verb="release")]
    recorded = releases.releases(project)
    assert told == [f"release.{release.kind}" for release in recorded]
    assert audit.verify_chain(project) == []


def deploy_of(version: ModelVersion, project: Project) -> str:
    from app.bundles.build import build

    return build(project, version.id, ctx=Silent()).id


def test_a_damaged_bundle_is_not_recorded_as_live(versions: Versions) -> None:
    project = versions.project
    promote(project, versions.one.id, "development", "First", ctx=Silent())
    before, count = live(versions), len(releases.releases(project))
    other = deploy.bundle(project, deploy_of(versions.two, project))
    card = project.path / other.path / "card.md"
    whole = card.read_bytes()
    with pytest.raises(BundleProblem, match="goes on as before"):
        _promote_damaged(versions, card)
    card.write_bytes(whole)
    assert (live(versions), len(releases.releases(project))) == (before, count)
    assert answers(versions, "development") == versions.one.label


def _promote_damaged(versions: Versions, card: Path) -> None:
    """Damaged after it was built and before it serves: what a full or failing disk does."""
    project = versions.project
    card.write_bytes(card.read_bytes() + b"!")
    other = next(b for b in deploy.bundles(project, versions.two.id) if project.path / b.path == card.parent)
    (status,) = [s for s in local.statuses(project) if s.service.name == "churn-development"]
    switch(project, status.service, Course(other), Silent())


def test_what_was_switched_and_never_recorded_is_told_and_set_right_by_rolling_out_again(
    versions: Versions, capsys: pytest.CaptureFixture[str]
) -> None:
    """This program was ended between the switch and its record."""
    project, other = versions.project, deploy.bundle(versions.project, deploy_of(versions.two, versions.project))
    first = promote(project, versions.one.id, "development", "First", ctx=Silent())
    recorded = deploy.bundle(project, first.bundle_id)
    for course in (Course(other), Course(recorded, other, Mode.SHADOW, 0.0)):
        (status,) = [s for s in local.statuses(project) if s.service.name == "churn-development"]
        assert "roll out again" not in status.message
        switch(project, status.service, course, Silent())
        message = local.status_of(project, status.service).message
        assert "roll out again" in message and (course.challenger is not None or versions.two.label in message)
        assert main(["releases", str(project.path)]) == 0
        assert f"development: {versions.one.label}" in (said := capsys.readouterr().out) and message in said
        assert promote(project, versions.one.id, "development", "Again", ctx=Silent()) == first
        assert answers(versions, "development") == versions.one.label
    switch(project, status.service, Course(other), Silent())
    assert rollback(project, "development", versions.one.model_id, "Not that one", ctx=Silent()) == first
    assert answers(versions, "development") == versions.one.label
    switch(project, status.service, Course(other), Silent())
    assert promote(project, versions.two.id, "development", "As begun", ctx=Silent()).bundle_id == other.id
    assert local.status_of(project, deploy.service(project, status.service.id)).message == ""


def test_a_service_of_an_environment_is_started_between_roll_outs(
    versions: Versions, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = versions.project
    promote(project, versions.one.id, "development", "First", ctx=Silent())
    (status,) = [s for s in local.statuses(project) if s.service.name == "churn-development"]
    monkeypatch.setattr(turns, "OTHERS_WITHIN_S", 0.05)
    with turns.one_at_a_time(project), pytest.raises(EnvironmentProblem, match="is rolling out in this project"):
        local.start_again(project, status.service.id, Silent())
    assert local.start_again(project, status.service.id, Silent()).url == status.url


def test_the_command_line_rolls_out_back_and_tells(versions: Versions, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(versions.project.path)

    def told(*words: str) -> tuple[int, dict[str, Any]]:
        code = main([words[0], path, *words[1:], "--json"])
        return code, json.loads(capsys.readouterr().out)

    code, made = told("promote", versions.two.label, "--to", "development", "--reason", "Better")
    assert (code, made["model_version"], made["service"]) == (0, versions.two.label, "churn-development")
    code, now = told("releases", "--at", made["at"])
    (place,) = [one for one in now["live"] if one["environment"] == "development"]
    assert (place["model_version"], place["since"]) == (versions.two.label, made["at"])
    card = versions.project.path / deploy.bundles(versions.project, versions.one.id)[0].path / "card.md"
    whole = card.read_bytes()
    card.write_bytes(whole + b"!")
    code, back = told("rollback", "churn-development", "--reason", "Worse")  # what is damaged is built again
    card.write_bytes(whole)
    assert (code, back["model_version"], back["was"]) == (0, versions.one.label, versions.two.label)
    code, then = told("releases", "--at", "2020-01-01")
    assert (code, then["live"]) == (0, [])
    assert told("rollback", "nowhere")[0] == 1
    environments.change_environment(versions.project, "staging", gates=(GateRule(GateKind.BOUND, 0.9999, "roc_auc"),))
    assert told("promote", versions.two.label, "--to", "staging")[0] == 3
    environments.change_environment(versions.project, "staging", gates=())


def test_a_challenge_is_settled_and_a_model_retired_by_command(
    versions: Versions, capsys: pytest.CaptureFixture[str]
) -> None:
    path, service = str(versions.project.path), "churn-development"

    def told(*words: str) -> tuple[int, dict[str, Any]]:
        code = main([words[0], path, *words[1:], "--json"])
        return code, json.loads(capsys.readouterr().out)

    url = url_of(versions, "development")
    assert told("promote", versions.two.label, "--to", "development", "--share", "0.5")[0] == 0
    code, made = told("settle", service, "--keep", "challenger", "--reason", "As good, and faster")
    assert (code, made["kind"], made["model_version"], made["was"]) == (
        0,
        "settle",
        versions.two.label,
        versions.one.label,
    )
    assert (live(versions)["development"], answers(versions, "development")) == (
        (versions.two.label, None),
        versions.two.label,
    )
    assert told("settle", service, "--keep", "champion")[0] == 1  # nothing challenges it
    assert told("rollback", service)[1]["model_version"] == versions.one.label

    code, stopped = told("stop", service)
    assert (code, stopped["state"], stopped["url"]) == (0, "stopped", None)
    assert "is stopped already" in told("stop", service)[1]["error"]["message"]
    assert service in told("stop", "nowhere")[1]["error"]["hint"]
    rows = {row["service"]: row for row in told("services")[1]["services"]}
    assert (rows[service]["state"], rows[service]["environment"]) == ("stopped", "development")

    code, gone = told("retire", service, "--reason", "Nobody asks")
    assert (code, gone["kind"], gone["url"]) == (0, "retire", None)
    assert local.next_port(versions.project) != int(url.rpartition(":")[2])  # it may come back to it
    assert "development" not in live(versions)
    assert told("retire", service)[0] == 1
    (status,) = [one for one in local.statuses(versions.project) if one.service.name == service]
    with pytest.raises(NotAllowed, match="was retired"):
        local.start_again(versions.project, status.service.id, Silent())
    assert told("promote", versions.one.label, "--to", "development")[1]["url"] == url
    with pytest.raises(NotAllowed, match="Nothing was live there before"):
        rollback(versions.project, "development", versions.one.model_id, "Back", ctx=Silent())


def test_an_environments_gates_keep_a_version_out(versions: Versions) -> None:
    project = versions.project
    strict = GateRule(GateKind.BOUND, 0.9999, "roc_auc")
    environments.change_environment(project, "staging", gates=(strict,))
    before = len(releases.releases(project))
    with pytest.raises(NotAllowed, match="does not pass the gates of staging"):
        promote(project, versions.two.id, "staging", "Try", ctx=Silent())
    assert len(releases.releases(project)) == before
    environments.change_environment(project, "staging", gates=())


def test_an_environments_gates_judge_the_answers_at_the_threshold_that_would_be_live(versions: Versions) -> None:
    project, version = versions.project, versions.two
    place = environments.environment(project, "staging")
    rules = (GateRule(GateKind.BOUND, 0.55, "accuracy"), GateRule(GateKind.BOUND, 0.55, "roc_auc"))
    place = replace(place, gates=rules)
    built = project.now()
    assert [r.passed for r in results(project, version, place, Silent())] == [True, True]
    assert not results_of(project, version.candidate_id, place, Silent(), at=0.999)[0].passed  # what it takes over
    record_threshold(project, version.candidate_id, at=0.999, alarm=1, miss=1, summary="")
    at_all, auc = results(project, version, place, Silent())
    assert (at_all.passed, auc.passed) == (False, True)
    assert at_all.message.startswith("Answering from 0.999 on: ")
    assert results(project, version, place, Silent(), built_at=built)[0].passed  # what was tried before
    record_threshold(project, version.candidate_id, at=None, alarm=0, miss=0, summary="")


def test_an_environment_takes_every_gate_that_a_data_set_takes(versions: Versions) -> None:
    project, version = versions.project, versions.two
    place = environments.environment(project, "development")
    promote(project, versions.one.id, place.name, "The champion", ctx=Silent())
    likeliest = (
        "average_precision:0.5", "rmse:3", "baseline+0.05", "champion-90%", "sql_rule", "size:5000", "latency:1000",
        "calibration:0.9",
    )  # fmt: skip
    by_threshold = (
        "champion+900%", "sql_rule", "calibration:0.001", "accuracy@b:0.2", "selection_rate@a:0.01",
        "selection_rate@gone:0.5",
    )  # fmt: skip
    told: dict[str, GateResult] = {}
    for at, texts in ((None, likeliest), (0.3, by_threshold)):
        rules = tuple(map(rule_of, texts))
        found = results_of(project, version.candidate_id, replace(place, gates=rules), Silent(), at=at)
        told |= dict(zip(texts, found, strict=True))
    assert {text: result.passed for text, result in told.items()} == {
        "average_precision:0.5": True, "rmse:3": True, "baseline+0.05": True, "champion-90%": True,
        "champion+900%": False, "sql_rule": told["sql_rule"].passed, "size:5000": True, "latency:1000": True,
        "calibration:0.9": True, "calibration:0.001": False, "accuracy@b:0.2": True,
        "selection_rate@a:0.01": False, "selection_rate@gone:0.5": False,
    }  # fmt: skip
    assert told["rmse:3"].message == "Not asked: RMSE does not fit a model that answers one of two classes."
    assert versions.one.label in told["champion-90%"].message  # what is live there
    assert "query reaches" in told["sql_rule"].message
    assert told["selection_rate@a:0.01"].message.startswith("Answering from 0.3 on: ")
    assert not told["calibration:0.001"].message.startswith("Answering from")
    assert "no such column" in told["selection_rate@gone:0.5"].message
    nowhere = replace(place, id="nowhere", gates=(rule_of("champion"),))
    (alone,) = results(project, version, nowhere, Silent())
    assert alone.passed and "there is no champion to beat" in alone.message


def test_a_live_gate_asks_for_labelled_predictions_that_monitoring_found_right(versions: Versions) -> None:
    project, version = versions.project, versions.two
    place = replace(environments.environment(project, "production"), gates=(GateRule(GateKind.LIVE, 200.0),))

    def result(verdict: Verdict | None, labels: int = 0) -> tuple[bool, str]:
        if verdict is not None:
            found = Performance("roc_auc", Score(0.9, 0.85, 0.95) if labels >= 200 else None, labels, None, 0.7)
            window = Window(project.now(), project.now(), labels)
            told = MonitorReport(version.label, verdict, "Still right", window, None, found, None)
            monitoring.record_report(project, version.id, told)
        (one,) = results(project, version, place, Silent())
        return one.passed, one.message

    assert result(None) == (False, f"No look at live predictions of {version.label} yet, to be on 200 labels at least.")
    assert not result(Verdict.UNKNOWN, 37)[0]
    assert result(Verdict.OK, 412) == (True, "On 412 live labels of 200: ROC AUC is 0.9 [0.85, 0.95]. Still right.")
    assert not result(Verdict.ACT, 500)[0]


def test_what_cannot_be_rolled_out_says_why(versions: Versions) -> None:
    project = versions.project
    with pytest.raises(NotFound, match="no environment moon"):
        promote(project, versions.one.id, "moon", "Why", ctx=Silent())
    with pytest.raises(BadInput, match="needs a reason"):
        promote(project, versions.one.id, "staging", " ", ctx=Silent())
    with pytest.raises(BadInput, match="A share lies above 0"):
        promote(project, versions.one.id, "staging", "Why", mode="share", share=0, ctx=Silent())
    environments.add_environment(project, "canary")
    with pytest.raises(NotAllowed, match="Nothing is live in canary yet"):
        promote(project, versions.one.id, "canary", "Why", mode="shadow", ctx=Silent())


def test_environments_are_renamed_and_ordered_and_used_ones_stay(versions: Versions) -> None:
    project = versions.project
    before = live(versions)["production"]
    renamed = environments.change_environment(project, "production", new_name="live")
    assert (renamed.id, live(versions)["live"]) == ("production", before)
    moved = (("--move", "live", "first"), ("--move", "live", "0"), ("--automations", "live", "maybe"))
    gated = (("--gate", "live", "roc_auc<=0.8"), ("--gate", "live", "size<=big"), ("--drop-gate", "live", "size"))
    for words in (*moved, *gated, ("--gate", "live", "accuracy@nowhere:0.5")):
        assert main(["environments", str(project.path), *words]) == 1
    for rule in ("roc_auc>=0.8", "live>=200", "roc_auc >= 0.6", "selection_rate@a:0.2", "champion-1%"):
        assert main(["environments", str(project.path), "--gate", "live", rule]) == 0
    for named in ("live", "selection_rate@a", "champion-1%"):
        assert main(["environments", str(project.path), "--drop-gate", "live", named]) == 0
    assert environments.environment(project, "live").gates == (GateRule(GateKind.BOUND, 0.6, "roc_auc"),)
    environments.move_environment(project, "live", 0)
    assert environments.environments(project)[0].name == "live"
    for name, code in (("brief", 0), ("brief", 1), ("live", 1)):  # gone, and one that has been used
        assert code or main(["environments", str(project.path), "--add", name]) == 0
        assert main(["environments", str(project.path), "--remove", name]) == code
    with pytest.raises(NotAllowed, match="Models were live in"):
        environments.save_environments(project, DEFAULT_ENVIRONMENTS[:1])
    with pytest.raises(BadInput, match="the same name"):
        environments.add_environment(project, "Live")
