"""Numbers that a line holds: what is none is told in words, before anything is done."""

from __future__ import annotations

import argparse


def positive(text: str) -> float:
    """More than 0. ArgumentTypeError for what is not."""
    try:
        number = float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no number") from error
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError("must be more than 0")
    return number


def count(text: str) -> int:
    """1 or more. ArgumentTypeError for what is not."""
    try:
        number = int(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number") from error
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number
