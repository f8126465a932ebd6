"""Whatever is dropped gets its answer: data is added, a prediction log collected, a bundle recognised, a model told
from data. What is no data is never run, and nothing of it is stored but the log's predictions.

Parent side: standard library only at the top.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from app.core.data import AddResult, Finding, Outcome
from app.core.progress import JobContext, Part
from app.core.strangers import BundleTold, ModelTold
from app.data.findings import as_finding, note, refused
from app.data.formats.content import Content, content_of
from app.data.names import plain_name
from app.data.refusals import remember_refusal
from app.data.wishes import Wishes
from app.errors import BundleProblem, FileRefused
from app.runtime import manifest

if TYPE_CHECKING:
    from app.data.reader import OnFirst
    from app.registry.project import Project

_STARTS = ("serve.py", "query.json")
_LOG_START = b'{"segment":'


class Thing(StrEnum):
    """What a path is, as far as its way goes."""

    DATA = "data"
    MODEL = "model"
    BUNDLE_FOLDER = "bundle folder"
    BUNDLE_ZIP = "bundle zip"
    LOG = "log"
    LOG_FOLDER = "log folder"


def add_dropped(
    project: Project,
    path: Path,
    *,
    name: str | None = None,
    target: str | None = None,
    wishes: Wishes | None = None,
    ctx: JobContext,
    on_first: OnFirst | None = None,
) -> AddResult:
    """Take a dropped path the way it belongs; ``wishes``: how to read data. Raises as ``app.data.intake.add``."""
    from app.data.intake import add

    thing = thing_at(path)
    if thing is Thing.DATA:
        return add(project, path, name=name, target=target, wishes=wishes, ctx=ctx, on_first=on_first)
    try:
        return AddResult(Outcome.ACCEPT, (_taken(project, path, thing, ctx),))
    except FileRefused as error:
        found = as_finding(error)
        remember_refusal(plain_name(path), found)
        return AddResult(Outcome.REJECT, (found,))


def add_all_dropped(
    project: Project,
    paths: Sequence[Path],
    *,
    mode: Literal["append", "separate"],
    name: str | None = None,
    ctx: JobContext,
    on_first: OnFirst | None = None,
) -> list[AddResult]:
    """Several paths: what is data is appended or added one by one, everything else goes its own way. ``name``: of the
    data set that data become a version of, if a person chose it."""
    from app.data.intake import add_many

    data = [path for path in paths if thing_at(path) is Thing.DATA]
    if mode == "append" and len(data) == len(paths):
        return add_many(project, data, mode="append", name=name, ctx=ctx, on_first=on_first)
    share = 1 / max(len(paths), 1)
    if len(paths) == 1:
        return [add_dropped(project, paths[0], name=name, ctx=ctx, on_first=on_first)]
    parts = [Part(ctx, i * share, (i + 1) * share, f"{plain_name(path)}: ") for i, path in enumerate(paths)]
    return [
        add_dropped(project, path, name=name, ctx=part, on_first=on_first)
        for path, part in zip(paths, parts, strict=True)
    ]


def thing_at(path: Path) -> Thing:
    """What stands there, by its content. Whatever cannot be looked at is left to the reading of data."""
    try:
        facts = os.stat(path)  # noqa: PTH116 - Path.stat follows links in the same way, but not on every platform
        if stat.S_ISDIR(facts.st_mode):
            return _folder(path)
        if not stat.S_ISREG(facts.st_mode) or not facts.st_size:
            return Thing.DATA
        return _file(path)
    except OSError:
        return Thing.DATA


def _folder(path: Path) -> Thing:
    if (path / manifest.NAME).is_file() and any((path / name).is_file() for name in _STARTS):
        return Thing.BUNDLE_FOLDER
    first = next((p for p in sorted(path.glob("*.jsonl")) if p.is_file()), None)
    return Thing.LOG_FOLDER if first is not None and _is_log(first) else Thing.DATA


def _file(path: Path) -> Thing:
    content = content_of(path)
    if content is Content.ONNX:
        return Thing.MODEL
    if content is Content.BUNDLE:
        return Thing.BUNDLE_ZIP
    return Thing.LOG if content is Content.TEXT and _is_log(path) else Thing.DATA


def _is_log(path: Path) -> bool:
    from app.runtime import logline

    with path.open("rb") as file:
        first = file.readline(1 << 16)
    return first.startswith(_LOG_START) and logline.entry(first, 0).header is not None


def _taken(project: Project, path: Path, thing: Thing, ctx: JobContext) -> Finding:
    """The answer. Raises FileRefused."""
    if thing is Thing.MODEL:
        raise _judged(project, path, ctx)
    if thing is Thing.BUNDLE_ZIP:
        return _recognised(project, _of_zip(project, path, ctx), path)
    if thing is Thing.BUNDLE_FOLDER:
        return _recognised(project, _of_folder(path), path)
    return _collected(project, path, thing, ctx)


def _of_folder(path: Path) -> BundleTold:
    from app.bundles.verify import verify_bundle

    try:
        found = verify_bundle(path)
    except BundleProblem as error:
        raise refused("BUNDLE_HASH", error.message, "Get the bundle again; this one must not be used.") from error
    return BundleTold(found.id, found.about)


def _of_zip(project: Project, path: Path, ctx: JobContext) -> BundleTold:
    from app.data.arrival import arrive
    from app.data.reading import MEMORY_BYTES, deadline_s
    from app.jobs.supervise import Limits, run_in_child

    with project.scratch("bundle") as folder:
        copy = folder / "bundle.zip"
        source = arrive(path, copy, Part(ctx, 0.0, 0.3))
        limits = Limits(MEMORY_BYTES, deadline_s(source.size_bytes))
        own = folder / "look"
        own.mkdir()
        return run_in_child(
            "app.bundles.stranger:look", copy, ctx=Part(ctx, 0.3, 1.0), returns=BundleTold, folder=own, limits=limits
        )


def _recognised(project: Project, found: BundleTold, path: Path) -> Finding:
    """A whole bundle: of this project, or somebody else's. Raises FileRefused."""
    from app.registry import deploy, models, query_bundles

    if query_bundles.query_bundle_by_sha256(project, found.id) is not None:
        message = f"{plain_name(path)} is the bundle of a query that this project made, whole and unchanged."
        return note("BUNDLE_KNOWN", f"{message} Its README says how to run it; nothing was added.")
    model = found.about.get("model") or "an unnamed model"
    known = deploy.bundle_by_sha256(project, found.id)
    if known is None:
        message = f"{plain_name(path)} is a whole bundle of {model}, which another project made; it holds no data."
        how = "run its query in your database" if found.about.get("kind") == "query" else "start its serve.py"
        raise refused("BUNDLE_NOT_DATA", message, f"Unpack it and {how}, or drop the data instead.")
    label = models.model_version(project, known.model_version_id).label
    message = f"{plain_name(path)} is the bundle of {label} that this project made, whole and unchanged."
    return note("BUNDLE_KNOWN", f"{message} Start it from the model's page; nothing was added.")


