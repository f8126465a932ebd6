"""A zipped bundle that somebody dropped: every file is compared with the manifest, nothing is unpacked or run.

Child side.
"""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

from app.core.strangers import BundleTold
from app.data.findings import refused
from app.data.formats.archive import CHUNK_BYTES, check_archive, extract
from app.data.formats.content import bundle_folder
from app.jobs.child import ChildContext
from app.runtime import manifest

_AGAIN = "Get the bundle again; this one must not be used."


def look(child: ChildContext, path: Path) -> BundleTold:
    """Check a zipped bundle. Raises FileRefused (ARCHIVE_*, BUNDLE_HASH)."""
    entries = [e for e in check_archive(path, xml=False) if not e.is_dir()]
    folder = bundle_folder(e.filename for e in entries)
    assert folder is not None, "an archive without a manifest"
    extract(path, f"{folder}{manifest.NAME}", child.folder / manifest.NAME)
    try:
        told = manifest.load(child.folder)
    except manifest.BundleRefused as error:
        raise refused("BUNDLE_HASH", f"The bundle is not whole: {error}", _AGAIN) from error
    names = [e.filename for e in entries if e.filename != f"{folder}{manifest.NAME}"]
    there = {name.removeprefix(folder): name for name in names}
    problems = _problems(path, {f.path: f for f in told.files}, there)
    if problems:
        raise refused("BUNDLE_HASH", f"The bundle is not whole: {'; '.join(problems[:20])}.", _AGAIN)
    return BundleTold(told.id, told.about)


def _problems(path: Path, expected: dict[str, manifest.File], there: dict[str, str]) -> list[str]:
    found = [f"{name} is missing" for name in sorted(expected.keys() - there.keys())]
    found += [f"{name} does not belong to the bundle" for name in sorted(there.keys() - expected.keys())]
    with zipfile.ZipFile(path) as archive:
        for name in sorted(expected.keys() & there.keys()):
            digest = hashlib.sha256()
            with archive.open(there[name]) as file:
                while chunk := file.read(CHUNK_BYTES):
                    digest.update(chunk)
            if digest.hexdigest() != expected[name].sha256:
                found.append(f"{name} was changed")
    return found
