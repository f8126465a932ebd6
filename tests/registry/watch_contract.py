"""What every backend of the registry has to do with predictions that came home, their labels and looks at models."""

import pytest
import sqlalchemy as sa

from app.core.ids import new_id
from app.errors import NotFound
from app.registry import audit, monitoring, outcomes, watch
from app.registry.tables import label_deliveries
from app.registry.tables import outcomes as outcomes_table


class WatchContract:
    def _record(self, project, predictions, sha256=None, cursor=None, service_id=None):
        text = repr(predictions).encode()
        return watch.record_log(
            project, sha256=sha256 or project.objects.put_bytes(text), bundle_sha256="b" * 64,
            first_at="2026-07-27T10:00:00.000000Z", last_at="2026-07-27T11:00:00.000000Z", service_id=service_id,
            predictions=predictions, cursor=cursor,
        )  # fmt: skip

    def test_a_prediction_is_found_in_its_log(self, project):
        first, second = new_id(1), new_id(2)
        log, duplicates = self._record(project, [(first, 0), (second, 120)], cursor=("logs/churn/1", 240))
        assert (log.rows, duplicates) == (2, 0)
        assert watch.find_prediction(project, second) == (log, 120)
        assert watch.find_prediction(project, new_id()) is None
        assert watch.known(project, [first, "other"]) == {first}
        assert watch.recent_predictions(project, 1) == [(second, log, 120)]
        assert watch.recent_predictions(project, service_id="other") == []
        assert watch.logs(project) == [log]
        assert watch.cursor(project, "logs/churn/1") == 240
        assert watch.cursor(project, "other") == 0

    def test_known_predictions_are_counted_not_doubled(self, project):
        ids = [new_id(n) for n in range(3)]
        old, _ = self._record(project, [(ids[0], 0), (ids[1], 10)])
        new, duplicates = self._record(project, [(ids[1], 0), (ids[2], 10), (ids[2], 20)])
        assert (new.rows, duplicates) == (1, 2)
        assert watch.find_prediction(project, ids[1]) == (old, 10)
        assert watch.find_prediction(project, ids[2]) == (new, 10)
        again, duplicates = self._record(project, [(ids[1], 0)], cursor=("x", 5))
        assert (again, duplicates) == (old, 1)
        assert watch.cursor(project, "x") == 5
        assert len(watch.logs(project)) == 2
        told = watch.answers(project)["b" * 64]
        assert (told.predictions, told.first_at[11:13], told.last_at[11:13]) == (3, "10", "11")
        assert watch.answered(project, ["b" * 64]) == sorted((old, new), key=lambda log: log.id, reverse=True)
        assert watch.answered(project, ["b" * 64], since="2026-07-28") == watch.answered(project, ["c" * 64]) == []

    def test_many_predictions_are_recorded_at_once(self, project):
        predictions = [(new_id(n), n * 100) for n in range(5000)]
        log, _ = self._record(project, predictions)
        assert log.rows == 5000
        assert len(watch.known(project, [i for i, _ in predictions])) == 5000
        assert [i for i, _, _ in watch.recent_predictions(project, 2)] == [predictions[-1][0], predictions[-2][0]]

    def test_a_log_without_predictions_is_not_recorded_but_its_cursor_moves(self, project):
        with pytest.raises(ValueError, match="move_cursor"):
            self._record(project, [])
        watch.move_cursor(project, "x", 7)
        watch.move_cursor(project, "x", 9)
        assert watch.cursor(project, "x") == 9


class LoopContract:
    def _approved(self, project, story):
        run = story.start(project, *story.add(project, "a"))
        return story.approve(project, run, story.fit(project, run))

    def test_a_later_label_holds_and_the_earlier_one_stays(self, project, story):
        version = self._approved(project, story)
        sha256 = story.bundle(project, version).sha256
        one, two, three = story.collect(project, sha256)
        first = story.label(project, [(one, "true"), (two, "false")])
        second = story.label(project, [(one, "false")], "corrected.csv")
        assert outcomes.deliveries(project) == [second, first]
        assert outcomes.first_at(project) == first.created_at
        assert outcomes.newest_labels(project, [one, two, three]) == {one: "false", two: "false"}
        assert outcomes.history(project, one) == [(1, "true"), (2, "false")]
        assert dict(outcomes.labels_of_bundles(project, [sha256])) == {one: "false", two: "false"}
        assert dict(outcomes.labels_of_bundles(project, ["0" * 64])) == {}
        assert len(audit.entries(project, verb="labels.add")) == 2

    def test_when_labels_came_is_known_of_deliveries_that_counted_them_and_of_older_ones(self, project, story, clock):
        sha256 = story.bundle(project, self._approved(project, story)).sha256
        one, two, three = story.collect(project, sha256)
        old = self._uncounted(project, three)
        assert outcomes.last_labelled(project) == {sha256: old}
        clock.advance(minutes=5)
        made = story.label(project, [(one, "true"), (two, "false")])
        assert made.counts.by_bundle == ((sha256, 2),)
        assert outcomes.last_labelled(project) == {sha256: made.created_at}
        assert outcomes.arrivals(project, [sha256]) == [("old", old, 1), (made.id, made.created_at, 2)]
        assert outcomes.arrivals(project, [sha256], old) == [(made.id, made.created_at, 2)]
        assert outcomes.arrivals(project, ["0" * 64]) == []
        assert outcomes.is_labelled(project, [sha256])
        assert not outcomes.is_labelled(project, ["0" * 64])

    def _uncounted(self, project, prediction):
        """A delivery of one label as an earlier release recorded it; when it came."""
        at, sha256 = project.now(), project.objects.put_bytes(b"old labels")
        counts = '{"rows":1,"joined":1,"unmatched":0,"duplicate":0,"contradictory":0,"unlabelled":0}'
        row = {"id": "old", "number": 1, "name": "old.csv", "sha256": sha256, "joined_by": "prediction id"}
        row |= {"counts": counts, "actor": "Ann", "created_at": at}
        told = {"prediction_id": prediction, "delivery_id": "old", "number": 1, "label": "true"}
        with project.database.write("as it was") as connection:
            connection.execute(sa.insert(label_deliveries).values(row))
            connection.execute(sa.insert(outcomes_table).values(told))
        return at

    def test_a_look_at_a_model_is_kept_and_the_same_one_is_not_kept_twice(self, project, story):
        version = self._approved(project, story)
        made = story.report(project, version)
        story.report(project, version)
        story.report(project, version, "One column moved, scores inside the limit.")
        newest, oldest = monitoring.reports(project, version.id)
        assert monitoring.reports(project) == [newest, oldest]
        assert monitoring.reports(project, "nothing") == []
        assert monitoring.reports(project, since=newest.created_at) == []
        assert monitoring.first_at(project) == oldest.created_at
        assert monitoring.verdicts(project, version.id)[0] == (oldest.created_at, oldest.verdict)
        assert monitoring.verdicts(project, "nothing") == []
        assert monitoring.content(project, oldest) == made
        assert newest.line.startswith("One column")
        assert len(audit.entries(project, verb="monitor.report")) == 2
        with pytest.raises(NotFound):
            monitoring.record_report(project, "nothing", made)
