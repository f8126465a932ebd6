"""Nothing but JSON crosses the border."""

from __future__ import annotations

import ast
import math
from pathlib import Path

import numpy
import pytest

from app import errors
from app.jobs import wire
from app.jobs.decoding import decode

JOBS = Path(wire.__file__).parent


def function(ctx: object, path: Path, pair: tuple[int, float], *more: str) -> None: ...


def test_arguments_become_what_the_function_annotates():
    assert wire.typed_arguments(function, ["a/b", [1, 2], "x", "y"]) == [Path("a/b"), (1, 2.0), "x", "y"]


def test_missing_arguments_are_told():
    def two(ctx: object, one: int, another: int) -> None: ...

    with pytest.raises(TypeError, match="takes 2 arguments, 3 were given"):
        wire.typed_arguments(two, [1, 2, 3])


def test_numpy_numbers_and_paths_have_a_json_form():
    kind, content = wire.split(wire.encode(wire.Kind.RESULT, [numpy.float64(0.5), numpy.int32(3), Path("a")]))
    assert kind is wire.Kind.RESULT
    assert content == b'[0.5,3,"a"]'


def test_arrays_are_files_not_messages():
    with pytest.raises(TypeError, match="ndarray has no JSON form"):
        wire.encode(wire.Kind.RESULT, numpy.zeros(3))


def test_nan_arrives_as_none():
    _, content = wire.split(wire.encode(wire.Kind.RESULT, math.nan))
    assert decode(content, object) is None


EVERY_ERROR = [c for c in vars(errors).values() if isinstance(c, type) and issubclass(c, errors.ModelyardError)]


@pytest.mark.parametrize("known", EVERY_ERROR)
def test_every_error_of_ours_survives(known):
    sent = wire.report(known("What", "how", "why"))
    back = wire.restore(decode(wire.encode(wire.Kind.ERROR, sent)[1:], wire.ErrorReport))
    assert type(back) is known
    assert (back.message, back.hint, back.details, str(back)) == ("What", "how", "why", "What how")
    assert back.args == ("What",)


def test_pipe_is_never_read_by_unpickling():
    """``Connection.recv`` and ``send`` pickle; a child that was taken over could then run code in the window."""
    for file in JOBS.glob("*.py"):
        tree = ast.parse(file.read_text())
        calls = {n.func.attr for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)}
        assert not calls & {"recv", "send", "loads", "dumps", "Queue", "Manager"}, file.name


def test_an_error_of_several_lines_is_named_by_its_first():
    try:
        raise ValueError("Binder Error: no such column\n\nLINE 1: SELECT x\n               ^")
    except ValueError as error:
        told = wire.restore(wire.report(error))
    assert "ValueError: Binder Error: no such column" in str(told)
