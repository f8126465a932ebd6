"""The command line: the same verbs as the window, for continuous integration, schedules and servers."""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Sequence
from pathlib import Path

from app.cli import faults
from app.cli.answer import Answer, Exit, Voice
from app.cli.command import Command, Request, default_actor
from app.cli.parser import UsageError, commands, parse
from app.errors import JobCancelled, ModelyardError
from app.serving.interpreter import FROZEN_WORD, run_here


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line; its exit code. Without a command: the window."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words[:1] == [FROZEN_WORD]:
        return run_here(words[1:])
    if _opens_window(words):
        from app.cli.window import open_window

        return open_window(words)
    voice = Voice("--json" in words)
    try:
        args = parse(words)
    except UsageError as error:
        return _explain_usage(voice, error, words)
    faults.install(voice)
    return voice.finish(_outcome(args.command, args, voice))


def _opens_window(words: Sequence[str]) -> bool:
    """No word at all, or one that is no command but exists: a project or files to open."""
    if not words:
        return True
    first = words[0]
    return first not in commands() and not first.startswith("-") and Path(first).expanduser().exists()


def _outcome(command: Command, args: argparse.Namespace, voice: Voice) -> Answer | ModelyardError | None:
    """Run the verb below a progress bar; what it answered or raised, told once the bar is gone."""
    from app.jobs.console import Console

    try:
        with Console() as console:

            def remark(sentence: str) -> None:
                console.clear()
                voice.complain(sentence)

            return command.run(Request(args, args.actor or default_actor(), console, remark))
    except ModelyardError as error:
        return error
    except KeyboardInterrupt:
        return JobCancelled()


def _explain_usage(voice: Voice, error: UsageError, words: Sequence[str]) -> int:
    if words and set(words[0]) & set("/\\"):  # no command is called so: a project or file to open that is not there
        error = UsageError(f"there is no file or folder {words[0]}", error.usage)
    if voice.as_json:
        voice.say_json({"error": {"kind": "Usage", "message": error.message, "hint": error.usage}})
    voice.complain(f"modelyard: {error.message}", _suggestion(words) or error.usage)
    return int(Exit.USAGE)


def _suggestion(words: Sequence[str]) -> str:
    near = difflib.get_close_matches(words[0], commands(), n=1)
    return f"Did you mean: modelyard {near[0]}" if near and words[0] not in commands() else ""
