"""Alerts leave the project by channels that are real here: an address, a command, a file."""

import json
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import sqlalchemy as sa

from app.cli import main
from app.core.alerts import SENT, AlertKind, AlertState, Cause, ChannelKind, masked
from app.core.ids import new_id
from app.core.progress import Silent
from app.data.own_folder import own_folder
from app.errors import BadInput, EnvironmentProblem, NotFound
from app.monitoring.alerting import alerts as raising
from app.monitoring.alerting import channels, hook_addresses
from app.monitoring.alerting.sending import deliver, send, send_test
from app.registry import alerts
from app.registry.project import Project
from app.registry.tables import datasets, models


class Clock:
    time = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)

    def __call__(self):
        return self.time


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def project(tmp_path, monkeypatch, clock):
    monkeypatch.setenv("MODELYARD_CONFIG_DIR", str(tmp_path / "config"))
    with Project.create(tmp_path / "project", name="Churn", actor="Ann", clock=clock) as made:
        row = {c.name: "churn" for c in datasets.columns} | {"created_at": made.now()}
        with made.database.write() as connection:
            connection.execute(sa.insert(datasets).values(row))
            connection.execute(
                sa.insert(models).values(id="m", name="churn", dataset_id="churn", created_at=made.now())
            )
        yield made


@pytest.fixture
def alert(project):
    return alerts.raise_alert(project, "m", Cause(AlertKind.COLUMN, new_id()), "fee moved far.", None)


class Hook(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.told.append((self.path, self.headers["Content-Type"], json.loads(body)))
        if self.server.answers is None:
            self.wfile.write(b"220 this is a mail server\r\n\r\n")
            return
        self.send_response(self.server.answers)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def do_GET(self):
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_args):
        """Say nothing."""


@pytest.fixture
def hook():
    with HTTPServer(("127.0.0.1", 0), Hook) as server:
        server.told, server.answers = [], 204
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def outcomes(project, alert):
    return [sending.outcome for sending in deliver(project, alert, Silent())]


def test_an_address_gets_the_alert_as_json(project, alert, hook, monkeypatch):
    monkeypatch.setenv("ALERT_KEY", "s3cret")
    address = f"http://127.0.0.1:{hook.server_port}/"
    channels.add_channel(project, ChannelKind.WEBHOOK, address + "${ALERT_KEY}")
    assert outcomes(project, alert) == [SENT]
    ((path, kind, body),) = hook.told
    assert (path, kind) == ("/s3cret", "application/json; charset=utf-8")
    assert body == {
        "text": "Alert · Churn: fee moved far.", "project": "Churn", "alert": alert.id, "state": "open",
        "kind": "column", "subject": alert.subject, "model": "churn", "line": "fee moved far.", "reason": "",
        "at": alert.at,
    }  # fmt: skip
    hook.answers = 500
    assert outcomes(project, alert) == ["Not sent: the address answered 500 Internal Server Error."]
    monkeypatch.delenv("ALERT_KEY")
    assert outcomes(project, alert) == ["Not sent: the environment variable ALERT_KEY is not set here."]
    channels.add_channel(project, ChannelKind.WEBHOOK, "http://127.0.0.1:1/", "webhook")
    assert outcomes(project, alert)[0].startswith("Not sent: the address cannot be reached (")
    assert len(alerts.sendings(project, alert.id)) == 4
    assert "s3cret" not in json.dumps([s.outcome for s in alerts.sendings(project)])


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://chat.example.org/services/T0/B0/s3cretk3y9", "https://chat.example.org/…k3y9"),
        ("https://chat.example.org/short", "https://chat.example.org/…"),
        ("https://ann:s3cret@chat.example.org:8443/", "https://chat.example.org:8443/"),
        ("https://chat.example.org?token=s3cretk3y9", "https://chat.example.org/…k3y9"),
        ("https://chat.example.org/${CHAT_KEY}", "https://chat.example.org/${CHAT_KEY}"),
        ("https://chat.example.org/s3cret/${CHAT_KEY}", "https://chat.example.org/…${CHAT_KEY}"),
        ("${HOOK}", "${HOOK}"),
        ("${HOOK}/s3cret", "${HOOK}/…"),
    ],
)
def test_an_address_is_shown_by_host_and_end(address, shown):
    assert masked(address) == shown


def test_a_whole_address_is_kept_outside_of_the_project_and_forgotten_with_its_channel(project, alert, hook, capsys):
    secret = f"http://127.0.0.1:{hook.server_port}/services/s3cret-key-of-the-room"
    assert main(["alerts", str(project.path), "--webhook", secret, "--json"]) == 0
    channels.limit_rate(project, 3)
    assert outcomes(project, alert) == [SENT]
    assert hook.told[0][0] == "/services/s3cret-key-of-the-room"
    target = channels.alert_settings(project).channels[0].target
    told = capsys.readouterr().out
    assert target in told
    assert "s3cret" not in told
    stored = [path.read_bytes() for path in project.path.rglob("*") if path.is_file()]
    assert not any(b"s3cret" in content for content in stored)
    (kept,) = (own_folder() / hook_addresses.FOLDER).iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600
    channels.add_channel(project, ChannelKind.WEBHOOK, target, "webhook")
    assert outcomes(project, alert) == [SENT], "given again by its name it is still there"
    channels.remove_channel(project, "webhook")
    assert not kept.exists()


