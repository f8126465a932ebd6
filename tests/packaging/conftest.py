"""The scripts of packaging/, loaded from their files: the folder is no package and must not become one."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = ("system_libraries", "environments", "suites", "bootstrap")


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def scripts() -> dict[str, ModuleType]:
    """Each script as a module, importable by the others under its plain name."""
    loaded = {}
    for name in SCRIPTS:
        spec = importlib.util.spec_from_file_location(name, ROOT / "packaging" / f"{name}.py")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
        loaded[name] = module
    return loaded
