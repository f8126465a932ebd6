"""The operating system's schedule of a project: written, removed, and asked whether it is active.

systemd user timers where ``systemd --user`` answers, else cron; Task Scheduler on Windows; launchd on macOS.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from app.data.own_folder import CONFIG_FOLDER, own_folder
from app.errors import EnvironmentProblem
from app.monitoring.automation import schedule_files as files
from app.monitoring.automation.schedule_files import Schedule
from app.serving.interpreter import is_frozen

if TYPE_CHECKING:
    from app.registry.project import Project

ANSWERS_WITHIN_S = 20.0
MOVED = "It was scheduled where the project lay before, or on another computer: schedule it again here."
CRON_NAMES = frozenset({"cron", "crond", "anacron", "fcron", "busybox"})


class Kind(StrEnum):
    """What keeps the time on this computer."""

    SYSTEMD = "systemd"
    CRON = "cron"
    TASKS = "Task Scheduler"
    LAUNCHD = "launchd"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Status:
    """What the system itself says. ``written``: it knows of our schedule; ``active``: it keeps it; ``minutes``: how
    often, where it tells; ``words``: one sentence."""

    kind: Kind
    written: bool
    active: bool
    minutes: int | None
    words: str


@dataclass(frozen=True, slots=True)
class _Said:
    code: int
    out: str
    err: str


def schedule_of(project: Project, minutes: int) -> Schedule:
    """What would be scheduled for this project, where it lies now."""
    name = f"modelyard-{hashlib.sha256(str(project.path).encode()).hexdigest()[:8]}"
    actor = f"schedule of {project.actor.split(' <')[0]}"
    command = (*_with_settings(), *own_command(), "run-due", str(project.path), "--as", actor)
    title = f"Modelyard: do what is due in {project.name}"
    return files.checked(Schedule(name, title, command, minutes, str(_log_folder() / f"{name}.log")))


def _with_settings() -> tuple[str, ...]:
    """The settings of whoever schedules, where this session's environment says which: the system's schedule starts
    without it, and would find neither the channels that may speak from here nor their addresses."""
    env = shutil.which("env")
    told = CONFIG_FOLDER in os.environ or "XDG_CONFIG_HOME" in os.environ
    return (env, f"{CONFIG_FOLDER}={own_folder().absolute()}") if env and told else ()


def own_command() -> tuple[str, ...]:
    """How this application is called from anywhere, without a shell."""
    if is_frozen():
        return (sys.executable,)
    python = sys.executable
    if sys.platform == "win32" and (quiet := Path(python).with_name("pythonw.exe")).exists():
        python = str(quiet)
    checkout = Path(__file__).parents[3] / "packaging" / "modelyard.py"
    return (python, str(checkout)) if checkout.is_file() else (python, "-m", "app")


def activate(project: Project, minutes: int) -> Status:
    """Write the schedule and have the system keep it, in place of an earlier one; audit entry ``automation.schedule``.
    EnvironmentProblem, with what the system said, where it refuses or keeps no time."""
    from app.registry import automations

    schedule, kind = schedule_of(project, minutes), kind_here()
    _log_folder().mkdir(parents=True, exist_ok=True)
    _WRITE[kind](schedule)
    automations.record_schedule(project, "schedule", kind.value, minutes, schedule.name)
    return status(project)


def deactivate(project: Project) -> Status:
    """Take the schedule back; audit entry ``automation.unschedule``. Nothing happens if there is none."""
    from app.registry import automations

    before = status(project)
    if before.written:
        _REMOVE[before.kind](schedule_of(project, files.EVERY_MINUTES[0]).name)
        automations.record_schedule(project, "unschedule", before.kind.value, 0)
    return status(project)


def status(project: Project) -> Status:
    """Ask the system. A schedule knows the project by where it lies: one that was moved is scheduled no more."""
    from app.registry import automations

    name = schedule_of(project, files.EVERY_MINUTES[0]).name
    found = _ASK[kind_here()](name)
    if found.written or automations.scheduled_as(project) in ("", name):
        return found
    return replace(found, words=f"{found.words} {MOVED}")


def kind_here() -> Kind:
    """What keeps the time on this computer."""
    if sys.platform == "win32":
        return Kind.TASKS
    if sys.platform == "darwin":
        return Kind.LAUNCHD
    if shutil.which("systemctl") and _run("systemctl", "--user", "show-environment").code == 0:
        return Kind.SYSTEMD
    return Kind.CRON if shutil.which("crontab") else Kind.NONE


def _unit_folder() -> Path:
    base = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(base).expanduser() / "systemd" / "user"


def _write_systemd(schedule: Schedule) -> None:
    folder = _unit_folder()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{schedule.name}.service").write_text(files.systemd_service(schedule), "utf-8")
    (folder / f"{schedule.name}.timer").write_text(files.systemd_timer(schedule), "utf-8")
    _must("systemctl", "--user", "daemon-reload")
    _must("systemctl", "--user", "enable", "--now", f"{schedule.name}.timer")


def _remove_systemd(name: str) -> None:
    _must("systemctl", "--user", "disable", "--now", f"{name}.timer")
    for ending in ("service", "timer"):
        (_unit_folder() / f"{name}.{ending}").unlink(missing_ok=True)
    _must("systemctl", "--user", "daemon-reload")


def _ask_systemd(name: str) -> Status:
    written = (_unit_folder() / f"{name}.timer").is_file()
    active = _run("systemctl", "--user", "is-active", f"{name}.timer").out.strip() == "active"
    if not active:
        words = "A systemd timer is written, but systemd does not keep it." if written else ""
        return Status(Kind.SYSTEMD, written, False, None, words or "systemd has no timer for this project.")
    lingers = _run("loginctl", "show-user", str(os.getuid()), "--property=Linger").out.strip() == "Linger=yes"
    when = "also while nobody is logged in" if lingers else "while you are logged in"
    return Status(Kind.SYSTEMD, True, True, None, f"Active: systemd runs it {when}.")


def _crontab() -> str:
    """The person's crontab; empty if there is none."""
    said = _run("crontab", "-l")
    if said.code != 0 and "no crontab" not in said.err.lower():
        raise EnvironmentProblem("cron does not show this person's table.", details=said.err)
    return said.out if said.code == 0 else ""


