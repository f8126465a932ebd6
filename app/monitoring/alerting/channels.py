"""Where alerts go beside the window: channels of the project, and which of them this machine lets speak.

A project may come from somebody else, so a channel speaks only where a person set or tested it: opening a stranger's
project runs no command of theirs and posts nothing to their address. What is allowed, and what is secret of an address
(see ``hook_addresses``), is kept beside the person's own settings, never in the project.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.alerts import AlertSettings, Channel, ChannelKind
from app.core.naming import checked_name
from app.data.own_folder import own_folder
from app.errors import BadInput, NotFound
from app.monitoring.alerting.hook_addresses import checked, forget, outside

if TYPE_CHECKING:
    from app.registry.project import Project

SETTING = "alerts"
ALLOWED = "allowed_channels"


def alert_settings(project: Project) -> AlertSettings:
    """The channels, and how much they may say."""
    from app.registry.project_settings import setting
    from app.registry.rows import from_json

    kept = setting(project, SETTING)
    return from_json(kept, AlertSettings) if kept else AlertSettings()


def add_channel(project: Project, kind: ChannelKind, target: str, name: str = "") -> Channel:
    """Add a channel, or give the one of this name another target; allowed on this machine. Of a web address the project
    keeps what ``hook_addresses.outside`` leaves. Raises BadInput, EnvironmentProblem."""
    target = _checked(kind, target.strip())
    before = alert_settings(project)
    name = checked_name(name.strip() or _free_name(before, kind), "A channel", parts="")
    made = Channel(name, kind, outside(target) if _is_hook(kind) else target)
    others = tuple(channel for channel in before.channels if channel.name != made.name)
    _record(project, replace(before, channels=(*others, made)))
    allow(project, made)
    _forget(project, before)
    return made


def remove_channel(project: Project, name: str) -> None:
    """Take a channel out. Raises NotFound."""
    gone, before = channel_named(project, name), alert_settings(project)
    _record(project, replace(before, channels=tuple(c for c in before.channels if c != gone)))
    _forget(project, before)


def channel_named(project: Project, name: str) -> Channel:
    """A channel by its name. Raises NotFound."""
    channels = alert_settings(project).channels
    found = next((channel for channel in channels if channel.name == name), None)
    if found is None:
        names = ", ".join(channel.name for channel in channels) or "none yet"
        raise NotFound(f"There is no channel {name}.", f"This project has: {names}.")
    return found


def limit_rate(project: Project, most_an_hour: int) -> None:
    """How many messages a channel gets in an hour. BadInput below one."""
    if most_an_hour < 1:
        raise BadInput("At least one message an hour has to be possible.", "Mute alerts to hear of none.")
    _record(project, replace(alert_settings(project), most_an_hour=most_an_hour))


def allow(project: Project, channel: Channel) -> None:
    """Let a channel speak from this machine. A place that cannot be written allows nothing."""
    known, place = _allowed(), _allowed_file()
    fresh = [mark for mark in (_mark(project, channel), _mark_anywhere(project, channel)) if mark not in known]
    if fresh:
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("a", encoding="ascii") as file:
            file.write("".join(f"{mark}\n" for mark in fresh))


def is_allowed(project: Project, channel: Channel) -> bool:
    """Whether somebody set or tested this very channel on this machine."""
    return _mark(project, channel) in _allowed()


def silenced(project: Project) -> tuple[str, ...]:
    """The names of channels that spoke from this computer while the project lay elsewhere. It may be a copy that is
    meant to be quiet, so they do not speak by themselves."""
    known = _allowed()
    return tuple(
        channel.name
        for channel in alert_settings(project).channels
        if _mark(project, channel) not in known and _mark_anywhere(project, channel) in known
    )


def _checked(kind: ChannelKind, target: str) -> str:
    if not target:
        raise BadInput("A channel needs a target.", "An address, a command or a file.")
    return checked(target) if _is_hook(kind) else target


def _is_hook(kind: ChannelKind) -> bool:
    return kind is ChannelKind.WEBHOOK


def _forget(project: Project, before: AlertSettings) -> None:
    """What was kept of addresses that no channel leads to any more."""
    used = {channel.target for channel in alert_settings(project).channels}
    for channel in before.channels:
        if _is_hook(channel.kind) and channel.target not in used:
            forget(channel.target)


def _free_name(settings: AlertSettings, kind: ChannelKind) -> str:
    taken = {channel.name for channel in settings.channels}
    names = (kind.value if number == 1 else f"{kind.value} {number}" for number in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)


def _record(project: Project, settings: AlertSettings) -> None:
    from app.registry.project_settings import record_setting
    from app.registry.rows import to_json

    record_setting(project, SETTING, to_json(settings), tell=_told)


def _told(kept: str) -> str:
    """The settings as the history shows them: an address may hold a secret."""
    from app.registry.rows import from_json, to_json

    settings = from_json(kept, AlertSettings)
    shown = tuple(replace(channel, target=channel.shown) for channel in settings.channels)
    return to_json(replace(settings, channels=shown))


def _mark(project: Project, channel: Channel) -> str:
    return _digest(os.path.realpath(project.path), channel)


def _mark_anywhere(project: Project, channel: Channel) -> str:
    return _digest(project.id, channel)


def _digest(place: str, channel: Channel) -> str:
    told = "\0".join((place, channel.kind.value, channel.target))
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()


def _allowed_file() -> Path:
    return own_folder() / ALLOWED


def _allowed() -> set[str]:
    try:
        return set(_allowed_file().read_text(encoding="ascii").split())
    except (OSError, UnicodeDecodeError):
        return set()
