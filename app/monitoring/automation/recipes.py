"""Ready files for CI services: data checked, a model trained and gated, a live one looked at, with JUnit reports."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(getattr(sys, "_MEIPASS", Path(__file__).resolve().parents[3])) / "resources" / "ci"


@dataclass(frozen=True, slots=True)
class Recipe:
    """``file``: where a repository has it."""

    id: str
    title: str
    file: str
    text: str


_KNOWN = (
    ("github", "GitHub Actions", ".github/workflows/modelyard.yml", "github.yml"),
    ("gitlab", "GitLab CI", ".gitlab-ci.yml", "gitlab.yml"),
    ("shell", "Shell", "modelyard.sh", "modelyard.sh"),
)


def recipes() -> tuple[Recipe, ...]:
    """All of them."""
    return tuple(Recipe(id_, title, file, (FOLDER / own).read_text("utf-8")) for id_, title, file, own in _KNOWN)


def recipe(id_: str) -> Recipe:
    """One by its id. KeyError if there is none."""
    return {found.id: found for found in recipes()}[id_]
