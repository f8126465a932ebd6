"""The house keeps its directions: who may import whom, what stays out of which room, and how long things grow.

Only syntax is read, nothing is imported, except in the last tests, which look at what a start really loads (for the
window: ``tests/ui/test_platform.py``).
Each rule has a planted violation that it must find.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TOP_LEVEL = {"app", "resources", "tests", "packaging", "pyproject.toml", "README.md"}
ROOMS = "errors, core, jobs, registry, data, export, training, approval, bundles, serving, monitoring, engines, ui, cli"
ORDER = [*ROOMS.split(", "), "__main__"]  # each may import those before it
QT = {"PySide6", "shiboken6", "pyqtgraph"}
SQL = {"sqlalchemy", "alembic"}
READS_FOREIGN_DATABASES = "app/data/fetch/database.py"
"""In a child, never the project's own database: ``registry`` stays the one place for that."""
ML = {"pandas", "sklearn", "onnx", "skl2onnx", "duckdb"}
CODE_FROM_BYTES = {"pickle", "_pickle", "cPickle", "cloudpickle", "dill", "joblib", "shelve", "marshal"}
LIGHT_ROOMS = {"ui", "cli", "core", "jobs", "registry", "runtime", "errors", "__main__"}
RUNTIME_MAY = {"numpy", "onnxruntime", "starlette", "uvicorn", "msgspec", "anyio", "httptools", "uvloop"}
CATCH_ALL = {
    "app/jobs/child.py",  # child main: the error goes to the parent whole
    "app/ui/jobs.py",  # job runner: the error is shown
    "app/ui/main.py",  # excepthook
    "app/runtime/answers.py",  # the bundle's job runner: the error goes to the request that waits
}
LONGEST_FUNCTION = 60
LONGEST_FILE = 400
DECLARATIONS = "app/registry/migrations/versions/"  # a schema is one long sentence


@dataclass(frozen=True)
class Imported:
    """``name``: dotted and absolute; ``relative``: written with dots; ``lazy``: inside a function."""

    name: str
    relative: bool
    lazy: bool
    line: int


def imports(path: str, tree: ast.Module) -> Iterator[Imported]:
    """Everything a module imports, ``from a import b`` as ``a.b``. Imports for type checkers alone count too."""
    package = Path(path).with_suffix("").parts[:-1]
    lazy_lines = {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Imported(alias.name, False, node.lineno in lazy_lines, node.lineno)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join([*above, *filter(None, [node.module])])
            for alias in node.names:
                yield Imported(f"{base}.{alias.name}", node.level > 0, node.lineno in lazy_lines, node.lineno)


def room_of(dotted: str) -> str | None:
    """The room of ``app.room...``; None for ``app`` itself and for other people's packages."""
    parts = dotted.split(".")
    known = {*ORDER, "runtime"}
    return parts[1] if parts[0] == "app" and len(parts) > 1 and parts[1] in known else None


def wrong_direction(room: str, imported: Imported) -> str | None:
    """Why a module of ``room`` must not import this one of ours."""
    ours = imported.name.split(".")[0] == "app"
    target = room_of(imported.name)
    if room == "runtime":
        if ours and (not imported.relative or target != "runtime"):
            return "runtime imports nothing of ours, and itself relatively"
        return None
    if target is None or target in {room, "runtime"}:
        return None
    if (room, target) == ("cli", "ui"):
        return None if imported.lazy else "cli opens the window lazily"
    if ORDER.index(target) > ORDER.index(room) or (room == "ui" and target == "cli"):
        return f"{room} must not know {target}"
    return None


def wrong_library(path: str, room: str, imported: Imported) -> str | None:
    """Why a module of ``room`` must not import this library."""
    library = imported.name.split(".")[0]
    if library in CODE_FROM_BYTES:
        return f"{library} runs code from bytes"
    if library in QT and room != "ui":
        return "Qt only in ui"
    if library in SQL and room != "registry" and (path, library) != (READS_FOREIGN_DATABASES, "sqlalchemy"):
        return "SQL only in registry"
    if library in ML and room in LIGHT_ROOMS:
        return f"{library} never in {room}"
    foreign = library not in sys.stdlib_module_names and library not in {"app", "__future__"}
    if room in {"core", "errors"} and foreign:
        return f"{room} is standard library only"
    if room == "runtime" and foreign and library not in RUNTIME_MAY:
        return f"{library} is not part of a bundle"
    return None


def wrong_shape(path: str, tree: ast.Module, source: str) -> Iterator[str]:
    """Files and functions that grew too long, names that say nothing, errors swallowed, code from text."""
    if source.count("\n") > LONGEST_FILE:
        yield f"{path}: more than {LONGEST_FILE} lines"
    if Path(path).stem in {"utils", "util", "helpers", "misc", "common"}:
        yield f"{path}: a name that says nothing"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and DECLARATIONS not in path:
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LONGEST_FUNCTION:
                yield f"{path}:{node.lineno}: {node.name} has {length} lines, more than {LONGEST_FUNCTION}"
        elif isinstance(node, ast.ExceptHandler) and catches_all(node) and path not in CATCH_ALL:
            yield f"{path}:{node.lineno}: catches everything"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"eval", "exec"}:
            yield f"{path}:{node.lineno}: {node.func.id} runs text as code"


