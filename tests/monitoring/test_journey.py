"""A model of last winter's flights meets the same winter and then summer; what really happened comes later."""

import json

import pytest
from sklearn.metrics import roc_auc_score

from app.cli import main
from app.core.alerts import AlertKind, AlertState
from app.core.challenges import Fresh, Standing
from app.core.monitoring import Verdict
from app.core.outcomes import JoinedBy, LabelCounts
from app.core.progress import Silent
from app.errors import BadInput, NotAllowed, NotFound
from app.monitoring.alerting.alerts import open_alerts
from app.monitoring.labels import add_labels
from app.monitoring.monitor import asked_for, monitor
from app.monitoring.retraining.decide import decide
from app.monitoring.retraining.fresh_data import fresh_version
from app.monitoring.retraining.retrain import retrain
from app.registry import alerts, audit, challenges, datasets, models, monitoring, origins, outcomes
from app.registry.verify import verify
from app.serving.trace import trace


def look(served, last=2_000):
    return monitor(served.project, "flights", asked_for(last, ""), Silent())


def deliver(served, rows, folder, id_column="prediction_id"):
    path = served.write(folder / "labels.csv", [{id_column: r[id_column], "was_late": r["late"]} for r in rows])
    return add_labels(served.project, path, id_column=id_column, label_column="was_late", ctx=Silent())


def auc(rows):
    return roc_auc_score([r["late"] == "yes" for r in rows], [float(r["probability_yes"]) for r in rows])


