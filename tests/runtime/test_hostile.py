"""Slow, big, broken and too many clients cannot stop a service or make it fail. MODELYARD_LONG=1: the long form."""

from __future__ import annotations

import json
import os
import random
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.patience import least
from tests.runtime.example import Example, dumps
from tests.runtime.raw import HEADERS, connect, question, read_answer, seconds_until_closed, status_of
from tests.runtime.service import Service

LONG = os.environ.get("MODELYARD_LONG") == "1"
MUTATIONS = 50_000 if LONG else 1_500
SEED = 20_260_101


@pytest.fixture
def good(binary: Example) -> bytes:
    return question(dumps({"rows": binary.rows[:1]}))


@pytest.fixture
def held() -> Iterator[Callable[[int], list[socket.socket]]]:
    """Opens connections that stay open until the test ends."""
    with ExitStack() as stack:

        def many(port: int, count: int) -> list[socket.socket]:
            return [stack.enter_context(connect(port)) for _ in range(count)]

        yield many  # type: ignore[misc]


def answers(port: int, request: bytes) -> int:
    with connect(port) as sock:
        sock.sendall(request)
        return status_of(read_answer(sock))


def test_slow_clients_are_closed_in_time(served: Service, good: bytes) -> None:
    """A silent one, one that stops inside its header, one inside its second header; all at once, as it takes 10 s."""
    begun = time.monotonic()
    silent, first, second = (connect(served.port, 20) for _ in range(3))
    with silent, first, second:
        first.sendall(good[:40])
        second.sendall(good + good[:40])
        assert status_of(read_answer(second)) == 200
        assert seconds_until_closed(silent, 20)[1] == b""
        assert time.monotonic() - begun > 8
        assert status_of(seconds_until_closed(first, 20)[1]) == 408
        assert status_of(seconds_until_closed(second, 20)[1]) == 408
        assert time.monotonic() - begun < 16
    assert answers(served.port, good) == 200


@pytest.mark.skipif(not LONG, reason="takes 35 s; the sweep itself is tested by the header's deadline")
@pytest.mark.parametrize("kind", ["body", "idle"])
def test_a_body_that_stops_and_an_idle_connection_end_after_half_a_minute(
    served: Service, good: bytes, kind: str
) -> None:
    with connect(served.port, 40) as sock:
        sock.sendall(good[:-5] if kind == "body" else good)
        if kind == "idle":
            assert status_of(read_answer(sock)) == 200
        took_s, said = seconds_until_closed(sock, 40)
    assert 28 < took_s < 33
    assert (status_of(said) == 408) if kind == "body" else said == b""


def test_requests_sent_without_waiting_are_answered_in_order(served: Service, binary: Example) -> None:
    with connect(served.port) as sock:
        sock.sendall(b"".join(question(dumps({"rows": [row], "ids": [i]})) for i, row in enumerate(binary.rows[:9])))
        said = b""
        while said.count(b'"caller_id"') < 9:
            said += sock.recv(65536)
    assert [f'"caller_id":{i},'.encode() in part for i, part in enumerate(said.split(b"HTTP/1.1 200")[1:])] == [
        True
    ] * 9


def test_two_hundred_half_open_connections_do_not_keep_others_out(
    served: Service, good: bytes, held: Callable[..., list[socket.socket]]
) -> None:
    for sock in held(served.port, 200):
        sock.sendall(good[:60])
    deadline = time.monotonic() + 9  # half-open ones are closed after 10 s
    while answers(served.port, good) == 503:  # for the first second they might be honest
        assert time.monotonic() < deadline

    def slowest() -> float:
        times = []
        for _ in range(50):
            begun = time.monotonic()
            assert answers(served.port, good) == 200
            times.append(time.monotonic() - begun)
        return max(times)

    assert least(slowest, 1.0) < 1.0
    assert served.memory_bytes() < 300 << 20


def test_beyond_128_busy_connections_the_next_is_told_to_come_back(
    served: Service, good: bytes, held: Callable[..., list[socket.socket]]
) -> None:
    for sock in held(served.port, 128):
        sock.sendall(good)
        assert status_of(read_answer(sock)) == 200
    with connect(served.port) as one_more:
        one_more.sendall(good)
        answer = read_answer(one_more)
    assert status_of(answer) == 503
    assert b"retry-after: 1" in answer.lower()
    assert b"application/problem+json" in answer


