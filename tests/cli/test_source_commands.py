"""add from an address, refresh and derive on the command line."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from app.cli import main


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    path = tmp_path / "shop.db"
    with closing(sqlite3.connect(path)) as database:
        database.executescript(
            "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer TEXT, amount REAL);"
            "INSERT INTO orders VALUES (1, 'ada', 10), (2, 'bob', 2.5), (3, 'ada', 7.5);"
        )
    assert main(["new", str(tmp_path / "P")]) == 0
    return path


@pytest.fixture
def say(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """Run a command with ``--json`` on the project: exit code and answer."""

    def run(verb: str, *words: object) -> tuple[int, dict[str, object]]:
        capsys.readouterr()
        code = main([verb, str(tmp_path / "P"), *map(str, words), "--json"])
        return code, json.loads(capsys.readouterr().out)

    return run


def test_a_table_by_address_or_by_path(shop, say):
    code, told = say("add", f"sqlite:///{shop}", "--table", "orders")
    assert (code, told["dataset"], told["version"], told["rows"]) == (0, "orders", 1, 3)
    code, told = say(
        "add", shop, "--query", "SELECT customer FROM orders WHERE amount > :a", "--param", "a=5", "--name", "x"
    )
    assert (code, told["dataset"], told["rows"]) == (0, "x", 2)


def test_derive_then_refresh_both(shop, say):
    say("add", f"sqlite:///{shop}", "--table", "orders")
    sql = "SELECT customer, sum(amount) AS spent FROM orders GROUP BY ALL ORDER BY 1"
    code, told = say("derive", "spending", "--sql", sql)
    assert (code, told["dataset"], told["rows"]) == (0, "spending", 2)
    assert say("refresh", "orders")[1]["codes"] == ["ALREADY_STORED"]
    with closing(sqlite3.connect(shop)) as database:
        database.execute("INSERT INTO orders VALUES (4, 'cem', 1)")
        database.commit()
    assert say("refresh", "orders")[1]["version"] == 2
    assert say("refresh", "spending")[1]["rows"] == 3


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("add", "sqlite:///{shop}", "--table", "gone"), "There is no table gone."),
        (("add", "file:///etc/passwd"), "Data cannot be fetched from file:// addresses."),
        (("add", "sqlite:///{shop}", "--query", "SELECT 1", "--param", "x"), "--param x has no value."),
        (("derive", "x", "--sql", "COPY orders TO '/tmp/x'"), "A query only reads, but COPY writes files."),
        (("refresh", "nothing"), "There is no data set nothing."),
    ],
)
def test_what_does_not_work_is_one_sentence(shop, say, words, message):
    code, told = say(*(word.format(shop=shop) for word in words))
    assert code == 1
    assert told["error"]["message"] == message
    assert told["error"]["hint"]
