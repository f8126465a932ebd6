"""A query over data sets: what it answers, what it may never do, and what is remembered of it."""

from __future__ import annotations

import pytest

from app.core.data import Outcome
from app.core.origins import Origin, OriginInput, OriginKind
from app.core.progress import Silent
from app.data.derive import derive, preview
from app.data.fetching import refresh
from app.errors import BadInput, NotAllowed
from app.registry.origins import made_of, origin_of

ORDERS = "id,customer,amount\n1,ada,10.5\n2,bob,3\n3,ada,7\n4,cem,\n"
BY_CUSTOMER = (
    "SELECT customer, count(*) AS orders, sum(amount) AS spent\nFROM orders\nGROUP BY customer ORDER BY customer"
)


@pytest.fixture
def orders(drop):
    return drop(ORDERS, "orders.csv")


def test_a_query_is_looked_at_before_anything_is_kept(data_project, orders):
    before = sorted(p for p in data_project.path.rglob("*") if p.is_file() and p.name != "modelyard.db")
    seen = preview(data_project, BY_CUSTOMER, Silent())
    assert (seen.names, seen.count, seen.used) == (("customer", "orders", "spent"), 3, ("orders",))
    assert seen.rows == (("ada", "2", "17.5"), ("bob", "1", "3"), ("cem", "1", None))
    assert [p for p in before if not p.exists()] == []


def test_the_answer_is_data_with_its_query_and_inputs(data_project, orders):
    made = derive(data_project, "spending", BY_CUSTOMER, Silent())
    assert (made.dataset.name, made.version.number, made.version.rows) == ("spending", 1, 3)
    used = (OriginInput("orders", orders.version.id),)
    assert origin_of(data_project, made.version.id) == Origin(OriginKind.QUERY, query=BY_CUSTOMER, inputs=used)
    assert made_of(data_project, orders.version.id) == [made.version.id]
    assert [source.name for source in made.version.sources] == ["spending.parquet"]


def test_refresh_runs_the_query_on_the_newest_inputs(data_project, orders, drop):
    first = derive(data_project, "spending", BY_CUSTOMER, Silent())
    assert refresh(data_project, first.dataset.id, Silent()).already
    newer = drop(ORDERS + "5,dan,4\n", "orders.csv")
    again = refresh(data_project, first.dataset.id, Silent())
    assert (again.version.number, again.version.rows, again.dataset.id) == (2, 4, first.dataset.id)
    assert origin_of(data_project, again.version.id).inputs == (OriginInput("orders", newer.version.id),)


def test_an_answer_with_the_columns_of_its_input_is_data_of_its_own(data_project, orders):
    made = derive(data_project, "large orders", "SELECT * FROM orders WHERE amount > 5", Silent())
    assert (made.dataset.name, made.version.number) == ("large orders", 1)
    assert derive(data_project, "two", 'FROM "large orders"', Silent()).version.rows == 2


def test_an_earlier_version_can_be_asked(data_project, orders, drop):
    drop(ORDERS + "5,dan,4\n", "orders.csv")
    assert preview(data_project, 'SELECT count(*) FROM "orders@1"', Silent()).rows == (("4",),)
    assert preview(data_project, "SELECT count(*) FROM Orders", Silent()).rows == (("5",),)


def test_dropped_data_are_never_overwritten_by_a_query(data_project, orders):
    with pytest.raises(NotAllowed, match="orders is data that were not derived"):
        derive(data_project, "orders", BY_CUSTOMER, Silent())


