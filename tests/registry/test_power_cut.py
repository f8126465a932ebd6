"""Promise 2: what was confirmed survives a power cut.

Two proofs. Everywhere: the order of write, fsync, rename and commit is recorded, and whatever was not flushed counts
as lost (a simulation). Where root and loop devices are at hand: a real ext4 is shut down under the working process by
its shutdown ioctl without flushing its journal, and mounted again.
"""

import fcntl
import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.core.progress import Silent
from app.registry import files, references
from app.registry.project import Project
from app.registry.verify import verify

EXT4_IOC_SHUTDOWN = 0x8004587D  # _IOR('X', 125, __u32), linux/fs/ext4/ext4.h
NO_LOG_FLUSH = (2).to_bytes(4, "little")


class Medium:
    """What a power cut would leave: content after the file's fsync, a name after the folder's fsync."""

    def __init__(self, monkeypatch):
        self.flushed_files = set()
        self.flushed_names = set()
        flush, flush_folder = files.flush, files.flush_folder

        def note_file(fd):
            flush(fd)
            self.flushed_files.add(os.fstat(fd).st_ino)

        def note_folder(folder):
            flush_folder(folder)
            self.flushed_names.update(entry.inode() for entry in os.scandir(folder))

        monkeypatch.setattr(files, "flush", note_file)
        monkeypatch.setattr(files, "flush_folder", note_folder)

    def lost(self, path):
        inodes = path.stat().st_ino, path.parent.stat().st_ino
        return inodes[0] not in self.flushed_files or not self.flushed_names.issuperset(inodes)


def _lost_at_commits(project, medium, work):
    """Objects that rows name but a cut at one of the commits would have lost."""
    lost = set()

    def at_commit(connection):
        for sha256 in references.referenced(connection):
            if medium.lost(project.objects.path(sha256)):
                lost.add(sha256)

    sa.event.listen(project.database._engine, "commit", at_commit)
    work()
    return lost


def test_objects_are_on_the_medium_before_a_row_names_them(project, story, monkeypatch):
    medium = Medium(monkeypatch)
    assert _lost_at_commits(project, medium, lambda: story.whole(project, "a")) == set()


@pytest.mark.parametrize("step", ["flush", "flush_folder"])
def test_the_mutant_without_a_flush_loses_objects(project, story, monkeypatch, step):
    medium = Medium(monkeypatch)
    monkeypatch.setattr(files, step, lambda _: None)
    assert _lost_at_commits(project, medium, lambda: story.whole(project, "a"))


def test_commits_wait_for_the_medium(project):
    with project.database.read() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


@pytest.fixture
def disk(tmp_path):
    """An ext4 of its own; skipped where none can be mounted."""
    image, place = tmp_path / "disk.img", tmp_path / "disk"
    place.mkdir()
    if os.name != "posix" or os.geteuid() != 0 or not shutil.which("mkfs.ext4") or not Path("/dev/loop0").exists():
        pytest.skip("needs root, mkfs.ext4 and loop devices; the simulation above stands in")
    with image.open("wb") as file:
        file.truncate(64 << 20)
    subprocess.run(["mkfs.ext4", "-q", "-F", image], check=True)
    if subprocess.run(["mount", "-o", "loop", image, place], capture_output=True).returncode != 0:
        pytest.skip("this machine mounts no loop device; the simulation above stands in")
    yield Disk(image, place)
    subprocess.run(["umount", "-l", place], capture_output=True)


class Disk:
    def __init__(self, image, place):
        self.image = image
        self.place = place

    def cut(self, child):
        """Power off: nothing unflushed reaches the medium any more; then boot. What was confirmed before.

        Unlike a real cut this one lets the process live on for a moment, and an fsync that was under way may then
        return success for bytes whose blocks are never recorded (ext4's end_io hides that error while shut down).
        A machine without power confirms nothing, so what the process says after the cut does not count.
        """
        fd = os.open(self.place, os.O_RDONLY)
        child.listen(0.002)
        confirmed = list(child.confirmed)
        fcntl.ioctl(fd, EXT4_IOC_SHUTDOWN, NO_LOG_FLUSH)
        os.close(fd)
        child.kill()
        subprocess.run(["umount", self.place], check=True)
        subprocess.run(["mount", "-o", "loop", self.image, self.place], check=True)
        return confirmed


def _cut_at_random(disk, story, crash, mutate=lambda: None):
    def work(tell):
        mutate()
        story.Story(Project.open(disk.place / "p", actor="Child"), tell).go_on()

    child = crash.fork(work)
    child.listen(20, lines=1)
    child.listen(random.uniform(0, 0.2))
    confirmed = disk.cut(child)
    with Project.open(disk.place / "p", actor="Ann") as project:
        gone = [f"lost {kind} {i}" for kind, i in confirmed if story.lost(project, kind, i)]
        return gone + list(verify(project, Silent()).problems)


def test_a_real_power_cut_loses_nothing_confirmed(disk, story, crash, count):
    for _ in range(count(1, 50)):
        Project.create(disk.place / "p", actor="Ann").close()
        for _ in range(4):
            assert _cut_at_random(disk, story, crash) == []
        shutil.rmtree(disk.place / "p")


def test_a_real_power_cut_catches_the_mutant_without_fsync(disk, story, crash):
    Project.create(disk.place / "p", actor="Ann").close()
    os.sync()

    def no_flush():
        files.flush = lambda _: None
        files.flush_folder = lambda _: None

    assert _cut_at_random(disk, story, crash, no_flush)
