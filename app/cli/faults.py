"""What nobody raised on purpose is our own fault: kept in a report, told in one sentence."""

from __future__ import annotations

import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from app import __version__
from app.cli.answer import Voice


def install(voice: Voice) -> None:
    """Have whatever reaches the top of this process reported; Python then exits with code 1."""

    def report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        text = "".join(traceback.format_exception(kind, error, trace))
        sentence = f"A fault in Modelyard stopped this command ({kind.__name__})."
        hint = _kept(text)
        if voice.as_json:
            voice.say_json({"error": {"kind": "Fault", "message": sentence, "hint": hint}})
        voice.complain(sentence, hint)

    sys.excepthook = report


def _kept(text: str) -> str:
    """Write the report beside the application's logs; where that fails, hand it over as it is."""
    from platformdirs import user_log_path

    folder = Path(user_log_path("modelyard", appauthor=False))
    report = folder / f"fault-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.txt"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        report.write_text(f"modelyard {__version__}, Python {sys.version}, {sys.platform}\n{text}", encoding="utf-8")
    except OSError:
        return text
    return f"Please send us the report: {report}"