def _judged(project: Project, path: Path, ctx: JobContext) -> FileRefused:
    """What an ONNX file is. Raises or returns its refusal: a model is no data, a bad one is named."""
    from app.data.arrival import arrive
    from app.data.reading import MEMORY_BYTES, deadline_s
    from app.errors import JobCrashed
    from app.jobs.supervise import Limits, run_in_child

    with project.scratch("model") as folder:
        copy = folder / "model.onnx"
        source = arrive(path, copy, Part(ctx, 0.0, 0.3))
        own = folder / "look"
        own.mkdir()
        limits = Limits(MEMORY_BYTES, deadline_s(source.size_bytes))
        try:
            told = run_in_child(
                "app.export.stranger:judge", copy, ctx=Part(ctx, 0.3, 1.0), returns=ModelTold, folder=own, limits=limits
            )
        except JobCrashed as error:
            refusal = refused(
                "ONNX_INVALID", f"{plain_name(path)} could not be read: its reader stopped.", "Export it again."
            )
            refusal.details = f"{error.message}\n{error.details}"
            return refusal
    size = f"{told.inputs} inputs, {told.outputs} outputs, {told.steps} steps"
    message = f"{plain_name(path)} is an ONNX model ({size}), no data."
    hint = "Drop the data that it was trained on; Modelyard trains and proves its own models."
    return refused("ONNX_NOT_DATA", message, hint)


def _collected(project: Project, path: Path, thing: Thing, ctx: JobContext) -> Finding:
    """A prediction log comes home. Raises FileRefused if nothing in it is of this project."""
    from app.serving.logs import collect, collect_segment

    found = collect(project, path, ctx=ctx) if thing is Thing.LOG_FOLDER else collect_segment(project, path, ctx)
    if not (found.collected or found.duplicates or found.shadow or found.tests):
        message = f"{plain_name(path)} is a prediction log of bundles that this project did not make{found.named}."
        if not found.foreign:
            message = f"{plain_name(path)} is a prediction log without a whole prediction."
        raise refused("LOG_FOREIGN", message, "Drop it on the project that built the bundle.")
    told = f"{plain_name(path)} is a prediction log: {found.collected:,} predictions{found.besides} were collected"
    rest = [
        (found.duplicates, "were here already"),
        (found.foreign, f"are of other projects{found.named}"),
        (found.torn, "are torn"),
    ]
    more = [f"{count:,} {words}" for count, words in rest if count]
    return note("LOG_COLLECTED", ", ".join([told, *more]) + ". Trace finds each of them.")
