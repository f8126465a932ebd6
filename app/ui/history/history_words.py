"""What the history's verbs, nouns and payloads are called on screen."""

from __future__ import annotations

import json

from PySide6.QtCore import QCoreApplication

from app.core.audit import AuditEntry

VERBS = {
    "project.create": "Made the project",
    "project.rename": "Renamed the project",
    "data.add": "Added data",
    "data.read": "Changed columns",
    "data.select": "Went back to an earlier reading",
    "data.rename": "Renamed a data set",
    "contract.change": "Changed a contract",
    "gates.change": "Changed the gates",
    "finding.keep": "Kept a finding",
    "finding.waive": "Waived a check",
    "finding.reopen": "Reopened a finding",
    "run.start": "Started a run",
    "run.candidate": "Finished a candidate",
    "run.verdict": "Compared with a plain query",
    "run.gate": "Decided a gate",
    "run.finished": "Finished a run",
    "run.cancelled": "Cancelled a run",
    "run.failed": "A run failed",
    "run.interrupted": "A run was interrupted",
    "run.discarded": "Discarded a run",
    "model.approve": "Approved a model version",
    "model.worth": "Weighed a retrain",
    "bundle.export": "Exported a bundle",
    "threshold.set": "Chose a threshold",
    "query.export": "Bundled a query",
    "service.start": "Started a service",
    "service.stop": "Stopped a service",
    "service.fail": "A service failed",
    "service.move": "A service got another port",
    "release.promote": "Rolled out",
    "release.rollback": "Rolled back",
    "release.challenge": "Put a challenger beside",
    "release.settle": "Ended a challenge",
    "release.retire": "Took out of use",
    "log.collect": "Collected predictions",
    "labels.add": "Took in labels",
    "monitor.report": "Looked at a live model",
    "setting.change": "Changed a setting",
    "alert.raise": "Raised an alert",
    "alert.acknowledge": "Acknowledged an alert",
    "alert.close": "Closed an alert",
    "alert.mute": "Muted alerts",
    "alert.send": "Told a channel",
    "challenge.made": "Trained a challenger",
    "challenge.rehearsed": "Rehearsed a challenger",
    "challenge.promoted": "Promoted a challenger",
    "challenge.kept": "Kept the champion",
    "automation.add": "Added an automation",
    "automation.change": "Changed an automation",
    "automation.pause": "Paused an automation",
    "automation.resume": "Resumed an automation",
    "automation.remove": "Removed an automation",
    "automation.run": "An automation began",
    "automation.done": "An automation was done",
    "automation.stopped": "An automation stopped",
    "automation.failed": "An automation failed",
    "automation.waiting": "An automation waits for a person",
    "automation.interrupted": "An automation was cut off",
    "automation.schedule": "Scheduled the automations",
    "automation.unschedule": "Took the schedule back",
    "objects.reclaim": "Reclaimed space",
}

_DETAILS = (
    "summary",
    "name",
    "automation",
    "dataset",
    "number",
    "rows",
    "source",
    "model_version",
    "challenger",
    "environment",
    "reason",
    "actor",
    "port",
    "path",
    "predictions",
)
_LONG = 120


_NUMBERED = ("port", "run", "seed", "version")
"""Whole numbers that count nothing: their digits stand without a separator."""


def verb_words(verb: str) -> str:
    """``model.approve`` -> *Approved a model version*; an unknown verb as it is."""
    return QCoreApplication.translate("history", VERBS.get(verb, verb))


def details_of(entry: AuditEntry) -> str:
    """The payload in one line: its short values, the telling ones first."""
    if entry.payload is None:
        return QCoreApplication.translate("history", "erased")
    payload = json.loads(entry.payload)
    if not isinstance(payload, dict):
        return str(payload)
    order = sorted(payload, key=lambda key: _DETAILS.index(key) if key in _DETAILS else len(_DETAILS))
    pairs = [f"{key.replace('_', ' ')} {_short(key, payload[key])}" for key in order if _is_telling(payload[key])]
    return " · ".join(pairs)


def _is_telling(value: object) -> bool:
    told = isinstance(value, str | int | float | bool) and value != "" and not _is_digest_or_id(value)
    return told and not (isinstance(value, str) and value.startswith(("{", "[{")))  # figures for machines


def _is_digest_or_id(value: object) -> bool:
    return isinstance(value, str) and (len(value) in (36, 64)) and set(value) <= set("0123456789abcdef-")


def _short(key: str, value: object) -> str:
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    if isinstance(value, int) and not isinstance(value, bool) and key not in _NUMBERED:
        text = f"{value:,}"
    return text if len(text) <= _LONG else text[: _LONG - 1] + "…"
