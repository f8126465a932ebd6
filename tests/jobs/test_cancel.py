"""Cancel is real: within a second, from anything, with everything that was started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from app.core.progress import Silent
from app.errors import JobCancelled
from app.jobs import group
from app.jobs.pool import run_many
from app.jobs.supervise import run_in_child
from tests.jobs import children
from tests.patience import least

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="process groups")
however_started = pytest.mark.usefixtures("started")
ROOT = Path(__file__).parents[2]


@dataclass
class PressedOnEmit:
    """A context that is cancelled from the moment ``on_emit`` was called."""

    pids: list[int] = field(default_factory=list)
    pressed_at: float | None = None

    def on_emit(self, value: list[int]) -> None:
        self.pids += value
        self.pressed_at = time.monotonic()

    def progress(self, fraction: float | None, text: str) -> None: ...

    def check_cancelled(self) -> None:
        if self.pressed_at is not None:
            raise JobCancelled()


@however_started
def test_busy_child_with_stubborn_grandchildren_is_gone_within_a_second(tmp_path, gone):
    def cancelled() -> float:
        ctx = PressedOnEmit()
        with pytest.raises(JobCancelled):
            run_in_child(children.busy, ctx=ctx, returns=int, folder=tmp_path, emits=list[int], on_emit=ctx.on_emit)
        took_s = time.monotonic() - ctx.pressed_at
        assert len(ctx.pids) == 3
        assert all(gone(pid) for pid in ctx.pids)
        return took_s

    assert least(cancelled, 1.0) < 1.0


@however_started
def test_cancel_ends_every_worker_of_a_pool_within_a_second(tmp_path, gone):
    assert least(lambda: cancelled_pool(tmp_path, gone), 1.0) < 1.0


def cancelled_pool(tmp_path: Path, gone: Callable[[int], bool]) -> float:
    """How long it took until all three were gone, in seconds."""
    ctx = PressedOnEmit()

    def on_emit(task: int, pid: int) -> None:
        ctx.pids.append(pid)
        if len(ctx.pids) == 3:
            ctx.pressed_at = time.monotonic()

    with pytest.raises(JobCancelled):
        run_many(
            children.linger,
            [60.0] * 5,
            ctx,
            returns=int,
            folder=tmp_path,
            workers=3,
            on_result=lambda task, result: None,
            emits=int,
            on_emit=on_emit,
        )
    took_s = time.monotonic() - ctx.pressed_at
    assert len(ctx.pids) == 3
    assert all(gone(pid) for pid in ctx.pids)
    return took_s


@however_started
def test_process_left_behind_is_gone_before_the_job_says_finished(tmp_path, gone):
    pid = run_in_child(children.leave_a_process_behind, ctx=Silent(), returns=int, folder=tmp_path)
    assert gone(pid)


@however_started
def test_job_leaves_no_zombie_behind(tmp_path):
    """Without an init that reaps, as in a container, every zombie stays for ever."""
    seen = run_in_child(children.environment, ctx=Silent(), returns=dict[str, str], folder=tmp_path)
    assert list(group._group_members(int(seen["pid"]))) == []


def test_a_checker_that_looks_at_the_child_alone_would_miss_the_grandchild(tmp_path):
    """The mutant of the test above: the group is alive after its leader is gone."""
    code = (
        "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time\\nwhile True: time.sleep(60)'])"
    )
    leader = subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
    leader.wait(10)
    assert not group._is_alive(leader.pid)
    assert group.alive(leader.pid)
    group.end([leader.pid], reap=leader.poll)
    assert not group.alive(leader.pid)


PARENT = """
import sys
from pathlib import Path
from app.core.progress import Silent
from app.jobs.starting import warm_up
from app.jobs.supervise import run_in_child
from tests.jobs import children

if __name__ == "__main__":
    {before}
    def tell(pids):
        print(*(pids if isinstance(pids, list) else [pids]), flush=True)
    run_in_child({call}, ctx=Silent(), returns=int, folder=Path(sys.argv[1]), emits={emits}, on_emit=tell)
"""


def start_parent(tmp_path: Path, call: str, emits: str, before: str) -> subprocess.Popen[str]:
    script = tmp_path / "parent.py"
    script.write_text(textwrap.dedent(PARENT).format(call=call, emits=emits, before=before))
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, str(script), str(tmp_path)], stdout=subprocess.PIPE, text=True, env=environment
    )


@pytest.mark.parametrize(
    ("call", "emits", "before"),
    [
        ("children.linger, 60.0", "int", ""),
        ("children.busy", "list[int]", ""),
        pytest.param(
            "children.busy",
            "list[int]",
            "warm_up()",
            marks=pytest.mark.skipif(sys.platform != "linux", reason="only Linux forks"),
        ),
    ],
    ids=["asleep", "busy", "busy and forked"],
)
def test_kill_of_the_window_leaves_no_orphan(tmp_path, gone, until, call, emits, before):
    with start_parent(tmp_path, call, emits, before) as parent:
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        assert not any(gone(pid) for pid in pids)
        parent.send_signal(signal.SIGKILL)
        parent.wait(10)
        try:
            assert until(lambda: all(gone(pid) for pid in pids), 20.0)
        finally:
            for pid in pids:
                if not gone(pid):
                    os.kill(pid, signal.SIGKILL)
