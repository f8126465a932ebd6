"""One trial: a setting is fitted fold by fold and scored on what it has not seen. In a child only."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import numpy as np

from app.core.runs import Plan
from app.jobs.child import ChildContext
from app.training.answers import aligned
from app.training.bench import Bench, bench_for
from app.training.candidates import AnyModel, Model, build
from app.training.families import Params, default_params, within_bounds
from app.training.metrics import Answers, Floats
from app.training.order import CandidateOrder, FitOrder
from app.training.pace import FITTING, Pace
from app.training.resolve import FITS, resolve
from app.training.search.growing import grow, parameters
from app.training.search.search_orders import OOF, TrialOrder, Tried
from app.training.search.unseen import View, answers_to, score_of, truth, views

MOST_STEPS = 1500
SMEAR_LEAST, SMEAR_MOST = 0.8, 1.5
MEANS = ("rmse", "r2")
"""Metrics whose best answer is the mean."""


def run_trial(ctx: ChildContext, order: TrialOrder, fit_order: FitOrder) -> Tried:
    """Score it; its answers are in ``ctx.folder``. Without a score where no time is left or the metric is undefined."""
    started = time.monotonic()
    ctx.progress(None, f"Trying {order.name}")
    bench, plan = bench_for(fit_order), fit_order.plan
    parts = views(bench, order.folds, order.rows, plan.seed)
    trying = _Trying(order, plan, bench, parts)
    params = trying.resolved()
    if params is None or not parts:
        return _nothing(order, started, "It would have taken too long." if parts else "Too few rows for a fold.")
    most = int(params.get("iterations", 0))
    params, predicted, fit_s = trying.answered(params)
    if params.get("target") == "log" and plan.metric in MEANS:
        params, predicted = _smeared(params, predicted, truth(bench, order.folds).astype(np.float64))
    score = score_of(bench, plan, order.folds, predicted)
    np.save(ctx.folder / OOF, predicted.astype(np.float32))
    return Tried(
        settings=json.dumps(params, sort_keys=True),
        score=score,
        rows=len(parts[0].y),
        folds=len(parts),
        seconds=time.monotonic() - started,
        refit_s=fit_s * len(bench.y) / len(parts[0].y),
        note="" if score else "The metric has no value on these rows.",
        growing=trying.growing,
        most=most,
    )


def _nothing(order: TrialOrder, started: float, note: str) -> Tried:
    return Tried(order.variant, None, 0, 0, time.monotonic() - started, 0.0, note)


class _Trying:
    def __init__(self, order: TrialOrder, plan: Plan, bench: Bench, parts: list[View]) -> None:
        self.order = order
        self.plan = plan
        self.bench = bench
        self.parts = parts
        self.growing = False

    def resolved(self) -> Params | None:
        """The settings, cut to what each fold may take; None if even the least takes too long."""
        rows = len(self.parts[0].y) if self.parts else 0
        asked = json.loads(self.order.variant)
        if self.order.family == "boosting" or not rows:
            most = {} if "iterations" in asked else {"iterations": MOST_STEPS}
            params = {**default_params(self.order.family, self.plan.task, len(self.bench.y)), **most, **asked}
            return within_bounds(self.order.family, params, max(2, len(self.bench.labels)))
        usual = default_params(self.order.family, self.plan.task, len(self.bench.y))
        asked = {key: usual[key] for key in ("terms",) if key in usual} | asked
        candidate = CandidateOrder(self.order.name, self.order.family, 1.0, variant=json.dumps(asked))
        small = replace(self.bench, x=self.parts[0].x, y=self.parts[0].y)
        pace = Pace(self.order.seconds / len(self.parts) * FITS / FITTING)
        return resolve(candidate, self.plan, small, pace, pace.seconds)

    def answered(self, params: Params) -> tuple[Params, Floats, float]:
        """``(settings, answers to all scored rows, seconds a fit)``."""
        grows = self.order.family == "boosting" and int(params.get("copies", 1)) == 1
        if grows and all(_grows(part) for part in self.parts):
            return self._grown(params)
        started, found = time.monotonic(), list[Floats]()
        for part in self.parts:
            inputs = self.bench.specs_of(part.x)
            model = build(self.order.family, params, inputs, self.plan.task, self.plan.seed)
            found.append(self._predicted(model.fit(part.x, part.y), part))
        return params, np.concatenate(found), (time.monotonic() - started) / len(self.parts)

    def _grown(self, params: Params) -> tuple[Params, Floats, float]:
        def make(view: View, steps: int) -> Model:
            inputs = self.bench.specs_of(view.x)
            return Model("boosting", params | {"iterations": steps}, inputs, self.plan.task, self.plan.seed)

        def judge(view: View) -> Answers:
            width = len(self.bench.labels)
            none = np.zeros((len(view.y_out), width) if width else len(view.y_out))
            return answers_to(self.bench, self.plan, view.y_out, none)

        steps, predicted, step_s, self.growing = grow(
            make, int(params["iterations"]), self.parts, judge, self.plan.metric, self.bench, self.order.seconds
        )
        found = parameters(params, steps, len(self.parts))
        return found, predicted, step_s * int(found["iterations"])

    def _predicted(self, model: AnyModel, part: View) -> Floats:
        if not self.plan.task.classifies:
            return np.asarray(model.predict(part.x_out), np.float64)
        return aligned(model.predict_proba(part.x_out), model.classes_, self.bench.labels)


def _grows(part: View) -> bool:
    return len(set(part.y.tolist())) > 1


def _smeared(params: Params, predicted: Floats, actual: Floats) -> tuple[Params, Floats]:
    """The factor by which exponents of a mean are too low, least squares on unseen rows (cf. Duan 1983)."""
    offset = 0.0 if actual.min() > 0 else 1.0
    values = predicted + offset
    smear = float(np.clip(values @ (actual + offset) / (values @ values), SMEAR_LEAST, SMEAR_MOST))
    return {**params, "smear": round(smear, 6)}, values * smear - offset
