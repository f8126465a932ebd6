import errno
import json
import os
import shutil
import stat
from datetime import UTC, datetime, timedelta, timezone

import pytest

from app.core.progress import Silent
from app.errors import BadInput, EnvironmentProblem, NotAllowed, NotFound
from app.registry import audit, datasets, places, watch
from app.registry.process import ProcessMark, is_alive, this_process
from app.registry.project import DATABASE, MARKER, Project, is_project
from app.registry.verify import verify


def test_a_project_keeps_its_name_and_remembers_a_new_one(project):
    assert project.name == "Churn"
    project.rename("  Customers who leave ")
    project.close()
    with Project.open(project.path, actor="Bob") as again:
        assert again.name == "Customers who leave"
        assert again.id == project.id
    for name in ("", "  ", "x" * 201):
        with pytest.raises(BadInput):
            project.rename(name)


def test_a_project_without_a_name_is_called_like_its_folder(tmp_path):
    with Project.create(tmp_path / "deep" / "Umsätze 2026", actor="Ann") as project:
        assert project.name == "Umsätze 2026"
        assert is_project(project.path)


def test_a_copied_project_opens_anywhere_and_is_whole(project, story, tmp_path):
    prediction = story.whole(project, "a")
    project.close()
    shutil.move(project.path, tmp_path / "elsewhere")
    shutil.copytree(tmp_path / "elsewhere", tmp_path / "stick" / "copy")
    for place in (tmp_path / "elsewhere", tmp_path / "stick" / "copy" / MARKER, tmp_path / "stick" / "copy" / DATABASE):
        with Project.open(place, actor="Bob") as moved:
            assert verify(moved, Silent()).ok
            assert watch.find_prediction(moved, prediction) is not None


def test_nothing_stored_names_the_project_folder(project, story):
    story.whole(project, "a")
    project.close()
    for path in project.path.rglob("*"):
        if path.is_file():
            assert str(project.path).encode() not in path.read_bytes(), path


def test_closing_leaves_one_database_file(project, story):
    story.whole(project, "a")
    project.close()
    project.close()
    assert sorted(p.name for p in project.path.iterdir() if p.is_file()) == [DATABASE, MARKER]


def test_a_folder_with_other_files_is_not_taken(tmp_path):
    (tmp_path / "taxes.csv").write_text("mine")
    with pytest.raises(NotAllowed, match=r"taxes\.csv"):
        Project.create(tmp_path, actor="Ann")
    assert [p.name for p in tmp_path.iterdir()] == ["taxes.csv"]
    with pytest.raises(NotAllowed, match="not a folder"):
        Project.create(tmp_path / "taxes.csv", actor="Ann")


def test_a_project_is_not_made_over_another(project):
    with pytest.raises(NotAllowed, match="already"):
        Project.create(project.path, actor="Ann")
    (project.path / MARKER).unlink()
    with pytest.raises(NotAllowed, match="already"):
        Project.create(project.path, actor="Ann")
    assert project.name == "Churn"


def test_a_lost_marker_is_written_again(project):
    (project.path / MARKER).unlink()
    project.close()
    with Project.open(project.path, actor="Ann"):
        assert json.loads((project.path / MARKER).read_text())["id"] == project.id


def test_what_is_no_project_is_not_found(tmp_path):
    for path in (tmp_path, tmp_path / "nothing"):
        with pytest.raises(NotFound, match="no project"):
            Project.open(path, actor="Ann")
    assert list(tmp_path.iterdir()) == []


def test_empty_folders_lost_in_a_zip_are_made_again(project):
    project.close()
    for name in ("tmp", "bundles", "logs", "backups"):
        shutil.rmtree(project.path / name)
    with Project.open(project.path, actor="Ann") as again:
        again.objects.put_bytes(b"x")
        assert again.bundles_path.is_dir()
        assert again.logs_path.is_dir()


def test_times_are_utc_and_sort_as_text(project, clock):
    clock.time = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=timezone(timedelta(hours=2)))
    assert project.now() == "2026-01-02T01:04:05.000006Z"
    assert datetime.fromisoformat(project.now()) == clock.time.astimezone(UTC)