def test_what_is_kept_goes_to_its_own_host_only(project, hook, monkeypatch):
    monkeypatch.setenv("ROOM", "room")
    address = f"http://127.0.0.1:{hook.server_port}?token=s3cret&to=${{ROOM}}"
    made = channels.add_channel(project, ChannelKind.WEBHOOK, address)
    assert send_test(project, made).arrived
    assert hook.told[0][0] == "/?token=s3cret&to=room"
    assert "s3cret" not in made.target, "beside a variable, too"
    name = made.target.rpartition("/")[2]
    for elsewhere in (f"http://127.0.0.2:{hook.server_port}/{name}", f"http://127.0.0.1:{hook.server_port}/to/{name}"):
        outcome = send(project, replace(made, target=elsewhere), {"text": "hello"})
        assert outcome == "Not sent: the rest of its address is not kept on this computer; add the channel again here."
    assert len(hook.told) == 1
    monkeypatch.setenv(name[2:-1], "of-the-environment")
    assert send(project, made, {"text": "hello"}) == SENT
    assert hook.told[1][0] == "/of-the-environment", "under cron, say, where the files are not"


def test_an_address_that_cannot_be_kept_is_not_taken(project, tmp_path):
    (tmp_path / "config").mkdir(exist_ok=True)
    (tmp_path / "config" / hook_addresses.FOLDER).write_text("no folder")
    with pytest.raises(EnvironmentProblem, match="cannot be kept"):
        channels.add_channel(project, ChannelKind.WEBHOOK, "https://chat.example.org/s3cret")
    assert channels.alert_settings(project).channels == ()


@pytest.mark.parametrize(
    "address", ["https://chat.example.org", "https://chat.example.org/", "${HOOK}", "https://chat.example.org/${KEY}"]
)
def test_an_address_without_a_secret_or_with_a_name_for_it_stays_as_it_is(address):
    assert hook_addresses.outside(address) == address


def test_a_command_gets_it_on_its_standard_input_and_a_file_a_line(project, alert, tmp_path):
    script = tmp_path / "tell.py"
    script.write_text("import sys; open('told.json', 'w').write(sys.stdin.read())")
    channels.add_channel(project, ChannelKind.COMMAND, f"'{sys.executable}' '{script}'")
    channels.add_channel(project, ChannelKind.FILE, "alerts.jsonl")
    assert outcomes(project, alert) == [SENT, SENT]
    assert outcomes(project, alerts.change_alert(project, alert.id, AlertState.CLOSED, "Sold out.")) == [SENT, SENT]
    lines = (project.path / "alerts.jsonl").read_text(encoding="utf-8").splitlines()
    told = json.loads((project.path / "told.json").read_text())
    assert [json.loads(line)["state"] for line in lines] == ["open", "closed"]
    assert told["text"] == "Closed · Churn: fee moved far. (Sold out.)"


def test_an_address_that_answers_oddly_stops_nothing_and_is_not_repeated(project, alert, hook):
    address = f"http://127.0.0.1:{hook.server_port}/s3cret"
    channels.add_channel(project, ChannelKind.WEBHOOK, address)
    channels.add_channel(project, ChannelKind.FILE, "alerts.jsonl")
    hook.answers = 302
    assert outcomes(project, alert) == ["Not sent: the address answered 302 Found.", SENT]
    hook.answers = None
    odd = "Not sent: the address is not a valid one, or no web server answers there."
    assert outcomes(project, alert) == [odd, SENT]
    for broken in ("http://127.0.0.1:s3cret/", address + "/with a space"):
        assert send(project, channels.Channel("x", ChannelKind.WEBHOOK, broken), {"text": "hello"}) == odd


@pytest.mark.parametrize(
    ("kind", "target", "outcome"),
    [
        (ChannelKind.COMMAND, "no-such-command-anywhere", "the command cannot be run"),
        (ChannelKind.COMMAND, "'open", "the command cannot be run (No closing quotation)."),
        (
            ChannelKind.COMMAND,
            f"'{sys.executable}' -c 'import sys; sys.exit(\"no mail today\")'",
            "the command ended with 1: no mail today.",
        ),
        (ChannelKind.FILE, "no/such/folder/alerts", "the file cannot be written (No such file or directory)."),
        (ChannelKind.FILE, "~nobody-lives-here/alerts", "the file cannot be written (Could not determine home"),
        (ChannelKind.WEBHOOK, "file:///etc/passwd", "the address is no web address."),
    ],
)
def test_what_does_not_arrive_says_why(project, kind, target, outcome):
    assert send(project, channels.Channel("x", kind, target), {"text": "hello"}).startswith(f"Not sent: {outcome}")


