"""A project with one trained run, and candidates that must not pass."""

import csv

import numpy as np
import pytest

from app.core.progress import Silent
from app.registry.project import Project


@pytest.fixture(scope="module")
def approval_project(tmp_path_factory):
    with Project.create(tmp_path_factory.mktemp("approval") / "project", actor="Ada <ada@example.org>") as project:
        yield project


@pytest.fixture(scope="module")
def train_table(approval_project, tmp_path_factory):
    """Write columns as CSV, add it and train linear models on it; the run."""
    from dataclasses import replace

    from app.approval.check import train_and_check
    from app.data.intake import add
    from app.training.plan import make_plan

    def train(name: str, columns: dict, families=("linear",)):
        path = tmp_path_factory.mktemp("csv") / f"{name}.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            writer.writerows(zip(*(np.asarray(v, dtype=object).tolist() for v in columns.values()), strict=True))
        added = add(approval_project, path, target="y", ctx=Silent())
        plan = make_plan(approval_project, added.version, added.reading)
        return train_and_check(approval_project, replace(plan, families=families), Silent())

    return train


@pytest.fixture(scope="module")
def good_run(train_table):
    random = np.random.default_rng(0)
    x = random.normal(size=500)
    kind = random.choice(["plain", "a | <b>*c*</b>"], 500)
    return train_table("good *names*", {"x | y": x, "kind": kind, "y": np.where(x > 0.1, "yes", "no")})


@pytest.fixture(scope="module")
def noise_run(train_table):
    random = np.random.default_rng(1)
    columns = {"x": random.normal(size=400), "z": random.normal(size=400), "y": random.choice(["yes", "no"], 400)}
    return train_table("noise", columns)
