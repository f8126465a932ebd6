"""The search on the parent's side: what to try next, when to stop, and which candidates to make of it.

Cheap settings first; where a fit on all rows is dear, on few rows, and the best of them on more (successive halving:
Jamieson and Talwalkar 2016; asynchronously: Li et al. 2020); then neighbours of the best ones; at last the best few and
an average of them are fitted as candidates. What is proposed depends on what has finished and on the plan's seed alone.
The hold-out is not looked at: trials are compared on folds of training rows.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

from app.core.metrics import GREATER_IS_BETTER
from app.core.runs import Plan
from app.core.search import BLEND, Trial
from app.errors import JobCrashed, ModelyardError, OutOfMemory
from app.training.lineup import one_model
from app.training.order import CandidateOrder, Fitted
from app.training.search.rescaling import for_all_rows, hurried, portable
from app.training.search.search_orders import (
    OOF,
    Blended,
    BlendOrder,
    Done,
    Ingredient,
    Survey,
    TrialOrder,
    Tried,
    Work,
)
from app.training.search.search_rungs import RUNGS_APART, Rung, rungs_for
from app.training.search.spaces import RANGES, WORDS, Settings, costs, enough_s, neighbour, portfolio
from app.training.search.tested import BLENDED, Tested, varied

WORKERS = 2
USUAL_START_S, BUSY_SHARE = 3.0, 0.4
"""Where it took longer to start and read, the machine is busy: so will be what comes after the search."""
PARENTS = 4
MOST_EACH = 12
"""Trials of a family for each of its settings, as long as others are left."""
COPIES, COPIES_SHARE = 4, 0.15
"""An average over seeds is tried where it takes at most this share of what is left."""
PATIENCE = 60
"""So many trials in a row without anything better beyond noise end the search."""
NOISE = 0.05
"""Of half the best score's interval: less is no improvement."""
REFERENCE_STEPS = 100
"""Iterations that a survey's ``fit_s`` is about."""
HURRY_SHARE, SURE = 0.5, ("boosting", "linear", "forest")
BASELINES_SHARE = 0.4
"""Of what baselines may take where nothing is searched."""
FINALS_SHARE = 0.14
"""Of the seconds, at least, are kept for the candidates."""
BLEND_SHARE, MOST_FINALS_SHARE, REFIT_SLACK = 0.2, 0.4, 1.3
"""Time for an average's fits is kept only where they are cheap; else for the best one, cut to this share."""
GROWING_SHARE, MOST_GROWING_SHARE = 0.3, 0.6
"""Of the seconds, for the fits of candidates that go further than their trials: the more, the dearer a fit is."""
FINALS = 4
TRIAL_SHARE, FEW_ROWS_SHARE, TELLING_SHARE, PROMOTION_SLACK = 0.2, 0.07, 0.25, 1.3
"""Of the seconds, what a trial may take on all rows and on few; more rows are not tried where that is too little, nor
where the trial would end after the search (one on 222,000 rows took 4.0 s instead of 2.7)."""


