"""What a command is made of. Command files import only this and ``answer`` at their top: a list of
all commands must cost nothing."""

from __future__ import annotations

import argparse
import getpass
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.answer import Answer
from app.core.progress import JobContext

if TYPE_CHECKING:
    from app.registry.project import Project


@dataclass(frozen=True, slots=True)
class Request:
    """A parsed command line: its arguments, who acts, where progress goes. ``remark`` says a sentence on
    standard error while the command goes on."""

    args: argparse.Namespace
    actor: str
    ctx: JobContext
    remark: Callable[[str], None]

    def text(self, name: str) -> str:
        """A required argument."""
        return str(getattr(self.args, name))

    def optional(self, name: str) -> str | None:
        """An argument that may be missing."""
        value = getattr(self.args, name)
        return None if value is None else str(value)

    def path(self, name: str) -> Path:
        """A path as the person meant it: ``~`` expanded, absolute."""
        return Path(self.text(name)).expanduser().absolute()

    def project(self) -> AbstractContextManager[Project]:
        """The project named first, opened; closed at the end of the ``with``."""
        from app.registry.project import Project

        return Project.open(self.path("project"), actor=self.actor)


@dataclass(frozen=True, slots=True)
class Command:
    """A verb of the command line. ``teaches``: the text of its ``--help``, with an example.

    ``run`` returns None if it has said everything itself (a server says where it listens, then blocks).
    """

    name: str
    summary: str
    teaches: str
    arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[Request], Answer | None]


def project_argument(parser: argparse.ArgumentParser) -> None:
    """The folder that most commands take first."""
    parser.add_argument("project", metavar="PROJECT", help="the project's folder")


def run_argument(parser: argparse.ArgumentParser, name: str = "run") -> None:
    """The run that a command is about."""
    parser.add_argument(name, metavar="RUN", help="a run's id, the beginning of it, or its number")


def candidate_arguments(parser: argparse.ArgumentParser) -> None:
    """A run and, if not its best one, the candidate that a command is about."""
    run_argument(parser)
    parser.add_argument("--candidate", help="a candidate's name (default: the best one)")


def default_actor() -> str:
    """Who acts when nobody was named: ``MODELYARD_ACTOR``, else the name of the system's user."""
    named = os.environ.get("MODELYARD_ACTOR", "").strip()
    if named:
        return named
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run a user id without a name
        return "unknown"