def test_the_loop_from_predictions_to_a_verdict_and_to_a_successor(served, tmp_path, capsys):
    project = served.project
    assert look(served).line == "No predictions yet."
    assert monitoring.reports(project) == []
    with pytest.raises(NotFound, match="No prediction"):
        deliver(served, served.winter, tmp_path, "flight")

    winter = served.predict(served.winter, tmp_path)
    quiet = look(served)
    assert (quiet.verdict, quiet.line) == (Verdict.OK, "Still right, as far as can be told without labels.")
    assert not any(c.moved for c in quiet.drift.columns)
    assert not quiet.drift.score.moved
    assert {c.name for c in quiet.drift.columns} == {"carrier", "origin", "dest", "hour", "distance", "dep_delay"}
    assert quiet.estimate.value == pytest.approx(auc(winter), abs=0.03)
    assert not quiet.estimate.on_window

    rows = [{"which": r["prediction_id"], "was_late": r["late"]} for r in winter[:37]]
    first = served.write(tmp_path / "first.csv", rows)
    assert main(["labels", str(project.path), str(first), "--id", "which", "--label", "was_late", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["joined_by"], told["joined"], told["late"], told["unmatched"]) == ("prediction id", 37, 37, 0)
    counts = outcomes.deliveries(project)[0].counts
    assert counts == LabelCounts(37, 37, 0, 0, 0, 0, late=37, predictions=37, by_bundle=counts.by_bundle)
    assert [count for _, count in counts.by_bundle] == [37]

    every = deliver(served, winter, tmp_path)
    assert every.joined_by is JoinedBy.PREDICTION
    assert (every.counts.joined, every.counts.duplicate, every.counts.changed) == (1_963, 37, 0)
    right = look(served)
    assert (right.verdict, right.line) == (Verdict.OK, "Still right.")
    assert right.performance.value.value == pytest.approx(auc(winter), abs=1e-6)
    assert right.performance.value.low < right.performance.approved.value < right.performance.value.high
    assert right.estimate.on_window
    assert right.estimate.past_error == pytest.approx(abs(right.estimate.value - auc(winter)), abs=1e-9)

    summer = served.predict(served.summer, tmp_path)
    assert main(["monitor", str(project.path), "flights", "--since", "2100-01-01", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["verdict"] == "unknown"
    told = main(["monitor", str(project.path), "flights@1", "--last", "2000", "--json"])
    body = json.loads(capsys.readouterr().out)
    assert (told, body["verdict"], body["window"]["rows"], body["model"]) == (5, "act", 2_000, "flights@1")
    assert body["line"].startswith("The scores and ")
    assert body["performance"]["labels"] == 0
    first = body["columns"][0]
    assert (first["name"], first["alarm"]) == ("dep_delay", True)
    assert first["effect"] > first["null_band"][1] > first["null_band"][0] > 0
    assert not next(c for c in body["columns"] if c["name"] == "origin")["alarm"]

    by_name = deliver(served, summer, tmp_path, id_column="flight")
    assert (by_name.joined_by, by_name.counts.joined) == (JoinedBy.INPUT, 2_000)
    assert (by_name.counts.several, by_name.counts.predictions) == (0, 2_000)
    known = look(served)
    assert known.performance.labels == 2_000
    assert known.performance.value.value == pytest.approx(auc(summer), abs=1e-6)
    assert known.verdict is Verdict.WATCH
    assert known.line.endswith("inside the limit.")

    assert [a.kind for a in open_alerts(project)] == []
    scores = alerts.alerts(project)[0]
    assert (scores.kind, scores.state) == (AlertKind.SCORES, AlertState.CLOSED)
    assert scores.reason.startswith("By itself: flights@1: ")
    assert scores.reason.endswith("inside the limit.")

    wrong = [r | {"late": "no" if r["late"] == "yes" else "yes"} for r in summer]
    assert deliver(served, wrong, tmp_path, id_column="flight").counts.changed == 2_000
    for _ in range(2):
        told = main(["monitor", str(project.path), "flights", "--last", "2000", "--json"])
        assert (told, json.loads(capsys.readouterr().out)["verdict"]) == (5, "act")
    (below,) = open_alerts(project)
    assert (below.kind, below.subject) == (AlertKind.PERFORMANCE, "roc_auc")
    assert below.line.startswith("flights@1: Below its limit since ")

    assert main(["worth", str(project.path), "flights", "--seconds", "20", "--json"]) == 0
    worth = json.loads(capsys.readouterr().out)
    assert (worth["worth"], worth["new_rows"], worth["labels"], worth["notes"]) == ("yes", 4_000, 4_000, [])
    assert [point["rows"] for point in worth["curve"]] == sorted(point["rows"] for point in worth["curve"])
    assert [window["rows"] for window in worth["past"]] == [800] * 4
    assert worth["gain"] == worth["past_gain"]
    assert worth["gain"]["low"] > 0
    assert main(["retrain", str(project.path), "flights", "--rehearse", "300", "--json"]) == 0
    body = json.loads(capsys.readouterr().out)
    made = challenges.challenge(project, body["challenge"])
    found = challenges.comparison(project, made)
    assert (body["data"], body["may_promote"], body["decision"]) == ("flights@2", True, None)
    assert body["data_built"].startswith("Built from flights@1 by adding 4,000 predictions of flights whose outcomes")
    assert body["rows"] == {"compared": found.rows, "unseen": found.unseen, "new": found.fresh, "left_out": 0}
    rehearsed = body["rehearsal"]
    assert (rehearsed["rows"], rehearsed["from"][:10]) == (300, rehearsed["to"][:10])
    assert 0 < rehearsed["changed"] == len(rehearsed["listed"]) < 300
    assert min(rehearsed[who]["p50"] for who in ("champion_ms", "challenger_ms", "logged_ms")) > 0
    newest = sorted(r["prediction_id"] for r in summer)[-300:]
    assert {r["prediction"] for r in rehearsed["listed"]} <= set(newest)
    data = datasets.version(project, made.data_version_id)
    assert (data.number, data.rows) == (2, 8_000)
    assert (found.champion, found.standing) == ("flights@1", Standing.UNDECIDED)
    assert found.on_fresh
    assert found.rows == found.fresh < found.unseen
    assert found.left_out == 0
    assert found.changed == len(found.listed) >= found.right + found.wrong > 0
    assert sum(g.rows for g in found.groups if g.title in ("they came since", "they came before")) == found.unseen
    with pytest.raises(BadInput, match="reason"):
        decide(project, made.id, "promoted", " ")
    decision = ["decide", str(project.path), "flights", "--promote", "--reason", "Follows the labels", "--json"]
    assert main(decision) == 0
    assert json.loads(capsys.readouterr().out)["model_version"] == "flights@2"
    assert main(decision) == 6
    assert "decided already" in capsys.readouterr().err
    assert main(["challenges", str(project.path)]) == 0
    assert capsys.readouterr().out.endswith("against flights@1, on flights@2: undecided, promoted\n")
    with pytest.raises(NotAllowed, match="no newer rows"):
        retrain(project, "flights", ctx=Silent())

    later = served.predict(summer[:20], tmp_path)
    for rows, version, lineage in ((summer, "flights@1", 1), (later, "flights@2", 2)):
        told = trace(project, rows[0]["prediction_id"])
        assert (told.whole, told.model_version, len(told.lineage)) == (True, version, lineage)
    twice = deliver(served, summer[:5], tmp_path, id_column="flight").counts
    assert (twice.joined, twice.several, twice.predictions, twice.changed) == (5, 5, 10, 5)
    mistyped = deliver(served, [summer[5] | {"late": "Yes "}, summer[6]], tmp_path).counts
    assert (mistyped.unknown, str(mistyped.unknown_labels[0])) == (1, '"Yes " in row 1')
    champion = models.model_version_by_label(project, "flights@1")
    newest = fresh_version(project, champion, Fresh.AUTO, Silent())
    assert newest.number == 3  # it holds the newest labels
    assert origins.origin_of(project, newest.id).query.endswith(
        ', without 1 whose label is no class of the model: "Yes "'
    )
    assert verify(project, Silent()).ok
    verbs = [e.verb for e in audit.entries(project)]
    assert verbs.count("labels.add") == 6
    assert verbs.count("alert.raise") == 2
    assert (verbs.count("challenge.made"), verbs.count("challenge.promoted"), verbs.count("model.approve")) == (1, 1, 2)
    assert verbs.count("monitor.report") == len(monitoring.reports(project))
    assert [d.number for d in outcomes.deliveries(project)] == [6, 5, 4, 3, 2, 1]
