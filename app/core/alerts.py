"""Alerts: what somebody has to look at, who was told, and what was answered."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class AlertState(StrEnum):
    """How an alert stands: its last event. ``ACKNOWLEDGED``: somebody took it on and said why it may wait."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"


class AlertKind(StrEnum):
    """What raised an alert. ``PERFORMANCE``: below its limit, on labels; ``SCORES``: what the model says moved;
    ``COLUMN``: an input moved far; ``ESTIMATE``: inputs moved and the estimate is below the limit; ``SERVICE``: does
    not answer; ``AUTOMATION``: waits for a decision, or failed."""

    PERFORMANCE = "performance"
    SCORES = "scores"
    COLUMN = "column"
    ESTIMATE = "estimate"
    SERVICE = "service"
    AUTOMATION = "automation"


NOT_LOOKED_AT = frozenset({AlertKind.SERVICE, AlertKind.AUTOMATION})
"""Raised by what happens here, not by a look at predictions: no look takes them back."""


@dataclass(frozen=True, slots=True)
class Cause:
    """An alert is one a model and cause. ``subject``: the metric, the column, the service's id, the automation's."""

    kind: AlertKind
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Alert:
    """``line``: what is wrong, in words; ``report_id``: the look that raised it, None of what is not looked at.
    ``state``, ``reason``, ``actor`` and ``at``: its last event."""

    id: str
    model_id: str
    model: str
    kind: AlertKind
    subject: str
    line: str
    report_id: str | None
    created_at: str
    state: AlertState
    reason: str
    actor: str
    at: str


@dataclass(frozen=True, slots=True)
class ThenNow:
    """A figure when an alert was raised for it, and at the newest look since; times as stored."""

    name: str
    then: float
    then_at: str
    now: float
    now_at: str
    greater_is_better: bool

    @property
    def trend(self) -> str:
        """How it went on: ``better``, ``worse`` or ``the same``."""
        if self.now == self.then:
            return "the same"
        return "better" if (self.now > self.then) is self.greater_is_better else "worse"


class ChannelKind(StrEnum):
    """How an alert leaves the project. ``WEBHOOK``: JSON is posted to an address; ``COMMAND``: run with the JSON on its
    standard input; ``FILE``: a line of JSON is appended."""

    WEBHOOK = "webhook"
    COMMAND = "command"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Channel:
    """``target``: address, command line or path (relative: inside the project). ``${NAME}`` in an address stands for an
    environment variable, or for what this computer keeps of it outside of the project."""

    name: str
    kind: ChannelKind
    target: str

    @property
    def shown(self) -> str:
        """The target as screens, answers and the history tell it."""
        return masked(self.target) if self.kind is ChannelKind.WEBHOOK else self.target


_ADDRESS = re.compile(r"(\w+://)?(?:[^/?#@]*@)?(\$\{\w+\}|[^/?#]*)(.*)", re.DOTALL)
_VARIABLE_LAST = re.compile(r"\$\{\w+\}\Z")
_TOLD, _LONG = 4, 12


def masked(address: str) -> str:
    """A web address as ``https://chat.example.org/…k3y9``: what lies between host and end is often a secret, as is a
    name before the host. ``${NAME}`` at the end is told whole: it stands for one."""
    found = _ADDRESS.match(address)
    assert found is not None, "the pattern matches every text"
    scheme, host, rest = found[1] or "", found[2], found[3]
    variable = _VARIABLE_LAST.search(rest)
    end = variable[0] if variable else rest[-_TOLD:] if len(rest) > _LONG else ""
    return f"{scheme}{host}{rest if rest in ('', '/', f'/{end}') else f'/…{end}'}"


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """The project setting ``alerts``. ``most_an_hour``: messages a channel; the rest is held back, and said so."""

    channels: tuple[Channel, ...] = ()
    most_an_hour: int = 12


@dataclass(frozen=True, slots=True)
class Mute:
    """Nothing goes out until then. ``model_id`` None: of any model."""

    model_id: str | None
    until: str
    reason: str
    actor: str
    at: str


SENT = "Sent."
"""The outcome of a message that arrived; any other says in words why it did not."""
MUTED = "Not sent: muted until"
"""How the outcome begins of one that somebody did not want to be sent."""


@dataclass(frozen=True, slots=True)
class Sending:
    """A message and what became of it. ``alert_id`` None: a test."""

    alert_id: str | None
    channel: str
    outcome: str
    at: str

    @property
    def arrived(self) -> bool:
        """Whether the channel took it."""
        return self.outcome == SENT

    @property
    def muted(self) -> bool:
        """Whether it was not to be sent: nothing is wrong with the channel."""
        return self.outcome.startswith(MUTED)
