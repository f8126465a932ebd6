"""A bundle proves itself: in its own environment it answers as scikit-learn did, and a changed byte keeps it shut."""

from __future__ import annotations

import json
import runpy
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.core.runs import Task
from app.runtime import orders
from tests.runtime.example import Example, make_example
from tests.runtime.service import Service, run, runtime_python

FORBIDDEN = {"app", "pandas", "sklearn", "onnx", "skl2onnx", "duckdb", "pyarrow", "sqlalchemy", "PySide6"}


@pytest.fixture(params=[Task.BINARY, Task.MULTICLASS, Task.REGRESSION], ids=lambda task: task.value)
def example(request: pytest.FixtureRequest) -> Example:
    return make_example(request.param)


def test_every_held_out_row_is_answered_as_scikit_learn_did(
    example: Example, tmp_path: Path, start: Callable[..., Service]
) -> None:
    example.build(tmp_path / "bundle")
    service = start(tmp_path / "bundle")
    status, answer = service.post({"rows": example.rows})
    assert status == 200, answer
    predictions = answer["predictions"]
    assert len(predictions) == len(example.rows) >= 100
    for got, wanted in zip(predictions, example.expected, strict=True):
        if example.contract.task == "regression":
            assert got["value"] == pytest.approx(wanted.value, abs=1e-5 * max(1.0, abs(wanted.value)))
        else:
            assert got["label"] == wanted.label
            assert type(got["label"]) is type(wanted.label)
            assert got["probabilities"] == pytest.approx(wanted.probabilities, abs=1e-5)


def test_nothing_of_the_application_is_in_the_service(bundle: Path) -> None:
    code = (
        "import json, runpy, sys; sys.argv = ['serve.py', '--check']\n"
        f"try:\n    runpy.run_path({str(bundle / 'serve.py')!r}, run_name='__main__')\n"
        "except SystemExit as end:\n    assert not end.code, end.code\n"
        "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    )
    done = subprocess.run(
        [str(runtime_python()), "-I", "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert "onnxruntime" in loaded
    assert not loaded & FORBIDDEN


def test_the_bundle_checks_itself(bundle: Path) -> None:
    done = run(bundle, "--check")
    assert done.returncode == 0, done.stderr


def test_serving_asks_for_no_argument(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))  # it takes this checkout off, for the tests that follow as well
    log_folder_of = runpy.run_path(str(bundle / "serve.py"))["log_folder_of"]
    assert log_folder_of([]) == bundle / "logs"
    assert log_folder_of(["--log-dir", "/here"]) == log_folder_of(["--port", "0", "--log-dir=/here"]) == Path("/here")
    assert orders.value_of([], "--state") is None


def files_of(bundle: Path) -> list[Path]:
    return [path for path in sorted(bundle.rglob("*")) if path.is_file()]


def test_one_changed_byte_of_any_file_is_refused_by_name(bundle: Path, tmp_path: Path) -> None:
    for path in files_of(bundle):
        name = path.relative_to(bundle).as_posix()
        copy = tmp_path / "copy"
        shutil.copytree(bundle, copy)
        changed = copy / name
        content = changed.read_bytes()
        place = len(content) // 2
        changed.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        done = run(copy, "--check")
        assert done.returncode != 0, name
        if name not in {"manifest.json", "serve.py"} and not name.startswith("runtime/"):
            assert name in done.stderr + done.stdout, (name, done.stderr)
        shutil.rmtree(copy)


def test_a_missing_file_and_one_that_python_could_import_are_refused(bundle: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(bundle, copy)
    (copy / "numpy.py").write_text("raise SystemExit(0)\n")
    done = run(copy, "--check")
    assert done.returncode != 0
    assert "numpy.py" in done.stderr
    (copy / "numpy.py").unlink()
    (copy / "card.md").unlink()
    done = run(copy, "--check")
    assert done.returncode != 0
    assert "card.md" in done.stderr


def test_the_world_is_not_let_in_by_accident(bundle: Path) -> None:
    done = run(bundle, "--host", "0.0.0.0", "--port", "0")
    assert done.returncode != 0
    assert "--api-key-file" in done.stderr


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b"[" * 100 + b"]" * 100, 400),
        (b'{"rows": [], "rows": []}', 400),
        (b'{"rows": [{"age": NaN}]}', 422),
        (b'{"rows": [{"age": "3"}]}', 422),
        (b'{"rows": [{"nobody": 1}]}', 422),
        (b'{"rows": [' + b"{}," * 10_000 + b"{}]}", 413),
        (b'"' + b"x" * (9 << 20) + b'"', 413),
    ],
    ids=["cut", "no utf-8", "deep", "doubled", "nan", "text", "unknown", "many rows", "large"],
)
def test_a_bad_request_is_told_why_and_never_breaks_the_service(served: Service, body: bytes, status: int) -> None:
    got, answer = served.post(body)
    assert got == status or (got, status) == (400, 422), answer
    assert "Traceback" not in str(answer)
    assert served.ask("GET", "/v2/health/ready")[0] == 200
