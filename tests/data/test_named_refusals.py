"""What cannot be read is called by its own name, not just damaged."""

from __future__ import annotations

import pytest

from app.core.data import Outcome
from app.data import reader
from app.data.reading import ReadRequest
from app.errors import FileRefused, JobCrashed, OutOfMemory
from app.runtime import manifest


@pytest.mark.parametrize(
    ("name", "content", "code", "word"),
    [
        ("a.parquet", b"PARE" + b"\x07" * 200 + (100).to_bytes(4, "little") + b"PARE", "PARQUET_CORRUPT", "encrypted"),
        ("a.feather", b"FEA1" + b"\x07" * 200 + b"FEA1", "ARROW_CORRUPT", "version 1"),
    ],
)
def test_unreadable_kinds_are_named(data_project, drop, name, content, code, word):
    added = drop(content, name)
    assert (added.outcome, added.codes) == (Outcome.REJECT, (code,))
    assert word in added.findings[0].message


def test_a_bundles_bare_manifest_is_no_data(data_project, drop, tmp_path):
    folder = tmp_path / "bundle"
    folder.mkdir()
    (folder / "model.onnx").write_bytes(b"x")
    manifest.write(folder, {"model": "churn@1"})
    added = drop((folder / manifest.NAME).read_bytes(), "manifest.json")
    assert (added.outcome, added.codes) == (Outcome.REJECT, ("BUNDLE_NOT_DATA",))


def test_to_need_more_memory_is_no_damage(tmp_path):
    path = tmp_path / "a.parquet"
    path.write_bytes(b"PAR1")
    request = ReadRequest((path,), (path.name,))
    told = reader._refusal(request, OutOfMemory("The job ran out of memory."))
    assert isinstance(told, FileRefused) and told.code == "TOO_LARGE" and "memory" in told.message
    killed = reader._refusal(request, JobCrashed("The job was killed."))
    assert isinstance(killed, FileRefused) and killed.code == "PARQUET_CORRUPT"
