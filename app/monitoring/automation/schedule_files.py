"""What an operating system's schedule is told, as text: pure functions of a ``Schedule``.

Sources: systemd.timer(5) and systemd.syntax(7); crontab(5); Task Scheduler's XML schema 1.2
(https://learn.microsoft.com/windows/win32/taskschd/task-scheduler-schema); launchd.plist(5).
"""

from __future__ import annotations

import plistlib
import shlex
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from app.errors import BadInput

EVERY_MINUTES = (5, 10, 15, 20, 30, 60)
FINE_CODES = (3, 4, 5)
"""A gate that failed, data that were refused, a look that says *act*: the work was done, and the answer is known."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """``name``: the schedule's own among all of this person's; ``title``: for people; ``command``: program and words;
    ``log``: a file that takes what the last run said."""

    name: str
    title: str
    command: tuple[str, ...]
    minutes: int
    log: str


def checked(schedule: Schedule) -> Schedule:
    """The schedule itself. BadInput for an interval that not all systems know, or a path that no file can hold."""
    if schedule.minutes not in EVERY_MINUTES:
        known = ", ".join(map(str, EVERY_MINUTES))
        raise BadInput(f"Every {schedule.minutes} minutes cannot be scheduled.", f"Choose one of {known}.")
    if any(ord(letter) < 32 for word in (*schedule.command, schedule.title, schedule.log) for letter in word):
        raise BadInput("A path with a line break cannot be scheduled.", "Move the project to another folder.")
    return schedule


def systemd_service(schedule: Schedule) -> str:
    """The unit that runs once."""
    codes = " ".join(map(str, FINE_CODES))
    return (
        f"[Unit]\nDescription={_unit_text(schedule.title)}\n\n"
        f"[Service]\nType=oneshot\nExecStart={' '.join(map(_unit_word, schedule.command))}\n"
        f"SuccessExitStatus={codes}\nNice=10\n"
    )


def systemd_timer(schedule: Schedule) -> str:
    """The unit that calls it; a time that passed while the computer was off is caught up."""
    when = "hourly" if schedule.minutes == 60 else f"*:0/{schedule.minutes}"
    return (
        f"[Unit]\nDescription={_unit_text(schedule.title)}\n\n"
        f"[Timer]\nOnCalendar={when}\nPersistent=true\n\n[Install]\nWantedBy=timers.target\n"
    )


def _unit_text(text: str) -> str:
    return text.replace("%", "%%")


def _unit_word(word: str) -> str:
    """In double quotes, with what systemd would expand doubled."""
    quoted = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{quoted}"'


def cron_line(schedule: Schedule) -> str:
    """One line of a crontab, ending in the schedule's name. A bare ``%`` would be a line break to cron."""
    when = "0" if schedule.minutes == 60 else f"*/{schedule.minutes}"
    command = f"{shlex.join(schedule.command)} > {shlex.quote(schedule.log)} 2>&1 {_mark(schedule.name)}"
    return f"{when} * * * * {command.replace('%', chr(92) + '%')}"


def with_line(crontab: str, schedule: Schedule) -> str:
    """A crontab with this schedule's line, in place of an earlier one; all other lines as they were."""
    return f"{without_line(crontab, schedule.name)}{cron_line(schedule)}\n"


def without_line(crontab: str, name: str) -> str:
    """A crontab without the line of this name."""
    kept = [line for line in crontab.splitlines() if not line.endswith(_mark(name))]
    return "".join(f"{line}\n" for line in kept)


def minutes_of_line(crontab: str, name: str) -> int | None:
    """How often the line of this name runs; None if there is no such line."""
    for line in crontab.splitlines():
        if line.endswith(_mark(name)):
            first = line.split(maxsplit=1)[0].removeprefix("*/")
            return int(first) or 60 if first.isdigit() else None
    return None


def _mark(name: str) -> str:
    return f"# {name}"


def task_xml(schedule: Schedule) -> str:
    """A task for ``schtasks /Create /XML``: again and again from a day in the past on, never twice at once."""
    program, arguments = schedule.command[0], subprocess.list2cmdline(schedule.command[1:])
    return f"""<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo><Description>{escape(schedule.title)}</Description></RegistrationInfo>
  <Triggers>
    <TimeTrigger>
      <Repetition><Interval>PT{schedule.minutes}M</Interval><StopAtDurationEnd>false</StopAtDurationEnd></Repetition>
      <StartBoundary>2026-01-01T00:00:00</StartBoundary>
      <Enabled>true</Enabled>
    </TimeTrigger>
  </Triggers>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <Priority>7</Priority>
  </Settings>
  <Actions Context="Author">
    <Exec><Command>{escape(program)}</Command><Arguments>{escape(arguments)}</Arguments></Exec>
  </Actions>
</Task>
"""


def launchd_plist(schedule: Schedule) -> bytes:
    """A property list for ``~/Library/LaunchAgents``."""
    told: dict[str, str | int | bool | Sequence[str]] = {
        "Label": schedule.name,
        "ProgramArguments": list(schedule.command),
        "StartInterval": schedule.minutes * 60,
        "StandardOutPath": schedule.log,
        "StandardErrorPath": schedule.log,
        "LowPriorityIO": True,
        "ProcessType": "Background",
    }
    return plistlib.dumps(told)
