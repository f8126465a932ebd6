"""A bundle as one file: a zip whose bytes depend on nothing but the bundle's."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

from app.runtime import manifest

_NO_TIME = (1980, 1, 1, 0, 0, 0)
"""The earliest moment that a zip can tell."""


def write_zip(folder: Path, target: Path, name: str) -> None:
    """Pack the verified bundle in ``folder`` below ``name/``. Stored, not compressed: what a compressor gives
    differs between its versions. Only what the manifest lists goes in."""
    paths = sorted([f.path for f in manifest.load(folder).files] + [manifest.NAME])
    with target.open("wb") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for path in paths:
                info = zipfile.ZipInfo(f"{name}/{path}", _NO_TIME)
                info.create_system = 3  # Unix, wherever it is made
                info.external_attr = 0o100644 << 16
                archive.writestr(info, (folder / path).read_bytes())
        file.flush()
        os.fsync(file.fileno())
