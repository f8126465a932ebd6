"""What nobody raised on purpose ends as one sentence, a report on disk, and JSON where JSON was asked for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

CODE = """
import sys
from app.cli import main
from app.cli.parser import commands
from app.cli import project_commands
def broken(request):
    raise ZeroDivisionError("secret detail")
object.__setattr__(project_commands.COMMANDS[0], "run", broken)
sys.exit(main(sys.argv[1:]))
"""


def test_a_fault_is_reported_and_not_shown_as_a_traceback(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE, "new", str(tmp_path / "p"), "--json"],
        capture_output=True,
        text=True,
        env={**os.environ, "XDG_STATE_HOME": str(tmp_path), "HOME": str(tmp_path)},
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert json.loads(done.stdout)["error"]["kind"] == "Fault"
    (report,) = tmp_path.rglob("fault-*.txt")
    assert str(report) in done.stderr
    assert "ZeroDivisionError: secret detail" in report.read_text("utf-8")
