"""Names that a person gives, and the file names made of them. Pure.

What was named before there were rules keeps its name: only new names are refused, and files are safe of any.
"""

from __future__ import annotations

import unicodedata

from app.errors import BadInput

LONGEST_NAME = 200
"""Characters."""
_PARTS = "/\\@"
"""What a path or ``name@version`` is put together with."""
_UNSEEN = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Unicode categories: control characters, halves of characters, ends of lines and paragraphs."""
_FORBIDDEN = '<>:"/\\|?*'
"""In file names on Windows; a project has to open anywhere."""
_MOST_CHARACTERS, _MOST_BYTES = 100, 180
"""Of a file name: of 255 bytes that a disk takes, with room for numbers and endings."""


def checked_name(name: str, of: str, *, parts: str = _PARTS) -> str:
    """The name without white space around it. ``of``: what is named, as a sentence begins (``A data set``); ``parts``:
    the characters that it may not hold. BadInput, in words, of a name that cannot be one."""
    name = name.strip()
    if not name or len(name) > LONGEST_NAME:
        raise BadInput(f"{of} needs a name of 1 to {LONGEST_NAME} characters.", "Type a name.")
    if any(unicodedata.category(c) in _UNSEEN for c in name):
        raise BadInput(f"{of}'s name cannot hold line breaks or control characters.", "Choose another name.")
    if held := [c for c in parts if c in name]:
        raise BadInput(f"{of}'s name cannot hold {' or '.join(held)}, unlike “{name}”.", "Choose another name.")
    if not name.strip("."):
        raise BadInput(f"{of}'s name cannot be dots alone.", "Choose another name.")
    return name


def file_name(label: str) -> str:
    """A label as the name of a file or folder that every system takes: never a path, never one that leads upwards."""
    safe = "".join("_" if c in _FORBIDDEN or unicodedata.category(c) in _UNSEEN else c for c in label)
    short = safe[:_MOST_CHARACTERS].encode()[:_MOST_BYTES].decode(errors="ignore")
    return short.strip(" .") or "model"
