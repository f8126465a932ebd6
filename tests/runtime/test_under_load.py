"""What a client was told is in the log, whenever the server dies; a server that is asked to stop finishes first."""

from __future__ import annotations

import http.client
import json
import os
import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from app.runtime import logline
from app.serving.segments import segments_of
from tests.runtime.example import Example
from tests.runtime.service import Service

KILLS = 100 if os.environ.get("MODELYARD_LONG") else 8
CLIENTS, MANY = 8, 20


def logged(folder: Path) -> set[str]:
    """Ids of all whole lines in a log folder."""
    ids = set()
    for segment in segments_of(folder):
        for line in segment.read_bytes().splitlines(keepends=True):
            found = logline.entry(line, 0).line
            if found is not None:
                ids.add(found.id)
    return ids


def ask_until_gone(service: Service, rows: list, answered: list[str], many: threading.Event) -> None:
    """One client on one connection; remembers the id of every prediction that it was given."""
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=10)
    try:
        while True:
            row = random.choice(rows)
            connection.request("POST", "/predict", json.dumps({"rows": [row]}), {"content-type": "application/json"})
            answer = json.loads(connection.getresponse().read())
            if "predictions" not in answer:
                return
            answered.append(answer["predictions"][0]["id"])
            if len(answered) > MANY:
                many.set()
    except (OSError, http.client.HTTPException, ValueError):
        return
    finally:
        connection.close()


def under_load(service: Service, rows: list, end: Callable[[], object]) -> list[str]:
    """Ids that clients were given until ``end`` ended the server."""
    answered: list[str] = []
    many = threading.Event()
    clients = [threading.Thread(target=ask_until_gone, args=(service, rows, answered, many)) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    assert many.wait(60), f"{len(answered)} answers"
    threading.Event().wait(random.random() * 0.3)
    end()
    for client in clients:
        client.join(20)
    return answered


def test_a_killed_server_has_logged_every_answer(
    bundle: Path, binary: Example, tmp_path: Path, start: Callable[..., Service]
) -> None:
    for number in range(KILLS):
        folder = tmp_path / f"logs{number}"
        service = start(bundle, "--log-dir", str(folder))
        answered = under_load(service, binary.rows, service.process.kill)
        assert len(answered) > MANY and set(answered) <= logged(folder)


def test_a_server_asked_to_stop_under_load_ends_well(
    bundle: Path, binary: Example, tmp_path: Path, start: Callable[..., Service]
) -> None:
    folder = tmp_path / "logs"
    service = start(bundle, "--log-dir", str(folder))
    answered = under_load(service, binary.rows, service.process.terminate)
    assert service.process.wait(12) == 0
    assert set(answered) <= logged(folder)


def test_no_answer_reaches_another_client(served: Service, binary: Example) -> None:
    expected = [one.probabilities for one in binary.expected]

    def ask(number: int) -> bool:
        status, answer = served.post({"rows": [binary.rows[number]], "ids": [f"client {number}"]})
        got = answer["predictions"][0]
        near = all(abs(got["probabilities"][k] - v) <= 1e-5 for k, v in expected[number].items())
        return status == 200 and near and got["caller_id"] == f"client {number}"

    with ThreadPoolExecutor(CLIENTS) as clients:
        assert all(clients.map(ask, [n % len(binary.rows) for n in range(1000)]))
