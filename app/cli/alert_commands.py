"""alerts: what somebody has to look at, and who else is told."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from app.cli.answer import Answer, Exit
from app.cli.command import Command, Request, project_argument
from app.cli.numbers import count

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.core.alerts import Alert, Mute, Sending, ThenNow
    from app.registry.project import Project

MOST_SENDINGS = 20
SHORT = 8
"""So much of an alert's id tells it from the others: its end, as ids begin with the time."""
STAMP = "%Y-%m-%dT%H:%M:%S.%fZ"
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def _alerts(request: Request) -> Answer:
    doing: dict[str, Callable[[Request, Project], str]] = {
        "acknowledge": _acknowledge,
        "close": _close,
        "mute": _mute,
        "unmute": _unmute,
        "webhook": _add,
        "run": _add,
        "file": _add,
        "remove": _remove,
        "most_an_hour": _limit,
    }
    asked = next((name for name in doing if getattr(request.args, name)), None)
    with request.project() as project:
        if request.args.test is not None:
            return _test(request, project)
        done = doing[asked](request, project) if asked else ""
        return _told(request, project, done)


def _told(request: Request, project: Project, done: str) -> Answer:
    """All that there is, after whatever was done."""
    from app.monitoring.alerting.channels import alert_settings, is_allowed
    from app.monitoring.alerting.figures import then_now
    from app.registry import alerts

    found = alerts.alerts(project, closed=bool(request.args.all))
    settings, held = alert_settings(project), _mutes(project)
    figures = {alert.id: then_now(project, alert) for alert in found}
    sent = alerts.sendings(project, limit=MOST_SENDINGS)
    channels = [
        {"name": c.name, "kind": c.kind.value, "target": c.shown, "allowed_here": is_allowed(project, c)}
        for c in settings.channels
    ]
    body: dict[str, object] = {
        "alerts": [alert_body(alert, alerts.mute_of(project, alert.model_id), figures[alert.id]) for alert in found],
        "channels": channels,
        "most_an_hour": settings.most_an_hour,
        "muted_until": next((mute.until for name, mute in held if not name), None),
        "mutes": [asdict(mute) | {"model": name or None} for name, mute in held],
        "sent": [asdict(sending) for sending in sent],
    }
    lines = [done] if done else []
    lines += [line for alert in found for line in _alert_lines(alert, figures[alert.id])] or ["No alert is open."]
    lines += [f"{c['name']}: {c['kind']} {c['target']}" for c in channels]
    lines += [_muted_words(name, mute) for name, mute in held]
    return Answer(body, lines)


def _muted_words(name: str, mute: Mute) -> str:
    whose = f"Alerts of {name} are" if name else "All alerts are"
    return f"{whose} muted until {mute.until[:16]} UTC: {mute.reason}"


def _mutes(project: Project) -> list[tuple[str, Mute]]:
    """What holds now, each with its model's name, empty of everybody's."""
    from app.registry import alerts, models

    names = {model.id: model.name for model in models.models(project)}
    return [(names.get(mute.model_id or "", ""), mute) for mute in alerts.mutes(project)]


def alert_body(alert: Alert, mute: Mute | None, figure: ThenNow | None) -> dict[str, object]:
    """An alert as JSON. ``figure``: None as long as nobody looked again."""
    told: dict[str, object] = {**asdict(alert), "kind": alert.kind.value, "state": alert.state.value}
    figures = asdict(figure) | {"trend": figure.trend} if figure else None
    return told | {"muted_until": mute.until if mute else None, "figure": figures}


def _alert_lines(alert: Alert, figure: ThenNow | None) -> list[str]:
    lines = [f"{alert.id[-SHORT:]}  {alert.state.value:<12} {alert.created_at[:16]}  {alert.line}"]
    if figure:
        then, now = (f"{at[:10]} {at[11:16]}" for at in (figure.then_at, figure.now_at))
        told = f"{figure.name}: {figure.then:.3g} ({then}), now {figure.now:.3g} ({now}), {figure.trend}"
        lines.append(f"{'':<10}{told}")
    if alert.reason:
        lines.append(f"{'':<10}{alert.reason} ({alert.actor}, {alert.at[:16]})")
    return lines


def _acknowledge(request: Request, project: Project) -> str:
    from app.monitoring.alerting.alerts import acknowledge

    made = acknowledge(project, request.text("acknowledge"), _reason(request), request.ctx)
    return f"Acknowledged: {made.line}"


def _close(request: Request, project: Project) -> str:
    from app.monitoring.alerting.alerts import close

    return f"Closed: {close(project, request.text('close'), _reason(request), request.ctx).line}"


def _mute(request: Request, project: Project) -> str:
    from app.registry import alerts

    until = _end(request.args.mute, datetime.fromisoformat(project.now()))
    made = alerts.record_mute(project, _model_id(request, project), until, _reason(request))
    whose = f" about {request.text('model')}" if made.model_id else ""
    return f"Nothing{whose} is sent until {made.until[:16]} UTC."


def _unmute(request: Request, project: Project) -> str:
    from app.registry import alerts

    alerts.record_mute(project, _model_id(request, project), project.now(), _reason(request) or "Muted no longer.")
    return "Messages go out again."