def _write_cron(schedule: Schedule) -> None:
    _must("crontab", "-", text=files.with_line(_crontab(), schedule))


def _remove_cron(name: str) -> None:
    _must("crontab", "-", text=files.without_line(_crontab(), name))


def _ask_cron(name: str) -> Status:
    minutes = files.minutes_of_line(_crontab(), name)
    if minutes is None:
        return Status(Kind.CRON, False, False, None, "cron has no line for this project.")
    if not _cron_runs():
        return Status(Kind.CRON, True, False, minutes, "The line is in the crontab, but cron itself does not run.")
    return Status(Kind.CRON, True, True, minutes, f"Active: cron runs it every {minutes} minutes.")


def _cron_runs() -> bool:
    """Whether a daemon lives; one that nobody reaped is gone."""
    found = psutil.process_iter(["name", "status"])
    return any(p.info["name"] in CRON_NAMES and p.info["status"] != psutil.STATUS_ZOMBIE for p in found)


def _task_name(name: str) -> str:
    return f"\\Modelyard\\{name}"


def _write_task(schedule: Schedule) -> None:
    file = _log_folder() / f"{schedule.name}.xml"
    file.write_text(files.task_xml(schedule), "utf-16")
    _must("schtasks", "/Create", "/TN", _task_name(schedule.name), "/XML", str(file), "/F")


def _remove_task(name: str) -> None:
    _must("schtasks", "/Delete", "/TN", _task_name(name), "/F")


def _ask_tasks(name: str) -> Status:
    """By the task's own XML, whose words are the same in every language of Windows."""
    said = _run("schtasks", "/Query", "/TN", _task_name(name), "/XML")
    if said.code != 0:
        return Status(Kind.TASKS, False, False, None, "Task Scheduler has no task for this project.")
    if "<Enabled>false</Enabled>" in said.out:
        return Status(Kind.TASKS, True, False, None, "The task is there, but it is disabled.")
    return Status(Kind.TASKS, True, True, None, "Active: Task Scheduler runs it while you are logged in.")


def _plist(name: str) -> Path:
    return Path("~/Library/LaunchAgents").expanduser() / f"{name}.plist"


def _domain() -> str:
    return f"gui/{os.getuid()}"


def _write_launchd(schedule: Schedule) -> None:
    file = _plist(schedule.name)
    file.parent.mkdir(parents=True, exist_ok=True)
    _run("launchctl", "bootout", f"{_domain()}/{schedule.name}")
    file.write_bytes(files.launchd_plist(schedule))
    _must("launchctl", "bootstrap", _domain(), str(file))


def _remove_launchd(name: str) -> None:
    _run("launchctl", "bootout", f"{_domain()}/{name}")
    _plist(name).unlink(missing_ok=True)


def _ask_launchd(name: str) -> Status:
    written = _plist(name).is_file()
    if _run("launchctl", "print", f"{_domain()}/{name}").code == 0:
        return Status(Kind.LAUNCHD, written, True, None, "Active: launchd runs it while you are logged in.")
    words = "The agent's file is there, but launchd does not know it." if written else "launchd has no agent for it."
    return Status(Kind.LAUNCHD, written, False, None, words)


def _write_nowhere(_schedule: Schedule) -> None:
    raise EnvironmentProblem(
        "Nothing on this computer keeps a schedule: neither systemd for users nor cron is there.",
        "Install cron, or have a service call: modelyard run-due PROJECT",
    )


def _remove_nowhere(_name: str) -> None:
    """Nothing was written."""


def _ask_nowhere(_name: str) -> Status:
    return Status(Kind.NONE, False, False, None, "Neither systemd for users nor cron is on this computer.")


def _log_folder() -> Path:
    from platformdirs import user_log_path

    return Path(user_log_path("modelyard", appauthor=False))


def _must(*command: str, text: str | None = None) -> None:
    said = _run(*command, text=text)
    if said.code != 0:
        raise EnvironmentProblem(f"{command[0]} refused.", "See the details.", f"{said.err}\n{said.out}".strip())


def _run(*command: str, text: str | None = None) -> _Said:
    """What a tool of the system says; a tool that is not there or hangs has refused."""
    try:
        done = subprocess.run(
            command, input=text, capture_output=True, text=True, timeout=ANSWERS_WITHIN_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return _Said(1, "", str(error))
    return _Said(done.returncode, done.stdout, done.stderr)


_WRITE = {
    Kind.SYSTEMD: _write_systemd, Kind.CRON: _write_cron, Kind.TASKS: _write_task, Kind.LAUNCHD: _write_launchd,
    Kind.NONE: _write_nowhere,
}  # fmt: skip
_REMOVE = {
    Kind.SYSTEMD: _remove_systemd, Kind.CRON: _remove_cron, Kind.TASKS: _remove_task, Kind.LAUNCHD: _remove_launchd,
    Kind.NONE: _remove_nowhere,
}  # fmt: skip
_ASK = {
    Kind.SYSTEMD: _ask_systemd, Kind.CRON: _ask_cron, Kind.TASKS: _ask_tasks, Kind.LAUNCHD: _ask_launchd,
    Kind.NONE: _ask_nowhere,
}  # fmt: skip
