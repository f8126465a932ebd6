"""What can be done with an approved model: write its bundle, copy it, start and stop its service, predict a file.

The Models page, the Services page and the result card on the Data page do it through these functions.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from app.core.deploy import Bundle, ServiceStatus
from app.core.progress import JobContext, Part

if TYPE_CHECKING:
    from app.registry.project import Project
    from app.serving.predict import PredictedFile


def export_bundle(project: Project, model_version_id: str, ctx: JobContext) -> Bundle:
    """Write the bundle below the project's ``bundles``."""
    from app.bundles.build import build

    return build(project, model_version_id, ctx=ctx)


def start_service(project: Project, model_version_id: str, ctx: JobContext) -> ServiceStatus:
    """Write the bundle where there is none yet, and start it on this computer."""
    from app.registry import models, thresholds
    from app.serving.local import start

    made = thresholds.bundles_that_hold(project, models.model_version(project, model_version_id))
    bundle = made[0] if made else export_bundle(project, model_version_id, Part(ctx, 0.0, 0.6))
    return start(project, bundle.id, ctx=Part(ctx, 0.6, 1.0))


def stop_service(project: Project, service_id: str, ctx: JobContext) -> ServiceStatus:
    """Stop a service; it finishes what it is answering."""
    from app.serving.local import stop

    return stop(project, service_id, ctx)


def save_bundle(project: Project, bundle_id: str, folder: Path) -> Path:
    """Copy a bundle into a folder; the copy's path."""
    from app.bundles.build import save_elsewhere

    return save_elsewhere(project, bundle_id, folder)


def predict_files(
    project: Project, model_version_id: str, paths: Sequence[Path], ctx: JobContext, service_id: str | None = None
) -> list[PredictedFile]:
    """Predict each file into the project's ``predictions``; a name that is taken gets a number."""
    from app.registry import models
    from app.serving.predict import predict_file

    label = models.model_version(project, model_version_id).label
    done = []
    for number, path in enumerate(paths):
        part = Part(ctx, number / len(paths), (number + 1) / len(paths))
        out = _free_name(Path(project.path) / "predictions", f"{path.stem} {label}", _suffix(path))
        out.parent.mkdir(exist_ok=True)
        done.append(predict_file(project, model_version_id, path, out, part, service_id=service_id))
    return done


def copy_file(path: Path, folder: Path) -> Path:
    """Copy a file into another folder, under a free name."""
    target = _free_name(folder, path.stem, path.suffix)
    shutil.copyfile(path, target)
    return target


def show_in_folder(path: Path) -> None:
    """Open the folder that ``path`` is, or lies in, with the system's file manager."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path if path.is_dir() else path.parent)))


def _suffix(path: Path) -> str:
    return ".parquet" if path.suffix.lower() == ".parquet" else ".csv"


def _free_name(folder: Path, stem: str, suffix: str) -> Path:
    candidates = [folder / f"{stem}{suffix}", *(folder / f"{stem} {n}{suffix}" for n in range(2, 10_000))]
    return next(path for path in candidates if not path.exists())
