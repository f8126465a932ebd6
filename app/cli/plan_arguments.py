"""--families, --seconds: what a plan tries and how long; --search: what a retraining does otherwise than the
champion's."""

from __future__ import annotations

import argparse

from app.cli.numbers import positive
from app.core.challenges import SAME_PLAN, ChangedPlan
from app.core.runs import FAMILIES


def families_argument(parser: argparse.ArgumentParser, told: str, usual: tuple[str, ...] = ()) -> None:
    """--families. ``usual``: those that are tried where the line names none."""
    parser.add_argument("--families", metavar="NAMES", type=_families, default=usual, help=told)


def seconds_argument(parser: argparse.ArgumentParser, told: str, usual: float | None = None) -> None:
    """--seconds. ``usual``: how long it may take where the line does not say."""
    parser.add_argument("--seconds", metavar="S", type=positive, default=usual, help=told)


def plan_arguments(parser: argparse.ArgumentParser) -> None:
    """The same words wherever something is retrained."""
    parser.add_argument(
        "--search", action="store_true", help="do the champion's whole search again instead of fitting its recipe"
    )
    families_argument(parser, f"try these kinds of models instead, with commas: {', '.join(FAMILIES)}")
    seconds_argument(parser, "bounds the training (default: as before)")


def changed_plan(args: argparse.Namespace, before: ChangedPlan = SAME_PLAN) -> ChangedPlan:
    """What the line asks for; ``before`` where it says nothing."""
    was = SAME_PLAN if getattr(args, "same_recipe", False) else before
    seconds = was.seconds if args.seconds is None else args.seconds
    return ChangedPlan(args.search or was.search, args.families or was.families, seconds)


def _families(text: str) -> tuple[str, ...]:
    """``linear,boosting``. ArgumentTypeError for a family that does not exist."""
    names = tuple(text.split(","))
    if unknown := [name for name in names if name not in FAMILIES]:
        raise argparse.ArgumentTypeError(f"no such family: {', '.join(unknown)}; there are {', '.join(FAMILIES)}")
    return names
