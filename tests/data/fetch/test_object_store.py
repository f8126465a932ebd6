"""Objects of an S3 store become data; keys are never kept in the project."""

from __future__ import annotations

import io

import obstore
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from obstore.store import S3Store

from app.core.origins import Origin, OriginKind
from app.core.progress import Silent
from app.data.fetching import add_from, look, recipe, refresh
from app.errors import BadInput, EnvironmentProblem
from app.registry.origins import origin_of
from app.serving.ports import free_port

TABLE = b"id,plan\n1,basic\n2,pro\n3,basic\n"
PUBLIC, SECRET = "AKIDEXAMPLE", "canary/Key+4711"


@pytest.fixture
def bucket(store):
    """The bucket of the store, to put objects into."""
    return S3Store(
        "team",
        endpoint=store,
        access_key_id=PUBLIC,
        secret_access_key=SECRET,
        region="us-east-1",
        client_options={"allow_http": True},
    )


def parquet(*ids: int) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({"id": list(ids), "plan": ["basic"] * len(ids)}), out)
    return out.getvalue()


def test_an_object_is_data_and_its_bytes_are_kept(data_project, store, bucket, memory_keyring):
    obstore.put(bucket, "year 2026/plans.csv", TABLE)
    made = add_from(
        data_project, recipe(f"s3://{PUBLIC}:{SECRET}@team/year 2026/plans.csv?endpoint={store}"), ctx=Silent()
    )
    assert (made.dataset.name, made.version.rows) == ("plans", 3)
    assert data_project.objects.read(made.version.sha256) == TABLE
    origin = origin_of(data_project, made.version.id)
    assert (origin.kind, origin.address) == (OriginKind.OBJECT_STORE, f"s3://{PUBLIC}:***@team/year 2026/plans.csv")
    assert dict(origin.parameters)["endpoint"] == store
    assert not any(SECRET.encode() in p.read_bytes() for p in data_project.path.rglob("*") if p.is_file())


def test_refresh_fetches_only_what_changed(data_project, store, bucket, memory_keyring):
    obstore.put(bucket, "plans.csv", TABLE)
    address = f"s3://{PUBLIC}:{SECRET}@team/plans.csv?endpoint={store}"
    first = add_from(data_project, recipe(address), ctx=Silent())
    assert refresh(data_project, first.dataset.id, Silent()).codes == ("UNCHANGED",)
    obstore.put(bucket, "plans.csv", TABLE + b"4,pro\n")
    assert refresh(data_project, first.dataset.id, Silent()).version.number == 2


def test_keys_may_come_from_the_environment(data_project, store, bucket, monkeypatch):
    obstore.put(bucket, "env.csv", TABLE)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", PUBLIC)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_ENDPOINT_URL", store)
    made = add_from(data_project, recipe("s3://team/env.csv"), ctx=Silent())
    etag = dict(origin_of(data_project, made.version.id).parameters)["etag"]
    wanted = Origin(OriginKind.OBJECT_STORE, "s3://team/env.csv", parameters=(("etag", etag),))
    assert origin_of(data_project, made.version.id) == wanted


def test_keys_may_stand_under_a_name(data_project, store, bucket, monkeypatch):
    obstore.put(bucket, "named.csv", TABLE)
    monkeypatch.setenv("TEAM_S3", f"{PUBLIC}:{SECRET}")
    wanted = recipe("s3://team/named.csv", parameters=(("endpoint", store),), secret="TEAM_S3")
    made = add_from(data_project, wanted, ctx=Silent())
    assert origin_of(data_project, made.version.id).secret == "TEAM_S3"


def test_all_parquet_objects_below_a_prefix_are_one_table(data_project, store, bucket, monkeypatch):
    monkeypatch.setenv("TEAM_S3", f"{PUBLIC}:{SECRET}")
    for name, content in (("a/x.parquet", parquet(1, 2)), ("b/x.parquet", parquet(3)), ("b/notes.txt", b"hello")):
        obstore.put(bucket, f"sales/{name}", content)
    made = add_from(
        data_project, recipe("s3://team/sales/", parameters=(("endpoint", store),), secret="TEAM_S3"), ctx=Silent()
    )
    assert (made.dataset.name, made.version.rows) == ("sales", 3)
    assert [s.name for s in made.version.sources] == ["0000 x.parquet", "0001 x.parquet"]
    assert refresh(data_project, made.dataset.id, Silent()).already


def test_looking_tells_name_and_size(data_project, store, bucket, monkeypatch):
    monkeypatch.setenv("TEAM_S3", f"{PUBLIC}:{SECRET}")
    obstore.put(bucket, "plans.csv", TABLE)
    wanted = recipe("s3://team/plans.csv", parameters=(("endpoint", store),), secret="TEAM_S3")
    assert look(wanted, Silent()).said == "There is plans.csv, 30 bytes."


def test_without_a_key_what_is_not_public_is_refused(data_project, store, bucket):
    obstore.put(bucket, "plans.csv", TABLE)
    with pytest.raises(BadInput, match=r"You may not read plans.csv in team"):
        add_from(data_project, recipe("s3://team/plans.csv", parameters=(("endpoint", store),)), ctx=Silent())


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("s3://team/gone.csv", "There is no gone.csv in team."),
        ("s3://team/empty/", "There are no Parquet objects below empty/."),
        ("s3://team", "This is no S3 address."),
        ("s3://nobucket/x.csv", "There is no x.csv in nobucket."),
    ],
)
def test_what_is_not_there_is_said_in_words(data_project, store, address, message):
    with pytest.raises(BadInput) as caught:
        add_from(data_project, recipe(address, parameters=(("endpoint", store),)), ctx=Silent())
    assert caught.value.message == message


def test_a_store_that_does_not_answer_is_told(data_project):
    wanted = recipe("s3://team/x.csv", parameters=(("endpoint", f"http://127.0.0.1:{free_port()}"),))
    with pytest.raises(EnvironmentProblem, match="does not answer"):
        add_from(data_project, wanted, ctx=Silent())
