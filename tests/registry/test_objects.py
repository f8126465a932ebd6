"""The object store, and promise 5: stored bytes are the dropped bytes."""

import os
import random
import threading

import pytest

from app.core.data import ColumnProfile, Histogram, Profile
from app.core.progress import Recorder, Silent
from app.errors import CorruptObject, JobCancelled
from app.registry.objects import CHUNK_BYTES
from app.registry.verify import verify


def _flip_one_bit(path):
    data = bytearray(path.read_bytes())
    place = random.randrange(len(data) * 8)
    data[place // 8] ^= 1 << place % 8
    path.chmod(0o644)
    times = path.stat()
    path.write_bytes(data)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def test_a_flipped_bit_in_any_object_is_found(project, count):
    stored = [project.objects.put_bytes(os.urandom(random.randint(1, 2000))) for _ in range(count(60, 1000))]
    assert verify(project, Silent()).ok
    for sha256 in stored:
        _flip_one_bit(project.objects.path(sha256))
    report = verify(project, Silent())
    assert not report.ok
    assert report.objects == len(report.problems) == len(stored)
    assert all(any(sha256[2:] in problem for problem in report.problems) for sha256 in stored)


def test_changed_bytes_are_never_handed_out(project):
    sha256 = project.objects.put_bytes(b"the truth")
    _flip_one_bit(project.objects.path(sha256))
    for look in (project.objects.read, project.objects.check):
        with pytest.raises(CorruptObject, match="damaged"):
            look(sha256)


def test_a_missing_object_is_told(project, story):
    version, _ = story.add(project, "a")
    project.objects.path(version.sha256).unlink()
    for look in (project.objects.read, project.objects.size, project.objects.check):
        with pytest.raises(CorruptObject, match="missing"):
            look(version.sha256)
    assert verify(project, Silent()).problems == (f"Object {version.sha256} is missing.",)


def test_a_file_that_is_no_object_is_told(project):
    (project.path / "objects" / "ab").mkdir()
    (project.path / "objects" / "ab" / "notes.txt").write_text("hello")
    assert "notes.txt" in verify(project, Silent()).problems[0]


def test_the_same_bytes_are_stored_once_and_keep_their_file(project):
    sha256 = project.objects.put_bytes(b"x" * 100)
    inode = project.objects.path(sha256).stat().st_ino
    assert project.objects.put_bytes(b"x" * 100) == sha256
    assert project.objects.path(sha256).stat().st_ino == inode
    assert list(project.objects.digests()) == [sha256]


def test_a_truncated_object_is_written_again_when_its_bytes_come_back(project):
    sha256 = project.objects.put_bytes(b"x" * 100)
    project.objects.path(sha256).chmod(0o644)
    os.truncate(project.objects.path(sha256), 50)
    assert project.objects.put_bytes(b"x" * 100) == sha256
    assert project.objects.read(sha256) == b"x" * 100


def test_a_file_is_copied_not_linked(project, tmp_path):
    dropped = tmp_path / "dropped.csv"
    dropped.write_bytes(b"a,b\n" * 10)
    stored = project.objects.put_file(dropped)
    assert stored.size_bytes == 40
    dropped.write_bytes(b"changed later")
    assert project.objects.read(stored.sha256) == b"a,b\n" * 10
    assert project.objects.put_bytes(b"a,b\n" * 10) == stored.sha256


def test_copying_tells_progress_and_can_be_cancelled(project, tmp_path):
    (tmp_path / "big").write_bytes(bytes(3 * CHUNK_BYTES))
    ctx = Recorder()
    project.objects.put_file(tmp_path / "big", ctx=ctx)
    assert [round(fraction or 0, 2) for fraction, _ in ctx.lines] == [0.33, 0.67, 1.0]
    (tmp_path / "other").write_bytes(bytes(3 * CHUNK_BYTES + 1))
    with pytest.raises(JobCancelled):
        project.objects.put_file(tmp_path / "other", ctx=Recorder(cancel_at=2))
    assert list((project.path / "tmp").iterdir()) == []
    assert len(list(project.objects.digests())) == 1


def test_json_comes_back_as_the_noun_it_was(project):
    profile = Profile(3, (ColumnProfile("age", 0, 3, "1", "9", 4.5, (("1", 2),), Histogram((1, 2), (0.0, 1.0, 2.0))),))
    sha256 = project.objects.put_json(profile)
    assert project.objects.read_json(sha256, Profile) == profile
    assert project.objects.put_json({"b": 1, "a": 2}) == project.objects.put_json({"a": 2, "b": 1})


def test_threads_that_store_the_same_bytes_do_not_meet(project):
    errors = []

    def store():
        try:
            for n in range(20):
                project.objects.put_bytes(b"shared %d" % n)
        except OSError as error:
            errors.append(error)

    threads = [threading.Thread(target=store) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(list(project.objects.digests())) == 20
    assert verify(project, Silent()).ok


def test_a_name_that_is_no_digest_is_refused(project):
    for text in ("", "../../etc/passwd", "A" * 64, "a" * 63):
        with pytest.raises(ValueError, match="digest"):
            project.objects.path(text)


def test_a_file_of_our_own_is_moved_into_the_store(project):
    with project.scratch("x") as folder:
        ours = folder / "table"
        ours.write_bytes(b"rows")
        stored = project.objects.take_file(ours)
        assert not ours.exists()
    assert project.objects.read(stored.sha256) == b"rows"
    assert project.objects.path(stored.sha256).stat().st_mode & 0o222 == 0


def test_a_file_that_is_stored_already_is_taken_all_the_same(project):
    first = project.objects.put_bytes(b"rows")
    with project.scratch("x") as folder:
        ours = folder / "table"
        ours.write_bytes(b"rows")
        assert project.objects.take_file(ours).sha256 == first
        assert not ours.exists()