def _add(request: Request, project: Project) -> str:
    from app.core.alerts import ChannelKind
    from app.monitoring.alerting.channels import add_channel

    kinds = {"webhook": ChannelKind.WEBHOOK, "run": ChannelKind.COMMAND, "file": ChannelKind.FILE}
    dest, kind = next((dest, kind) for dest, kind in kinds.items() if getattr(request.args, dest))
    made = add_channel(project, kind, request.text(dest), request.optional("name") or "")
    return f"Alerts go to {made.name} from now on; --test {made.name} sends a test."


def _remove(request: Request, project: Project) -> str:
    from app.monitoring.alerting.channels import remove_channel

    remove_channel(project, request.text("remove"))
    return f"{request.text('remove')} is told no longer."


def _limit(request: Request, project: Project) -> str:
    from app.monitoring.alerting.channels import limit_rate

    limit_rate(project, request.args.most_an_hour)
    return f"A channel gets at most {request.args.most_an_hour} messages an hour."


def _test(request: Request, project: Project) -> Answer:
    from app.errors import NotFound
    from app.monitoring.alerting.channels import alert_settings, channel_named
    from app.monitoring.alerting.sending import send_test

    name = request.text("test")
    channels = (channel_named(project, name),) if name else alert_settings(project).channels
    if not channels:
        raise NotFound("This project has no channel.", "Add one: --webhook URL, --run COMMAND or --file PATH.")
    sent = [send_test(project, channel) for channel in channels]
    failed = [sending for sending in sent if not sending.arrived]
    body = {"sent": [asdict(sending) for sending in sent]}
    lines = [f"{sending.channel}: {sending.outcome}" for sending in sent]
    return Answer(body, lines, Exit.FAILED, _problem(failed[0])) if failed else Answer(body, lines)


def _problem(sending: Sending) -> str:
    return f"The test to {sending.channel} did not arrive. {sending.outcome}"


def _reason(request: Request) -> str:
    return request.optional("reason") or ""


def _model_id(request: Request, project: Project) -> str | None:
    from app.registry import models

    name = request.optional("model")
    return models.model_version_by_label(project, name).model_id if name else None


def _until(text: str) -> str:
    """An end as a person writes it, checked: ``8h``, ``3d``, a day or a moment."""
    now = datetime.now(UTC)
    try:
        ahead = _end(text, now) > now.strftime(STAMP)
    except OverflowError as error:
        raise argparse.ArgumentTypeError("too far away") from error
    except ValueError as error:
        words = f"“{text}” is no end: write it as 30m, 8h, 3d, 2026-03-31 or 2026-03-31T14:00"
        raise argparse.ArgumentTypeError(words) from error
    if not ahead:
        raise argparse.ArgumentTypeError("that is over already; --unmute sends again")
    return text


def _end(text: str, now: datetime) -> str:
    if text[-1:] in _UNITS and text[:-1].isdigit():
        return (now + int(text[:-1]) * _UNITS[text[-1]]).astimezone(UTC).strftime(STAMP)
    when = datetime.fromisoformat(text)
    return (when.astimezone(UTC) if when.tzinfo else when).strftime(STAMP)


def _arguments(parser: argparse.ArgumentParser) -> None:
    project_argument(parser)
    one = parser.add_mutually_exclusive_group()
    one.add_argument("--acknowledge", metavar="ID", help="take an alert on (needs --reason)")
    one.add_argument("--close", metavar="ID", help="close an alert by hand (needs --reason)")
    one.add_argument("--mute", metavar="UNTIL", type=_until, help="send nothing for 30m, 8h or 3d, or until a day")
    one.add_argument("--unmute", action="store_true", help="send again")
    one.add_argument("--webhook", metavar="URL", help="post alerts there as JSON (see below)")
    one.add_argument("--run", metavar="COMMAND", help="run this with the alert as JSON on its standard input")
    one.add_argument("--file", metavar="PATH", help="append alerts to this file, a line of JSON each")
    one.add_argument("--remove", metavar="NAME", help="take a channel out")
    one.add_argument("--most-an-hour", metavar="N", type=count, help="messages a channel and hour (default: 12)")
    one.add_argument("--test", metavar="NAME", nargs="?", const="", help="send a test to a channel, or to all")
    parser.add_argument("--reason", metavar="WORDS", help="why an alert is put aside, or why nothing is sent")
    parser.add_argument("--model", metavar="MODEL", help="mute this model only (--unmute: send about this model again)")
    parser.add_argument("--name", metavar="NAME", help="what a new channel is called")
    parser.add_argument("--all", action="store_true", help="also the closed ones")


COMMANDS = (
    Command(
        "alerts",
        "list what monitoring raised, put it aside, and say who is told",
        "A look that says act and a service that fails raise an alert, once a model and cause; a later look that says\n"
        "ok closes it. Alerts leave the project by webhook, command or file, from computers where somebody set or\n"
        "tested the channel. What stands behind the host of an address is kept beside your settings, not in the\n"
        "project, which keeps a name for it; ${NAME} in an address stands for an environment variable.\n\n"
        "Example:\n  modelyard alerts churn-project\n  modelyard alerts churn-project --acknowledge 5e6f7d8c "
        '--reason "Retrained tonight"\n  modelyard alerts churn-project --webhook https://chat.example.org/hook',
        _arguments,
        _alerts,
    ),
)
