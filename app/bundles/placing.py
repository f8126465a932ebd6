"""Where bundles lie: names that every system takes, whole folders or none, nothing ever overwritten."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from app.bundles.archive import write_zip
from app.bundles.verify import verify_bundle
from app.errors import BadInput, BundleProblem, EnvironmentProblem
from app.registry import files

if TYPE_CHECKING:
    from app.registry.project import Project


def settle(project: Project, made: Path, bundle_id: str) -> Path:
    """Move a bundle that lies in scratch to the project's bundles and pack it beside; where it lies now. A whole
    bundle of the same bytes that is there stays. Raises OSError."""
    final = _taken_place(project, made, bundle_id)
    packed = made.with_name("packed.zip")
    write_zip(final, packed, final.name)
    packed.replace(final.with_name(final.name + ".zip"))
    files.flush_folder(project.bundles_path)
    return final


def copy_to(source: Path, folder: Path) -> None:
    """Copy a whole bundle to a new or empty ``folder``: all of it or nothing. BadInput if it is taken."""
    refuse_taken(folder)
    part = folder.absolute().with_name(folder.name + ".part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        _copy(source, part)
        if folder.is_dir():
            folder.rmdir()
        part.replace(folder)
    except OSError as error:
        raise not_written(folder, error) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _taken_place(project: Project, made: Path, bundle_id: str) -> Path:
    """Where the bundle lies from now on. Another window may settle one under the same name at this moment."""
    final = _free_place(project, made.name, bundle_id)
    while not final.exists():
        try:
            made.replace(final)
        except OSError:
            if not final.exists():
                raise
            final = _free_place(project, made.name, bundle_id)
    return final


def _free_place(project: Project, name: str, bundle_id: str) -> Path:
    """The first name that is free or holds this very bundle. A bundle that somebody damaged is never
    overwritten: a service may be running from it."""
    for candidate in (name, f"{name}-{bundle_id[:8]}", *(f"{name}-{bundle_id[:8]}-{n}" for n in range(2, 1000))):
        place = project.bundles_path / candidate
        if not place.exists() or _holds(place, bundle_id):
            return place
    raise EnvironmentProblem(f"There is no free name for {name} in {project.bundles_path}.")


def _holds(place: Path, bundle_id: str) -> bool:
    try:
        return verify_bundle(place).id == bundle_id
    except BundleProblem:
        return False


def _copy(source: Path, target: Path) -> None:
    """What belongs to the bundle, and nothing that a service left beside it."""
    from app.runtime import manifest

    for file in [*(f.path for f in manifest.load(source).files), manifest.NAME]:
        (target / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / file, target / file)
        with (target / file).open("rb+") as copied:
            os.fsync(copied.fileno())


def refuse_taken(folder: Path) -> None:
    """BadInput unless the folder is new or empty."""
    if folder.is_dir() and not any(folder.iterdir()):
        return
    if folder.exists():
        raise BadInput(f"{folder} is there already.", "Name a new folder or an empty one.")


def not_written(place: Path, error: OSError) -> EnvironmentProblem:
    """What to say when the disk does not take a bundle."""
    return EnvironmentProblem(
        f"The bundle could not be written to {place}: {error.strerror or error}.",
        "Make room or choose another folder.",
        str(error),
    )