def catches_all(handler: ast.ExceptHandler) -> bool:
    """``except:``, ``except Exception`` or ``except BaseException``, unless it ends in a bare ``raise``."""
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = {t.id for t in types if isinstance(t, ast.Name)}
    if handler.type is not None and not names & {"Exception", "BaseException"}:
        return False
    last = handler.body[-1]
    return not (isinstance(last, ast.Raise) and last.exc is None)


def violations(path: str, source: str) -> list[str]:
    """All that is wrong with one module; ``path`` is relative to the repository, POSIX."""
    tree = ast.parse(source)
    room = Path(path).with_suffix("").parts[1]
    found = list(wrong_shape(path, tree, source))
    if room == "__init__":
        return found
    for imported in imports(path, tree):
        for reason in (wrong_direction(room, imported), wrong_library(path, room, imported)):
            if reason:
                found.append(f"{path}:{imported.line}: imports {imported.name}: {reason}")
    return found


def modules() -> list[Path]:
    return sorted((ROOT / "app").rglob("*.py"))


def test_every_module_keeps_the_rules():
    found = [v for file in modules() for v in violations(file.relative_to(ROOT).as_posix(), file.read_text("utf-8"))]
    assert not found, "\n" + "\n".join(found)


def test_every_room_is_known():
    rooms = {p.name for p in (ROOT / "app").iterdir() if p.is_dir() and any(p.glob("*.py"))}
    assert rooms <= {*ORDER, "runtime"}


PLANTED = [
    ("app/data/x.py", "from app.training import train", "data must not know training"),
    ("app/core/x.py", "import app.registry.project", "core must not know registry"),
    ("app/jobs/x.py", "def f():\n    from app.registry import runs", "jobs must not know registry"),
    ("app/ui/x.py", "from app.cli import main", "ui must not know cli"),
    ("app/cli/x.py", "from app.ui.main import run", "lazily"),
    ("app/registry/x.py", "from ..serving import logs", "registry must not know serving"),
    ("app/runtime/x.py", "from app.core import ids", "runtime imports nothing of ours"),
    ("app/runtime/x.py", "from app.runtime import log", "runtime imports nothing of ours"),
    ("app/runtime/x.py", "from ..core import ids", "runtime imports nothing of ours"),
    ("app/runtime/x.py", "import pyarrow", "not part of a bundle"),
    ("app/serving/x.py", "from PySide6.QtCore import QObject", "Qt only in ui"),
    ("app/serving/x.py", "import sqlalchemy as sa", "SQL only in registry"),
    ("app/data/fetch/x.py", "import sqlalchemy as sa", "SQL only in registry"),
    (READS_FOREIGN_DATABASES, "import alembic", "SQL only in registry"),
    ("app/ui/x.py", "def f():\n    import pandas", "pandas never in ui"),
    ("app/registry/x.py", "import duckdb", "duckdb never in registry"),
    ("app/core/x.py", "import numpy", "standard library only"),
    ("app/training/x.py", "import joblib", "runs code from bytes"),
    ("app/training/x.py", "from pickle import loads", "runs code from bytes"),
    ("app/training/x.py", "eval('1')", "runs text as code"),
    ("app/training/x.py", "try:\n    f()\nexcept Exception:\n    pass", "catches everything"),
    ("app/training/x.py", "try:\n    f()\nexcept (OSError, Exception):\n    g()", "catches everything"),
    ("app/training/x.py", "try:\n    f()\nexcept:\n    g()", "catches everything"),
    ("app/data/x.py", "def f():\n" + "    a = 1\n" * LONGEST_FUNCTION, "f has 61 lines"),
    ("app/data/x.py", "a = 1\n" * (LONGEST_FILE + 1), "more than 400 lines"),
    ("app/data/utils.py", "", "says nothing"),
]


