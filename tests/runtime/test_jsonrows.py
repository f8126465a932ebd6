"""What is right passes the compiled way, what is wrong is named completely, and both ways agree."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.runtime import jsonrows
from app.runtime.contract import Contract, Field
from app.runtime.jsonrows import JsonRows
from app.runtime.problems import Refusal

CONTRACT = Contract(
    "m@1",
    "binary",
    (
        Field("a:b", "number", "input", "c0"),
        Field("whole", "integer", "input", "c1", missing_allowed=False),
        Field("flag", "boolean", "input", "c2"),
        Field("kind", "category", "input", "c3"),
        Field("when", "datetime", "input", "c4"),
        Field("id", "integer", "identifier"),
        Field("old", "number", "ignored"),
        Field("y", "category", "target"),
    ),
    "y",
)
READER = JsonRows(CONTRACT)
GOOD = {"a:b": 1.5, "whole": 3, "flag": True, "kind": "x:y", "when": "2020-01-01T10:00:00"}

texts = st.text(alphabet='a:é"\\東\n', max_size=3) | st.sampled_from(
    ["a:b", 'q"', "\\", "\u003a", "é", "2020-01-01", "12:00"]
)
scalars = st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=False, width=32) | texts
values = st.one_of(scalars, st.lists(scalars, max_size=2), st.dictionaries(texts, scalars, max_size=2))
names = st.sampled_from([*GOOD, "id", "old", "y", "stranger"])
near_good = st.dictionaries(names, values, max_size=3).map(lambda change: GOOD | change)


def careful(body: bytes) -> object:
    return outcome(READER._read_carefully, body)


def outcome(read: object, body: bytes) -> object:
    try:
        rows = read(body)
    except Refusal as refusal:
        return refusal.status, refusal.detail, refusal.problems
    return rows.values, rows.caller_ids, rows.dropped, len(rows)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(near_good, max_size=3), st.booleans())
def test_both_ways_agree(rows: list[dict[str, object]], escaped: bool) -> None:
    body = json.dumps({"rows": rows}, ensure_ascii=escaped).encode("utf-8", "surrogatepass")
    assert outcome(READER.read, body) == careful(body)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_key_given_twice_is_never_missed(data: st.DataObject) -> None:
    pairs = [(k, json.dumps(v)) for k, v in GOOD.items()]
    place = data.draw(st.integers(0, len(pairs)))
    twice = data.draw(st.sampled_from(pairs))
    name = data.draw(st.sampled_from([json.dumps(twice[0]), json.dumps(twice[0]).replace(":", "\\u003a")]))
    written = [f"{json.dumps(k)}:{v}" for k, v in pairs]
    written.insert(place, f"{name}:{data.draw(st.sampled_from([twice[1], 'null', '7']))}")
    body = ('{"rows":[{' + ",".join(written) + "}]}").encode()
    if data.draw(st.booleans()):
        body = body.replace(b"x:y", rb"x\u003ay", 1)  # one colon less in the bytes, one more by the second key
    with pytest.raises(Refusal) as caught:
        READER.read(body)
    assert (caught.value.status, caught.value.code) == (400, "duplicate_key")


def test_good_rows_pass_the_compiled_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(JsonRows, "_read_carefully", lambda self, body: pytest.fail("the careful way was taken"))
    body = json.dumps({"rows": [GOOD | {"id": 7, "y": "x", "old": 1.0}], "ids": ["mine: 1"]}).encode()
    rows = READER.read(body)
    assert rows.values == [(1.5, 3, True, "x:y", "2020-01-01T10:00:00")]
    assert rows.caller_ids == ["mine: 1"]
    assert rows.dropped == {"old": 1, "y": 1}


def test_what_is_dropped_is_not_logged_and_identifiers_are() -> None:
    import msgspec

    for body in (b'{"rows":[%s]}', b'{"rows":[%s], "ids": null}'):
        row = json.dumps(GOOD | {"id": 7, "y": "x"}).encode()
        logged = json.loads(msgspec.json.encode(READER.read(body % row).logged[0]))
        assert logged == GOOD | {"id": 7}


def test_everything_wrong_is_named_at_once_with_its_rows() -> None:
    bad = [
        GOOD | {"whole": 3.5},
        GOOD | {"whole": None, "stranger": 1},
        {k: v for k, v in GOOD.items() if k != "kind"} | {"flag": 1},
        GOOD | {"a:b": "3", "when": "yesterday"},
        7,
    ]
    with pytest.raises(Refusal) as caught:
        READER.read(json.dumps({"rows": bad}).encode())
    found = {(w.code, w.column, w.rows) for w in caught.value.problems}
    assert found == {
        ("not_whole", "whole", (1,)),
        ("null_not_allowed", "whole", (2,)),
        ("unknown_column", None, (2,)),
        ("missing_column", "kind", (3,)),
        ("wrong_type", "flag", (3,)),
        ("wrong_type", "a:b", (4,)),
        ("wrong_type", "when", (4,)),
        ("not_an_object", None, (5,)),
    }


@pytest.mark.parametrize("written", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1" * 400, "1" * 5000])
@pytest.mark.parametrize("column", ["a:b", "whole"])
def test_a_number_that_is_none_names_row_and_column(column: str, written: str) -> None:
    row = json.dumps(GOOD | {column: 0}).replace(f'"{column}": 0', f'"{column}": {written}')
    with pytest.raises(Refusal) as caught:
        READER.read(f'{{"rows":[{json.dumps(GOOD)},{row}]}}'.encode())
    assert caught.value.status == 422
    assert [(w.code, w.column, w.rows) for w in caught.value.problems] == [("not_finite", column, (2,))]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "malformed"),
        (b"{'rows': []}", "malformed"),
        (b'\xef\xbb\xbf{"rows": []}', "malformed"),
        (b'{"rows": [{"kind": "\xff"}]}', "not_utf8"),
        (b'{"rows": [{"kind": "\\ud800"}]}', "malformed"),
        (b"[" * 100_000, "too_deep"),
        (b'{"rows":' * 34 + b"1" + b"}" * 34, "too_deep"),
        (b'{"rows": [], "rows": []}', "duplicate_key"),
    ],
)
def test_what_is_not_json_is_a_400(body: bytes, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        READER.read(body)
    assert (caught.value.status, caught.value.code) == (400, code)


def test_thirty_two_levels_are_not_too_deep() -> None:
    jsonrows.parse(b"[" * 32 + b"]" * 32)
    jsonrows.parse(b"[" * 32 + b"1" + b"]" * 32)
    with pytest.raises(Refusal):
        jsonrows.parse(b"[" * 33 + b"]" * 33)


def test_an_answer_quotes_at_most_two_hundred_characters_of_the_question() -> None:
    row = GOOD | {"kind": 1, "when": "SECRET" * 1000} | {f"SECRET{i}" * 20: 1 for i in range(300)}
    with pytest.raises(Refusal) as caught:
        READER.read(json.dumps({"rows": [row]}).encode())
    said = caught.value.detail
    problems = " ".join(w.message for w in caught.value.problems)
    assert problems.count("SECRET") * 6 <= 200
    assert said.count("SECRET") * 6 <= 200
    assert len(caught.value.problems) == 100


def test_column_names_that_json_has_to_escape_work() -> None:
    contract = Contract("m@1", "regression", (Field('say "hi"\\', "number", "input", "c0"),), "y")
    reader = JsonRows(contract)
    assert reader.read(json.dumps({"rows": [{'say "hi"\\': 2}]}).encode()).values == [(2,)]
