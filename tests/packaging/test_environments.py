"""What is installed is what is declared and pinned."""

from __future__ import annotations

import ast
import re
import sys
from importlib.metadata import distributions, packages_distributions

import pytest

PIN = re.compile(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+")
NAMES_OF_IMPORTS = {"sklearn": "scikit-learn", "google": "protobuf", "PySide6": "PySide6-Essentials"}
NAMES_OF_IMPORTS |= {"python_calamine": "python-calamine", "shiboken6": "PySide6-Essentials"}


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.fixture(scope="module")
def pins(root):
    lines = (root / "packaging" / "constraints.txt").read_text().splitlines()
    assert all(PIN.fullmatch(line) for line in lines)
    return {plain(name): version for name, _, version in (line.partition("==") for line in lines)}


@pytest.fixture(scope="module")
def declared(root, scripts):
    wanted = scripts["environments"].requirements(root, ["window", "test", "window-test"])
    return {plain(re.match(r"[A-Za-z0-9._-]+", w)[0]) for w in wanted}


def test_everything_declared_is_pinned(pins, declared):
    assert declared <= set(pins)


def test_everything_installed_is_pinned_at_that_version(pins):
    """Only in the environment that bootstrap made, which has nothing else in it."""
    installed = {plain(d.metadata["Name"]): d.version for d in distributions()}
    if ".venv-core" not in sys.prefix:
        installed = {name: version for name, version in installed.items() if name in pins}
    installed.pop("pip", None)
    installed.pop("setuptools", None)
    assert {n: v for n, v in installed.items() if pins.get(n) != v} == {}


def test_everything_the_application_imports_is_declared(root, declared):
    known = packages_distributions()
    ours = {"app", "__future__"}
    for file in (root / "app").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) and not node.level else []
            for library in {n.split(".")[0] for n in names} - sys.stdlib_module_names - ours:
                owners = {NAMES_OF_IMPORTS.get(library) or known.get(library, [library])[0]}
                assert {plain(o) for o in owners} <= declared, f"{file}: {library}"


def test_core_environment_has_no_qt():
    """The core suite must pass where PySide6 is not installed, so there it must not be."""
    if ".venv-core" in sys.prefix:
        assert "PySide6" not in packages_distributions()
    else:
        assert "PySide6" not in sys.modules


def test_bundle_asks_for_the_versions_it_was_proven_with(root, pins):
    """A bundle's own requirements are a part of the pins here, so what the tests ran is what it runs."""
    lines = (root / "resources" / "bundle" / "requirements.txt").read_text().splitlines()
    asked = dict(line.partition(";")[0].strip().split("==") for line in lines if line and not line.startswith("#"))
    assert len(asked) > 5
    assert {n: v for n, v in asked.items() if pins[plain(n)] != v} == {}
