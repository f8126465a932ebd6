"""The SQL referee is right where the answer is known, and says so when it cannot tell."""

import numpy as np
import pytest
from sklearn.datasets import load_wine

from app.approval.check import train_and_check
from app.core.progress import Silent
from app.core.referee import Query, Ruling
from app.core.runs import Candidate, CandidateState, Score
from app.errors import NotFound
from app.registry import audit, runs, verdicts
from app.training.referee import decide, query_of, referee
from app.training.referee_order import Scores

FAST = ("boosting",)


def planted(rows, hard, seed=0):
    """Two columns decide by a rule, or four by their product, which no small rule can follow."""
    dice = np.random.default_rng(seed)
    columns = {f"x{i}": dice.normal(size=rows).round(4) for i in range(6)}
    if hard:
        yes = np.sin(3 * columns["x0"]) * columns["x1"] * columns["x2"] > 0
    else:
        yes = (columns["x0"] > 0.3) & (columns["x1"] < 0.9)
    noise = dice.random(rows) < 0.03
    return columns | {"bought": np.where(yes ^ noise, "yes", "no")}


@pytest.fixture(scope="module")
def judged(training_project, write_csv, plan_of):
    """A finished run on columns with the verdict on it."""

    def judge(name, columns):
        plan = plan_of(write_csv(name, columns), list(columns)[-1], families=FAST)
        run = train_and_check(training_project, plan, Silent())
        return run, verdicts.verdict_of(training_project, run.id)

    return judge


@pytest.fixture(scope="module")
def ruled(judged):
    """The verdict where a rule decides; enough rows that an interval is well within what counts as better."""
    return judged("rule", planted(20_000, hard=False))[1]


def test_where_a_rule_decides_sql_is_enough(ruled):
    verdict = ruled
    assert verdict.ruling is Ruling.ENOUGH, verdict.sentence
    assert len(verdict.query.lines) < 20 and "SQL is enough" in verdict.sentence
    assert "worth a model above 0.01" in verdict.sentence
    assert verdict.model_score_s is not None and 0 < verdict.model_score_s < 60 and verdict.query.score_s > 0


def test_every_rule_is_run_on_the_hold_out_and_the_verdict_is_about_the_one_of_the_folds(ruled):
    verdict = ruled
    titles = [rule.query.title for rule in verdict.rules]
    assert titles[0] == "The same answer for every row" and any(t.startswith("A weighted sum") for t in titles)
    assert [t for t in titles if t.startswith("A tree")] == [f"A tree of depth {d}" for d in (1, 2, 3)]
    chosen = [rule for rule in verdict.rules if rule.chosen]
    assert len(chosen) == 1 and chosen[0].query.lines == verdict.query.lines
    assert chosen[0].score.value == verdict.query_score and chosen[0].difference == verdict.difference
    for rule in verdict.rules:
        assert rule.score.low <= rule.score.value <= rule.score.high and rule.query.score_s > 0 and not rule.note
        assert rule.difference.value == pytest.approx(verdict.model_score - rule.score.value)
    best = max(rule.cv.value for rule in verdict.rules)
    assert chosen[0].cv.value >= best - 0.002, "the simplest that loses nothing over the folds"
    assert verdict.model_interval.low <= verdict.model_score <= verdict.model_interval.high


def test_where_no_small_rule_can_follow_sql_is_not_enough(judged):
    _, verdict = judged("hard", planted(3000, hard=True))
    assert verdict.ruling is Ruling.NOT_ENOUGH, verdict.sentence
    assert verdict.difference.low > verdict.margin


@pytest.mark.parametrize(("high", "said"), [(-0.002, True), (0.004, False)])
def test_a_query_that_is_better_beyond_noise_is_said_to_be(high, said):
    best = Candidate("c", "r", "Linear model", "linear", CandidateState.PASSED, False, 1.0)
    scores = Scores(0.90, 0.94, Score(-0.04, -0.08, high))
    verdict = decide("roc_auc", best, Query("A tree", ("1",), 0.1, 0.1), scores)
    assert verdict.ruling is Ruling.ENOUGH and verdict.sentence.endswith("SQL is enough.")
    assert ("the query is better" in verdict.sentence) is said


def test_few_rows_cannot_tell(judged):
    _, verdict = judged("small", planted(60, hard=True, seed=3))
    assert verdict.ruling is Ruling.UNDECIDED, verdict.sentence


def test_several_classes_are_judged_by_accuracy(training_project, judged):
    bunch = load_wine()
    columns = dict(zip(bunch.feature_names, bunch.data.T, strict=True)) | {"kind": bunch.target_names[bunch.target]}
    run, verdict = judged("wine", columns)
    assert verdict.metric == "accuracy"
    assert query_of(training_project, run) == verdict.query
    sql = next(c for c in run.candidates if c.family == "sql")
    assert sql.baseline and sql.holdout and run.best.family != "sql"


def test_the_verdict_is_recorded_once_with_the_history(training_project, judged):
    run, verdict = judged("again", planted(300, hard=False, seed=5))
    entries = audit.count(training_project)
    assert referee(training_project, runs.run(training_project, run.id), Silent()) == verdict
    verdicts.record_verdict(training_project, run.id, verdict)
    assert audit.count(training_project) == entries
    assert audit.entries(training_project, verb="run.verdict", limit=1)[0].noun == f"run:{run.id}"


def test_a_run_without_a_query_says_so(training_project, judged, plan_of, write_csv):
    from app.core.runs import RunState

    plan = plan_of(write_csv("none", planted(200, hard=False, seed=9)), "bought")
    environment = training_project.objects.put_json({})
    version = plan.version_id
    from app.registry import datasets

    run = runs.start_run(training_project, datasets.version(training_project, version).dataset_id, plan, environment)
    runs.end_run(training_project, run.id, RunState.CANCELLED)
    with pytest.raises(NotFound, match="no query"):
        referee(training_project, runs.run(training_project, run.id), Silent())
