"""Writes the newest schema down as statements: ``python tests/golden/newest.py`` from the top folder.

Run when a migration was added; the file is checked in, and every new project begins with it.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from app.registry.migrate import MIGRATIONS, revisions, walk
from app.registry.newest import SCRIPT, written


def script() -> str:
    """The newest schema as the migrations make it."""
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder, "new.db")
        walk(database)
        return written(database, revisions()[-1])


if __name__ == "__main__":
    (MIGRATIONS / SCRIPT).write_text(script(), "utf-8")
