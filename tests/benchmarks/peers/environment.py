"""The peers' own environment: made once in a folder that one names, never a part of the application's."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
STAMP = "modelyard-stamp.txt"
PIP = ("-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--quiet")


def peers_python(folder: Path) -> Path:
    """The interpreter that has the peers and the packages with data sets, installed first if it is not there."""
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    stamp, mark = folder / STAMP, _fingerprint()
    if python.exists() and stamp.exists() and stamp.read_text() == mark:
        return python
    print(f"Setting up the peers in {folder} (once, needs the network and 3 GB)", file=sys.stderr, flush=True)
    stamp.unlink(missing_ok=True)
    _run([sys.executable, "-m", "venv", "--clear", str(folder)])
    _run([str(python), *PIP, "-r", str(HERE / "pins.txt")])
    # only their data files are read: what ISLP asks for besides is another gigabyte
    _run([str(python), *PIP, "--no-deps", "-r", str(HERE / "data_pins.txt")])
    stamp.write_text(mark)
    return python


def _fingerprint() -> str:
    pins = "".join((HERE / name).read_text("utf-8") for name in ("pins.txt", "data_pins.txt"))
    return hashlib.sha256((sys.version + pins).encode()).hexdigest()


def _run(command: list[str]) -> None:
    if subprocess.run(command, check=False, stdout=sys.stderr).returncode:
        raise SystemExit("The peers could not be installed. What is written above says why.")
