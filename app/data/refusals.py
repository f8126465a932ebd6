"""Refused files are told to the user's own log: a refusal changes nothing in a project, not even its history.

Parent side: standard library only.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from app.core.data import Finding
from app.data.own_folder import own_folder

NAME = "refused.jsonl"
MOST_BYTES = 1_000_000
"""Then the file becomes ``.old`` and a new one begins."""


def remember_refusal(file_name: str, found: Finding) -> None:
    """Append a line: when, which file, which code, in words. A log that cannot be written stops nobody."""
    line = json.dumps(
        {"at": datetime.now(UTC).isoformat(), "file": file_name, "code": found.code, "message": found.message}
    )
    place = log_file()
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.is_file() and place.stat().st_size > MOST_BYTES:
            place.replace(place.with_suffix(".old"))
        with place.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
    except OSError:
        return


def log_file() -> Path:
    """Where refusals are told: in the folder of the window's own log."""
    return own_folder() / "logs" / NAME
