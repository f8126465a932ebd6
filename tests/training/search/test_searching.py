"""What the search proposes, without any process: results are made up."""

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.metrics import cost_metric
from app.core.runs import Plan, Score, Task
from app.core.search import Trial
from app.errors import JobCrashed
from app.training.lineup import baselines
from app.training.order import Fitted
from app.training.search.rescaling import for_all_rows, hurried, portable
from app.training.search.search_notes import imbalance_note
from app.training.search.search_orders import Blended, Done, Survey, Tried, Work
from app.training.search.search_rungs import Rung, rungs_for
from app.training.search.searching import PATIENCE, Search
from app.training.search.spaces import RANGES, class_weights, portfolio, quick_enough

PLAN = Plan("v", "r", "y", Task.BINARY, "roc_auc", "yes", search=True)
SURVEY = Survey(rows=2000, features=8, classes=2, folds=5, categories=2, texts=0, fit_s=0.01)


def search_with(survey=SURVEY, seconds=60.0, plan=PLAN, stop=lambda: False):
    now = time.monotonic()
    first = sorted(baselines(), key=lambda order: order.family == "sql")
    search = Search(plan, now, now + seconds, first, stop, lambda _: None)
    assert search.next() == search.next().__class__(), "the survey comes first"
    search.take(search.next() or search.next().__class__(), Done(survey=survey), Path())
    return search


def tried(order, value, refit_s=0.01):
    settings = {"iterations": 50, **json.loads(order.variant)}
    return Tried(json.dumps(settings), Score(value, value - 0.01, value + 0.01), 1600, order.folds, 0.1, refit_s)


def drive(search, value_of, most=500):
    """Play the pool with one child until there is nothing to do; what was done."""
    done = []
    while (work := search.next()) is not None and len(done) < most:
        done.append(work)
        if work.trial:
            search.take(work, Done(tried=tried(work.trial, value_of(work.trial))), Path(str(len(done))))
        elif work.blend:
            pairs = ((work.blend.ingredients[0].number, 0.75), (work.blend.ingredients[1].number, 0.25))
            search.take(work, Done(blended=Blended(pairs, Score(0.99, 0.98, 1.0), 0.1)), Path())
        elif work.candidate:
            fitted = Fitted(work.candidate.name, "passed", 0.2)
            search.take(work, Done(fitted=fitted), Path())
    return done


def by_strength(order):
    """The stronger the penalty, the better, up to 10; other families know less."""
    settings = json.loads(order.variant)
    return 0.9 - abs(settings["strength"] - 10) / 1e4 if order.family == "linear" else 0.7


def test_the_portfolio_comes_first_then_neighbours_of_the_best_then_candidates():
    done = drive(search_with(), by_strength)
    trials = [w.trial for w in done if w.trial]
    names = [name for name, _, _ in portfolio(PLAN, SURVEY)]
    assert [t.name for t in trials[: len(names)]] == names
    assert {t.family for t in trials[len(names) :]} >= {"linear"}
    finals = [w.candidate for w in done if w.candidate and w.candidate.folds]
    assert [f.family for f in finals][:1] == ["blend"] and "linear" in {f.family for f in finals}
    members = json.loads(json.loads(finals[0].variant)["members"])
    assert sum(m["weight"] for m in members) == 1


def test_it_ends_when_nothing_gets_better():
    search = search_with(seconds=3600.0)
    done = drive(search, lambda _: 0.8)
    assert search.ended_by == "settled"
    assert len([w for w in done if w.trial]) < PATIENCE + 5


def test_what_is_proposed_depends_on_what_finished_and_on_the_seed_alone():
    def proposed(plan):
        return [w.trial.variant for w in drive(search_with(plan=plan, seconds=3600.0), by_strength) if w.trial]

    assert proposed(PLAN) == proposed(PLAN)
    assert proposed(PLAN) != proposed(replace(PLAN, seed=1))


def test_proposals_stay_in_their_ranges():
    for work in drive(search_with(), lambda order: 0.9 - order.number / 1e5 if order.number > 14 else 0.5):
        if work.trial and work.trial.number > 14:
            settings = json.loads(work.trial.variant)
            for key, bounds in RANGES[work.trial.family].items():
                assert key not in settings or bounds.low <= settings[key] <= bounds.high, (key, settings)


def test_asked_to_stop_it_makes_candidates_of_what_it_has():
    asked = []
    search = search_with(stop=lambda: len(asked) > 3)
    done = drive(search, lambda order: asked.append(order) or 0.8)
    assert search.ended_by == "stopped" and len([w for w in done if w.trial]) == 4
    assert [w.candidate.family for w in done if w.candidate and w.candidate.folds]


