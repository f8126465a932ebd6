"""Passwords leave an address whatever they look like, and come back exactly."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.addresses import absolute, is_sql, kind_of, scrubbed, secret_name, user_of, with_secret, without_secret
from app.core.origins import OriginKind
from app.errors import BadInput


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("churn.csv", OriginKind.FILE),
        ("C:\\data\\churn.csv", OriginKind.FILE),
        ("https://host/churn.csv", OriginKind.WEB),
        ("HTTP://host/churn.csv", OriginKind.WEB),
        ("s3://bucket/churn.csv", OriginKind.OBJECT_STORE),
        ("postgresql+psycopg://host/x", OriginKind.DATABASE),
        ("sqlite:///x.db", OriginKind.DATABASE),
    ],
)
def test_an_address_says_where_it_leads(address, kind):
    assert kind_of(address) is kind


def test_addresses_that_lead_to_no_data_are_refused():
    with pytest.raises(BadInput, match="file://"):
        kind_of("file:///etc/passwd")


@pytest.mark.parametrize(
    ("address", "plain", "secret"),
    [
        ("postgresql://ann:s3cret@host:5432/shop", "postgresql://ann:***@host:5432/shop", "s3cret"),
        ("postgresql://ann:a/b@c@host/shop", "postgresql://ann:***@host/shop", "a/b@c"),
        ("postgresql://ann@host/shop", "postgresql://ann@host/shop", ""),
        ("postgresql://host/shop?user=ann&password=x%26y", "postgresql://host/shop?user=ann&password=***", "x&y"),
        ("https://ann:a%2Fb@host/@user/x.csv", "https://ann:***@host/@user/x.csv", "a/b"),
        ("https://host/@user/x.csv", "https://host/@user/x.csv", ""),
        ("https://host/x?token=abc&year=1", "https://host/x?token=***&year=1", "abc"),
        ("https://h/x?X-Amz-Signature=a&X-Amz-Credential=b", "https://h/x?X-Amz-Signature=***&X-Amz-Credential=***",
         "X-Amz-Signature=a&X-Amz-Credential=b"),
        ("s3://KEY:a/b+c@bucket/x.csv", "s3://KEY:***@bucket/x.csv", "a/b+c"),
        ("churn?password=1.csv", "churn?password=1.csv", ""),
    ],
)  # fmt: skip
def test_the_secret_is_taken_out(address, plain, secret):
    assert without_secret(address) == (plain, secret)


@settings(deadline=None)
@given(st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF), min_size=1).filter(lambda t: t != "***"))
def test_every_password_comes_back_exactly(password):
    from sqlalchemy import make_url

    plain, found = without_secret(f"postgresql://ann:{quote(password, safe='')}@host:5432/shop")
    assert plain == "postgresql://ann:***@host:5432/shop"
    assert found == password
    assert make_url(with_secret(plain, found)).password == password
    assert make_url(with_secret("postgresql://ann@host/shop", found)).password == password


@pytest.mark.parametrize("address", ["https://host/x?token=***&year=1", "https://host/x?a=1&sig=***"])
def test_a_parameter_comes_back(address):
    assert without_secret(with_secret(address, "a&b=c d")) == (address, "a&b=c d")


def test_a_text_is_scrubbed_of_every_way_to_write_the_secret():
    assert scrubbed("p@ss/word p%40ss/word p%40ss%2Fword", "p@ss/word") == "*** *** ***"


@pytest.mark.parametrize(
    ("address", "user"),
    [("https://ann@h/x", "ann"), ("https://h/@x", ""), ("postgresql://ann:***@h/x", "ann"), ("a.csv", "")],
)
def test_the_user_of_an_address(address, user):
    assert user_of(address) == user


def test_the_name_of_a_secret_shows_none():
    assert secret_name("postgresql://ann:***@host/shop?sslmode=require") == "postgresql://ann@host/shop"


@pytest.mark.parametrize(
    "query", ["SELECT 1", "with a as (select 1) select * from a", "-- all\nselect 1", " (SELECT 1)"]
)
def test_sql_is_told_from_a_table(query):
    assert is_sql(query)


@pytest.mark.parametrize("name", ["orders", "selected orders", "public.orders", ""])
def test_a_tables_name_is_no_sql(name):
    assert not is_sql(name)


def test_the_file_of_a_relative_sqlite_address_is_found_from_everywhere(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert absolute("sqlite:///shop.db") == f"sqlite:///{tmp_path}/shop.db"
    assert absolute("sqlite:////a/shop.db") == "sqlite:////a/shop.db"
