"""Does a bundle on disk still consist of what its manifest says?"""

from __future__ import annotations

from pathlib import Path

from app.errors import BundleProblem
from app.runtime import manifest
from app.runtime.manifest import Manifest

LOGS = "logs"
"""Where a bundle that is served with the default options writes its predictions."""


def verify_bundle(path: Path) -> Manifest:
    """The manifest of a whole bundle. Raises BundleProblem naming what is missing, changed or added."""
    if not (path / manifest.NAME).is_file():
        raise BundleProblem(
            f"{path} is no bundle: it has no {manifest.NAME}.", f"Name the folder that holds {manifest.NAME}."
        )
    try:
        return manifest.verify(path, path / LOGS)
    except manifest.BundleRefused as error:
        raise BundleProblem(str(error), "Build it again from its model version.") from error
    except OSError as error:
        raise BundleProblem(f"The bundle at {path} cannot be read: {error.strerror or error}.") from error
