"""What the overlay says that a drop would do, one target for each way to take the files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData

from app.ui.words import size_words

if TYPE_CHECKING:
    from app.data.preview import Preview

Offers = tuple[tuple[str, str], ...]
MOST_NAMED = 3
"""Of so many data sets that a file fits each has its target; of more is asked once the file has been dropped."""


def local_files(mime: QMimeData) -> list[Path]:
    """The files of a drag, none if it carries anything that is not on this computer."""
    return [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]


def offers(paths: Sequence[Path], tr: Callable[[str], str], found: Preview | None = None) -> Offers:
    """What the drop overlay says: one target for one file, two (append, separate) for several. ``found``: what one
    file turned out to be; the next version of something can be new data all the same, in the last target."""
    if len(paths) == 1:
        return _offers_of(paths[0], tr, found)
    names = ", ".join(path.name for path in paths[:3]) + ("…" if len(paths) > 3 else "")
    return (
        (tr("Append {0} files into one table").format(len(paths)), names),
        (tr("Add {0} files separately").format(len(paths)), names),
    )


def targets(found: Preview | None) -> tuple[str, ...]:
    """The data sets that the targets of one file name, in their order; the target after them is new data."""
    return tuple(name for name, _ in found.fits) if found is not None and len(found.fits) <= MOST_NAMED else ()


def _offers_of(path: Path, tr: Callable[[str], str], found: Preview | None) -> Offers:
    if found is not None and found.refusal:
        return ((found.refusal, ""),)
    name = f"{path.name}{_size(path)}"
    if found is not None and targets(found):
        return (*_versions(name, tr, found), _as_new(tr))
    text = tr("Drop to add {0} as new data") if found is not None and found.is_new else tr("Drop to add {0}")
    quiet = tr("CSV, TSV, Excel, Parquet or JSON lines. Nothing leaves this computer.")
    if found is not None and not found.is_new:
        quiet = tr("With the same columns as data that are here it becomes their next version.")
    return ((text.format(name), quiet),)


def _versions(name: str, tr: Callable[[str], str], found: Preview) -> Offers:
    text = tr("Drop here to add {0} as version {1} of {2}")
    same = tr("It has the same columns as {0}, whatever the file is called.")
    return tuple((text.format(name, number, dataset), same.format(dataset)) for dataset, number in found.fits)


def _as_new(tr: Callable[[str], str]) -> tuple[str, str]:
    return tr("Drop here to add it as new data"), tr("A data set of its own, called after the file.")


def _size(path: Path) -> str:
    return f" ({size_words(path.stat().st_size)})" if path.is_file() else ""