def test_paths_are_kept_relative_and_posix(project, tmp_path):
    assert project.relative(project.path / "bundles" / "churn@1") == "bundles/churn@1"
    with pytest.raises(ValueError, match="subpath"):
        project.relative(tmp_path)


def test_a_file_system_without_folder_fsync_is_no_obstacle(project, monkeypatch):
    fsync = os.fsync

    def not_for_folders(fd):
        if stat.S_ISDIR(os.fstat(fd).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        fsync(fd)

    monkeypatch.setattr(os, "fsync", not_for_folders)
    assert project.objects.read(project.objects.put_bytes(b"x")) == b"x"


def test_a_leftover_that_cannot_be_removed_does_not_keep_a_project_shut(project, monkeypatch):
    gone = "train.00000000.1.1.x"
    (project.path / "tmp" / gone).mkdir()
    os.utime(project.path / "tmp" / gone, (0, 0))

    def refuse(path):
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", refuse)
        Project.open(project.path, actor="Bob").close()
    assert (project.path / "tmp" / gone).exists()
    Project.open(project.path, actor="Bob").close()
    assert not (project.path / "tmp" / gone).exists()


def test_scratch_is_gone_afterwards(project):
    with project.scratch("train.1") as folder:
        (folder / "x").write_text("x")
    assert not folder.exists()
    assert folder.parent == project.path / "tmp"


def test_the_owner_is_shown_and_blocks_nobody(project):
    owner = project.owner()
    assert owner is not None
    assert owner.name == "Ann <ann@example.org>"
    assert owner.process == this_process()
    with Project.open(project.path, actor="Bob") as second:
        second.rename("by Bob")
        assert second.owner() == owner


def test_the_note_of_an_owner_who_is_gone_is_replaced(project):
    project.close()
    gone = {"name": "Eve", "since": "x", "process": {"host": this_process().host, "pid": 2**22 + 1, "started": 0.0}}
    for text in (json.dumps(gone), "{torn"):
        (project.path / "owner.json").write_text(text)
        with Project.open(project.path, actor="Bob") as again:
            owner = again.owner()
            assert owner is not None
            assert owner.name == "Bob"


def test_a_process_is_known_by_more_than_its_number():
    me = this_process()
    assert is_alive(me) is True
    assert is_alive(ProcessMark(me.host, me.pid, me.started - 3600)) is False
    assert is_alive(ProcessMark("another", me.pid, me.started)) is None


def test_a_reading_is_not_lost_when_the_project_was_not_closed(tmp_path, story):
    first = Project.create(tmp_path / "p", actor="Ann")
    version, reading = story.add(first, "a")
    with Project.open(tmp_path / "p", actor="Bob") as second:
        assert datasets.current_reading(second, version.id) == reading
    first.close()


def test_work_on_a_closed_project_opens_a_connection_again(project):
    project.close()
    assert audit.count(project) == 1


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("/home/ann/Documents", "ext4"),
        ("/mnt/share/deep/p", "nfs4"),
        ("/mnt/share2/p", "ext4"),
        ("/mnt/share/local", "xfs"),
        ("/mnt/my stick/p", "cifs"),
    ],
)
def test_the_innermost_mount_decides(place, kind):
    mounts = [("/", "ext4"), ("/mnt/share", "nfs4"), ("/mnt/share/local", "xfs"), ("/mnt/my stick", "cifs")]
    assert places.mount_type(place, mounts) == kind


def test_a_new_project_on_a_network_share_is_refused_with_the_reason(tmp_path, monkeypatch):
    mounts = [("/", "ext4"), (tmp_path.resolve().as_posix(), "cifs")]
    monkeypatch.setattr(places, "_linux_mounts", lambda: mounts)
    monkeypatch.setattr(places, "_mac_mounts", lambda: mounts)
    with pytest.raises(EnvironmentProblem, match="network share") as refused:
        Project.create(tmp_path / "p", actor="Ann")
    assert "disk of this computer" in refused.value.hint
    assert list(tmp_path.iterdir()) == []


def test_the_mounts_of_this_machine_are_read(tmp_path):
    assert places.network_type(tmp_path / "not" / "yet") is None
