"""Fifty runs of all families are refitted to the byte: in other processes, under other hash seeds and thread settings
than the caller's, and however many workers made them (eight minutes: MODELYARD_LONG=1). Every day only the quickest of
them is; ``test_reproduce`` does it with a run of the usual families."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from random import Random

import numpy as np
import pytest

from app.approval.check import train_and_check
from app.core.data import ColumnEdit, Use
from app.core.progress import Silent
from app.core.runs import CandidateState, Plan, RunState, Score
from app.core.search import BLEND
from app.data.edit import edit_columns
from app.data.intake import add
from app.training import train as training
from app.training.lineup import baselines
from app.training.order import CandidateOrder
from app.training.plan import make_plan
from app.training.search.search_orders import Survey
from app.training.search.spaces import neighbour, portfolio
from tests.training.elsewhere import assert_same_bytes

LONG = "MODELYARD_LONG" in os.environ
RUNS, ROWS = range(50) if LONG else (4,), 360
WIDE, WIDE_S = 760, 25
"""Columns, and seconds in which not all of them are used."""
SEEN: set[str] = set()
"""Families that were refitted, over all runs."""


def mixed(random: np.random.Generator) -> dict[str, object]:
    """Numbers with gaps, categories, yes/no, dates and text."""
    x = random.normal(size=ROWS).round(4)
    return {
        "x": [None if i % 11 == 0 else v for i, v in enumerate(x.tolist())],
        "amount": random.lognormal(size=ROWS).round(3),
        "shop": random.choice(["a", "b", "Zürich", "d e"], ROWS),
        "member": random.choice(["true", "false"], ROWS),
        "seen": (np.datetime64("2025-01-01") + random.integers(0, 300, ROWS)).astype(str),
        "note": [f"{random.choice(['good', 'bad', 'groß'])} service no {i % 40}, again" for i in range(ROWS)],
        "_score": x + random.normal(size=ROWS) * 0.5,
    }


def table_of(kind: str, random: np.random.Generator) -> dict[str, object]:
    """A table whose target asks for this kind of answer; of a wide one only some columns are used. The
    target's name is that of the kind, so that none is a version of another."""
    columns = mixed(random)
    score = np.asarray(columns.pop("_score"))
    if kind == "wide":
        columns |= {f"n{i}": random.normal(size=ROWS).round(4) for i in range(WIDE)}
    if kind == "anomaly":
        return columns
    if kind == "regression":
        return columns | {kind: (10 + 3 * score).round(4)}
    classes = np.array(["low", "mid", "high"])[np.digitize(score, [-0.5, 0.5])]
    return columns | {kind: classes if kind == "multiclass" else np.where(score > 0, "yes", "no")}


LEAST = {"binary": 8, "multiclass": 8, "regression": 7, "wide": 3, "anomaly": 2}
"""Candidates a run that have to be there; one may be refused in words, or be left out as it took too long."""
KINDS = tuple(LEAST)


@pytest.fixture(scope="module")
def plan_of(training_project, write_csv) -> Callable[[str], Plan]:
    """The plan for a kind of target; its table is added when it is asked for."""

    @cache
    def made(kind: str) -> Plan:
        path = write_csv(kind, table_of(kind, np.random.default_rng(KINDS.index(kind))))
        added = add(training_project, path, target=None if kind == "anomaly" else kind, ctx=Silent())
        reading = added.reading
        if kind == "anomaly" and reading.target is not None:
            none = [ColumnEdit(reading.target, use=Use.INPUT)]
            reading = edit_columns(training_project, reading.id, none, ctx=Silent())
        seconds = WIDE_S if kind == "wide" else 120
        return make_plan(training_project, added.version, reading, seconds=seconds)

    return made


def drawn(plan: Plan, random: Random) -> Iterator[CandidateOrder]:
    """The baselines, and of each family settings that a search could pick; an average of two, and of copies."""
    yield from baselines()
    survey = Survey(rows=ROWS, features=40, classes=3, folds=5, categories=1, texts=1, fit_s=0.1, log=False)
    cv = Score(0.5, 0.4, 0.6)
    known = {family: settings for _, family, settings in portfolio(plan, survey)}
    made = []
    for family, settings in known.items():
        near = neighbour(family, settings, plan, survey, random)
        if family == "boosting":
            near |= {"iterations": 40}
        made.append((family, near))
        yield CandidateOrder(family, family, 0.9, variant=json.dumps(near, sort_keys=True), cv=cv, folds=5)
    (one, first), (other, second) = random.sample(made, 2)
    members = [{"family": one, "params": first, "weight": 0.75}, {"family": other, "params": second, "weight": 0.25}]
    variant = json.dumps({"members": json.dumps(members, sort_keys=True)})
    yield CandidateOrder("Blend of 2", BLEND, 0.9, variant=variant, cv=cv, folds=5)
    copies = json.dumps({**first, "copies": 2}, sort_keys=True)
    yield CandidateOrder(f"{one}, copies", one, 0.9, variant=copies, cv=cv, folds=5)


@pytest.mark.parametrize("number", RUNS)
def test_a_run_is_refitted_to_the_byte_elsewhere(number, plan_of, training_project, monkeypatch):
    kind, random = KINDS[number % len(KINDS)], Random(number)
    monkeypatch.setattr(training, "WORKERS", 1 + number % 3)
    for name, value in (("PYTHONHASHSEED", number), ("OMP_NUM_THREADS", 1 + number % 4), ("OPENBLAS_NUM_THREADS", 2)):
        monkeypatch.setenv(name, str(value))
    plan = replace(plan_of(kind), seed=number)
    only = () if kind == "anomaly" else tuple(drawn(plan, random))
    if kind == "wide":
        only = (*only[:3], *random.sample(only[3:], 3))
    run = train_and_check(training_project, plan, Silent(), only=only)
    made = [c for c in run.candidates if c.state is CandidateState.PASSED and c.onnx_sha256]
    assert run.state is RunState.FINISHED and len(made) >= LEAST[kind], run.notes
    assert kind != "wide" or any("columns" in note for note in run.notes)
    SEEN.update(c.family for c in made)
    assert_same_bytes(training_project.path, made)


@pytest.mark.skipif(not LONG, reason="needs all fifty: MODELYARD_LONG=1")
def test_every_family_was_among_them():
    assert {"dummy", "tree", "linear", "forest", "boosting", "network", "kernel", "blend", "isolation"} <= SEEN