FORBIDDEN = [
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_blob('/etc/hostname')",
    "SELECT * FROM glob('/etc/*')",
    "SELECT * FROM sniff_csv('/etc/passwd')",
    "SELECT * FROM parquet_metadata('/etc/passwd')",
    "SELECT * FROM read_csv('https://example.org/a.csv')",
    "SELECT * FROM read_parquet('s3://bucket/a.parquet')",
    "SELECT getenv('HOME')",
    "SELECT * FROM duckdb_secrets()",
    "COPY orders TO '/tmp/modelyard-canary.csv'",
    "COPY (SELECT * FROM orders) TO '/tmp/modelyard-canary.csv'",
    "EXPORT DATABASE '/tmp/modelyard-canary'",
    "ATTACH '/tmp/modelyard-canary.db'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "PRAGMA database_list",
    "SET enable_external_access = true",
    "SET threads = 1",
    "RESET lock_configuration",
    "CREATE TABLE x AS SELECT 1",
    "DROP VIEW orders",
    "INSERT INTO orders VALUES (1)",
    "CALL pragma_version()",
    "EXPLAIN ANALYZE SELECT 1",
    "SELECT 1; DROP VIEW orders",
    "SELECT 1; SELECT 2",
    "PIVOT orders ON customer USING sum(id)",
    "SELECT * FROM query_table('/etc/passwd')",
    "CREATE SECRET s (TYPE s3)",
]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    """Runs queries in this process, over one table."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from app.data import sandbox
    from app.data.derive import Query, QueryTable
    from tests.data.conftest import Here

    folder = tmp_path_factory.mktemp("sandbox")
    pq.write_table(pa.table({"id": [1, 2], "customer": ["ada", "bob"]}), folder / "orders.parquet")
    tables = (QueryTable("orders", "v1", folder / "orders.parquet"),)
    return lambda sql, seconds=60.0: sandbox.preview(Here(folder), Query(sql, tables, seconds))


@pytest.mark.parametrize("sql", FORBIDDEN)
def test_a_query_reads_data_sets_and_nothing_else(sandbox, sql):
    with pytest.raises(BadInput) as caught:
        sandbox(sql)
    assert caught.value.message.endswith(".")
    assert "root:" not in str(caught.value) + caught.value.details
    from pathlib import Path

    assert not list(Path("/tmp").glob("modelyard-canary*"))


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT *\nFROM orders\nWHERE id =", "Line 3: "),
        ("SELECT nothing FROM orders", "Line 1: "),
        ("SELECT * FROM order_lines", "There is no data set order_lines."),
        ("SELECT 1; SELECT 2", "There are 2 statements."),
        ("ATTACH 'a.db'", "A query only reads, but ATTACH opens another database."),
        ("SELECT * FROM read_csv('a.csv')", "A query reads only the data sets of this project"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(sandbox, sql, message):
    with pytest.raises(BadInput) as caught:
        sandbox(sql)
    assert caught.value.message.startswith(message)


@pytest.mark.parametrize(
    "sql", ["FROM orders", "VALUES (1)", "WITH a AS (FROM orders) SELECT * FROM a", "SUMMARIZE orders"]
)
def test_everything_that_only_reads_is_answered(sandbox, sql):
    assert sandbox(sql).count >= 1


def test_a_query_without_an_end_is_stopped(sandbox):
    endless = "SELECT count(*) FROM range(10000000000) a, range(10000000000) b WHERE hash(a.range, b.range) = 1"
    with pytest.raises(BadInput, match=r"longer than 0\.5 s"):
        sandbox(endless, 0.5)


def test_an_empty_answer_and_an_empty_query_are_told(data_project, orders):
    with pytest.raises(BadInput, match="no rows"):
        derive(data_project, "none", "SELECT * FROM orders WHERE id > 99", Silent())
    with pytest.raises(BadInput, match="no query yet"):
        preview(data_project, " ", Silent())


def test_what_cannot_be_refreshed_says_why(data_project):
    from app.data.intake import add_text

    pasted = add_text(data_project, "a\tb\n1\tx\n2\ty\n", called="Pasted", ctx=Silent())
    with pytest.raises(NotAllowed) as caught:
        refresh(data_project, pasted.dataset.id, Silent())
    assert "pasted" in caught.value.hint


def test_a_dropped_file_is_read_again(drop, data_project, tmp_path):
    first = drop(ORDERS, "orders.csv")
    assert refresh(data_project, first.dataset.id, Silent()).already
    (tmp_path / "orders.csv").write_text(ORDERS.replace("id,customer,amount", "id,customer,price"))
    again = refresh(data_project, first.dataset.id, Silent())
    assert (again.dataset.id, again.version.number, again.outcome) == (first.dataset.id, 2, Outcome.WARN)
    assert "price is new; amount is gone" in next(f.message for f in again.findings if f.code == "COLUMNS_CHANGED")


def test_the_lineage_leads_through_every_query_to_the_files(data_project, orders, tmp_path):
    from app.data.lineage import lineage

    derive(data_project, "spending", BY_CUSTOMER, Silent())
    made = derive(data_project, "both", "SELECT * FROM spending JOIN orders USING (customer)", Silent())
    found = lineage(data_project, made.version.id)
    assert [(step.label, step.kind, step.inputs) for step in found] == [
        ("both@1", "query", ("orders@1", "spending@1")),
        ("orders@1", "file", ()),
        ("spending@1", "query", ("orders@1",)),
    ]
    assert found[1].address == str(tmp_path / "orders.csv")
    assert found[2].query == BY_CUSTOMER
