"""What a bundle consists of: every file with its hash and size. Standard library only, because
``serve.py`` runs it before anything else is trusted.

The manifest's bytes are canonical JSON; the bundle id is their SHA-256 (``sha256sum manifest.json``).
Until manifests are signed this finds damage, not a forger who writes a new manifest.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

NAME = "manifest.json"
FORMAT = 1
IGNORED_FILES = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
IGNORED_FOLDERS = frozenset({".venv"})
IMPORTABLE = (".py", ".pyc", ".pyo", ".pyd", ".so", ".dll", ".dylib", ".pth", ".zip", ".egg")


class BundleRefused(Exception):
    """The folder is not what its manifest says; the message names every file concerned."""


@dataclass(frozen=True, slots=True)
class File:
    """``path``: relative to the bundle, POSIX."""

    path: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """``about``: model version, run, data version, audit head at approval, signature. ``id``: the bundle id."""

    files: tuple[File, ...]
    about: dict[str, str | None]
    id: str

    @property
    def size_bytes(self) -> int:
        """Of all files together, the manifest not counted."""
        return sum(f.size_bytes for f in self.files)


def canonical_json(content: object) -> bytes:
    """The one way to write ``content``: sorted keys, no spaces, ASCII, a line feed at the end."""
    return (json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True) + "\n").encode("ascii")


def write(folder: Path, about: dict[str, str | None]) -> Manifest:
    """Describe all that is in ``folder`` and write it there as ``manifest.json``."""
    files = tuple(_measure(folder, path) for path in sorted(_inside(folder, None)) if path != NAME)
    data = canonical_json(
        {
            "about": about,
            "files": {f.path: {"bytes": f.size_bytes, "sha256": f.sha256} for f in files},
            "format": FORMAT,
        }
    )
    (folder / NAME).write_bytes(data)
    return Manifest(files, about, hashlib.sha256(data).hexdigest())


def load(folder: Path) -> Manifest:
    """The manifest as it stands, its files not yet looked at. Raises BundleRefused."""
    try:
        data = (folder / NAME).read_bytes()
    except OSError as error:
        raise BundleRefused(f"{NAME} cannot be read: {error.strerror or error}.") from error
    return _parse(data)


def verify(folder: Path, log_folder: Path | None = None) -> Manifest:
    """The manifest, once every file is there, unchanged, and nothing else is. Raises BundleRefused.

    ``log_folder`` may lie inside the bundle; what is in it is not counted, unless Python could import it.
    """
    manifest = load(folder)
    expected = {f.path: f for f in manifest.files}
    found = {path for path in _inside(folder, log_folder) if path != NAME}
    problems = [f"{path} is missing" for path in sorted(expected.keys() - found)]
    problems += [f"{path} does not belong to the bundle" for path in sorted(found - expected.keys())]
    problems += [
        f"{path} was changed" for path in sorted(expected.keys() & found) if _measure(folder, path) != expected[path]
    ]
    if problems:
        raise BundleRefused("The bundle is not whole: " + "; ".join(problems[:20]) + ".")
    return manifest


def _parse(data: bytes) -> Manifest:
    try:
        content = json.loads(data)
        if canonical_json(content) != data:
            raise BundleRefused(f"{NAME} is not in canonical form: it was changed.")
        if content["format"] != FORMAT:
            raise BundleRefused(f"{NAME} has format {content['format']}; this server reads format {FORMAT}.")
        files = tuple(File(str(p), str(f["sha256"]), int(f["bytes"])) for p, f in sorted(content["files"].items()))
        about = dict(content["about"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BundleRefused(f"{NAME} cannot be understood: it was changed.") from error
    for file in files:
        _check_path(file.path)
    return Manifest(files, about, hashlib.sha256(data).hexdigest())


def _check_path(path: str) -> None:
    parts = path.split("/")
    if "\\" in path or ":" in path or any(part in ("", ".", "..") for part in parts):
        raise BundleRefused(f"{NAME} names a file outside of the bundle.")


def _measure(folder: Path, path: str) -> File:
    digest = hashlib.sha256()
    size = 0
    try:
        with (folder / path).open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
                size += len(block)
    except OSError as error:
        raise BundleRefused(f"{path} cannot be read: {error.strerror or error}.") from error
    return File(path, digest.hexdigest(), size)


def _inside(folder: Path, log_folder: Path | None) -> Iterator[str]:
    """Every file that counts, as relative POSIX path. Raises BundleRefused for links and special files."""
    log = os.path.realpath(log_folder) if log_folder is not None else None
    for parent, folders, files in os.walk(folder):
        here = Path(parent)
        is_log = log is not None and os.path.realpath(parent) == log and here != folder
        top = here == folder
        folders[:] = [name for name in folders if not (top and name in IGNORED_FOLDERS)]
        names = files if not is_log else [*_importable(here)]
        if is_log:
            folders[:] = []
        for name in [*names, *(n for n in folders if (here / n).is_symlink())]:
            if name in IGNORED_FILES:
                continue
            path = (here / name).relative_to(folder).as_posix()
            if not is_log and not stat.S_ISREG((here / name).lstat().st_mode):
                raise BundleRefused(f"{path} is a link or a special file; a bundle holds plain files only.")
            yield path


def _importable(folder: Path) -> Iterator[str]:
    for parent, _, files in os.walk(folder):
        for name in files:
            if name.lower().endswith(IMPORTABLE):
                yield (Path(parent) / name).relative_to(folder).as_posix()
