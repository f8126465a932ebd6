"""Every address of a service answers as it says it does."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.runtime import logline
from app.runtime.golden import agrees
from app.runtime.logline import Output
from app.runtime.rules import Rule
from tests.runtime.example import CITIES, Example
from tests.runtime.service import Service, launch


def same(example: Example, prediction: dict[str, object], number: int) -> bool:
    got = Output(prediction["label"], prediction["score"], prediction["probabilities"])
    return agrees(got, example.expected[number], example.contract)


def table(rows: list[dict[str, object]]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows({k: "" if v is None else str(v) for k, v in row.items()} for row in rows)
    return out.getvalue().encode()


def test_identifiers_and_own_ids_come_along_and_what_is_not_used_is_counted(served: Service, binary: Example) -> None:
    rows = [row | {"id": i, "y": "1"} for i, row in enumerate(binary.rows[:3])]
    status, answer = served.post({"rows": rows, "ids": ["a", "b", 3]})
    assert status == 200
    assert answer["model"] == "churn@3"
    assert str(answer["bundle"]).startswith("sha256:")
    assert answer["dropped"] == {"y": 3}
    assert [p["caller_id"] for p in answer["predictions"]] == ["a", "b", 3]
    lines = {e.line.id: e.line for p in logline.segments(served.log_dir) for e in logline.read(p) if e.line}
    for number, prediction in enumerate(answer["predictions"]):
        line = lines[prediction["id"]]
        assert line.inputs == binary.rows[number] | {"id": number}
        assert line.caller_id == prediction["caller_id"]
        assert line.output.score == prediction["score"]
        assert line.bundle == answer["bundle"]


def test_values_that_training_did_not_see_are_answered_and_noted(served: Service, binary: Example) -> None:
    strange = binary.rows[0] | {"city": "Atlantis", "age": 400, "joined": "1969-01-01"}
    status, answer = served.post({"rows": [strange]})
    assert status == 200
    wanted = answer["predictions"][0]["id"]
    line = next(
        e.line for p in logline.segments(served.log_dir) for e in logline.read(p) if e.line and e.line.id == wanted
    )
    assert set(line.violations) == {"city:other", "age:range", "joined:range"}
    assert tuple(answer["predictions"][0]["violations"]) == line.violations


RULES = (
    Rule("range", "age", 0, 400),
    Rule("range", "joined", 0, 30_000),
    Rule("categories", "city", values=CITIES),
    Rule("missing", "note", maximum=0.0),
    Rule("relation", "x0", operator="<=", other="x1"),
    Rule("range", "x2", -1e9, -1e8, on=False),
)


@pytest.fixture(scope="module")
def under_contract(binary: Example, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A server whose bundle carries the rules of a data set's contract."""
    folder = tmp_path_factory.mktemp("contract")
    replace(binary, contract=replace(binary.contract, rules=RULES)).build(folder / "churn@3")
    service = launch(folder / "churn@3", folder=folder)
    yield service
    service.stop()
    service.process.stdout.close()


def test_broken_rules_are_told_logged_and_counted_and_answered_all_the_same(
    under_contract: Service, binary: Example
) -> None:
    good = binary.rows[0] | {"note": "good", "x0": 0.25, "x1": 0.5, "city": "Köln", "age": 400}
    bad = good | {"note": None, "x1": 0.0, "city": "Atlantis", "age": 401}
    wanted = {"note:missing", "x0<=x1:relation", "city:categories", "age:range"}
    status, answer = under_contract.post({"rows": [good, bad]})
    assert status == 200
    first, second = answer["predictions"]
    assert "violations" not in first
    assert set(second["violations"]) == wanted
    lines = {e.line.id: e.line for p in logline.segments(under_contract.log_dir) for e in logline.read(p) if e.line}
    assert lines[second["id"]].violations == tuple(second["violations"])
    assert lines[first["id"]].violations == ()
    page = under_contract.ask("GET", "/metrics")[2].decode()
    assert 'modelyard_violations_total{kind="categories"} 1' in page
    assert 'modelyard_violations_total{kind="relation"} 1' in page
    assert "Atlantis" not in page and "city" not in page


def test_many_rows_of_a_request_are_judged_as_each_by_itself(under_contract: Service, binary: Example) -> None:
    rows = [row | {"age": 380 + i} for i, row in enumerate(binary.rows[:60])]
    together = under_contract.post({"rows": rows})[1]["predictions"]
    alone = [under_contract.post({"rows": [row]})[1]["predictions"][0] for row in rows]
    assert [p.get("violations") for p in together] == [p.get("violations") for p in alone]
    assert sum("age:range" in p.get("violations", ()) for p in together) == 39


