"""Files from web addresses: what changed is fetched, what did not is not, and every failure is a sentence."""

from __future__ import annotations

import gzip

import pytest

from app.core.data import Outcome
from app.core.origins import Origin, OriginKind
from app.core.progress import Silent
from app.data.fetching import add_from, look, recipe, refresh
from app.errors import BadInput, EnvironmentProblem
from app.registry.origins import origin_of
from app.serving.ports import free_port
from tests.data.fetch.conftest import PASSWORD

TABLE = b"id,plan\n1,basic\n2,pro\n3,basic\n"


def test_a_csv_behind_an_address_is_data_and_its_bytes_are_kept(data_project, site):
    site.pages["/files/plans.csv?year=2026"] = (200, {"ETag": '"v1"'}, TABLE)
    address = f"{site.address}/files/plans.csv?year=2026"
    made = add_from(data_project, recipe(address), ctx=Silent())
    assert (made.dataset.name, made.version.rows) == ("plans", 3)
    assert data_project.objects.read(made.version.sha256) == TABLE
    assert origin_of(data_project, made.version.id) == Origin(OriginKind.WEB, address, parameters=(("etag", '"v1"'),))


def test_refresh_asks_whether_anything_changed(data_project, site):
    site.pages["/plans.csv"] = (200, {"ETag": '"v1"'}, TABLE)
    first = add_from(data_project, recipe(f"{site.address}/plans.csv"), ctx=Silent())
    again = refresh(data_project, first.dataset.id, Silent())
    assert (again.already, again.codes, again.version.id) == (True, ("UNCHANGED",), first.version.id)
    assert site.asked[-1][1]["If-None-Match"] == '"v1"'
    site.pages["/plans.csv"] = (200, {"ETag": '"v2"'}, TABLE + b"4,pro\n")
    newer = refresh(data_project, first.dataset.id, Silent())
    assert (newer.version.number, newer.version.rows) == (2, 4)


def test_the_server_may_name_and_pack_the_file(data_project, site):
    headers = {"Content-Disposition": 'attachment; filename="../../all plans.csv"', "Content-Encoding": "gzip"}
    site.pages["/download"] = (200, headers, gzip.compress(TABLE))
    made = add_from(data_project, recipe(f"{site.address}/download"), ctx=Silent())
    assert (made.dataset.name, made.version.rows) == ("all plans", 3)


def test_a_redirect_is_followed_but_not_to_another_kind_of_address(data_project, site):
    site.pages["/old"] = (302, {"Location": "/plans.csv"}, b"")
    site.pages["/plans.csv"] = (200, {}, TABLE)
    site.pages["/trap"] = (302, {"Location": "file:///etc/passwd"}, b"")
    site.pages["/circle"] = (302, {"Location": "/circle"}, b"")
    assert add_from(data_project, recipe(f"{site.address}/old"), ctx=Silent()).dataset.name == "plans"
    for path, message in (("/trap", "not followed|sends on"), ("/circle", "in a circle")):
        with pytest.raises(BadInput, match=message):
            add_from(data_project, recipe(f"{site.address}{path}"), ctx=Silent())


@pytest.mark.parametrize(
    ("status", "error", "message"),
    [
        (404, BadInput, "127.0.0.1 has nothing at this address (HTTP 404)."),
        (401, BadInput, "127.0.0.1 wants a user name and a password (HTTP 401)."),
        (403, BadInput, "127.0.0.1 does not let you read this (HTTP 403)."),
        (418, BadInput, "127.0.0.1 refused the request (HTTP 418)."),
        (503, EnvironmentProblem, "127.0.0.1 has a fault of its own (HTTP 503)."),
    ],
)
def test_what_a_server_refuses_is_said_in_words(data_project, site, status, error, message):
    site.pages["/x.csv"] = (status, {}, b"no")
    with pytest.raises(error) as caught:
        add_from(data_project, recipe(f"{site.address}/x.csv"), ctx=Silent())
    assert caught.value.message == message
    assert caught.value.hint


def test_nobody_there_no_network_and_no_tls(data_project, site):
    for address, message in (
        (f"http://127.0.0.1:{free_port()}/x.csv", "refuses connections"),
        ("http://no-such-host.invalid/x.csv", "cannot be found"),
        (site.address.replace("http:", "https:") + "/x.csv", "TLS"),
    ):
        with pytest.raises(EnvironmentProblem, match=message):
            add_from(data_project, recipe(address), ctx=Silent())


def test_a_file_that_breaks_off_is_not_kept(data_project, site):
    site.pages["/x.csv"] = (200, {"Content-Length": "100000"}, TABLE)
    with pytest.raises(EnvironmentProblem, match="broke off after 30 bytes"):
        add_from(data_project, recipe(f"{site.address}/x.csv"), ctx=Silent())


def test_a_file_that_is_too_large_is_refused_before_it_is_fetched(data_project, site):
    site.pages["/x.csv"] = (200, {"Content-Length": str(10**12)}, TABLE)
    with pytest.raises(BadInput, match="larger than"):
        add_from(data_project, recipe(f"{site.address}/x.csv"), ctx=Silent())


def test_a_page_instead_of_a_table_is_refused_like_a_file(data_project, site):
    site.pages["/x.csv"] = (200, {}, b"<!doctype html><html><body>Please log in</body></html>")
    result = add_from(data_project, recipe(f"{site.address}/x.csv"), ctx=Silent())
    assert result.outcome is Outcome.REJECT


def test_looking_tells_name_and_size(data_project, site):
    site.pages["/plans.csv"] = (200, {}, TABLE)
    assert look(recipe(f"{site.address}/plans.csv"), Silent()).said == "There is plans.csv, 30 bytes."


def test_a_password_goes_to_the_server_and_the_keyring_only(data_project, site, memory_keyring):
    from base64 import b64decode
    from urllib.parse import quote

    site.pages["/plans.csv"] = (200, {}, TABLE)
    address = site.address.replace("http://", f"http://ann:{quote(PASSWORD, safe='')}@")
    made = add_from(data_project, recipe(f"{address}/plans.csv"), ctx=Silent())
    assert b64decode(site.asked[-1][1]["Authorization"].split()[1]).decode() == f"ann:{PASSWORD}"
    assert origin_of(data_project, made.version.id).address == f"{site.address}/plans.csv".replace(
        "//", "//ann:***@", 1
    )
    assert list(memory_keyring.kept.values()) == [PASSWORD]
    assert refresh(data_project, made.dataset.id, Silent()).already


@pytest.mark.parametrize("options", [{"password": "x"}, {"secret": "X"}])
def test_a_password_without_a_user_is_told_and_never_dropped_silently(options):
    with pytest.raises(BadInput, match="names no user"):
        recipe("https://example.org/plans.csv", **options)
    with pytest.raises(BadInput, match="needs no password"):
        recipe("sqlite:///shop.db", query="orders", **options)


def test_an_access_key_in_the_address_is_kept_out_of_the_project(data_project, site, memory_keyring):
    site.pages["/plans.csv?api_key=canary-4711&year=2026"] = (200, {}, TABLE)
    made = add_from(data_project, recipe(f"{site.address}/plans.csv?api_key=canary-4711&year=2026"), ctx=Silent())
    assert origin_of(data_project, made.version.id).address == f"{site.address}/plans.csv?api_key=***&year=2026"
    assert refresh(data_project, made.dataset.id, Silent()).already
    assert not any(b"canary-4711" in p.read_bytes() for p in data_project.path.rglob("*") if p.is_file())
