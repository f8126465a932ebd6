"""The client speaks to real sockets and tells refusals from services that are not there."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from app.errors import BadInput, EnvironmentProblem
from app.serving import client


class Answers(BaseHTTPRequestHandler):
    """Says what the path asks for; remembers the last body."""

    last: dict[str, object] | None = None

    def do_POST(self) -> None:
        Answers.last = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status, body = {
            "/predict": (200, b'{"model":"m@1","predictions":[]}'),
            "/bad/predict": (422, b'{"detail":"age is missing (row 1)","status":422}'),
            "/full/predict": (503, b'{"detail":"The disk is full."}'),
            "/html/predict": (502, b"<h1>Bad gateway</h1>"),
        }[self.path]
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/v2/health/ready" else 503)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def url() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_answer_comes_back_as_it_was_sent(url: str) -> None:
    answer = client.predict(url, [{"age": 3, "plan": "a"}], ids=["mine"])
    assert answer == {"model": "m@1", "predictions": []}
    assert Answers.last == {"rows": [{"age": 3, "plan": "a"}], "ids": ["mine"]}


def test_a_proxy_in_the_environment_sees_nothing(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    assert client.predict(url, [])["model"] == "m@1"


def test_a_refusal_is_told_in_the_services_words(url: str) -> None:
    with pytest.raises(BadInput, match="age is missing"):
        client.predict(url + "/bad", [{}])


@pytest.mark.parametrize(("path", "words"), [("/full", "disk is full"), ("/html", "Bad gateway")])
def test_a_service_that_is_not_well_is_the_environments_problem(url: str, path: str, words: str) -> None:
    with pytest.raises(EnvironmentProblem, match=words):
        client.predict(url + path, [{}])


def test_nobody_there_is_told_with_the_address() -> None:
    with pytest.raises(EnvironmentProblem, match=r"No service answers at http://127\.0\.0\.1:1"):
        client.predict("http://127.0.0.1:1", [{}], timeout_s=2)


def test_readiness(url: str) -> None:
    assert client.is_ready(url)
    assert not client.is_ready(url + "/other")
    assert not client.is_ready("http://127.0.0.1:1")


def test_nan_never_leaves(url: str) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        client.predict(url, [{"x": float("nan")}])
