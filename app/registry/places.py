"""Which disks a project may live on: SQLite's locks and WAL do not work over a network share.

Source: https://www.sqlite.org/useovernet.html and https://www.sqlite.org/wal.html ("All processes using a
database must be on the same host computer").
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path, PurePosixPath

from app.errors import EnvironmentProblem
from app.registry.problems import no_permission, read_only

NETWORK_TYPES = frozenset(
    {
        "nfs", "nfs3", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "afpfs", "afs", "ncpfs", "webdav", "davfs",
        "fuse.sshfs", "fuse.davfs", "fuse.davfs2", "fuse.rclone", "fuse.s3fs", "fuse.glusterfs", "glusterfs", "ceph",
        "fuse.ceph", "lustre", "beegfs", "gpfs",
    }
)  # fmt: skip

_DRIVE_REMOTE = 4  # GetDriveTypeW, https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-getdrivetypew


def refuse_network_share(folder: Path) -> None:
    """Raise ``EnvironmentProblem`` if a new project would lie on a network share."""
    kind = network_type(folder)
    if kind is None:
        return
    raise EnvironmentProblem(
        f"{folder} is on a network share ({kind}), where a project can be damaged: its database needs locks "
        "that network shares do not keep.",
        "Choose a folder on a disk of this computer; copy the project to the share when it is closed.",
    )


def network_type(folder: Path) -> str | None:
    """The network file system that a folder (or its nearest existing parent) lies on, None if local."""
    place = next(p for p in (folder.absolute(), *folder.absolute().parents) if p.exists()).resolve()
    if sys.platform == "win32":
        return _windows_network_type(place)
    mounts = _mac_mounts() if sys.platform == "darwin" else _linux_mounts()
    kind = mount_type(place.as_posix(), mounts)
    return kind if kind in NETWORK_TYPES else None


def mount_type(place: str, mounts: list[tuple[str, str]]) -> str | None:
    """The type of the innermost mount that holds ``place``. ``mounts``: (mount point, type), oldest first."""
    parts = PurePosixPath(place).parts
    best, best_depth = None, 0
    for point, kind in mounts:
        point_parts = PurePosixPath(point).parts
        if parts[: len(point_parts)] == point_parts and len(point_parts) >= best_depth:
            best, best_depth = kind, len(point_parts)
    return best


def refuse_unwritable(folder: Path) -> None:
    """Raise ``EnvironmentProblem`` if an existing project cannot be written, telling the two causes apart."""
    for place in (folder, folder / "modelyard.db", folder / "objects"):
        if not place.exists() or os.access(place, os.W_OK):
            continue
        if os.name == "posix" and os.statvfs(place).f_flag & os.ST_RDONLY:
            raise read_only("working in this project", place)
        raise no_permission("working in this project", place)


def _linux_mounts() -> list[tuple[str, str]]:
    """Format: proc(5), ``/proc/[pid]/mountinfo``; the type follows the separator `` - ``."""
    mounts = []
    for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape").splitlines():
        before, _, after = line.partition(" - ")
        mounts.append((_unescaped(before.split(" ")[4]), after.split(" ")[0]))
    return mounts


def _unescaped(text: str) -> str:
    for code, char in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(code, char)
    return text


def _mac_mounts() -> list[tuple[str, str]]:
    """Lines of mount(8): ``//user@host/share on /Volumes/share (smbfs, nodev)``."""
    out = subprocess.run(["/sbin/mount"], capture_output=True, text=True, check=True, timeout=10).stdout
    mounts = []
    for line in out.splitlines():
        named, _, options = line.rpartition(" (")
        mounts.append((named.partition(" on ")[2], options.rstrip(")").split(",")[0]))
    return mounts


def _windows_network_type(place: Path) -> str | None:
    import ctypes

    if place.anchor.startswith("\\\\"):
        return "SMB"
    kind = ctypes.windll.kernel32.GetDriveTypeW(place.anchor)  # type: ignore[attr-defined, unused-ignore]
    return "SMB" if kind == _DRIVE_REMOTE else None
