"""The manifest finds whatever is missing, changed or added."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from app.runtime import manifest
from app.runtime.manifest import BundleRefused


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "bundle"
    (place / "runtime").mkdir(parents=True)
    (place / "serve.py").write_text("pass\n")
    (place / "runtime" / "a.py").write_text("x = 1\n")
    (place / "größe.txt").write_text("1")
    manifest.write(place, {"model": "m@1"})
    return place


def test_the_bundle_id_is_the_hash_of_the_manifest(folder: Path) -> None:
    found = manifest.verify(folder)
    assert found.id == hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()
    assert {f.path for f in found.files} == {"serve.py", "runtime/a.py", "größe.txt"}
    assert found.about == {"model": "m@1"}


def add(name: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("")

    return change


def link(folder: Path) -> None:
    (folder / "link.txt").symlink_to("serve.py")


def link_folder(folder: Path) -> None:
    (folder / "linked").symlink_to(folder / "runtime", target_is_directory=True)


def swap_for_link(folder: Path) -> None:
    (folder / "serve.py").rename(folder.parent / "serve.py")
    (folder / "serve.py").symlink_to(folder.parent / "serve.py")


def fifo(folder: Path) -> None:
    os.mkfifo(folder / "pipe")


def respell(folder: Path) -> None:
    content = json.loads((folder / "manifest.json").read_bytes())
    (folder / "manifest.json").write_text(json.dumps(content, indent=1))


def outside(folder: Path) -> None:
    content = json.loads((folder / "manifest.json").read_bytes())
    content["files"]["../elsewhere"] = {"bytes": 0, "sha256": hashlib.sha256(b"").hexdigest()}
    (folder.parent / "elsewhere").write_bytes(b"")
    (folder / "manifest.json").write_bytes(manifest.canonical_json(content))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda f: (f / "serve.py").unlink(), "serve.py is missing"),
        (lambda f: (f / "serve.py").write_text("pasS\n"), "serve.py was changed"),
        (add("numpy.py"), "numpy.py does not belong"),
        (add("runtime/__pycache__/a.cpython-311.pyc"), "__pycache__"),
        (add("logs/evil.py"), "logs/evil.py"),
        (add("logs/deeper/evil.so"), "evil.so"),
        (add("notes.txt"), "notes.txt"),
        (add("runtime/.venv/x.py"), "runtime/.venv"),
        (link, "link.txt"),
        (link_folder, "linked"),
        (swap_for_link, "serve.py"),
        (fifo, "pipe"),
        (respell, "canonical"),
        (outside, "outside"),
        (lambda f: (f / "manifest.json").unlink(), "manifest.json"),
        (lambda f: (f / "manifest.json").write_bytes(b"[]\n"), "manifest.json"),
        (lambda f: (f / "manifest.json").write_bytes(b"[" * 100_000), "manifest.json"),
    ],
)
def test_it_is_refused_by_name(folder: Path, change: Callable[[Path], None], named: str) -> None:
    change(folder)
    with pytest.raises(BundleRefused, match=named.replace(".", r"\.")):
        manifest.verify(folder, folder / "logs")


@pytest.mark.parametrize("name", ["logs/1.jsonl", ".venv/lib/x.py", ".DS_Store", "Thumbs.db", "runtime/desktop.ini"])
def test_what_systems_and_people_leave_behind_does_not_count(folder: Path, name: str) -> None:
    add(name)(folder)
    manifest.verify(folder, folder / "logs")


def test_a_log_folder_over_the_bundles_own_files_does_not_hide_them(folder: Path) -> None:
    (folder / "runtime" / "a.py").write_text("x = 2\n")
    for log_folder in (folder, folder / "runtime", folder.parent):
        with pytest.raises(BundleRefused):
            manifest.verify(folder, log_folder)
