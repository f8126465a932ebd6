"""Where this person's settings are, outside of any project. Standard library only until it is asked."""

from __future__ import annotations

import os
from pathlib import Path

CONFIG_FOLDER = "MODELYARD_CONFIG_DIR"
"""The environment variable that names another place (tests, portable use)."""


def own_folder() -> Path:
    """The folder, which may not be there yet."""
    if chosen := os.environ.get(CONFIG_FOLDER):
        return Path(chosen)
    from platformdirs import user_config_path

    return user_config_path("modelyard", appauthor=False)
