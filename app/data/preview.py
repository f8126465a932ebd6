"""What a drop would do, told while the file is still held over the window: looks at names, sizes and the first lines.

Parent side and quick; only adding the file tells for sure.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.data.arrival import check_kind
from app.data.formats.content import HEAD_BYTES, Content, content_of
from app.data.formats.dialect import dialect_of
from app.data.formats.excel_names import excel_names
from app.data.formats.parquet_names import parquet_names
from app.data.names import column_names
from app.errors import FileRefused

if TYPE_CHECKING:
    from app.registry.project import Project

FEW_LINES, LONG_BYTES = 8, 2 << 20
"""Of lines as long as those of ten thousand columns more is looked at, and few of them."""
_REFUSED = {
    Content.OTHER: "it holds no table",
    Content.MARKUP: "it holds no table",
    Content.PICKLE: "Python pickles are not opened",
    Content.OLD_OFFICE: "it is protected or in the old .xls format",
}


@dataclass(frozen=True, slots=True)
class Preview:
    """``refusal``: why it cannot be added; ``fits``: what it may become the next version of, by its columns: the data
    set and the version's number, several where nothing else tells; ``is_new``: its columns are known and those of no
    data set. Neither: only adding tells."""

    size: str = ""
    refusal: str = ""
    fits: tuple[tuple[str, int], ...] = ()
    is_new: bool = False


def preview(path: Path, project: Project | None = None) -> Preview | None:
    """What becomes of a file that is dropped; None if there is no such file or it may not be looked at."""
    try:
        facts = path.stat()
        check_kind(facts, path.name)
        content = content_of(path)
    except FileRefused as error:
        return Preview(refusal=error.message)
    except OSError:
        return None
    if content in _REFUSED:
        return Preview(refusal=f"{path.name} cannot be added: {_REFUSED[content]}.")
    names = _names(path, content)
    if project is None or names is None:
        return Preview(_size(facts), is_new=project is None)
    fits = _next_of(names, path.name, project)
    return Preview(_size(facts), fits=fits, is_new=not fits)


def _names(path: Path, content: Content) -> tuple[str, ...] | None:
    """The columns, where they can be told at once."""
    if content is Content.PARQUET:
        return parquet_names(path)
    if content is Content.EXCEL:
        return excel_names(path)
    return _header(path) if content is Content.TEXT else None


def sniff(path: Path, project: Project | None = None) -> str | None:
    """The same in one sentence."""
    found = preview(path, project)
    if found is None or found.refusal:
        return found.refusal if found else None
    goals = [f" as version {number} of {dataset}" for dataset, number in found.fits]
    goal = " or".join(goals) if goals else " as new data" if found.is_new else ""
    return f"Drop to add {path.name} ({found.size}){goal}"


def _size(facts: os.stat_result) -> str:
    size = facts.st_size if stat.S_ISREG(facts.st_mode) else 0
    return f"{size / 1e6:.1f} MB" if size >= 100_000 else f"{size / 1e3:.1f} KB"


def _next_of(names: tuple[str, ...], called: str, project: Project) -> tuple[tuple[str, int], ...]:
    """The data sets of these columns, in whatever order, that the file belongs to, with the number of the next
    version."""
    from app.data.belonging import likeliest
    from app.registry import datasets

    newest = [(d, datasets.newest_version(project, d.id)) for d in datasets.datasets(project)]
    same = {d.id: v.number + 1 for d, v in newest if _columns(project, v.id) == set(names)}
    return tuple((dataset.name, same[dataset.id]) for dataset in likeliest(project, called, same))


def _columns(project: Project, version_id: str) -> set[str]:
    from app.registry import datasets

    return {column.name for column in datasets.current_reading(project, version_id).columns}


def _header(path: Path) -> tuple[str, ...] | None:
    """The column names of a UTF-8 table; None if they cannot be told from the first lines, as of JSON."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        if head.count(b"\n") < FEW_LINES and len(head) == HEAD_BYTES:
            head += file.read(LONG_BYTES)
        is_all = not file.read(1)
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        return None
    whole = head if is_all else head[: head.rfind(b"\n") + 1]
    if len(whole) > HEAD_BYTES:
        whole = b"".join(whole.splitlines(keepends=True)[:FEW_LINES])
    try:
        found = dialect_of(whole.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return None
    return column_names(found.header)[0] if found.header else None
