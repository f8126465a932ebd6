"""Promise 20: old projects open; a killed migration leaves the old version usable."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.core.progress import Silent
from app.errors import EnvironmentProblem
from app.registry import audit
from app.registry.backup import back_up, keep_newest
from app.registry.migrate import MIGRATIONS, ensure_newest, revisions, stored_revision, walk
from app.registry.newest import SCRIPT, written
from app.registry.project import DATABASE, Project
from app.registry.tables import metadata
from app.registry.verify import verify

ROOT = Path(__file__).parents[2]
NEXT = """
import os, signal
import sqlalchemy as sa
from alembic import op
revision = "{number}"
down_revision = "{previous}"
branch_labels = depends_on = None
def upgrade():
    op.add_column("datasets", sa.Column("note", sa.Text(), nullable=True))
    op.create_table("labels", sa.Column("id", sa.Text(), primary_key=True))
{then}
"""


@pytest.fixture
def later(tmp_path):
    """The migrations of a later Modelyard: one step more, ending as told."""

    def make(then="    pass"):
        folder = tmp_path / "later"
        shutil.copytree(MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
        previous = revisions()[-1]
        number = f"{int(previous) + 1:04d}"
        text = NEXT.format(number=number, previous=previous, then=then)
        (folder / "versions" / f"{number}_later.py").write_text(text)
        return folder

    return make


@pytest.fixture
def closed(tmp_path, story):
    """The database of a project with some history."""
    with Project.create(tmp_path / "p", actor="Ann") as project:
        story.whole(project, "a")
    return project.path / DATABASE


def _columns(database):
    with closing(sqlite3.connect(database)) as connection:
        return {row[1] for row in connection.execute("PRAGMA table_info(datasets)")}


def _is_usable(database):
    with Project.open(database.parent, actor="Ann") as project:
        return verify(project, Silent()).ok and audit.count(project) == 8


def test_the_tables_are_what_the_migrations_make(tmp_path):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    ensure_newest(tmp_path / "x.db")
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'x.db'}", poolclass=sa.NullPool)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        for table in metadata.sorted_tables:  # what the comparison leaves out
            made = connection.exec_driver_sql(f"SELECT sql FROM sqlite_master WHERE name = '{table.name}'").scalar_one()
            assert ("WITHOUT ROWID" in made) == (table.dialect_options["sqlite"]["with_rowid"] is False), table.name


def test_a_new_project_begins_with_what_the_migrations_make(tmp_path):
    walk(tmp_path / "walked.db")
    walked = written(tmp_path / "walked.db", revisions()[-1])
    assert (MIGRATIONS / SCRIPT).read_text("utf-8").split() == walked.split(), "run python tests/golden/newest.py"
    ensure_newest(tmp_path / "new.db")
    assert written(tmp_path / "new.db", revisions()[-1]).split() == walked.split()
    assert stored_revision(tmp_path / "new.db") == revisions()[-1]


def test_a_new_project_walks_if_the_newest_schema_was_not_written_down(tmp_path, later):
    assert ensure_newest(tmp_path / "x.db", migrations=later())
    assert "note" in _columns(tmp_path / "x.db")


def test_making_and_opening_a_project_of_this_schema_imports_no_alembic(tmp_path):
    code = (
        "import sys; from pathlib import Path; from app.registry.project import Project;"
        f"Project.create(Path({str(tmp_path / 'p')!r}), actor='Ann').close();"
        f"Project.open(Path({str(tmp_path / 'p')!r}), actor='Ann').close();"
        "sys.exit('alembic' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_the_newest_revision_is_alembics_head():
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "newline")
    assert ScriptDirectory.from_config(config).get_heads() == [revisions()[-1]]


def test_migrations_import_nothing_of_the_application():
    for path in MIGRATIONS.rglob("*.py"):
        assert "import app" not in path.read_text()
        assert "from app" not in path.read_text()


def test_a_project_of_an_older_schema_is_backed_up_and_migrated(closed, later):
    assert ensure_newest(closed, migrations=later())
    assert "note" in _columns(closed)
    (backup,) = (closed.parent / "backups").iterdir()
    assert stored_revision(backup) == revisions()[-1]
    assert "note" not in _columns(backup)
    assert not ensure_newest(closed, migrations=closed.parents[1] / "later")


def test_a_project_of_a_newer_schema_is_told_and_left_alone(closed, later):
    ensure_newest(closed, migrations=later())
    before = closed.read_bytes()
    with pytest.raises(EnvironmentProblem, match="newer Modelyard") as refused:
        Project.open(closed.parent, actor="Ann")
    assert "Update Modelyard" in refused.value.hint
    assert closed.read_bytes() == before


def test_a_migration_that_fails_changes_nothing(closed, later):
    with pytest.raises(ZeroDivisionError):
        ensure_newest(closed, migrations=later("    1 / 0"))
    assert "note" not in _columns(closed)
    assert _is_usable(closed)


def test_a_migration_that_breaks_a_reference_changes_nothing(closed, later):
    breaks = "    op.execute('DROP TRIGGER runs_no_delete')\n    op.execute('DELETE FROM runs')"
    with pytest.raises(EnvironmentProblem, match="references"):
        ensure_newest(closed, migrations=later(breaks))
    assert _is_usable(closed)


def test_a_killed_migration_leaves_the_old_version_usable(closed, later, crash):
    migrations = later("    os.kill(os.getpid(), signal.SIGKILL)")
    child = crash.fork(lambda tell: ensure_newest(closed, migrations=migrations))
    assert child.wait() == -signal.SIGKILL
    assert "note" not in _columns(closed)
    assert _is_usable(closed)
    assert len(list((closed.parent / "backups").glob("*.db"))) == 1


def test_the_mutant_that_commits_in_between_is_caught(closed, later, crash):
    """The same kill after a commit leaves a half-migrated project: the test above would see it."""
    migrations = later("    op.execute('COMMIT')\n    os.kill(os.getpid(), signal.SIGKILL)")
    assert crash.fork(lambda tell: ensure_newest(closed, migrations=migrations)).wait() == -signal.SIGKILL
    assert "note" in _columns(closed)


def test_two_windows_migrate_once(closed, later, crash):
    migrations = later()
    children = [crash.fork(lambda tell: ensure_newest(closed, migrations=migrations)) for _ in range(3)]
    assert [child.wait() for child in children] == [0, 0, 0]
    assert "note" in _columns(closed)


def test_the_newest_ten_backups_are_kept(closed):
    folder = closed.parent / "backups"
    start = datetime(2026, 7, 27, tzinfo=UTC)
    made = [back_up(closed, folder, "0001", start + timedelta(hours=n)) for n in range(13)]
    keep_newest(folder)
    assert sorted(folder.iterdir()) == made[3:]


def test_a_backup_is_whole_even_while_others_write(closed):
    with Project.open(closed.parent, actor="Ann") as project, project.database.write() as connection:
        audit.record(connection, project, "test", "x", {})
        copy = back_up(closed, closed.parent / "backups", "0001", datetime(2026, 7, 27, tzinfo=UTC))
        with closing(sqlite3.connect(copy)) as other:
            assert other.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert other.execute("SELECT count(*) FROM audit").fetchone() == (8,)


def test_a_full_disk_during_the_backup_leaves_no_half_backup(closed, later, monkeypatch):
    def refuse(fd):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("app.registry.files.flush", refuse)
    with pytest.raises(EnvironmentProblem, match="full"):
        ensure_newest(closed, migrations=later())
    monkeypatch.undo()
    assert list((closed.parent / "backups").iterdir()) == []
    assert os.path.exists(closed) and _is_usable(closed)  # noqa: PTH110
