"""The command line's bar, and Ctrl+C as cancel."""

from __future__ import annotations

import io
import os
import signal

import pytest

from app.errors import JobCancelled
from app.jobs.console import Console, bar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_bar_is_drawn_on_a_terminal_and_taken_away():
    terminal = Terminal()
    with Console(terminal) as console:
        console.progress(0.25, "reading")
    assert "[######..................]  25 % reading" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\x1b[2K")


def test_pipe_gets_nothing_or_one_line_a_step():
    silent, told = io.StringIO(), io.StringIO()
    for console in (Console(silent), Console(told, lines=True)):
        console.progress(0.1, "reading")
        console.progress(0.2, "reading")
        console.progress(None, "checking")
    assert silent.getvalue() == ""
    assert told.getvalue() == "reading\nchecking\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_cancels_at_the_next_question_and_handlers_come_back(number):
    before = signal.getsignal(number)
    with Console(io.StringIO()) as console:
        console.check_cancelled()
        os.kill(os.getpid(), number)
        with pytest.raises(JobCancelled):
            console.check_cancelled()
    assert signal.getsignal(number) is before


def test_second_ctrl_c_interrupts_at_once():
    with Console(io.StringIO()):
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.parametrize(("fraction", "end"), [(None, "? %"), (-1.0, "  0 %"), (7.0, "100 %"), (0.999, " 99 %")])
def test_bar_never_promises_too_much(fraction, end):
    assert bar(fraction).endswith(end)
