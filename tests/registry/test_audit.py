"""Promise 7: edit, delete, reorder and insert are found; cutting off and recomputing only against an anchor."""

import random
import sqlite3
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from app.core.audit import GENESIS, commitment_of, hash_of
from app.registry import audit, query_bundles, thresholds, trials, verdicts
from app.registry.tables import audit as table
from app.registry.tables import audit_payloads as payloads
from app.registry.tables import metadata

CHANGED_IN_PLACE = {"services", "collect_cursors"}


class _UndoError(Exception):
    pass


@contextmanager
def _tampering(project):
    """A connection without the triggers; everything is undone at the end."""
    with pytest.raises(_UndoError), project.database.write() as connection:
        triggers = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all()
        for name in triggers:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        yield connection
        raise _UndoError


@pytest.fixture
def history(project):
    for n in range(30):
        project.rename(f"name {n}")
    return project


def _edit(connection, n):
    column = random.choice(["at", "actor", "verb", "noun", "commitment", "previous_hash", "hash"])
    connection.execute(sa.update(table).where(table.c.seq == n).values({column: "forged" + str(n)}))


def _edit_payload(connection, n):
    connection.execute(sa.update(payloads).where(payloads.c.seq == n).values(payload='{"name":"forged"}'))


def _drop_payload(connection, n):
    connection.execute(sa.delete(payloads).where(payloads.c.seq == n))


def _delete(connection, n):
    connection.execute(sa.delete(payloads).where(payloads.c.seq == n))
    connection.execute(sa.delete(table).where(table.c.seq == n))


def _delete_and_close_ranks(connection, n):
    _delete(connection, n)
    for each in (table, payloads):
        connection.execute(sa.update(each).where(each.c.seq > n).values(seq=-each.c.seq))
        connection.execute(sa.update(each).where(each.c.seq < 0).values(seq=-each.c.seq - 1))


def _swap(connection, n):
    for each in (table, payloads):
        for old, new in ((n, -1), (n + 1, n), (-1, n + 1)):
            connection.execute(sa.update(each).where(each.c.seq == old).values(seq=new))


def _insert(connection, n):
    """A well-made entry of its own, pushed in between."""
    for each in (table, payloads):
        connection.execute(sa.update(each).where(each.c.seq >= n).values(seq=-each.c.seq))
        connection.execute(sa.update(each).where(each.c.seq < 0).values(seq=-each.c.seq + 1))
    before = connection.execute(sa.select(table.c.hash).where(table.c.seq == n - 1)).scalar_one()
    fields = (n, "2026-07-27T10:00:00.000000Z", "Eve", "run.start", "run:x", commitment_of("{}", "s"), before)
    columns = ("seq", "at", "actor", "verb", "noun", "commitment", "previous_hash")
    connection.execute(sa.insert(table).values(dict(zip(columns, fields, strict=True)) | {"hash": hash_of(*fields)}))
    connection.execute(sa.insert(payloads).values(seq=n, payload="{}", salt="s"))


MUTATIONS = (_edit, _edit_payload, _drop_payload, _delete, _delete_and_close_ranks, _swap, _insert)


@pytest.mark.parametrize("mutate", MUTATIONS)
def test_tampering_is_found(history, count, mutate):
    last = audit.count(history)
    for _ in range(count(25, 100)):
        with _tampering(history) as connection:
            mutate(connection, random.randint(2, last - 1))
            assert audit.verify_chain(history) != []
    assert audit.verify_chain(history) == []


def _cut(connection, n):
    connection.execute(sa.delete(payloads).where(payloads.c.seq > n))
    connection.execute(sa.delete(table).where(table.c.seq > n))


def _recompute(connection, n):
    """Forge one entry and every hash after it."""
    connection.execute(sa.update(table).where(table.c.seq == n).values(actor="Eve"))
    previous = GENESIS
    for row in connection.execute(sa.select(table).order_by(table.c.seq)).all():
        own = hash_of(row.seq, row.at, row.actor, row.verb, row.noun, row.commitment, previous)
        values = {"previous_hash": previous, "hash": own}
        connection.execute(sa.update(table).where(table.c.seq == row.seq).values(values))
        previous = own


