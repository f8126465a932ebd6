"""What an operating system's schedule is told, word for word. Writing it would change the computer that tests."""

from __future__ import annotations

import ctypes
import plistlib
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from defusedxml import ElementTree

from app.errors import BadInput
from app.monitoring.automation import schedule_files as files
from app.monitoring.automation.recipes import recipes
from app.monitoring.automation.schedule_files import Schedule
from app.monitoring.automation.schedules import MOVED, own_command, schedule_of, status
from app.registry import automations
from app.registry.project import Project

COMMAND = ("/opt/py thon/bin/python3", "-m", "app", "run-due", '/home/ann/a "100%" $team\\x', "--as", "Ann")
SCHEDULE = Schedule("modelyard-0a1b2c3d", "Modelyard: 100% <due> & more", COMMAND, 15, "/home/ann/logs/due's.log")
OTHERS = "MAILTO=ann\n0 3 * * * backup # nightly\n"


def test_a_systemd_unit_quotes_what_systemd_would_expand():
    unit = files.systemd_service(SCHEDULE)
    assert 'ExecStart="/opt/py thon/bin/python3" "-m" "app" "run-due"' in unit
    assert '"/home/ann/a \\"100%%\\" $$team\\\\x" "--as" "Ann"\n' in unit
    assert "SuccessExitStatus=3 4 5\n" in unit
    assert "OnCalendar=*:0/15\nPersistent=true\n" in files.systemd_timer(SCHEDULE)
    assert "OnCalendar=hourly\n" in files.systemd_timer(replace(SCHEDULE, minutes=60))


@pytest.mark.skipif(sys.platform == "win32", reason="there is no sh")
def test_a_cron_line_runs_these_words_and_no_others():
    line = files.cron_line(replace(SCHEDULE, command=("printf", "%s|", *COMMAND[3:]), log="/dev/stderr"))
    head, command = line.split(" * * * * ")
    assert head == "*/15"
    to_sh = command.replace("\\%", "%")  # as cron hands it over
    assert "%" not in command.replace("\\%", "")
    said = subprocess.run(["sh", "-c", to_sh], capture_output=True, text=True, check=True).stderr
    assert said == "".join(f"{word}|" for word in COMMAND[3:])


def test_a_crontab_keeps_its_other_lines():
    once = files.with_line(OTHERS, SCHEDULE)
    assert once.startswith(OTHERS)
    assert once.count("modelyard-0a1b2c3d") == 1
    again = files.with_line(once, replace(SCHEDULE, minutes=60))
    assert again.count("modelyard-0a1b2c3d") == 1
    assert (files.minutes_of_line(once, SCHEDULE.name), files.minutes_of_line(again, SCHEDULE.name)) == (15, 60)
    assert files.without_line(again, SCHEDULE.name) == OTHERS
    assert files.minutes_of_line(OTHERS, SCHEDULE.name) is None
    assert shlex.split(again.splitlines()[-1], comments=True)[5] == COMMAND[0]


def test_a_windows_task_is_whole_and_its_words_come_back():
    task = ElementTree.fromstring(files.task_xml(SCHEDULE).encode("utf-16"))
    space = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
    assert task.find(f".//{space}Interval").text == "PT15M"
    assert task.find(f".//{space}Command").text == COMMAND[0]
    assert task.find(f".//{space}MultipleInstancesPolicy").text == "IgnoreNew"
    words = task.find(f".//{space}Arguments").text
    assert words == subprocess.list2cmdline(COMMAND[1:])
    if sys.platform == "win32":
        count = ctypes.c_int()
        split = ctypes.windll.shell32.CommandLineToArgvW(f"x {words}", ctypes.byref(count))
        assert [split[i] for i in range(1, count.value)] == list(COMMAND[1:])


def test_a_launchd_agent_has_the_words_as_they_are():
    agent = plistlib.loads(files.launchd_plist(SCHEDULE))
    assert agent["ProgramArguments"] == list(COMMAND)
    assert (agent["Label"], agent["StartInterval"]) == ("modelyard-0a1b2c3d", 900)


@pytest.mark.parametrize("wrong", [{"minutes": 7}, {"minutes": 0}, {"log": "/a\nb"}, {"command": ("a", "b\nc")}])
def test_what_cannot_be_scheduled_is_refused(wrong):
    assert files.checked(SCHEDULE) is SCHEDULE
    with pytest.raises(BadInput):
        files.checked(replace(SCHEDULE, **wrong))


def test_the_own_command_answers_from_any_folder(tmp_path):
    said = subprocess.run([*own_command(), "--version"], capture_output=True, text=True, cwd=tmp_path, check=True)
    assert said.stdout.startswith("modelyard ")


def test_a_project_that_was_moved_says_that_it_is_scheduled_no_more(tmp_path):
    with Project.create(tmp_path / "p", actor="Ada") as project:
        assert MOVED not in status(project).words
        automations.record_schedule(project, "schedule", "cron", 15, schedule_of(project, 15).name)
        assert MOVED not in status(project).words
    with Project.open((tmp_path / "p").rename(tmp_path / "q"), actor="Ada") as project:
        assert status(project).words.endswith(MOVED)
        automations.record_schedule(project, "unschedule", "cron", 0)
        assert MOVED not in status(project).words


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere settings lie where XDG says nothing")
def test_what_is_scheduled_finds_the_settings_of_whoever_scheduled_it(tmp_path, monkeypatch):
    with Project.create(tmp_path / "project", actor="Ada") as project:
        for name in ("MODELYARD_CONFIG_DIR", "XDG_CONFIG_HOME"):
            monkeypatch.delenv(name, raising=False)
        assert schedule_of(project, 5).command[: len(own_command())] == own_command()
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "own"))
        env, settings, *command = schedule_of(project, 5).command
    assert (Path(env).name, settings) == ("env", f"MODELYARD_CONFIG_DIR={tmp_path / 'own' / 'modelyard'}")
    assert tuple(command[: len(own_command())]) == own_command()


def test_recipes_call_commands_that_exist():
    from app.cli.parser import commands

    known = commands()
    for recipe in recipes():
        called = {w for w in known if f"modelyard {w} " in recipe.text or f" {w} {w} " in recipe.text}
        assert called >= {"check", "train", "monitor"}, recipe.file
        assert "--junit" in recipe.text