@pytest.mark.parametrize(("path", "source", "reason"), PLANTED)
def test_a_planted_violation_is_found(path, source, reason):
    (found,) = violations(path, source)
    assert reason in found


ALLOWED = [
    ("app/cli/x.py", "def f():\n    from app.ui.main import run"),
    ("app/runtime/x.py", "from . import log\nfrom .contract import Field\nimport numpy, onnxruntime"),
    ("app/core/x.py", "from app.errors import BadInput\nfrom app.core.ids import new_id"),
    (READS_FOREIGN_DATABASES, "import sqlalchemy as sa"),
    ("app/data/x.py", "import duckdb, pandas\nfrom app import __version__\nfrom app.runtime import canonical"),
    ("app/data/x.py", "try:\n    f()\nexcept BaseException:\n    close()\n    raise"),
]


@pytest.mark.parametrize(("path", "source"), ALLOWED)
def test_what_is_allowed_is_not_complained_about(path, source):
    assert violations(path, source) == []


def test_top_level_holds_only_the_fixed_names():
    names = {p.name for p in ROOT.iterdir() if not p.name.startswith(".")}
    assert names <= TOP_LEVEL, f"not at home here: {sorted(names - TOP_LEVEL)}"


def test_packaging_is_no_package():
    """An ``__init__.py`` would hide the library of the same name."""
    assert not (ROOT / "packaging" / "__init__.py").exists()


LOADED = "import json, sys; {0}; print(json.dumps(sorted({{m.partition('.')[0] for m in sys.modules}})))"
HEAVY = ML | SQL | {"onnxruntime", "pyarrow", "scipy", "numpy", "pyqtgraph", "cryptography", "starlette", "uvicorn"}


def loaded_by(statement: str) -> set[str]:
    """The top-level modules that a fresh process has after a statement."""
    command = [sys.executable, "-c", LOADED.format(statement)]
    output = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout
    return set(json.loads(output))


def test_command_line_starts_without_anything_heavy_or_qt():
    assert not loaded_by("import app.__main__, app.cli") & (HEAVY | QT)


VERBS = (
    "data.intake data.edit data.looking.rows data.looking.profile data.differences.compare "
    "data.differences.recognise data.differences.difference_words data.fetching data.derive data.secrets "
    "training.plan training.train training.results training.reproduce "
    "approval.check approval.gates approval.approve bundles.build bundles.verify serving.local serving.client "
    "serving.predict serving.logs serving.trace serving.recent monitoring.monitor monitoring.labels registry.project"
)


def test_verbs_of_the_parent_leave_the_learning_libraries_to_children():
    """Imported in a thread of the window, they would freeze it for a quarter of a second each."""
    loaded = loaded_by("import " + ", ".join(f"app.{verb}" for verb in VERBS.split()))
    assert not loaded & (ML | QT | {"onnxruntime", "pyarrow", "scipy", "starlette", "uvicorn"})
