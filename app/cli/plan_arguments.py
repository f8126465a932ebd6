"""--search, --families, --seconds: what a retraining does otherwise than the champion's plan."""

from __future__ import annotations

import argparse

from app.cli.train_command import families_of, positive
from app.core.challenges import SAME_PLAN, ChangedPlan


def plan_arguments(parser: argparse.ArgumentParser) -> None:
    """The same words wherever something is retrained."""
    parser.add_argument(
        "--search", action="store_true", help="do the champion's whole search again instead of fitting its recipe"
    )
    parser.add_argument(
        "--families",
        metavar="NAMES",
        type=families_of,
        help="try these kinds of models instead, with commas: linear, forest, boosting, network",
    )
    parser.add_argument("--seconds", metavar="S", type=positive, help="bounds the training (default: as before)")


def changed_plan(args: argparse.Namespace, before: ChangedPlan = SAME_PLAN) -> ChangedPlan:
    """What the line asks for; ``before`` where it says nothing."""
    if getattr(args, "same_recipe", False):
        return SAME_PLAN
    asked = ChangedPlan(args.search, args.families or (), args.seconds)
    return before if asked == SAME_PLAN else asked
