"""run_in_child behaves like a call, whatever happens in the child."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

import msgspec
import psutil
import pytest

from app import errors
from app.core.progress import Recorder, Silent
from app.jobs import starting
from app.jobs.supervise import Limits, Worker, answer, run_in_child
from tests.jobs import children
from tests.patience import least

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals")

pytestmark = pytest.mark.usefixtures("started")


def test_result_comes_back_as_the_dataclass_with_its_file(tmp_path):
    told = Recorder()
    result = run_in_child(children.add, (1, 2), Path("sum"), ctx=told, returns=children.Sum, folder=tmp_path)
    assert result == children.Sum((1, 2), 3, Path("sum"))
    assert (tmp_path / "sum").read_text() == "3"
    assert told.lines == [(0.5, "adding")]


def test_function_can_be_named_without_importing_its_module(tmp_path):
    name = "tests.jobs.children:add"
    assert run_in_child(name, [4], "f", ctx=Silent(), returns=children.Sum, folder=tmp_path).total == 4


def test_lambda_is_refused_before_a_process_is_started(tmp_path):
    with pytest.raises(ValueError, match="top of a module"):
        run_in_child(lambda ctx: 1, ctx=Silent(), returns=int, folder=tmp_path)


def test_emitted_objects_arrive_in_order_before_the_result(tmp_path):
    got: list[children.Sum] = []
    base = children.Sum((), 10, Path("x"), 0.5)
    count = run_in_child(
        children.emit_three, base, ctx=Silent(), returns=int, folder=tmp_path, emits=children.Sum, on_emit=got.append
    )
    assert count == 3
    assert [g.total for g in got] == [10, 11, 12]


def test_what_was_emitted_before_a_crash_is_not_lost(tmp_path):
    got: list[children.Sum] = []
    base = children.Sum((1,), 1, Path("x"))
    with pytest.raises(errors.JobCrashed):
        run_in_child(
            children.emit_then_crash,
            base,
            ctx=Silent(),
            returns=int,
            folder=tmp_path,
            emits=children.Sum,
            on_emit=got.append,
        )
    assert got == [base]


def test_our_error_survives_with_all_its_fields(tmp_path):
    with pytest.raises(errors.FileRefused) as caught:
        run_in_child(children.refuse, ctx=Silent(), returns=int, folder=tmp_path)
    error = caught.value
    assert (error.message, error.hint, error.details, error.code) == (
        "Row 3 has 5 values.",
        "Mend row 3.",
        "ragged",
        "RAGGED_ROWS",
    )


def test_error_class_from_elsewhere_arrives_as_its_nearest_known_base(tmp_path):
    with pytest.raises(errors.BadInput, match="No such column") as caught:
        run_in_child(children.refuse_own, ctx=Silent(), returns=int, folder=tmp_path)
    assert type(caught.value) is errors.BadInput


def test_child_that_cancels_itself_is_cancelled(tmp_path):
    with pytest.raises(errors.JobCancelled):
        run_in_child(children.cancel_itself, ctx=Silent(), returns=int, folder=tmp_path)


def test_full_disk_is_the_machines_problem(tmp_path):
    with pytest.raises(errors.EnvironmentProblem, match=r"disk is full.*written to .* MB are free"):
        run_in_child(children.disk_full, ctx=Silent(), returns=int, folder=tmp_path)


CRASHES = [
    (children.divide, (), "fault in Modelyard: ZeroDivisionError: .*zero"),
    (children.out_of_memory, (), "ran out of memory"),
    (children.leave, (3,), "without an answer .exit code 3"),
    (children.leave, (0,), "without an answer .exit code 0"),
    (children.unanswerable, (), "object has no JSON form"),
]
SIGNALS = [
    pytest.param(children.die, (int(signal.SIGKILL),), "killed, most likely because memory ran out", marks=posix),
    pytest.param(children.die, (int(signal.SIGTERM),), "stopped from outside", marks=posix),
    pytest.param(children.die, (int(signal.SIGABRT),), "aborted", marks=posix),
    pytest.param(children.segfault, (), "segmentation fault", marks=posix),
    pytest.param(children.fork_and_die, (), "killed", marks=posix),
]


@pytest.mark.parametrize(("function", "args", "words"), CRASHES + SIGNALS)
def test_every_end_is_named_in_words_and_never_hangs(tmp_path, function, args, words):
    """The end-of-file trap: a dead child's pipe stays readable for ever, and a grandchild may hold it open."""
    started = time.monotonic()
    with pytest.raises(errors.JobCrashed, match=words):
        run_in_child(function, *args, ctx=Silent(), returns=int, folder=tmp_path)
    assert time.monotonic() - started < 30  # not for ever; on a busy machine a child takes seconds to start


@posix
def test_crash_brings_the_stack_and_own_fault_its_traceback(tmp_path):
    with pytest.raises(errors.JobCrashed) as crash:
        run_in_child(children.segfault, ctx=Silent(), returns=int, folder=tmp_path)
    assert "Fatal Python error: Segmentation fault" in crash.value.details
    assert "in segfault" in crash.value.details
    with pytest.raises(errors.JobCrashed) as fault:
        run_in_child(children.divide, ctx=Silent(), returns=int, folder=tmp_path)
    assert "in divide" in fault.value.details


