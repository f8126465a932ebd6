"""A taken port means the next free one."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from app.errors import EnvironmentProblem
from app.serving import ports


@pytest.fixture
def listening() -> Iterator[int]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield int(server.getsockname()[1])


def test_a_free_port_is_given_as_wished(listening: int) -> None:
    free = ports.free_port()
    assert free not in (0, listening)
    assert ports.free_port(free) == free


def test_a_taken_port_means_the_next_free_one(listening: int) -> None:
    assert not ports.is_free(listening)
    assert ports.free_port(listening) > listening


def test_a_promised_port_is_not_given_again() -> None:
    free = ports.free_port()
    assert ports.free_port(free, taken={free}) > free


def test_the_end_of_the_range_is_told() -> None:
    with pytest.raises(EnvironmentProblem, match="No port is free from 65535"):
        ports.free_port(65535, taken={65535})


def test_a_port_whose_server_has_just_gone_is_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            connection, _ = server.accept()
            connection.close()  # the server closes first: its side waits in TIME_WAIT
    assert ports.is_free(port)
