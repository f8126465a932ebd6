"""Promise 20: a project of every released schema opens, is whole, and goes on working."""

import json
import zipfile
from pathlib import Path

import pytest

from app.core.alerts import AlertState
from app.core.challenges import Decision
from app.core.data import Outcome
from app.core.progress import Silent
from app.core.runs import RunState
from app.errors import NotFound
from app.registry import (
    alerts,
    audit,
    automations,
    challenges,
    contracts,
    datasets,
    decisions,
    deploy,
    gates,
    models,
    monitoring,
    origins,
    outcomes,
    releases,
    runs,
    trials,
    verdicts,
    watch,
)
from app.registry.migrate import revisions
from app.registry.project import Project
from app.registry.verify import verify
from app.training.differing import since_then
from app.training.reproduce import reproduce

GOLDEN = sorted((Path(__file__).parents[1] / "golden").glob("schema_*.zip"))


@pytest.fixture(params=GOLDEN, ids=lambda path: path.stem)
def golden(request, tmp_path):
    """An opened copy and what is expected of it."""
    with zipfile.ZipFile(request.param) as archive:
        archive.extractall(tmp_path / "golden")
    with Project.open(tmp_path / "golden", actor="Bob") as project:
        yield (
            project,
            json.loads(request.param.with_suffix(".json").read_text())
            | {"schema": request.param.stem.removeprefix("schema_")},
        )


def test_every_schema_has_its_golden_project():
    assert [path.stem for path in GOLDEN] == [f"schema_{revision}" for revision in revisions()]


def test_an_old_project_is_whole(golden):
    project, expected = golden
    assert verify(project, Silent()).problems == ()
    assert project.name == expected["name"]
    assert audit.count(project) == expected["entries"]
    assert audit.verify_chain(project, [tuple(expected["head"])]) == []


def test_an_old_project_tells_everything_again(golden):
    project, expected = golden
    owner, version = datasets.find_version(project, "churn@1")
    reading = datasets.current_reading(project, version.id)
    assert (reading.number, reading.findings[0].outcome) == (2, Outcome.WARN)
    assert [run.state for run in runs.runs(project)] == [RunState.RUNNING, RunState.CANCELLED, RunState.FINISHED]
    made = models.model_version_by_label(project, "churn@1")
    assert runs.run(project, "1").best == runs.candidate(project, made.candidate_id)
    assert runs.gate_results(project, made.candidate_id)[0].passed
    (bundle,) = deploy.bundles(project, made.id)
    assert [service.bundle_id for service in deploy.services(project)] == [bundle.id]
    found = watch.find_prediction(project, expected["prediction"])
    assert found is not None
    assert found[0].bundle_sha256 == bundle.sha256
    assert owner.name == "churn"


def test_a_recipe_of_another_form_is_told_in_words_with_a_way_out(golden):
    project, _ = golden
    made = models.model_version_by_label(project, "churn@1")
    with pytest.raises(NotFound, match=r"recipe of .* in a form that this version does not know") as told:
        reproduce(project, made.candidate_id, Silent())
    assert "Train again" in told.value.hint
    (unknown,) = since_then(project, runs.run(project, made.run_id))
    assert unknown.one == "unknown"


def test_an_old_project_keeps_contracts_decisions_and_origins(golden):
    project, expected = golden
    owner, version = datasets.find_version(project, "churn@1")
    if expected["schema"] < "0002":
        assert contracts.contract_of(project, owner.id) is None
        assert decisions.decisions(project, version.id) == {}
        return
    assert [c.number for c in contracts.contracts(project, owner.id)] == [2, 1]
    assert len(decisions.decisions(project, version.id)) == 2
    (derived,) = origins.made_of(project, version.id)
    assert origins.origin_of(project, derived).inputs[0].version_id == version.id


def test_an_old_project_keeps_its_verdicts(golden):
    project, expected = golden
    verdict = verdicts.verdict_of(project, runs.run(project, "1").id)
    assert (verdict is None) == (expected["schema"] < "0003")


def test_an_old_project_keeps_its_gates(golden):
    project, expected = golden
    held = gates.gate_set_of(project, datasets.find_version(project, "churn@1")[0].id)
    assert (held is None) == (expected["schema"] < "0004")
    assert all(run.plan.gates == 0 for run in runs.runs(project))


def test_an_old_project_keeps_its_trials(golden):
    project, expected = golden
    found = trials.trials_of(project, runs.run(project, "1").id)
    assert len(found) == (0 if expected["schema"] < "0005" else 2)


def test_an_old_project_keeps_its_labels_and_its_looks_at_models(golden):
    project, expected = golden
    told = outcomes.newest_labels(project, [expected["prediction"]])
    kept = monitoring.reports(project, models.model_version_by_label(project, "churn@1").id)
    if expected["schema"] < "0006":
        assert (told, kept) == ({}, [])
        return
    assert told == {expected["prediction"]: "false"}
    assert len(outcomes.history(project, expected["prediction"])) == 2
    assert monitoring.content(project, kept[0]).line == "Still right."


def test_an_old_project_goes_on_working(golden, story):
    project, _ = golden
    (interrupted,) = runs.mark_interrupted(project)
    assert interrupted.number == 3
    version, reading = story.add(project, "march", dataset_id=datasets.find_version(project, "churn")[0].id)
    assert version.number == 3
    run = story.start(project, version, reading)
    assert story.approve(project, run, story.fit(project, run)).label == "churn@2"
    assert verify(project, Silent()).ok


def test_an_old_project_keeps_what_closes_its_loop(golden):
    project, expected = golden
    model = models.model_version_by_label(project, "churn@1").model_id
    loop = (alerts.alerts(project), releases.live_on(project), challenges.challenges(project))
    if expected["schema"] < "0008":
        assert (*loop, automations.automations(project)) == ([], [], [], [])
        return
    (raised,), (live,), (made,) = loop
    assert (raised.state, raised.model_id) == (AlertState.ACKNOWLEDGED, model)
    assert [sent.channel for sent in alerts.sendings(project)] == ["file alerts.jsonl"]
    assert (live.environment.name, live.version) == ("here", "churn@1")
    assert challenges.comparison(project, made).unseen == 90
    assert challenges.decision_of(project, made.id).decision is Decision.KEPT
    assert [rule.name for rule in automations.automations(project)] == ["Every morning"]
    (run,) = automations.runs(project)
    assert [step.note for step in run.steps] == ["Nothing new."]