def test_a_child_whose_last_words_have_no_place_works_all_the_same(tmp_path):
    """The folder may be gone, or not be there yet: a child is now quicker, now slower than its parent."""
    worker = Worker(children.add, Limits(), tmp_path / "gone" / "output.txt")
    worker.give(([1, 2], "sum"), tmp_path)
    assert answer(worker, Silent(), children.Sum).total == 3
    worker.close()


def test_result_of_another_type_is_an_error_not_a_guess(tmp_path):
    with pytest.raises(msgspec.ValidationError):
        run_in_child(children.add, (1,), Path("x"), ctx=Silent(), returns=int, folder=tmp_path)


def test_child_is_modest_quiet_and_clean(tmp_path, capfd, started):
    seen = run_in_child(children.environment, ctx=Silent(), returns=dict[str, str], folder=tmp_path)
    assert {seen[n] for n in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")} == {"1"}
    if sys.platform != "win32":
        assert int(seen["nice"]) >= min(19, os.nice(0) + 5)
        assert seen["leads"] == "True"
    assert seen["main"] == "True"
    loaded = set(seen["modules"].split())
    assert not loaded & {"PySide6", "pytest", "sqlalchemy"}
    assert loaded.isdisjoint({"numpy", "pandas", "sklearn"}) == (started == "spawned")
    assert capfd.readouterr() == ("", "")


def test_works_from_a_worker_thread_and_from_several_at_once(tmp_path):
    totals: list[int] = []

    def work(n: int) -> None:
        result = run_in_child(children.add, (n,), Path(str(n)), ctx=Silent(), returns=children.Sum, folder=tmp_path)
        totals.append(result.total)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(totals) == [0, 1, 2, 3]


@posix
def test_nobody_looks_at_a_child_while_another_thread_does(tmp_path, monkeypatch):
    """Of two looks at once one took the exit status and the other told that there was none ("exit code 255")."""
    from multiprocessing import popen_fork, popen_forkserver

    alone: list[bool] = []
    for kind in (popen_fork.Popen, popen_forkserver.Popen):

        def looked(process, *flags, look=kind.poll):
            alone.append(starting.table.locked())
            return look(process, *flags)

        monkeypatch.setattr(kind, "poll", looked)
    with pytest.raises(errors.JobCrashed, match="killed"):
        run_in_child(children.die, int(signal.SIGKILL), ctx=Silent(), returns=int, folder=tmp_path)
    assert len(alone) > 2 and all(alone)


def test_deadline_ends_the_job_in_words(tmp_path):
    def ended() -> float:
        started = time.monotonic()
        limits = Limits(deadline_s=0.5)
        with pytest.raises(errors.JobCrashed, match=r"longer than 0\.5 s"):
            run_in_child(children.linger, 60.0, ctx=Silent(), returns=int, folder=tmp_path, limits=limits)
        return time.monotonic() - started

    assert least(ended, 3.0) < 3


def test_deadline_binds_a_child_that_tells_without_a_pause(tmp_path):
    limits = Limits(deadline_s=0.3)
    with pytest.raises(errors.JobCrashed, match=r"longer than 0\.3 s"):
        run_in_child(children.chatter, 3.0, ctx=Silent(), returns=int, folder=tmp_path, limits=limits)


def test_memory_bound_ends_the_job_in_words(tmp_path):
    told = Recorder()
    with pytest.raises(errors.JobCrashed, match=r"more than 0\.2 GB of memory"):
        run_in_child(
            children.hoard, 400, ctx=told, returns=int, folder=tmp_path, limits=Limits(memory_bytes=200_000_000)
        )


@pytest.mark.skipif(sys.platform != "linux", reason="shared pages are counted apart on Linux only")
def test_mapped_file_does_not_count_as_memory(tmp_path):
    """Arrow and DuckDB map whole Parquet files; RLIMIT_AS and plain RSS would both end them."""
    big = tmp_path / "big"
    with big.open("wb") as file:
        file.truncate(300_000_000)
    limits = Limits(memory_bytes=200_000_000)
    assert run_in_child(children.map_a_file, big, ctx=Silent(), returns=int, folder=tmp_path, limits=limits) == 0


def test_error_in_a_callback_ends_the_child_and_is_raised(tmp_path, gone):
    pids: list[int] = []

    def fail(pid: int) -> None:
        pids.append(pid)
        raise errors.EnvironmentProblem("The registry is locked.")

    with pytest.raises(errors.EnvironmentProblem, match="locked"):
        run_in_child(children.linger, 60.0, ctx=Silent(), returns=int, folder=tmp_path, emits=int, on_emit=fail)
    assert gone(pids[0])


@posix
def test_a_forked_child_sees_its_parent_as_it_is_now(tmp_path, monkeypatch):
    monkeypatch.setenv("MODELYARD_TEST_SECRET", "set after the server had started")
    seen = run_in_child(children.environment, ctx=Silent(), returns=dict[str, str], folder=tmp_path)
    assert seen["secret"] == "set after the server had started"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux forks")
def test_the_server_that_is_forked_has_no_thread_that_a_fork_would_lose(started):
    server = next(p for p in psutil.Process().children() if "forkserver" in " ".join(p.cmdline()))
    names = [path.read_text().strip() for path in Path(f"/proc/{server.pid}/task").glob("*/comm")]
    assert len([name for name in names if name != "jemalloc_bg_thd"]) == 1  # that one's library looks after itself
