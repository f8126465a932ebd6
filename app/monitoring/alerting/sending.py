"""Tell the world: an alert goes out by each channel, or it is written down in words why it did not.

Whatever happens out there stops nobody here: a look at a model is recorded before, and its verdict holds.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import tempfile
import urllib.error
import urllib.request
from datetime import datetime, timedelta
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING

from app import __version__
from app.core.alerts import MUTED, NOT_LOOKED_AT, SENT, Alert, AlertState, Channel, ChannelKind, Sending
from app.core.progress import JobContext
from app.errors import EnvironmentProblem
from app.monitoring.alerting.channels import alert_settings, allow, is_allowed
from app.monitoring.alerting.hook_addresses import filled

if TYPE_CHECKING:
    from app.registry.project import Project

WEBHOOK_WITHIN_S, COMMAND_WITHIN_S = 10.0, 30.0
MOST_WORDS = 200
_STAMP = "%Y-%m-%dT%H:%M:%S.%fZ"


def deliver(project: Project, alert: Alert, ctx: JobContext) -> list[Sending]:
    """Tell every channel how an alert stands now, unless it is muted, comes too often or may not speak from here."""
    from app.registry import alerts

    settings = alert_settings(project)
    told = []
    for number, channel in enumerate(settings.channels):
        ctx.progress(number / len(settings.channels), f"Telling {channel.name}")
        hindrance = _hindrance(project, alert, channel, settings.most_an_hour)
        outcome = hindrance or send(project, channel, message(project, alert))
        told.append(alerts.record_sending(project, alert.id, channel.name, outcome))
    return told


def send_test(project: Project, channel: Channel) -> Sending:
    """Send a message that says it is a test, and let the channel speak from this machine from now on."""
    from app.registry import alerts

    allow(project, channel)
    outcome = send(project, channel, _test_message(project))
    return alerts.record_sending(project, None, channel.name, outcome)


def message(project: Project, alert: Alert) -> dict[str, str]:
    """What is sent. ``text`` is what chat services show of a posted message."""
    head = {AlertState.OPEN: "Alert", AlertState.CLOSED: "Closed", AlertState.ACKNOWLEDGED: "Acknowledged"}[alert.state]
    words = alert.line if alert.state is AlertState.OPEN else f"{alert.line} ({alert.reason})"
    return {
        "text": f"{head} · {project.name}: {words}",
        "project": project.name,
        "alert": alert.id,
        "state": alert.state.value,
        "kind": alert.kind.value,
        "subject": "" if alert.kind in NOT_LOOKED_AT else alert.subject,
        "model": alert.model,
        "line": alert.line,
        "reason": alert.reason,
        "at": alert.at,
    }


def send(project: Project, channel: Channel, told: dict[str, str]) -> str:
    """Send a message now: ``SENT``, or why not in words. The target is not named: it may hold a secret."""
    body = json.dumps(told, ensure_ascii=False)
    try:
        if channel.kind is ChannelKind.WEBHOOK:
            return _post(filled(channel.target), body)
        if channel.kind is ChannelKind.COMMAND:
            return _run(channel.target, body, project.path)
        return _append(project.path, channel.target, body)
    except EnvironmentProblem as problem:
        return f"Not sent: {problem.message}"


def _hindrance(project: Project, alert: Alert, channel: Channel, most_an_hour: int) -> str:
    from app.registry import alerts

    if (mute := alerts.mute_of(project, alert.model_id)) is not None:
        return f"{MUTED} {mute.until[:16].replace('T', ' ')} UTC ({mute.reason})."
    if not is_allowed(project, channel):
        return "Not sent: this channel was set elsewhere. Send a test to let it speak from this computer."
    hour_ago = datetime.fromisoformat(project.now()) - timedelta(hours=1)
    if alerts.sent_since(project, channel.name, hour_ago.strftime(_STAMP)) >= most_an_hour:
        return f"Held back: {most_an_hour} messages went out within the last hour."
    return ""


def _test_message(project: Project) -> dict[str, str]:
    return {
        "text": f"Test · {project.name}: alerts of this project arrive here.",
        "project": project.name,
        "state": "test",
        "at": project.now(),
    }


def _post(address: str, body: str) -> str:
    if not address.startswith(("https://", "http://")):
        return "Not sent: the address is no web address."
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": f"modelyard/{__version__}"}
    try:
        request = urllib.request.Request(address, body.encode(), headers)
        with urllib.request.build_opener(_NoOtherAddress).open(request, timeout=WEBHOOK_WITHIN_S):
            return SENT
    except urllib.error.HTTPError as error:
        with error:
            return f"Not sent: the address answered {error.code} {_plain(str(error.reason))}."
    except OSError as error:
        why = error.reason if isinstance(error, urllib.error.URLError) else error
        words = "no answer in time" if isinstance(why, TimeoutError) else _plain(_said_by(why))
        return f"Not sent: the address cannot be reached ({words})."
    except (ValueError, HTTPException):  # their words repeat the address
        return "Not sent: the address is not a valid one, or no web server answers there."


def _said_by(why: object) -> str:
    """Without the system's number before it."""
    return (why.strerror if isinstance(why, OSError) else None) or str(why)


class _NoOtherAddress(urllib.request.HTTPRedirectHandler):
    """A redirected post would arrive nowhere: it is followed without its body, perhaps to a stranger."""

    def redirect_request(self, *_args: object) -> None:
        """Follow nothing: the answer counts as it is."""


def _run(line: str, body: str, folder: Path) -> str:
    """Run a command, never through a shell, with the message on its standard input."""
    with tempfile.TemporaryFile() as errors:
        try:
            words = shlex.split(line, posix=os.name != "nt")
            done = subprocess.run(
                words, input=body.encode(), stdout=subprocess.DEVNULL, stderr=errors, cwd=folder,
                timeout=COMMAND_WITHIN_S, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return f"Not sent: the command was ended after {COMMAND_WITHIN_S:.0f} s."
        except (OSError, ValueError) as error:
            return f"Not sent: the command cannot be run ({_plain(str(error))})."
        if done.returncode == 0:
            return SENT
        errors.seek(0)
        said = _plain(errors.read().decode(errors="replace"))
        return f"Not sent: the command ended with {done.returncode}{': ' if said else ''}{said}."


def _append(folder: Path, target: str, body: str) -> str:
    try:
        with (folder / Path(target).expanduser()).open("a", encoding="utf-8") as file:
            file.write(body + "\n")
        return SENT
    except OSError as error:
        return f"Not sent: the file cannot be written ({_plain(error.strerror or str(error))})."
    except RuntimeError as error:  # of pathlib: nobody's home
        return f"Not sent: the file cannot be written ({_plain(str(error))})."


def _plain(words: str) -> str:
    """One line of limited length, without a full stop."""
    return " ".join(words.split())[-MOST_WORDS:].rstrip(".")