def test_a_table_names_broken_rules_in_a_last_column(under_contract: Service, binary: Example) -> None:
    rows = [binary.rows[0] | {"note": "good", "age": 50}, binary.rows[0] | {"note": "good", "age": 999}]
    _, _, body = under_contract.ask("POST", "/predict", table(rows), {"content-type": "text/csv"})
    first, second = csv.DictReader(io.StringIO(body.decode()))
    assert "age:range" not in first["violations"]
    assert "age:range" in second["violations"]


def test_no_rows_get_no_predictions(served: Service) -> None:
    assert served.post({"rows": []}) == (200, served.post({"rows": []})[1])
    assert served.post({"rows": []})[1]["predictions"] == []


def test_a_table_is_answered_with_a_table(served: Service, binary: Example) -> None:
    status, headers, body = served.ask("POST", "/predict", table(binary.rows), {"content-type": "text/csv"})
    assert status == 200, body
    assert headers["content-type"].startswith("text/csv")
    answers = list(csv.DictReader(io.StringIO(body.decode())))
    assert len(answers) == len(binary.rows)
    for number, answer in enumerate(answers):
        probabilities = {text: float(answer[f"probability of {text}"]) for text in ("0", "1")}
        got = {"label": int(answer["label"]), "score": float(answer["score"]), "probabilities": probabilities}
        assert same(binary, got, number)


def test_a_table_may_be_answered_as_json(served: Service, binary: Example) -> None:
    kind = {"content-type": "text/csv", "accept": "application/json"}
    status, _, body = served.ask("POST", "/predict", table(binary.rows[:2]), kind)
    assert status == 200
    assert same(binary, json.loads(body)["predictions"][1], 1)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 200),
        (b"age,age\n1,2\n", 400),
        (b"age,income\n1\n", 400),
        (b'age\n"1\n', 400),
        (b"\xff\n1\n", 400),
        (b"age\nnan\n", 422),
        (b"age\n" + b"1\n" * 10_001, 413),
        (b"age\n" + b"x" * 200_000 + b"\n", 400),
    ],
)
def test_a_bad_table_is_told_why(served: Service, body: bytes, status: int) -> None:
    got, headers, answer = served.ask("POST", "/predict", body, {"content-type": "text/csv"})
    assert got == status, answer
    if status != 200:
        assert headers["content-type"] == "application/problem+json"


def tensors(example: Example, rows: int, *, nested: bool) -> list[dict[str, object]]:
    kinds = {"number": "FP64", "integer": "INT64", "boolean": "BOOL"}
    made = []
    for field in example.contract.inputs:
        data = [row[field.name] for row in example.rows[:rows]]
        shape = [rows, 1] if nested else [rows]
        values = [[v] for v in data] if nested else data
        made.append({"name": field.name, "shape": shape, "datatype": kinds.get(field.type, "BYTES"), "data": values})
    return made


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("path", ["churn", "churn@3", "churn/versions/3"])
def test_the_open_inference_protocol_is_spoken(served: Service, binary: Example, path: str, nested: bool) -> None:
    content = {"id": "mine", "inputs": tensors(binary, 5, nested=nested)}
    status, answer = served.post(content, f"/v2/models/{path}/infer")
    assert status == 200, answer
    assert (answer["model_name"], answer["model_version"], answer["id"]) == ("churn", "3", "mine")
    out = {t["name"]: t for t in answer["outputs"]}
    assert out["label"]["datatype"] == "INT64"
    assert out["probabilities"]["shape"] == [5, 2]
    assert len(set(out["prediction_id"]["data"])) == 5
    for i in range(5):
        probabilities = dict(zip(["0", "1"], out["probabilities"]["data"][2 * i : 2 * i + 2], strict=True))
        label, score = out["label"]["data"][i], out["score"]["data"][i]
        assert same(binary, {"label": label, "score": score, "probabilities": probabilities}, i)


