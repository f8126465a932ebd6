"""``train --resume``: go on with a run that was cut off."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from app.cli.command import Request
from app.core.runs import FAMILIES

if TYPE_CHECKING:
    from app.core.data import Dataset, DataVersion
    from app.core.runs import Run
    from app.registry.project import Project

SECONDS = 20.0
OF_A_PLAN = {
    "target": None, "metric": None, "cost": None, "seconds": SECONDS, "no_search": False, "families": FAMILIES,
    "seed": 0, "split": None,
}  # fmt: skip
"""What a line of ``train`` may ask for, where it does not."""


def resume_argument(parser: argparse.ArgumentParser) -> None:
    """``--resume``."""
    parser.add_argument(
        "--resume",
        action="store_true",
        help="go on with the run that was cut off, beginning with the best it had tried",
    )


def resumed(request: Request, project: Project) -> tuple[Dataset, DataVersion, Run]:
    """The plan is that of the run that was cut off. BadInput beside what would change it; NotFound without one."""
    from app.approval.check import resume
    from app.errors import BadInput
    from app.registry import datasets
    from app.training.search.trial_log import cut_off

    asked = vars(request.args)
    if any(asked[name] != usual for name, usual in OF_A_PLAN.items()):
        raise BadInput("--resume goes on with what the run was asked for.", "Leave the other options out.")
    dataset, version = datasets.find_version(project, request.text("dataset"))
    run = cut_off(project, dataset.id, version.id if request.text("dataset") != dataset.name else None)
    return dataset, datasets.version(project, run.plan.version_id), resume(project, run, request.ctx)