def chunks(total: int, piece: bytes) -> Iterator[bytes]:
    head = b"%x\r\n" % len(piece)
    for _ in range(total // len(piece)):
        yield head + piece + b"\r\n"
    yield b"0\r\n\r\n"


@pytest.mark.parametrize("announced", [True, False], ids=["announced", "chunked"])
def test_a_body_without_end_is_refused_without_filling_the_memory(
    served: Service, good: bytes, announced: bool
) -> None:
    total = (1 << 30) if LONG else (64 << 20)
    before = served.memory_bytes()
    with connect(served.port, 60) as sock:
        kind = b"Content-Length: %d\r\n\r\n" % total if announced else b"Transfer-Encoding: chunked\r\n\r\n"
        sock.sendall(b"POST /predict HTTP/1.1\r\n" + HEADERS + kind)
        piece = b" " * (1 << 20)
        for chunk in (piece for _ in range(total >> 20)) if announced else chunks(total, piece):
            sock.sendall(chunk)
        assert status_of(read_answer(sock)) == 413
        sock.sendall(good)  # the connection is still of use: the rest was read and thrown away
        assert status_of(read_answer(sock)) == 200
    assert served.memory_bytes() - before < 100 << 20
    assert served.memory_bytes() < 300 << 20


def test_a_client_that_asks_first_is_told_before_it_sends(served: Service) -> None:
    with connect(served.port) as sock:
        sock.sendall(
            b"POST /predict HTTP/1.1\r\n" + HEADERS + b"Expect: 100-continue\r\nContent-Length: 99999999\r\n\r\n"
        )
        answer = read_answer(sock)
        assert status_of(answer) == 413
        assert seconds_until_closed(sock, 5)[0] < 5


@pytest.mark.parametrize(
    "wire",
    [
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"GET / HTTP/9.9\r\n\r\n",
        b"NONSENSE\r\n\r\n",
        b"POST /predict HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /predict HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /predict HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"GET http://[::1 HTTP/1.1\r\n\r\n",
        b"CONNECT example.org:80 HTTP/1.1\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\n\r\n",
        b"GET /%ff%00 HTTP/1.1\r\n\r\n",
        b"POST /predict HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET / HTTP/1.1\r\n" + b"x: " + b"y" * (1 << 20),
        b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 100_000,
        b"GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    ],
)
def test_what_is_hardly_http_is_answered_or_closed_but_never_a_fault_of_ours(
    served: Service, good: bytes, wire: bytes
) -> None:
    with connect(served.port) as sock:
        try:
            sock.sendall(wire)
            sock.shutdown(socket.SHUT_WR)
            said = read_answer(sock)
        except ConnectionError:
            said = b""
    assert not said or status_of(said) < 500, said[:300]
    assert answers(served.port, good) == 200


def test_mutated_requests_never_get_a_5xx(served: Service, good: bytes) -> None:
    dice = random.Random(SEED)
    sock = connect(served.port)
    for number in range(MUTATIONS):
        wire = mutate(good, dice)
        try:
            sock.sendall(wire)
            sock.shutdown(socket.SHUT_WR)
            said = read_answer(sock)
        except ConnectionError:
            said = b""
        sock.close()
        assert not said or status_of(said) < 500, (number, wire, said[:300])
        sock = connect(served.port)
    sock.close()
    assert answers(served.port, good) == 200
    assert "Traceback" not in served.errors.read_text()


INTERESTING = (
    b"NaN",
    b"1e999",
    b"null",
    b"{",
    b"[",
    b'"',
    b"\\u0000",
    b"\\ud800",
    b"\xff",
    b"\r\n",
    b"0" * 50,
    b"-",
    b"\x00",
)


def mutate(wire: bytes, dice: random.Random) -> bytes:
    """One to four changes; two of three times in the body, with the length put right."""
    _, _, body = wire.partition(b"\r\n\r\n")
    in_body = dice.random() < 0.67
    part = body if in_body else wire
    for _ in range(dice.randint(1, 4)):
        place, kind = dice.randrange(len(part) or 1), dice.randrange(4)
        length = dice.randint(1, 8)
        if kind == 0:
            part = part[:place] + part[place + length :]
        elif kind == 1:
            part = part[:place] + dice.choice(INTERESTING) + part[place + dice.choice([0, length]) :]
        elif kind == 2:
            part = part[:place] + bytes([dice.randrange(256)]) + part[place + 1 :]
        else:
            part = part[:place] + part[place : place + length * 10] + part[place:]
    return question(part) if in_body else part


def test_many_clients_never_get_each_others_answers(served: Service, binary: Example) -> None:
    """Distinct rows at one time: each answer is that of its own row, and each id is given once."""
    rounds = 1_250 if LONG else 60
    clients = [connect(served.port) for _ in range(8)]
    ids = set()
    for turn in range(rounds):
        numbers = [(turn * 8 + i) % len(binary.rows) for i in range(8)]
        for sock, number in zip(clients, numbers, strict=True):
            sock.sendall(question(dumps({"rows": [binary.rows[number]], "ids": [f"{turn}-{number}"]})))
        for sock, number in zip(clients, numbers, strict=True):
            got = json.loads(read_answer(sock).partition(b"\r\n\r\n")[2])["predictions"][0]
            assert got["caller_id"] == f"{turn}-{number}"
            assert got["probabilities"] == pytest.approx(binary.expected[number].probabilities, abs=1e-5)
            ids.add(got["id"])
    for sock in clients:
        sock.close()
    assert len(ids) == rounds * 8


def test_one_bad_neighbour_in_a_batch_spoils_only_its_own_answer(
    served: Service, good: bytes, binary: Example, tmp_path: Path
) -> None:
    bad = question(dumps({"rows": [binary.rows[0] | {"age": "x"}]}))
    clients = [connect(served.port) for _ in range(10)]
    for number, sock in enumerate(clients):
        sock.sendall(bad if number % 2 else good)
    found = [status_of(read_answer(sock)) for sock in clients]
    for sock in clients:
        sock.close()
    assert found == [200, 422] * 5
