"""Tables and queries of real databases become data, exactly, read only, with a password that is nowhere written."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
import sqlalchemy as sa

from app.core.data import ColumnType
from app.core.origins import Origin, OriginKind
from app.core.progress import Recorder, Silent
from app.data.fetch import database
from app.data.fetch.table_file import TableFile
from app.data.fetching import Recipe, add_from, look, recipe, refresh
from app.errors import BadInput, EnvironmentProblem, JobCancelled
from app.registry.origins import origin_of
from app.serving.ports import free_port
from tests.data.conftest import table_rows
from tests.data.fetch.conftest import PASSWORD


@pytest.fixture
def shop(tmp_path):
    """A SQLite file with two tables."""
    path = tmp_path / "shop.db"
    with closing(sqlite3.connect(path)) as database:
        database.executescript(
            "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer TEXT, amount REAL);"
            "INSERT INTO orders VALUES (3, 'cem', 7.5), (1, 'ada', 10), (2, 'bob', NULL);"
            'CREATE TABLE "order lines" (code TEXT, what);'
            "INSERT INTO \"order lines\" VALUES ('007', 1), ('008', 'x');"
        )
    return path


def rows_of(project, result):
    return table_rows(project.objects.path(result.reading.table_sha256))


def test_a_table_is_fetched_in_the_order_of_its_key(data_project, shop):
    made = add_from(data_project, recipe(f"sqlite:///{shop}", query="orders"), ctx=Silent())
    assert (made.dataset.name, made.version.sources[0].name) == ("orders", "orders.parquet")
    assert rows_of(data_project, made) == [(1, "ada", 10.0), (2, "bob", None), (3, "cem", 7.5)]
    assert origin_of(data_project, made.version.id) == Origin(OriginKind.DATABASE, f"sqlite:///{shop}", "orders")


def test_what_is_text_stays_text_and_mixed_values_are_kept(data_project, shop):
    made = add_from(data_project, recipe(f"sqlite:///{shop}", query="order lines"), ctx=Silent())
    assert rows_of(data_project, made) == [("007", "1"), ("008", "x")]


def test_a_query_with_parameters(data_project, shop):
    wanted = recipe(
        f"sqlite:///{shop}",
        query="SELECT customer, '12:30' AS time, amount FROM orders WHERE amount > :least ORDER BY id",
        parameters=(("least", "7"),),
    )
    made = add_from(data_project, wanted, name="large", ctx=Silent())
    assert [row[0] for row in rows_of(data_project, made)] == ["ada", "cem"]
    assert origin_of(data_project, made.version.id).parameters == (("least", "7"),)


def test_refresh_makes_the_next_version_or_says_that_nothing_changed(data_project, shop):
    first = add_from(data_project, recipe(f"sqlite:///{shop}", query="orders"), ctx=Silent())
    assert refresh(data_project, first.dataset.id, Silent()).already
    with closing(sqlite3.connect(shop)) as database:
        database.execute("INSERT INTO orders VALUES (4, 'dan', 1)")
        database.commit()
    again = refresh(data_project, first.dataset.id, Silent())
    assert (again.dataset.id, again.version.number, again.version.rows) == (first.dataset.id, 2, 4)


def test_a_database_is_never_written_to(data_project, shop):
    before = shop.read_bytes()
    for query in (
        "SELECT 1 FROM orders; DROP TABLE orders",
        "WITH a AS (SELECT 1) INSERT INTO orders VALUES (9, 'x', 1)",
    ):
        with pytest.raises(BadInput, match="The database refused"):
            add_from(data_project, recipe(f"sqlite:///{shop}", query=query), ctx=Silent())
    assert shop.read_bytes() == before


@pytest.mark.parametrize(
    ("address", "query", "message"),
    [
        ("sqlite:///{shop}", "", "Which table should be fetched?"),
        ("sqlite:///{shop}", "customers", "There is no table customers."),
        ("sqlite:///{shop}", "SELECT colour FROM orders", "The database refused: no such column: colour."),
        ("sqlite:///{shop}", "SELECT * FROM orders WHERE id > 99", "The database answered with no rows."),
        ("sqlite:///{shop}.gone", "orders", "There is no database file"),
        ("mysql://ann@127.0.0.1/x", "orders", "Databases of the kind mysql need a driver"),
        ("nosuch://ann@127.0.0.1/x", "orders", "Databases of the kind nosuch need a driver"),
        ("postgresql://ann@127.0.0.1:{port}/x", "orders", "The database at 127.0.0.1:{port} cannot be reached"),
    ],
)
def test_what_goes_wrong_is_a_sentence(data_project, shop, address, query, message):
    port = free_port()
    with pytest.raises((BadInput, EnvironmentProblem)) as caught:
        add_from(data_project, recipe(address.format(shop=shop, port=port), query=query), ctx=Silent())
    assert caught.value.message.startswith(message.format(port=port))
    assert caught.value.hint


def test_looking_names_the_tables(data_project, shop):
    seen = look(recipe(f"sqlite:///{shop}"), Silent())
    assert seen.tables == ("order lines", "orders")
    assert seen.said == "Connected. 2 tables: order lines and orders."


def test_a_file_that_is_no_database_is_told(data_project, tmp_path):
    file = tmp_path / "x.db"
    file.write_text("hello " * 400)
    with pytest.raises(BadInput, match="not a database"):
        look(recipe(f"sqlite:///{file}"), Silent())


def test_many_rows_come_in_batches_and_can_be_cancelled(data_project, tmp_path):
    path = tmp_path / "many.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE many (id INTEGER, word TEXT)")
        database.executemany("INSERT INTO many VALUES (?, ?)", ((i, f"w{i % 7}") for i in range(100_000)))
        database.commit()
    watching = Recorder()
    made = add_from(data_project, recipe(f"sqlite:///{path}"), ctx=watching)
    assert made.version.rows == 100_000
    assert any("Fetched" in text for _, text in watching.lines)
    with pytest.raises(JobCancelled):
        add_from(data_project, recipe(f"sqlite:///{path}"), name="again", ctx=Recorder(cancel_at=2))
    assert list(data_project.path.glob("**/fetched")) == []


@pytest.fixture(scope="module")
def market(postgres):
    """A PostgreSQL database with a table of many types."""
    engine = sa.create_engine(postgres.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE IF EXISTS sales")
        connection.exec_driver_sql(
            "CREATE TABLE sales (id bigint PRIMARY KEY, price numeric(10,2), big numeric(30,0), sold boolean,"
            " at timestamptz, day date, note text, tags text[], extra jsonb, code uuid, raw bytea,"
            " at_time time, span interval)"
        )
        connection.exec_driver_sql(
            "INSERT INTO sales VALUES (2, 19.90, 123456789012345678901234567890, true, '2026-03-29 02:30+02',"
            " '2026-03-29', 'Größe', '{a,b}', '{\"x\": 1}', '00000000-0000-0000-0000-000000000001', '\\xff',"
            " '12:30', '1 day'),"
            " (1, 5.00, NULL, false, '2026-01-01 00:00+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),"
            " (9007199254740993, 1.10, 1, NULL, NULL, '1999-12-31', '50%%', '{}', '[]', NULL, NULL, NULL, NULL)"
        )
    yield postgres
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE IF EXISTS sales")
    engine.dispose()


def test_postgresql_values_come_exactly(data_project, market, memory_keyring):
    made = add_from(data_project, recipe(market, query="sales"), ctx=Silent())
    kinds = {column.name: column.type for column in made.reading.columns}
    assert kinds["price"] is ColumnType.NUMBER
    assert kinds["sold"] is ColumnType.BOOLEAN
    assert (kinds["at"], kinds["day"]) == (ColumnType.DATETIME, ColumnType.DATETIME)
    first, second, third = rows_of(data_project, made)
    assert [first[0], second[0], third[0]] == [1, 2, 9007199254740993]
    named = dict(zip(kinds, second, strict=True))
    assert (named["price"], named["big"], named["note"]) == (19.9, "123456789012345678901234567890", "Größe")
    assert named["at"].isoformat() == "2026-03-29T00:30:00"
    assert (named["tags"], named["extra"], named["raw"]) == ('["a", "b"]', '{"x": 1}', "FF")


def test_the_same_rows_are_the_same_bytes(data_project, market, memory_keyring):
    query = "SELECT id, note, price FROM public.sales WHERE note LIKE '%' OR id::text <> ':x' ORDER BY id"
    first = add_from(data_project, recipe(market, query=query), name="one", ctx=Silent())
    assert refresh(data_project, first.dataset.id, Silent()).codes == ("ALREADY_STORED",)


def test_postgresql_is_read_only(data_project, market, memory_keyring):
    with pytest.raises(BadInput, match="The database refused"):
        add_from(
            data_project,
            recipe(market, query="WITH a AS (DELETE FROM sales RETURNING id) SELECT * FROM a"),
            ctx=Silent(),
        )


def test_a_wrong_password_is_told_without_it(data_project, market, memory_keyring):
    plain = recipe(market).origin
    with pytest.raises(EnvironmentProblem, match="password authentication failed") as caught:
        look(Recipe(plain, "another-canary"), Silent())
    assert "another-canary" not in f"{caught.value} {caught.value.details}"


def test_the_password_is_in_the_keyring_and_nowhere_else(data_project, market, memory_keyring, tmp_path, monkeypatch):
    monkeypatch.setenv("MODELYARD_CONFIG_DIR", str(tmp_path / "config"))
    watching = Recorder()
    made = add_from(data_project, recipe(market, query="sales"), ctx=watching)
    assert refresh(data_project, made.dataset.id, Silent()).already
    with pytest.raises(BadInput) as caught:
        add_from(data_project, recipe(market, query="SELECT nothing"), ctx=watching)
    assert list(memory_keyring.kept.values()) == [PASSWORD]
    from urllib.parse import quote

    told = f"{caught.value} {caught.value.details} {watching.lines}".encode()
    files = [p.read_bytes() for folder in (data_project.path, tmp_path) for p in folder.rglob("*") if p.is_file()]
    assert len(files) > 10
    for canary in (PASSWORD, quote(PASSWORD, safe=""), quote(PASSWORD)):
        assert canary.encode() not in told
        assert not any(canary.encode() in content for content in files)


def test_the_password_may_be_in_the_environment(data_project, market, no_keyring, monkeypatch):
    monkeypatch.setenv("SHOP_PASSWORD", PASSWORD)
    with pytest.raises(EnvironmentProblem, match="no keyring"):
        add_from(data_project, recipe(market, query="sales"), ctx=Silent())
    address = recipe(market).origin.address
    made = add_from(data_project, recipe(address, query="sales", secret="SHOP_PASSWORD"), ctx=Silent())
    assert origin_of(data_project, made.version.id).secret == "SHOP_PASSWORD"
    assert refresh(data_project, made.dataset.id, Silent()).already
    monkeypatch.delenv("SHOP_PASSWORD")
    with pytest.raises(BadInput, match="no password under the name SHOP_PASSWORD"):
        refresh(data_project, made.dataset.id, Silent())


def test_long_rows_are_asked_for_few_at_a_time(tmp_path):
    with TableFile(tmp_path, ["text"]) as table:
        assert database._rows_at_once(table) == database.FIRST_ROWS
        table.add([("x" * (1 << 20),)] * 4)
        assert 1 <= database._rows_at_once(table) <= database.BATCH_BYTES >> 20
    (tmp_path / "short").mkdir()
    with TableFile(tmp_path / "short", ["number"]) as table:
        table.add([(1,)] * 500)
        assert database._rows_at_once(table) == database.BATCH_ROWS