def test_the_protocol_describes_the_model_and_says_what_is_wrong_in_its_own_word(served: Service) -> None:
    status, _, body = served.ask("GET", "/v2/models/churn")
    described = json.loads(body)
    assert status == 200
    assert {"name": "rate: yearly", "datatype": "FP64", "shape": [-1]} in described["inputs"]
    assert served.ask("GET", "/v2/models/churn/ready")[0] == 200
    assert json.loads(served.ask("GET", "/v2")[2])["name"]
    for bad in ({}, {"inputs": []}, {"inputs": [{"name": "age", "shape": [2], "datatype": "FP64", "data": [1]}]}):
        status, answer = served.post(bad, "/v2/models/churn/infer")
        assert (status, bool(answer["error"])) == (422, True)
    assert served.ask("GET", "/v2/models/other")[0] == 404


def frames(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    columns = list(rows[0])
    return [
        {"dataframe_split": {"columns": columns, "data": [list(row.values()) for row in rows]}},
        {"dataframe_records": rows},
        {"instances": rows},
        {"inputs": {name: [row[name] for row in rows] for name in columns}},
    ]


@pytest.mark.parametrize("kind", range(4))
def test_mlflow_and_sagemaker_clients_are_answered(served: Service, binary: Example, kind: int) -> None:
    status, answer = served.post(frames(binary.rows[:20])[kind], "/invocations")
    assert status == 200, answer
    assert answer["predictions"] == [e.label for e in binary.expected[:20]]
    assert len(set(answer["ids"])) == 20
    assert served.ask("GET", "/ping")[0] == 200


def test_the_schema_is_exact_and_the_page_asks_nobody_else(served: Service, binary: Example) -> None:
    schema = json.loads(served.ask("GET", "/openapi.json")[2])
    row = schema["paths"]["/predict"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    properties = row["properties"]["rows"]["items"]["properties"]
    assert properties["x1"] == {"type": "number"}
    assert properties["income"] == {"type": ["number", "null"]}
    assert set(binary.rows[0]) <= set(properties)
    status, headers, page = served.ask("GET", "/")
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert b"http://" not in page
    assert b"https://" not in page
    assert b"//" not in page.replace(b"<!doctype", b"")
    assert "default-src 'none'" in headers["content-security-policy"]


def test_metrics_count_requests_and_rows_but_show_no_values(served: Service, binary: Example) -> None:
    def rows() -> float:
        text = served.ask("GET", "/metrics")[2].decode()
        assert "Köln" not in text
        return next(float(line.split()[1]) for line in text.splitlines() if line.startswith("modelyard_rows_total"))

    before = rows()
    served.post({"rows": binary.rows[:7]})
    assert rows() - before == 7


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/predict", 405),
        ("POST", "/", 405),
        ("GET", "/nowhere", 404),
        ("DELETE", "/v2", 405),
        ("HEAD", "/", 200),
    ],
)
def test_other_verbs_and_addresses_get_a_problem(served: Service, method: str, path: str, status: int) -> None:
    got, headers, body = served.ask(method, path)
    assert got == status
    if status != 200:
        assert headers["content-type"] == "application/problem+json"
        assert json.loads(body)["status"] == status


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_other_content_types_are_refused(served: Service, kind: str) -> None:
    headers = {"content-type": kind} if kind else {}
    assert served.ask("POST", "/predict", b'{"rows":[]}', headers)[0] == 415
    gzip = {"content-type": "application/json", "content-encoding": "gzip"}
    assert served.ask("POST", "/predict", b"\x1f\x8b", gzip)[0] == 415


def test_pages_of_other_hosts_may_not_ask(served: Service) -> None:
    assert served.post({"rows": []}, origin="http://evil.example")[0] == 403
    assert served.post({"rows": []}, origin=f"http://127.0.0.1:{served.port}")[0] == 200


def test_a_large_request_is_answered_like_a_small_one(served: Service, binary: Example) -> None:
    rows = (binary.rows * 23)[:10_000]
    status, answer = served.post({"rows": rows})
    assert status == 200
    assert all(same(binary, p, i % len(binary.rows)) for i, p in enumerate(answer["predictions"]))


def test_without_a_log_nothing_is_written_and_readiness_says_so(
    bundle: Path, binary: Example, start: Callable[..., Service], tmp_path: Path
) -> None:
    service = start(bundle, "--log", "off")
    assert service.ready["log_dir"] is None
    assert service.post({"rows": binary.rows[:1]})[0] == 200
    assert json.loads(service.ask("GET", "/v2/health/ready")[2])["log"] == "off"
    assert not (tmp_path / "logs").exists()
    assert not (bundle / "logs").exists()
    assert not list(bundle.rglob("__pycache__"))
