"""Promise 4: disk full, read-only, no permission: the old state or the new one, and a message with cause, path and
way out."""

import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.core.progress import Silent
from app.errors import EnvironmentProblem
from app.registry import audit, datasets, files
from app.registry.project import Project
from app.registry.verify import verify

ROOT = Path(__file__).parents[2]


class Steps:
    """Counts the steps that the store takes and lets one of them fail."""

    def __init__(self, monkeypatch, nth, reason):
        self.left = nth
        self.reason = reason
        for place, name in ((os, "write"), (os, "fsync"), (Path, "replace"), (Path, "chmod"), (os, "open")):
            monkeypatch.setattr(place, name, self._counted(getattr(place, name)))

    def _counted(self, real):
        def step(*args, **kwargs):
            self.left -= 1
            if self.left == 0:
                raise OSError(self.reason, os.strerror(self.reason))
            return real(*args, **kwargs)

        return step


@pytest.mark.parametrize("reason", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EIO, errno.EDQUOT])
def test_every_step_of_storing_may_fail(project, monkeypatch, tmp_path, reason):
    """In Python, on every system; the preloaded faults below reach SQLite's own steps as well."""
    (tmp_path / "dropped.csv").write_bytes(b"a,b\n1,2\n")
    for nth in range(1, 100):
        with monkeypatch.context() as patch:
            steps = Steps(patch, nth, reason)
            try:
                stored = project.objects.put_file(tmp_path / "dropped.csv")
            except EnvironmentProblem as problem:
                assert str(project.path) in problem.message
                assert problem.hint
            except OSError:
                assert nth == 1  # opening the dropped file itself: told by whoever asked for it
        assert list((project.path / "tmp").iterdir()) == []
        if steps.left > 0:
            break
        assert verify(project, Silent()).ok
    assert nth > 5
    assert project.objects.read(stored.sha256) == b"a,b\n1,2\n"


def test_every_step_of_a_recorded_operation_may_fail(tmp_path):
    """The 1st, 2nd, 3rd ... write, sync, rename of the whole process, SQLite's included, fails once each."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("needs a C compiler on Linux; the steps of the store are failed above")
    library = tmp_path / "faults.so"
    source = Path(__file__).with_name("faults.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("faulty.py"), tmp_path, ROOT],
        env={**os.environ, "LD_PRELOAD": str(library), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["problems"] == []
    assert min(told["steps"].values()) >= 3, told["steps"]
    assert told["steps"]["add"] >= 15, told["steps"]


@pytest.fixture
def small_disk(tmp_path):
    """A tmpfs of 6 MB; skipped without root."""
    place = tmp_path / "small"
    place.mkdir()
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("needs root to mount a small disk")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "none", place], capture_output=True).returncode != 0:
        pytest.skip("this machine mounts no tmpfs")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def test_a_full_disk_is_told_and_nothing_is_half_stored(small_disk, story):
    with Project.create(small_disk / "p", actor="Ann") as project:
        story.add(project, "kept")
        with pytest.raises(EnvironmentProblem) as refused:
            project.objects.put_bytes(os.urandom(8_000_000))
        assert "full" in refused.value.message
        assert str(project.path) in refused.value.message
        assert "8.0 MB" in refused.value.hint
        assert "free there" in refused.value.hint
        assert list((project.path / "tmp").iterdir()) == []
        story.add(project, "after")
        assert verify(project, Silent()).ok


def test_a_full_disk_at_a_commit_leaves_the_old_state(small_disk, story):
    with Project.create(small_disk / "p", actor="Ann") as project:
        version, reading = story.add(project, "kept")
        while True:  # fill up to the last block
            try:
                project.objects.put_bytes(os.urandom(4096))
            except EnvironmentProblem:
                break
        entries = audit.count(project)
        with pytest.raises(EnvironmentProblem) as refused:
            for n in range(300):
                project.rename(f"name {n} " + "x" * 180)
                entries += 1
        assert "full" in refused.value.message
        assert audit.count(project) == entries
        assert audit.verify_chain(project) == []
        assert datasets.current_reading(project, version.id) == reading


def test_a_read_only_disk_is_told_apart_from_a_broken_project(small_disk):
    Project.create(small_disk / "p", actor="Ann").close()
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    with pytest.raises(EnvironmentProblem) as refused:
        Project.open(small_disk / "p", actor="Ann")
    assert "read-only" in refused.value.message
    assert str(small_disk / "p") in refused.value.message
    assert "Copy the project" in refused.value.hint


def _refusal(work):
    try:
        work()
    except EnvironmentProblem as problem:
        return str(problem)
    return "no refusal"


def test_missing_permission_is_told_with_its_path(tmp_path, crash):
    Project.create(tmp_path / "p", actor="Ann").close()
    _let_in(tmp_path)
    for path in (tmp_path / "p").rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    (tmp_path / "p").chmod(0o555)
    said = crash.unprivileged(lambda: _refusal(lambda: Project.open(tmp_path / "p", actor="Bob")))
    (tmp_path / "p").chmod(0o755)
    assert "no permission" in said
    assert str(tmp_path / "p") in said
    assert "Ask the owner" in said


def test_a_project_is_not_made_where_one_may_not_write(tmp_path, crash):
    (tmp_path / "theirs").mkdir(mode=0o555)
    _let_in(tmp_path)
    said = crash.unprivileged(lambda: _refusal(lambda: Project.create(tmp_path / "theirs" / "p", actor="Bob")))
    assert "no permission" in said
    assert not (tmp_path / "theirs" / "p").exists()


def _let_in(path):
    """Let others pass through the folders above, which pytest keeps to its own user."""
    for folder in (path, *path.parents):
        if folder.stat().st_uid == os.geteuid() and not folder.stat().st_mode & 0o001:
            folder.chmod(folder.stat().st_mode | 0o011)


def test_a_damaged_database_is_told_and_names_the_backups(tmp_path):
    Project.create(tmp_path / "p", actor="Ann").close()
    (tmp_path / "p" / "modelyard.db").write_bytes(b"not a database, though long enough to be looked at " * 40)
    with pytest.raises(EnvironmentProblem) as refused:
        Project.open(tmp_path / "p", actor="Ann")
    assert "damaged" in refused.value.message
    assert "backups" in refused.value.hint


def test_a_missing_database_is_told(tmp_path):
    Project.create(tmp_path / "p", actor="Ann").close()
    (tmp_path / "p" / "modelyard.db").unlink()
    with pytest.raises(EnvironmentProblem, match=r"modelyard\.db"):
        Project.open(tmp_path / "p", actor="Ann")


def test_a_folder_that_vanished_is_told(project):
    shutil.rmtree(project.path / "tmp")
    with pytest.raises(EnvironmentProblem, match="gone"):
        project.objects.put_bytes(b"x")
    (project.path / "tmp").mkdir()


def test_small_files_are_whole_or_not_there(tmp_path, monkeypatch):
    def refuse(fd):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files, "flush", refuse)
    with pytest.raises(OSError, match="No space"):
        files.write_file(tmp_path / "marker", b"all of it", tmp_path / "tmp-marker")
    assert list(tmp_path.iterdir()) == []