def test_a_trial_that_crashes_costs_itself_alone_and_is_told():
    search = search_with()
    while not (work := search.next()).trial:
        pass
    search.take(work, JobCrashed("The job crashed inside a library (abort)."), Path())
    assert search.trials[0].score is None and "crashed" in search.trials[0].note
    assert search.next() is not None


@pytest.mark.parametrize(
    ("fit_s", "rungs"),
    [
        (0.01, (Rung(0, 5),)),
        (0.6, (Rung(0, 1),)),
    ],
)
def test_folds_become_fewer_where_a_fit_is_dear(fit_s, rungs):
    assert rungs_for(replace(SURVEY, fit_s=fit_s), 20.0) == rungs


def test_where_one_fold_is_too_dear_trials_begin_on_few_rows():
    found = rungs_for(replace(SURVEY, rows=200_000, fit_s=8.0), 20.0)
    assert len(found) >= 2 and found[-1] == Rung(0, 1)
    assert 8_000 <= found[0].rows <= 50_000 and all(rung.folds == 1 for rung in found)


def test_the_best_of_few_rows_are_tried_on_more():
    survey = replace(SURVEY, rows=200_000, fit_s=20.0)
    search = search_with(survey, seconds=30.0)
    assert len(search.rungs) > 1
    trials = [w.trial for w in drive(search, lambda order: 0.8 + (order.family == "boosting") * 0.1) if w.trial]
    higher = [t for t in trials if t.rows != search.rungs[0].rows]
    assert higher and {t.family for t in higher} == {"boosting"}


def test_a_rare_class_is_said_and_weighed_where_the_metric_asks_for_it():
    rare = replace(SURVEY, smallest=0.03, rarest="yes")
    balanced = replace(PLAN, metric="balanced_accuracy")
    assert all("weights" not in settings for _, _, settings in portfolio(PLAN, rare))
    assert {settings.get("weights") for _, _, settings in portfolio(balanced, rare)} == {"balanced"}
    assert "Only 3 % of the rows are “yes”. Its rows weigh more" in imbalance_note(balanced, rare)[0]
    assert "Rows are not weighted" in imbalance_note(PLAN, rare)[0]
    assert not imbalance_note(PLAN, replace(SURVEY, smallest=0.4, rarest="yes"))


def test_costs_of_mistakes_weigh_the_classes_they_are_made_on():
    plan = replace(PLAN, metric=cost_metric({("yes", "no"): 100.0, ("no", "yes"): 5.0}))
    assert json.loads(str(class_weights(plan)["weights"])) == {"no": 5.0, "yes": 100.0}


def test_settings_of_a_run_that_was_cut_off_are_tried_first():
    now = time.monotonic()
    held = Trial(7, "Gradient boosting", "boosting", '{"rate": 0.033, "iterations": 90}', None, 0.1, 9, 5, 2.0)
    search = Search(PLAN, now, now + 60, [], lambda: False, lambda _: None, (held,))
    search.take(search.next(), Done(survey=SURVEY), Path())
    trials = [w.trial for w in drive(search, by_strength) if w.trial]
    assert json.loads(trials[0].variant) == {"rate": 0.033}, "how far it grows is found anew"
    assert [t.name for t in trials].count("Linear model") >= 1
    assert trials[1].name != "Gradient boosting", "what was known by that name is not tried twice"


def test_what_may_be_best_is_scored_on_the_folds_of_the_trials():
    search = search_with(replace(SURVEY, rows=50_000, fit_s=0.5), seconds=20.0)
    done = drive(search, by_strength)
    tree = next(w.candidate for w in done if w.candidate and w.candidate.family == "tree")
    assert tree.scored_on == search.rungs[-1].folds < 5


def test_a_machine_that_was_slow_to_start_is_given_more_time_at_the_end():
    now = time.monotonic()
    quick, slow = (Search(PLAN, now - s, now + 40, [], lambda: False, lambda _: None) for s in (1.0, 12.0))
    for search in (quick, slow):
        search.take(Work(), Done(survey=SURVEY), Path())
    assert quick.deadline == now + 40 and now + 30 < slow.deadline < now + 37


def test_settings_found_on_few_rows_are_made_ready_for_all_of_them():
    boosting = {"iterations": 100, "rate": 0.1, "terms": 200}
    assert for_all_rows("boosting", boosting, 160_000, 16.0, 9.0)["iterations"] == 303
    assert for_all_rows("boosting", {**boosting, "leaves": 20}, 160_000, 16.0, 9.0)["leaves"] == 40
    hurried = for_all_rows("boosting", boosting, 160_000, 1.0, 0.5)
    assert hurried["iterations"] == 50 and hurried["rate"] == pytest.approx(0.2)
    assert for_all_rows("boosting", boosting, 2_000, 1.0, 9.0) == boosting
    forest = for_all_rows("forest", {"trees": 100, "sample": 1.0}, 300_000, 30.0, 0.4)
    assert forest == {"trees": 40, "sample": 0.1}
    assert for_all_rows("linear", {"strength": 1.0}, 300_000, 30.0, 0.4) == {"strength": 1.0}


