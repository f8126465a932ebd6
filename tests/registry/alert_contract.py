"""What every backend of the registry has to do with alerts."""

import pytest

from app.core.alerts import SENT, AlertKind, AlertState, Cause
from app.errors import BadInput, NotAllowed, NotFound
from app.registry import alerts, audit, models, monitoring

SCORES = Cause(AlertKind.SCORES)


class AlertContract:
    @pytest.fixture
    def model_id(self, project, story):
        run = story.start(project, *story.add(project, "a", name="churn"))
        version = story.approve(project, run, story.fit(project, run))
        story.report(project, version)
        return version.model_id

    def test_an_alert_is_one_a_model_and_cause(self, project, model_id):
        first = alerts.raise_alert(project, model_id, SCORES, "The scores moved.", None)
        assert (first.model, first.state, first.line) == ("churn", AlertState.OPEN, "The scores moved.")
        assert alerts.raise_alert(project, model_id, SCORES, "The scores moved again.", None) is None
        other = alerts.raise_alert(project, model_id, Cause(AlertKind.COLUMN, "fee"), "fee moved far.", None)
        alerts.change_alert(project, first.id, AlertState.ACKNOWLEDGED, "A sale is on.")
        assert alerts.raise_alert(project, model_id, SCORES, "The scores moved.", None) is None
        assert [a.id for a in alerts.alerts(project)] == [other.id, first.id]
        assert alerts.alerts(project, "other") == []
        assert len(audit.entries(project, verb="alert.raise")) == 2

    def test_a_closed_alert_stays_closed_until_something_new_says_so(self, project, model_id):
        report = monitoring.reports(project)[0].id
        first = alerts.raise_alert(project, model_id, SCORES, "The scores moved.", report)
        closed = alerts.change_alert(project, first.id[-8:], AlertState.CLOSED, "Expected.")
        assert (closed.id, closed.state, closed.reason, closed.actor) == (
            first.id, AlertState.CLOSED, "Expected.", project.actor,
        )  # fmt: skip
        assert alerts.alerts(project, closed=False) == []
        assert alerts.raise_alert(project, model_id, SCORES, "The scores moved.", report) is None
        assert alerts.raise_alert(project, model_id, SCORES, "The scores moved.", None).id != first.id
        with pytest.raises(NotAllowed, match="closed already"):
            alerts.change_alert(project, first.id, AlertState.ACKNOWLEDGED, "Late.")
        with pytest.raises(BadInput):
            alerts.change_alert(project, first.id, AlertState.CLOSED, " ")
        with pytest.raises(NotFound):
            alerts.alert(project, "nothing")
        with pytest.raises(NotFound):
            alerts.alert(project, "")
        assert [e.verb for e in audit.entries(project, verb="alert")] == ["alert.raise", "alert.close", "alert.raise"]

    def test_a_mute_has_an_end(self, project, model_id, clock):
        def in_hours(hours):
            return f"2026-07-27T{10 + hours}:00:00.000000Z"

        assert alerts.mute_of(project, model_id) is None
        own = alerts.record_mute(project, model_id, in_hours(2), "Moving house.")
        assert alerts.mute_of(project, model_id) == own
        assert alerts.mute_of(project, None) is None
        everybody = alerts.record_mute(project, None, in_hours(4), "Maintenance.")
        assert alerts.mute_of(project, model_id) == everybody
        assert alerts.mutes(project) == [everybody, own]
        clock.advance(hours=3)
        assert alerts.mute_of(project, model_id) == everybody
        assert alerts.mutes(project) == [everybody]
        alerts.record_mute(project, None, project.now(), "Done.")
        assert alerts.mute_of(project, model_id) is None
        with pytest.raises(BadInput):
            alerts.record_mute(project, None, in_hours(4), "")

    def test_messages_are_kept_with_what_became_of_them(self, project, model_id, clock):
        made = alerts.raise_alert(project, model_id, SCORES, "The scores moved.", None)
        alerts.record_sending(project, None, "chat", SENT)
        alerts.record_sending(project, made.id, "chat", "Not sent: no answer in time.")
        before = project.now()
        clock.advance(minutes=1)
        sent = alerts.record_sending(project, made.id, "chat", SENT)
        assert sent.arrived
        assert [s.outcome for s in alerts.sendings(project, made.id)] == [SENT, "Not sent: no answer in time."]
        assert len(alerts.sendings(project)) == 3
        assert alerts.sent_since(project, "chat", before) == 1
        assert alerts.sent_since(project, "mail", before) == 0
        assert len(audit.entries(project, verb="alert.send")) == 3

    def test_an_alert_names_its_model(self, project, model_id):
        made = alerts.raise_alert(project, model_id, SCORES, "The scores moved.", None)
        assert alerts.alert(project, made.id) == made
        assert models.models(project)[0].name == made.model
