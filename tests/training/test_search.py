"""A searching run: trials first, then candidates of the best and an average of them, all proven and reproducible."""

import json
import time
from dataclasses import replace

import pytest
from sklearn.datasets import load_breast_cancer

from app.approval.check import train_and_check
from app.core.progress import Silent
from app.core.proofs import Verdict
from app.core.runs import CandidateState, RunState
from app.core.search import BLEND
from app.registry import runs
from app.registry.trials import trials_of
from app.training import results
from app.training.reproduce import reproduce
from app.training.search.trial_log import TrialLog, unfinished

ENOUGH = 9


@pytest.fixture(scope="module")
def searched(training_project, write_csv, plan_of):
    """A run that was asked to stop after some trials, with what it told."""
    found = load_breast_cancer()
    columns = {f"x{i}": found.data[:, i] for i in range(12)} | {"y": found.target}
    plan = replace(plan_of(write_csv("searched", columns), "y", seconds=60), search=True)
    trials, candidates = [], []
    started = time.monotonic()
    run = train_and_check(
        training_project,
        plan,
        Silent(),
        candidates.append,
        on_trial=trials.append,
        asked_to_stop=lambda: len(trials) >= ENOUGH,
    )
    return run, trials, candidates, time.monotonic() - started


def test_trials_are_told_as_they_finish_and_are_no_candidates(searched):
    run, trials, candidates, _ = searched
    assert ENOUGH <= len(trials) <= ENOUGH + 2
    assert len({t.number for t in trials}) == len(trials) and {t.family for t in trials} >= {"boosting", "linear"}
    assert [t.at for t in trials] == sorted(t.at for t in trials)
    assert all(t.score and t.score.low <= t.score.value <= t.score.high and t.rows > 300 for t in trials)
    assert all(json.loads(t.settings) for t in trials)
    assert len(run.candidates) < len(trials) and [c.id for c in candidates] == [c.id for c in run.candidates]


def test_stop_and_keep_the_best_ends_at_once_with_candidates(searched):
    run, _, _, seconds = searched
    assert run.state is RunState.FINISHED and seconds < 45
    assert any("You asked to stop and keep the best." in note for note in run.notes)
    assert run.best is not None


def test_the_best_of_each_family_and_an_average_are_proven_candidates(searched):
    run, trials, _, _ = searched
    assert {c.family for c in run.candidates} >= {"dummy", "sql", "tree", "boosting", "linear"}
    assert all(c.state is CandidateState.PASSED for c in run.candidates)
    for candidate in run.candidates:
        if ", trial " in candidate.name:
            trial = next(t for t in trials if t.number == int(candidate.name.rpartition(" ")[2]))
            assert candidate.cv == trial.score, "its folds are not run again"
            assert trial.score.value == max(t.score.value for t in trials if t.family == trial.family)


def test_an_average_is_one_graph_with_its_members_in_the_recipe_and_is_refitted_to_the_byte(training_project, searched):
    run, trials, _, _ = searched
    mixed = next(c for c in run.candidates if c.family == BLEND)
    members = json.loads(json.loads(results.recipe(training_project, mixed).params)["members"])
    assert 2 <= len(members) <= 4 and sum(m["weight"] for m in members) == pytest.approx(1.0)
    assert mixed.cv.value >= max(t.score.value for t in trials)
    assert results.certificate(training_project, mixed).passed
    assert reproduce(training_project, mixed.id, Silent()).verdict is Verdict.IDENTICAL


def test_trials_are_kept_with_the_run_and_gone_on_with_where_it_was_cut_off(training_project, searched):
    run, trials, _, _ = searched
    assert trials_of(training_project, run.id) == tuple(sorted(trials, key=lambda t: t.number))
    assert unfinished(training_project, run.plan, run.dataset_id) is None, "that run has finished"
    cut = runs.start_run(training_project, run.dataset_id, run.plan, run.environment_sha256)
    log = TrialLog(training_project, cut.id, None)
    for trial in trials:
        log.take(trial)
    log.flush()
    runs.end_run(training_project, cut.id, RunState.INTERRUPTED)
    again, best = unfinished(training_project, replace(run.plan, seconds=5.0), run.dataset_id)
    assert again.id == cut.id and best[0].score.value == max(t.score.value for t in trials)
    assert unfinished(training_project, replace(run.plan, metric="log_loss"), run.dataset_id) is None
    assert unfinished(training_project, replace(run.plan, families=("linear",)), run.dataset_id) is None
    later = runs.start_run(training_project, run.dataset_id, run.plan, run.environment_sha256)
    runs.end_run(training_project, later.id, RunState.FINISHED)
    assert unfinished(training_project, run.plan, run.dataset_id) is None, "a later one has finished"
