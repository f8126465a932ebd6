"""The command line's grammar: one table of commands, global options before or after the verb."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import NoReturn

from app import __version__
from app.cli import (
    alert_commands,
    automation_commands,
    calibrate_command,
    challenge_commands,
    check_command,
    compare_command,
    data_commands,
    explain_command,
    gates_command,
    model_commands,
    monitor_commands,
    project_commands,
    referee_command,
    release_commands,
    reproduce_command,
    running_commands,
    runs_command,
    sample_command,
    service_commands,
    source_commands,
    threshold_command,
    train_command,
    version_commands,
    worth_command,
)
from app.cli.command import Command

_IN_THE_ORDER_OF_THE_LOOP = (
    "new",
    "add",
    "refresh",
    "derive",
    "versions",
    "rename",
    "diff",
    "check",
    "gates",
    "train",
    "runs",
    "compare",
    "reproduce",
    "referee",
    "explain",
    "calibrate",
    "threshold",
    "approve",
    "bundle",
    "predict",
    "serve",
    "services",
    "stop",
    "promote",
    "rollback",
    "settle",
    "retire",
    "releases",
    "environments",
    "collect",
    "labels",
    "monitor",
    "worth",
    "retrain",
    "challenges",
    "rehearse",
    "decide",
    "alerts",
    "automations",
    "run-due",
    "trace",
    "verify",
    "audit",
    "sample",
)

_TEACHES = """\
Modelyard takes a model from a dropped file to a running service, and proves every step.
Without a command it opens the window; with a project's folder it opens that project.
"""

_EPILOG = """\
the whole loop:
  modelyard new P
  modelyard add P churn.csv
  modelyard train P churn
  modelyard approve P 1 --reason "Better than the rule we use today"
  modelyard bundle P churn@1
  modelyard serve P/bundles/churn@1

exit codes:
  0 done; 1 failed or not whole; 2 wrong usage; 3 a gate failed; 4 data refused or a check blocks;
  5 drift or performance says act; 6 conflict; 130 cancelled
"""


class UsageError(Exception):
    """The command line was not understood. ``usage``: the line that shows how it is written."""

    def __init__(self, message: str, usage: str) -> None:
        super().__init__(message)
        self.message = message
        self.usage = usage


class Parser(argparse.ArgumentParser):
    """Raises instead of exiting, so that ``--json`` is answered with JSON here too."""

    def error(self, message: str) -> NoReturn:
        """Raise ``UsageError``."""
        raise UsageError(message, self.format_usage().strip())


def commands() -> dict[str, Command]:
    """Every command by its name, in the order of the loop."""
    files = (
        project_commands,
        data_commands,
        source_commands,
        check_command,
        gates_command,
        train_command,
        runs_command,
        reproduce_command,
        compare_command,
        referee_command,
        explain_command,
        calibrate_command,
        threshold_command,
        model_commands,
        service_commands,
        running_commands,
        release_commands,
        monitor_commands,
        worth_command,
        challenge_commands,
        alert_commands,
        automation_commands,
        sample_command,
        version_commands,
    )
    found = {command.name: command for file in files for command in file.COMMANDS}
    return {name: found[name] for name in _IN_THE_ORDER_OF_THE_LOOP}


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """The parsed line; ``args.command`` is the ``Command``. UsageError if it is none."""
    return _parser(argv).parse_args(argv)


def _parser(argv: Sequence[str]) -> Parser:
    """Knows every verb, and the arguments of those that the line names: some import what others never need."""
    parser = Parser(
        "modelyard",
        usage="modelyard [PROJECT] | modelyard COMMAND ...",
        description=_TEACHES,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"modelyard {__version__}")
    verbs = parser.add_subparsers(metavar="COMMAND", required=True, prog="modelyard", parser_class=Parser)
    for command in commands().values():
        verb = verbs.add_parser(
            command.name,
            help=command.summary,
            description=command.teaches,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if command.name in argv:
            command.arguments(verb)
            _common(verb)
        verb.set_defaults(command=command)
    return parser


def _common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="answer with one JSON object on standard output")
    parser.add_argument("--as", dest="actor", metavar="NAME", help="who acts (default: the system's user)")