@dataclass
class Search:
    """Asked for work by a pool (``next``) and told what came of it (``take``). ``known``: good settings of a run that
    was cut off, which are tried first."""

    plan: Plan
    started: float
    deadline: float
    first: list[CandidateOrder]
    asked_to_stop: Callable[[], bool]
    on_trial: Callable[[Trial], None]
    known: tuple[Trial, ...] = ()
    survey: Survey | None = None
    rungs: tuple[Rung, ...] = ()
    waiting: list[tuple[str, str, Settings, int]] = field(default_factory=list)
    tested: list[Tested] = field(default_factory=list)
    trials: list[Trial] = field(default_factory=list)
    number: int = 0
    surveyed: bool = False
    overhead_s: float = 1.0
    stale: int = 0
    blend_ordered: bool = False
    blended: Blended | None = None
    finals: list[CandidateOrder] | None = None
    made: set[str] = field(default_factory=set)
    hurried: bool = False
    ended_by: str = ""

    def next(self) -> Work | None:
        """The next task for a free child; None: nothing now."""
        if not self.surveyed:
            self.surveyed = True
            return Work()
        if self.survey is None or (self.first and (self.number >= 2 or self._in_a_hurry)):
            return self._first()
        if not self.ended_by and (reason := self._end()):
            self.ended_by = reason
        if not self.ended_by:
            return self._trial()
        return self._final()

    def _first(self) -> Work | None:
        """The dummy at once; what may be chosen as best waits for the survey, to be scored on the folds of all trials,
        and the query, which takes longest, comes last."""
        if self.survey is not None and self._in_a_hurry and not self.hurried:
            self.hurried = True
            self._hurry()
        if not self.first or (self.survey is None and self.first[0].family != "dummy"):
            return None
        order = self.first.pop(0)
        if order.scored_on:
            return Work(candidate=order)
        order = replace(order, share=BASELINES_SHARE * order.share)
        return Work(candidate=order if order.baseline else replace(order, scored_on=self.rungs[-1].folds))

    def _hurry(self) -> None:
        """One model that is sure to be done comes before all else, on as many rows as there is time for."""
        assert self.survey is not None
        usual = portfolio(self.plan, self.survey)
        for family, settings in [(family, told) for _, family, told in usual if family in SURE][:1]:
            able = HURRY_SHARE * (self.deadline - time.monotonic()) / (2 * REFIT_SLACK * max(self.survey.fit_s, 1e-6))
            told = hurried(family, settings, self.survey.rows, able)
            self.first.insert(0, one_model(family, told, self.rungs[0].folds, self.rungs[0].rows))

    @property
    def _in_a_hurry(self) -> bool:
        """Whether starting took so long that a model that is sure to be done has to come first."""
        spent_s = time.monotonic() - self.started
        return spent_s > HURRY_SHARE * (self.deadline - self.started) and (
            not self.hurried or self.first[0].family != "sql"
        )

    def take(self, work: Work, result: Done | ModelyardError, folder: Path) -> None:
        """Learn from a task that ended. Raises what every other task would meet as well."""
        if isinstance(result, ModelyardError):
            self._failed(work, result)
        elif result.survey:
            self._start(result.survey)
        elif work.trial and result.tried:
            self._tried(work.trial, result.tried, folder)
        elif work.blend:
            self.blended = result.blended
        elif result.fitted and not result.fitted.skipped:
            self._fitted(result.fitted)

    # the beginning

    def _start(self, survey: Survey) -> None:
        self.survey = survey
        started_s = time.monotonic() - self.started
        self.deadline -= min(0.2 * (self.deadline - self.started), max(0.0, BUSY_SHARE * (started_s - USUAL_START_S)))
        self.rungs = rungs_for(survey, WORKERS * self._search_s)
        usual = portfolio(self.plan, survey)
        self.waiting = [(t.name, t.family, portable(t.family, json.loads(t.settings)), 0) for t in self.known]
        names = {t.name for t in self.known}
        self.waiting += [(name, family, settings, 0) for name, family, settings in usual if name not in names]

    @property
    def _search_s(self) -> float:
        return max(0.0, self._until() - time.monotonic())

    def _refit_s(self, one: Tested) -> float:
        """About how long a fit on all rows takes: what the survey measured bounds it, as few rows cost more each."""
        if one.order.family != "boosting" or self.survey is None or one.rung == len(self.rungs) - 1:
            return one.tried.refit_s
        settings = one.settings
        trees = int(settings["iterations"]) * int(settings.get("copies", 1)) / REFERENCE_STEPS
        return min(one.tried.refit_s, self.survey.fit_s * trees * costs(int(settings.get("leaves", 31))))

    def _until(self) -> float:
        """When the search has to make room for the candidates."""
        seconds = self.deadline - self.started
        refits = [self._refit_s(one) for one in sorted(self.tested, key=self._rank)[:PARENTS]] or [0.0]
        fits_s = sum(refits) if sum(refits) < BLEND_SHARE * seconds else refits[0]
        most = MOST_FINALS_SHARE
        if self.tested and self._grows(best := min(self.tested, key=self._rank)):
            fits_s, most = max(fits_s, GROWING_SHARE * seconds, self._final_s(best)), MOST_GROWING_SHARE
        finals_s = min(most * seconds, REFIT_SLACK * fits_s) + 2.0 * self.overhead_s + 0.3
        return self.deadline - max(FINALS_SHARE * seconds, finals_s)

    def _final_s(self, one: Tested) -> float:
        """What its fit on all rows should have at least, be its trial as short as it may."""
        return max(self._refit_s(one), enough_s(self.survey.fit_s) if self.survey and self._grows(one) else 0.0)

    def _grows(self, one: Tested) -> bool:
        """Whether its fit on all rows goes further than its trial did."""
        return one.tried.growing or (one.order.family == "boosting" and one.rung < len(self.rungs) - 1)

    # trials

    def _trial(self) -> Work | None:
        if promoted := self._promotion():
            name, family, settings, rung = promoted
        elif self.waiting:
            name, family, settings, rung = self.waiting.pop(0)
        elif self.tested:
            name, family, settings, rung = self._mutant()
        else:
            return None
        self.number += 1
        at = self.rungs[rung]
        share = TRIAL_SHARE if rung == len(self.rungs) - 1 else FEW_ROWS_SHARE
        seconds = max(0.3, min(share * (self.deadline - self.started), self._search_s))
        order = TrialOrder(self.number, name, family, json.dumps(settings, sort_keys=True), at.rows, at.folds, seconds)
        return Work(trial=order)

    def _promotion(self) -> tuple[str, str, Settings, int] | None:
        """One of the best quarter of a rung that was not tried on more rows yet."""
        for rung in reversed(range(len(self.rungs) - 1)):
            if not self._tellable(rung + 1):
                continue
            here = sorted((one for one in self.tested if one.rung == rung), key=self._rank)
            for one in here[: len(here) // RUNGS_APART]:
                if not one.promoted and PROMOTION_SLACK * self._trial_s(one, rung + 1) < self._search_s:
                    one.promoted = True
                    return one.order.name, one.order.family, portable(one.order.family, one.settings), rung + 1
        return None

    def _trial_s(self, one: Tested, rung: int) -> float:
        """About how long its trial on more rows takes: boosting uses what it is given."""
        fills = one.order.family == "boosting" and rung == len(self.rungs) - 1
        return max(self._refit_s(one), fills * TRIAL_SHARE * (self.deadline - self.started))

    def _tellable(self, rung: int) -> bool:
        """Whether a trial there has time enough to tell more than one on fewer rows, which may go on growing then."""
        assert self.survey is not None
        rows = self.rungs[rung].rows or self.survey.rows
        return enough_s(self.survey.fit_s * rows / self.survey.rows) < TELLING_SHARE * (self.deadline - self.started)

    def _mutant(self) -> tuple[str, str, Settings, int]:
        """A neighbour of one of the best few, the better the likelier."""
        assert self.survey is not None
        random = Random(f"{self.plan.seed}/{self.number}")
        rung = 0
        parent = self._parent([one for one in self.tested if one.rung == rung], random)
        if (copies := self._copies(parent)) is not None:
            return f"{WORDS[parent.order.family]}, {COPIES} copies", parent.order.family, copies, rung
        settings = neighbour(parent.order.family, parent.settings, self.plan, self.survey, random)
        settings.pop("copies", None)
        return WORDS[parent.order.family], parent.order.family, portable(parent.order.family, settings), rung

    def _parent(self, here: list[Tested], random: Random) -> Tested:
        """One of the best of a family: better families and those with more to set more often, so that an average finds
        good ones of different kinds."""
        families: dict[str, list[Tested]] = {}
        for one in sorted(here, key=self._rank):
            families.setdefault(one.order.family, []).append(one)
        able = [name for name in families if name in RANGES]
        names = [name for name in able if len(families[name]) < MOST_EACH * len(RANGES[name])] or able
        weights = [len(RANGES[name]) ** 0.5 / (place + 1) for place, name in enumerate(names)]
        held = families[random.choices(names, weights)[0]][:PARENTS]
        return random.choices(held, [1 / (place + 1) for place in range(len(held))])[0]

    def _copies(self, parent: Tested) -> Settings | None:
        """The same setting as an average of several seeds, once for each, where they differ and time allows it."""
        able = parent.order.family == "network" or float(parent.settings.get("features", 1.0)) < 1.0
        known = parent.settings.get("copies") or parent.copied
        if not able or known or COPIES * parent.tried.seconds > COPIES_SHARE * self._search_s:
            return None
        parent.copied = True
        return {**parent.settings, "copies": COPIES}

    def _tried(self, order: TrialOrder, tried: Tried, folder: Path) -> None:
        at = time.monotonic() - self.started
        trial = Trial(
            order.number, order.name, order.family, tried.settings, tried.score, tried.seconds, tried.rows,
            tried.folds, at, tried.note,
        )  # fmt: skip
        self.trials.append(trial)
        if tried.score is not None:
            self._judge(Tested(order, tried, folder / OOF, self._rung_of(order)))
        self.on_trial(trial)

    def _rung_of(self, order: TrialOrder) -> int:
        return self.rungs.index(Rung(order.rows, order.folds))

    def _judge(self, one: Tested) -> None:
        """Remember a trial, and whether it is better than all before by more than noise."""
        best = min((o for o in self.tested if o.rung == one.rung), key=self._rank, default=None)
        self.tested.append(one)
        if best is None or best.tried.score is None or one.tried.score is None:
            self.stale = 0
            return
        least = NOISE * (best.tried.score.high - best.tried.score.low) / 2
        better = self._sign * (one.tried.score.value - best.tried.score.value) > least
        self.stale = 0 if better else self.stale + 1

    @property
    def _sign(self) -> int:
        return 1 if GREATER_IS_BETTER[self.plan.metric] else -1

    def _rank(self, one: Tested) -> tuple[int, float, int]:
        """Lower is better: more rows first, then the score."""
        assert one.tried.score is not None
        return -one.rung, -self._sign * one.tried.score.value, one.order.number

    def _end(self) -> str:
        """Why the search is over, empty while it is not."""
        if self.asked_to_stop():
            return "stopped"
        if time.monotonic() >= self._until():
            return "time"
        return "settled" if self.stale >= PATIENCE and not self.waiting else ""

    # candidates

    def _final(self) -> Work | None:
        ranked = sorted(self.tested, key=self._rank)
        if self.first:
            return self._first()
        if not ranked:
            return None
        if not self.blend_ordered:
            self.blend_ordered = True
            if order := self._blend_order(ranked):
                return Work(blend=order)
        if self.finals is None:
            self.finals = self._singles(ranked)
        if self.blended and BLEND not in self.made and len(self.blended.weights) > 1:
            self.made.add(BLEND)
            return Work(candidate=self._blend_candidate(self.blended))
        return Work(candidate=self.finals.pop(0)) if self.finals else None

    def _blend_order(self, ranked: list[Tested]) -> BlendOrder | None:
        best = [one for one in ranked if one.rung == ranked[0].rung and one.tried.folds == ranked[0].tried.folds]
        left = self.deadline - time.monotonic()
        ingredients = tuple(Ingredient(o.order.number, str(o.path), self._final_s(o)) for o in varied(best)[:BLENDED])
        return BlendOrder(ingredients, best[0].tried.folds, 0.55 * left) if len(ingredients) > 1 else None

    def _singles(self, ranked: list[Tested]) -> list[CandidateOrder]:
        """The best of each family, the best family first."""
        families: dict[str, Tested] = {}
        for one in ranked:
            families.setdefault(one.order.family, one)
        chosen = [self._candidate(one) for one in list(families.values())[:FINALS]]
        return [replace(chosen[0], needs=0.0), *chosen[1:]]

    def _candidate(self, one: Tested) -> CandidateOrder:
        left = self.deadline - time.monotonic() - 1.5 * self.overhead_s
        return CandidateOrder(
            name=f"{one.order.name}, trial {one.order.number}",
            family=one.order.family,
            share=0.9,
            variant=json.dumps(self._for_all_rows(one, left), sort_keys=True),
            needs=self._refit_s(one) + self.overhead_s,
            cv=one.tried.score,
            folds=one.tried.folds,
        )

    def _for_all_rows(self, one: Tested, seconds: float) -> Settings:
        """A trial's settings for a fit on all rows in this time: boosting that was tried on few rows grows further, and
        one that would take too long less far in larger steps."""
        assert self.survey is not None
        more = 1.0 if one.rung == len(self.rungs) - 1 else self.survey.rows / max(1, one.tried.rows)
        able = max(0.0, seconds) / max(REFIT_SLACK * self._refit_s(one), 1e-6)
        return for_all_rows(
            one.order.family, one.settings, self.survey.rows, more, able,
            most=one.tried.most, growing=one.tried.growing,
        )  # fmt: skip

    def _blend_candidate(self, blended: Blended) -> CandidateOrder:
        by_number = {one.order.number: one for one in self.tested}
        whole_s = sum(self._refit_s(by_number[n]) for n, _ in blended.weights)
        share = max(0.0, self.deadline - time.monotonic() - 1.5 * self.overhead_s) / max(whole_s, 1e-6)
        members = [
            {
                "family": by_number[n].order.family,
                "params": self._for_all_rows(by_number[n], share * self._refit_s(by_number[n])),
                "weight": weight,
            }
            for n, weight in blended.weights
        ]
        variant = json.dumps({"members": json.dumps(members, sort_keys=True)})
        name = f"Blend of {len(members)}"
        folds = by_number[blended.weights[0][0]].tried.folds
        return CandidateOrder(name, BLEND, 0.95, variant=variant, cv=blended.score, folds=folds)

    def _fitted(self, fitted: Fitted) -> None:
        """What comes with every candidate besides its fit: at most what the quickest one took."""
        self.overhead_s = min(fitted.seconds, self.overhead_s)

    def _failed(self, work: Work, error: ModelyardError) -> None:
        if not work.candidate and not work.trial and not work.blend:
            raise error
        if not isinstance(error, JobCrashed | OutOfMemory) and work.candidate is None:
            raise error
        if work.trial:
            at = time.monotonic() - self.started
            order = work.trial
            trial = Trial(order.number, order.name, order.family, order.variant, None, 0.0, 0, 0, at, str(error))
            self.trials.append(trial)
            self.on_trial(trial)