def test_only_so_many_messages_go_out_in_an_hour(project, alert, clock):
    channels.add_channel(project, ChannelKind.FILE, "alerts.jsonl")
    channels.limit_rate(project, 2)
    assert [outcomes(project, alert)[0] for _ in range(3)] == [
        SENT, SENT, "Held back: 2 messages went out within the last hour.",
    ]  # fmt: skip
    clock.time += timedelta(minutes=61)
    assert outcomes(project, alert) == [SENT]


def test_a_mute_holds_messages_back_and_ends(project, alert, clock):
    channels.add_channel(project, ChannelKind.FILE, "alerts.jsonl")
    alerts.record_mute(project, "m", "2026-03-03T11:00:00.000000Z", "A sale")
    assert outcomes(project, alert) == ["Not sent: muted until 2026-03-03 11:00 UTC (A sale)."]
    assert alerts.sendings(project)[0].muted
    clock.time += timedelta(hours=3)
    assert outcomes(project, alert) == [SENT]


def test_a_channel_that_came_with_the_project_speaks_only_after_a_test(project, alert, monkeypatch, tmp_path):
    made = channels.add_channel(project, ChannelKind.FILE, "alerts.jsonl")
    monkeypatch.setenv("MODELYARD_CONFIG_DIR", str(tmp_path / "somebody else"))
    assert outcomes(project, alert)[0].startswith("Not sent: this channel was set elsewhere.")
    assert not (project.path / "alerts.jsonl").exists()
    assert send_test(project, made).arrived
    assert outcomes(project, alert) == [SENT]
    channels.add_channel(project, ChannelKind.FILE, "other.jsonl", made.name)
    assert [c.target for c in channels.alert_settings(project).channels] == ["other.jsonl"]
    channels.remove_channel(project, made.name)
    assert channels.alert_settings(project).channels == ()
    with pytest.raises(NotFound):
        channels.channel_named(project, made.name)
    hooks = ("ftp://example.org", "https://[x", "https://ann:s3cret@chat.example.org/", "${HOOK}/s3cret")
    for kind, target in [*((ChannelKind.WEBHOOK, hook) for hook in hooks), (ChannelKind.FILE, " ")]:
        with pytest.raises(BadInput):
            channels.add_channel(project, kind, target)


def test_channels_of_a_moved_project_are_told_of_until_a_test_lets_them_speak(project, tmp_path):
    channels.add_channel(project, ChannelKind.FILE, "alerts.jsonl", "log")
    assert channels.silenced(project) == ()
    project.close()
    with Project.open(project.path.rename(tmp_path / "moved"), actor="Ann") as moved:
        assert channels.silenced(moved) == ("log",)
        assert send_test(moved, channels.channel_named(moved, "log")).arrived
        assert channels.silenced(moved) == ()


def test_two_that_find_at_once_that_it_is_over_close_it_once(project, alert):
    for who in ("Run-due", "The window"):  # both have read it while it was open
        raising._close_by_itself(project, alert, f"{who} saw it.", Silent())
    assert alerts.alert(project, alert.id).reason == "By itself: Run-due saw it."


def test_the_command_line_lists_and_puts_aside(project, alert, capsys):
    def told(*words):
        code = main(["alerts", str(project.path), *words, "--json"])
        return code, json.loads(capsys.readouterr().out)

    code, body = told("--file", "alerts.jsonl")
    assert (code, body["channels"][0]["allowed_here"]) == (0, True)
    assert [a["state"] for a in body["alerts"]] == ["open"]
    assert told("--test")[0] == 0
    assert told("--run", "no-such-command-anywhere", "--name", "mail")[0] == 0
    code, body = told("--test", "mail")
    assert (code, body["sent"][0]["channel"]) == (1, "mail")
    assert told("--acknowledge", alert.id[-8:])[0] == 1
    body = told("--acknowledge", alert.id[-8:], "--reason", "A sale is on.")[1]
    assert [a["state"] for a in body["alerts"]] == ["acknowledged"]
    heard = json.loads((project.path / "alerts.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    assert (heard["state"], heard["reason"]) == ("acknowledged", "A sale is on.")
    assert told("--mute", "8h", "--reason", "Maintenance")[1]["muted_until"] is not None
    assert told("--unmute", "--reason", "Done")[1]["muted_until"] is None
    assert told("--close", alert.id, "--reason", "Over.")[1]["alerts"] == []
    assert [a["reason"] for a in told("--all")[1]["alerts"]] == ["Over."]
    for end in ("soon", "2020-01-01", "99999999999d", "99999999d"):
        assert main(["alerts", str(project.path), "--mute", end, "--reason", "A sale"]) == 2
