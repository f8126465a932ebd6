"""Promise 3: reclaiming removes garbage and nothing else."""

import os
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.progress import Silent
from app.registry import audit, references, tables, verdicts
from app.registry.project import Project
from app.registry.reclaim import GRACE, preview, reclaim
from app.registry.verify import verify

ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["garbage", "whole", "again", "age", "reclaim"]),
        st.integers(min_value=0, max_value=3),
    ),
    min_size=3,
    max_size=10,
)


class Model:
    """What must be true after any history: young or named objects are there, old unnamed ones go."""

    def __init__(self, project, story):
        self.project = project
        self.story = story
        self.done = set()

    def garbage(self, n):
        self.project.objects.put_bytes(b"garbage %d" % n)

    def whole(self, n):
        if n not in self.done:
            self.done.add(n)
            self.story.whole(self.project, f"data {n}")
            newest = self.story.runs.runs(self.project)[0]
            verdicts.record_verdict(self.project, newest.id, self.story.verdict(f"of {n}"))
            self.story.watched(self.project, self.story.models.model_versions(self.project)[0])

    def again(self, n):
        """The same bytes again: young from now on, named or not."""
        self.project.objects.put_bytes(b"garbage %d" % n)
        self.project.objects.put_bytes(b"data %d" % n)

    def age(self, _):
        old = (datetime.now(UTC) - GRACE - timedelta(days=1)).timestamp()
        for sha256 in self.project.objects.digests():
            os.utime(self.project.objects.path(sha256), (old, old))

    def reclaim(self, _):
        before = set(self.project.objects.digests())
        kept = _named(self.project) | {d for d in before if self._is_young(d)}
        foreseen = preview(self.project, Silent())
        removed = reclaim(self.project, Silent())
        assert set(self.project.objects.digests()) == kept & before
        assert removed == foreseen
        assert removed.objects == len(before - kept)
        assert verify(self.project, Silent()).problems == ()

    def _is_young(self, sha256):
        return self.project.objects.path(sha256).stat().st_mtime > (datetime.now(UTC) - GRACE).timestamp()


def _named(project):
    """Every digest-like text in any row of any table: slower than the application's own way, and another one."""
    with project.database.read() as connection:
        return {
            value
            for table in tables.metadata.sorted_tables
            for row in connection.execute(table.select())
            for value in row
            if isinstance(value, str) and len(value) == 64
        }


def _play(folder, story, actions):
    with Project.create(folder, actor="Ann") as project:
        model = Model(project, story)
        for name, n in actions:
            getattr(model, name)(n)
        model.age(0)
        model.reclaim(0)


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    numbers = iter(range(1_000_000))
    root = tmp_path_factory.mktemp("histories")
    return lambda: root / str(next(numbers))


@settings(
    max_examples=int(os.environ.get("MODELYARD_LONG") == "1") * 500 or 12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=os.environ.get("MODELYARD_LONG") != "1",
)
@given(actions=ACTIONS)
def test_only_old_unnamed_objects_go(places, story, actions):
    _play(places(), story, actions)


@pytest.mark.parametrize("forgotten", [f"{c.table.name}.{c.name}" for c in tables.object_columns])
def test_the_mutant_that_forgets_a_column_is_caught(tmp_path, story, monkeypatch, forgotten):
    kept = tuple(c for c in tables.object_columns if f"{c.table.name}.{c.name}" != forgotten)
    monkeypatch.setattr(references, "object_columns", kept)
    if forgotten == "version_sources.sha256":  # of a version of one file the two name the same object
        monkeypatch.setattr(references, "object_columns", tuple(c for c in kept if c.table.name != "data_versions"))
    if forgotten == "data_versions.sha256":
        monkeypatch.setattr(references, "object_columns", tuple(c for c in kept if c.table.name != "version_sources"))
    with pytest.raises(AssertionError):
        _play(tmp_path / "p", story, [("whole", 0)])


def test_objects_stored_lately_stay(project, story, clock):
    clock.time = datetime.now(UTC)
    project.objects.put_bytes(b"garbage")
    assert reclaim(project, Silent()).objects == 0
    clock.advance(days=13)
    assert reclaim(project, Silent()).objects == 0
    clock.advance(days=2)
    assert preview(project, Silent()).size_bytes == 7
    assert reclaim(project, Silent()).objects == 1


def test_reclaiming_is_told_in_the_history_only_if_something_went(project, clock):
    clock.time = datetime.now(UTC)
    project.objects.put_bytes(b"garbage")
    reclaim(project, Silent())
    assert audit.entries(project, verb="objects") == []
    clock.advance(days=15)
    reclaim(project, Silent())
    (entry,) = audit.entries(project, verb="objects.reclaim")
    assert '"objects":1' in (entry.payload or "")


def test_an_object_that_is_stored_again_meanwhile_is_put_back(project, clock, monkeypatch):
    """The other process finds the object, touches it and trusts it, just before it is taken out of sight."""
    sha256 = project.objects.put_bytes(b"garbage")
    clock.time = datetime.now(UTC) + timedelta(days=15)
    path = project.objects.path(sha256)
    rename = type(path).rename

    def touched_first(self, target):
        if self == path:
            os.utime(path, (clock.time.timestamp(),) * 2)
        return rename(self, target)

    monkeypatch.setattr(type(path), "rename", touched_first)
    assert reclaim(project, Silent()).objects == 0
    assert project.objects.read(sha256) == b"garbage"
