"""Names in ``tmp/`` tell which process made them, so that only what a dead one left behind is removed."""

from __future__ import annotations

import platform
import shutil
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.core.ids import new_id
from app.registry.process import ProcessMark, host_tag, is_alive, this_process

_OTHER_HOST_GRACE = timedelta(days=1)
"""Whether a process of another host lives cannot be told; no job takes a day."""


def temporary_name(prefix: str) -> str:
    """A new name: prefix, host, process id, its start in whole seconds, a unique part. ``prefix``: no dots."""
    mark = this_process()
    return f"{prefix}.{host_tag(mark.host)}.{mark.pid}.{int(mark.started)}.{new_id()}"


def remove_leftovers(folder: Path) -> None:
    """Remove what dead processes left in ``folder``. What cannot be removed now waits for the next opener: another
    one may be at the same work, or a file is held open. Raises OSError if the folder cannot be read."""
    for path in list(folder.iterdir()):
        with suppress(OSError):
            if _is_left_over(path):
                _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def _is_left_over(path: Path) -> bool:
    parts = path.name.split(".")
    if len(parts) != 5 or not (parts[2].isdigit() and parts[3].isdigit()):
        return _is_old(path)
    _, host, pid, started, _ = parts
    if host != host_tag(platform.node()):
        return _is_old(path)
    return is_alive(ProcessMark(platform.node(), int(pid), float(started))) is False


def _is_old(path: Path) -> bool:
    age = datetime.now(UTC) - datetime.fromtimestamp(path.lstat().st_mtime, UTC)
    return age > _OTHER_HOST_GRACE
