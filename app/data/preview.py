"""What a drop would do, told while the file is still held over the window: looks at names, sizes and the first lines.

Parent side and quick; only adding the file tells for sure.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from app.data.arrival import check_kind
from app.data.content import HEAD_BYTES, Content, content_of
from app.data.dialect import dialect_of
from app.data.names import column_names
from app.errors import FileRefused

if TYPE_CHECKING:
    from app.registry.project import Project

_REFUSED = {
    Content.OTHER: "it holds no table",
    Content.MARKUP: "it holds no table",
    Content.PICKLE: "Python pickles are not opened",
    Content.OLD_OFFICE: "it is protected or in the old .xls format",
}


def sniff(path: Path, project: Project | None = None) -> str | None:
    """One sentence for the drop overlay; None if there is no such file or it may not be looked at."""
    try:
        facts = path.stat()
        check_kind(facts, path.name)
        content = content_of(path)
    except FileRefused as error:
        return error.message
    except OSError:
        return None
    if content in _REFUSED:
        return f"{path.name} cannot be added: {_REFUSED[content]}."
    return f"Drop to add {path.name} ({_size(facts)}) {_goal(path, content, project)}"


def _size(facts: os.stat_result) -> str:
    size = facts.st_size if stat.S_ISREG(facts.st_mode) else 0
    return f"{size / 1e6:.1f} MB" if size >= 100_000 else f"{size / 1e3:.1f} kB"


def _goal(path: Path, content: Content, project: Project | None) -> str:
    names = _header(path) if content is Content.TEXT else None
    if names is None or project is None:
        return "as new data"
    from app.registry import datasets

    for dataset in reversed(datasets.datasets(project)):
        versions = datasets.versions(project, dataset.id)
        columns = {c.name for c in datasets.current_reading(project, versions[-1].id).columns}
        if columns == set(names):
            return f"as version {versions[-1].number + 1} of {dataset.name}"
    return "as new data"


def _header(path: Path) -> tuple[str, ...] | None:
    """The column names of a UTF-8 table; None if they cannot be told from the first lines."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    whole = head if len(head) < HEAD_BYTES else head[: head.rfind(b"\n") + 1]
    try:
        found = dialect_of(whole.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return None
    return column_names(found.header)[0] if found.header else None