@pytest.mark.parametrize("mutate", [_cut, _recompute])
def test_what_a_bare_chain_cannot_see_is_found_up_to_an_anchor(history, count, mutate):
    """Anchors (signed heads) are made later; what follows the last one stays unprotected, and is said to be."""
    head = audit.head(history)
    for _ in range(count(10, 100)):
        with _tampering(history) as connection:
            mutate(connection, random.randint(1, head[0] - 1))
            assert audit.verify_chain(history) == []
            assert audit.verify_chain(history, [head]) != []
    assert audit.verify_chain(history, [head]) == []


def test_the_database_refuses_to_change_what_was_recorded(project, story):
    story.whole(project, "a")
    story.trust(project, story.datasets.find_version(project, "data a")[1], "a")
    verdicts.record_verdict(project, story.runs.run(project, "1").id, story.verdict("a"))
    trials.record_trials(project, story.runs.run(project, "1").id, [story.trial(1)])
    story.watched(project, story.models.model_versions(project)[0])
    story.datasets.rename_dataset(project, story.datasets.find_version(project, "data a")[0].id, "data b")
    for each in metadata.sorted_tables:
        if each.name in CHANGED_IN_PLACE:
            continue
        column = next(iter(each.columns))
        for change in (sa.update(each).values({column.name: column}), sa.delete(each)):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"), project.database.write() as connection:
                connection.execute(change)


def test_an_entry_is_not_replaced_or_pushed_in(project):
    with project.database.read() as connection:
        row = dict(connection.execute(sa.select(table)).mappings().one())
    for values in (row, row | {"seq": 5, "hash": "x"}, row | {"seq": 2, "hash": "y"}):
        insert = sa.insert(table).prefix_with("OR REPLACE").values(values)
        with pytest.raises(sqlite3.IntegrityError, match="append-only"), project.database.write() as connection:
            connection.execute(insert)


def test_an_erased_payload_with_its_tombstone_verifies(project):
    project.rename("a person's name")
    with project.database.write() as connection:
        audit.record(connection, project, audit.ERASED, "audit:2", {"reason": "asked for"})
        connection.execute(sa.delete(payloads).where(payloads.c.seq == 2))
    assert audit.verify_chain(project) == []
    assert audit.entries(project, verb="project.rename")[0].payload is None


def test_entry_and_change_come_together_or_not_at_all(project, story, monkeypatch):
    def refuse(*args):
        raise KeyError("the entry cannot be written")

    new = story.new_version(project, "a")
    monkeypatch.setattr(audit, "record", refuse)
    with pytest.raises(KeyError):
        story.datasets.record_version(project, new)
    assert story.datasets.datasets(project) == []


def test_every_operation_leaves_its_entry(project, story):
    story.whole(project, "a")
    verbs = [entry.verb for entry in reversed(audit.entries(project))]
    assert verbs == [
        "project.create", "data.add", "run.start", "run.candidate", "run.finished", "model.approve", "bundle.export",
        "log.collect",
    ]  # fmt: skip
    assert {entry.actor for entry in audit.entries(project)} == {"Ann <ann@example.org>"}


def test_entries_are_filtered_and_paged(project, story):
    story.whole(project, "a")
    story.whole(project, "b")
    newest = audit.entries(project, limit=3)
    assert [entry.seq for entry in newest] == [15, 14, 13]
    assert [entry.seq for entry in audit.entries(project, limit=2, before_seq=13)] == [12, 11]
    assert {entry.verb for entry in audit.entries(project, verb="run")} == {
        "run.start",
        "run.candidate",
        "run.finished",
    }
    assert len(audit.entries(project, verb="run.start")) == 2
    assert [entry.verb for entry in audit.entries(project, text="DATA B")] != []
    assert audit.entries(project, text="100%_") == []


def test_what_is_kept_in_the_history_alone_is_found_however_much_came_after(project):
    chosen = {"threshold": 0.3, "false_alarm_costs": 1, "miss_costs": 2, "summary": ""}
    built = {"bundle": "a" * 64, "path": "bundles/q", "bytes": 1}
    kept = ((thresholds.VERB, "candidate:", chosen), (query_bundles.VERB, "run:", built))
    with project.database.write() as connection:
        for verb, noun, payload in kept:
            for number in range(501):
                audit.record(connection, project, verb, f"{noun}{min(number, 1)}", payload)
    assert thresholds.thresholds(project)["0"].at == 0.3
    assert query_bundles.query_bundles(project)[-1].run_id == "0"
