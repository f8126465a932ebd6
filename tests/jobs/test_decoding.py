"""Decoding on many threads at once, in a process of its own: what is tested is whether that process lives."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from app.jobs.decoding import decode, decoder

MEET = """
import sys, threading
from dataclasses import make_dataclass
from app.jobs.decoding import decode
sys.setswitchinterval(1e-6)
for round in range(150):
    inner = [make_dataclass(f"Inner{i}", [(f"f{j}", int, 0) for j in range(20)]) for i in range(4)]
    outer = make_dataclass("Outer", [(f"g{i}", tuple[kind, ...], ()) for i, kind in enumerate(inner)])
    start = threading.Barrier(4)
    def work():
        start.wait()
        decode(b"{}", outer)
    threads = [threading.Thread(target=work) for _ in range(4)]
    [t.start() for t in threads]
    [t.join() for t in threads]
"""


def test_threads_that_first_decode_a_type_together_do_not_crash():
    done = subprocess.run([sys.executable, "-c", MEET], cwd=Path(__file__).parents[2], check=False)

    assert done.returncode == 0


def test_a_type_has_one_decoder():
    assert decoder(tuple[int, ...]) is decoder(tuple[int, ...])


def test_paths_come_back_and_what_is_something_else_is_told():
    assert decode('["a/b"]', tuple[Path, ...]) == (Path("a/b"),)
    with pytest.raises(msgspec.ValidationError):
        decode("[1]", tuple[str, ...])