def test_where_all_rows_would_take_too_long_the_sure_model_has_fewer_rows_and_larger_steps():
    settings = {"rate": 0.1, "leaves": 31}
    assert hurried("boosting", settings, 300_000, 2.0) == {**settings, "iterations": 100, "rate": 0.2}
    few = hurried("boosting", settings, 300_000, 0.25)
    assert (few["rows"], few["iterations"], few["rate"]) == (150_000, 50, 0.3)
    assert hurried("linear", {}, 300_000, 0.0) == {"rows": 2_000}


def test_what_a_trial_found_for_its_own_rows_is_not_carried_over():
    assert portable("boosting", {"iterations": 100, "rate": 0.1, "terms": 200}) == {"rate": 0.1}
    assert portable("boosting", {"iterations": 100, "copies": 4}) == {"iterations": 100, "copies": 4}
    assert portable("forest", {"trees": 30, "sample": 0.5, "share": 0.3}) == {"share": 0.3}


def test_where_starting_took_most_of_the_time_a_model_that_is_sure_to_be_done_comes_first():
    search = search_with(seconds=10.0)
    search.started -= 15.0
    sure = search.next().candidate
    assert sure.family == "boosting" and sure.complete and sure.scored_on and json.loads(sure.variant)["iterations"]
    assert search.next().candidate.family == "tree"
    assert search.next().trial is not None, "the query can wait"


def test_boosting_of_a_dear_table_takes_larger_steps_from_the_beginning():
    settings = {"rate": 0.1, "leaves": 31}
    assert quick_enough(settings, 1000) == settings
    assert quick_enough(settings, 100)["rate"] == 0.2
    assert quick_enough({**settings, "leaves": 62}, 100)["rate"] > 0.2 and quick_enough(settings, 1)["rate"] == 0.3
    dear = replace(SURVEY, rows=200_000, fit_s=14.0)
    rates = [told["rate"] for _, family, told in portfolio(replace(PLAN, seconds=15), dear) if family == "boosting"]
    assert min(rates) == 0.3 and min(told.get("rate", 1) for _, _, told in portfolio(PLAN, SURVEY)) < 0.1


def test_what_the_clock_cut_short_grows_on_while_there_is_time():
    cut = {"iterations": 48, "rate": 0.18, "leaves": 31}

    def grown(able, most=1500):
        return for_all_rows("boosting", cut, 30_000, 1.0, able, most=most, growing=True)

    assert grown(2.0)["iterations"] == 67, "with some time to spare"
    assert grown(50.0)["iterations"] == 111, "then it has learned most"
    assert grown(50.0, most=60)["iterations"] == 60, "a file holds no more"
    search = search_with(replace(SURVEY, rows=100_000, fit_s=3.0), seconds=15.0)
    order = search.next().trial
    search.take(Work(trial=order), Done(tried=replace(tried(order, 0.8), growing=True, most=1500)), Path())
    assert search._until() < search.deadline - 0.3 * 15.0, "time is kept for it"


def test_on_many_rows_larger_trees_come_first():
    def leaves(rows):
        told = portfolio(PLAN, replace(SURVEY, rows=rows))
        return [settings["leaves"] for _, family, settings in told if family == "boosting"]

    assert [leaves(rows)[0] for rows in (500, 5_000, 50_000)] == [15, 31, 63]
    assert leaves(500)[1] < leaves(500)[0] and leaves(50_000)[1] > leaves(50_000)[0]


def test_all_rows_are_not_tried_where_that_would_tell_less_than_few_and_the_last_fit_has_most_of_the_time():
    dear = replace(SURVEY, rows=40_000, classes=16, fit_s=9.0)
    search = search_with(dear, seconds=15.0)
    assert len(search.rungs) > 1 and search.rungs[-1] == Rung(0, 1)
    done = drive(search, lambda order: 0.8 - order.number / 1e4)
    assert {w.trial.rows for w in done if w.trial} == {search.rungs[0].rows}
    assert search._until() < search.deadline - 0.5 * 15.0
    order = next(w.blend for w in done if w.blend)
    long = [one.refit_s for one in order.ingredients if one.refit_s > 1]
    assert sum(long[:2]) > order.seconds, "one long fit instead of two short ones"
