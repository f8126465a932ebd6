"""One candidate from order to proof, in a child: fitted, scored, exported, proven, written to files.

The fitted pipeline never leaves this process; what goes back is ONNX, predictions and figures.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypedDict

import msgspec
import numpy as np

from app.core.runs import CandidateState, Evaluation, Importance, ParityCertificate, Score
from app.errors import ParityFailed
from app.export.convert import convert
from app.export.onnx_model import OnnxModel
from app.export.parity import prove
from app.export.probes import probe_rows
from app.jobs.child import ChildContext
from app.training import order as files
from app.training.answers import answers_of, onnx_predicted, write_predictions
from app.training.baseline import Advantage, measure
from app.training.bench import Bench, Inputs, Raw, bench_for
from app.training.candidates import AnyModel, build
from app.training.champion import against_champion
from app.training.evaluate import evaluation
from app.training.explaining.group_gates import group_figures
from app.training.explaining.importance import importance, unreached
from app.training.families import Params
from app.training.folds import cross_validate
from app.training.isolation import Isolation
from app.training.latency import one_row_ms, scoring_s
from app.training.metrics import Answers, refuse_undefined, told
from app.training.offered import ALWAYS_SHOWN
from app.training.order import AgainstChampion, CandidateOrder, FitOrder, Fitted, GroupFigure
from app.training.pace import Pace
from app.training.resolve import resolve
from app.training.search.unseen import score_of, views
from app.training.sql.candidate import FAMILY, query_candidate

SCORING_S_PER_ROW = 4e-5
"""Of the hold-out, for scores with intervals and parity (measured: 0.9-1.5 s for 40,000 rows on busy cores)."""
IMPORTANCE_SHARE, IMPORTANCE_MOST_S = 0.08, 2.0
SEARCH_SHARE = 0.03
"""A search has other uses for the time."""


def fit_candidate(ctx: ChildContext, candidate: CandidateOrder, order: FitOrder) -> Fitted:
    """Make one candidate; its files are in ``ctx.folder``. Errors of ``app.errors`` for what a person can mend."""
    pace = Pace(0.0)
    left = order.deadline - pace.started
    if left < (candidate.needs or -order.plan.seconds) and not candidate.baseline:
        return _skipped(candidate)
    ctx.progress(0.0, f"{candidate.name}: reading the data")
    bench = bench_for(order)
    refuse_undefined(order.plan.metric, bench.y, bench.y_out)
    pace.seconds = pace.elapsed + max(0.0, left - pace.elapsed) * candidate.share
    pace.reserve = SCORING_S_PER_ROW * len(bench.y_out)
    if candidate.family == FAMILY:
        return query_candidate(ctx, order, candidate, bench, pace)
    known = candidate.folds or candidate.complete
    params = json.loads(candidate.variant) if known else resolve(candidate, order.plan, bench, pace, left)
    return _Making(ctx, candidate, order, bench, pace, params).make() if params is not None else _skipped(candidate)


def _skipped(candidate: CandidateOrder) -> Fitted:
    return Fitted(candidate.name, CandidateState.FAILED, 0.0, skipped=True)


@dataclass(frozen=True, slots=True)
class Exported:
    """``onnx``: empty if there is none. ``problem``: why there is no certificate, in words."""

    onnx: bytes = b""
    certificate: ParityCertificate | None = None
    problem: str = ""

    @property
    def passed(self) -> bool:
        """Whether every row was answered alike."""
        return self.certificate is not None and self.certificate.passed


class _ForGates(TypedDict):
    against_champion: AgainstChampion | None
    latency_ms: Score | None
    grouped: tuple[GroupFigure, ...]


@dataclass
class _Making:
    ctx: ChildContext
    candidate: CandidateOrder
    order: FitOrder
    bench: Bench
    pace: Pace
    params: Params

    def make(self) -> Fitted:
        plan = self.order.plan
        cv, folds = self._cross_validated()
        self._tell(0.6, "fitting on all training rows")
        model = self._fit(self.bench.x, self.bench.y)
        if isinstance(model, Isolation):
            self.params = {**self.params, "cut": model.cut}
        answers = self._answers(model, self.bench.x_out, self.bench.y_out)
        self._tell(0.75, "scoring the hold-out")
        shown_metrics = (*ALWAYS_SHOWN[plan.task], *self.order.measured.metrics)
        names = told(plan.metric, tuple(dict.fromkeys(shown_metrics)), answers)
        scores, advantage = measure(names, plan.metric, answers, self.bench.y, plan.seed)
        exported = self._exported(model)
        figures = list(zip(names, scores, strict=True))
        matter = self._importance(exported, answers)
        shown = evaluation(answers, figures, matter, plan.seed)
        shown = replace(shown, unreached=unreached(self.bench.inputs, matter))
        if exported.passed:
            shown = replace(shown, score_s=scoring_s(OnnxModel(exported.onnx), self.bench.x_out))
        self._write(answers, shown, exported)
        fitted = self._fitted(cv, folds, scores[names.index(plan.metric)], advantage, exported)
        return replace(fitted, figures=tuple(figures), **self._for_gates(answers, exported))

    def _cross_validated(self) -> tuple[Score | None, int]:
        if self.candidate.folds:
            return self.candidate.cv, self.candidate.folds
        plan = self.order.plan
        if self.candidate.scored_on:
            parts = views(self.bench, self.candidate.scored_on, self.candidate.scored_rows, plan.seed)
            found = [self._fit_and_answer(part.x, part.y, part.x_out, part.y_out).predicted for part in parts]
            score = score_of(self.bench, plan, self.candidate.scored_on, np.concatenate(found)) if found else None
            return score, len(parts)
        return cross_validate(self.bench, plan.metric, self._fit_and_answer, self.pace, plan.seed, self._tell_fold)

    def _fitted(self, cv: Score | None, folds: int, holdout: Score, advantage: Advantage, exported: Exported) -> Fitted:
        split = self.bench.material.split
        few = 0 < folds < split.rule.folds
        return Fitted(
            name=self.candidate.name,
            state=CandidateState.PASSED if exported.passed else CandidateState.PARITY_FAILED,
            seconds=self.pace.elapsed,
            cv=cv,
            holdout=holdout,
            against_baseline=advantage.difference,
            luck=advantage.luck,
            holdout_rows=len(split.holdout),
            certificate=exported.certificate,
            onnx_bytes=len(exported.onnx),
            note=exported.problem
            or (f"Scored on {folds} of {split.rule.folds} folds to keep to the time." if few else ""),
            notes=self.bench.notes,
        )

    def _for_gates(self, answers: Answers, exported: Exported) -> _ForGates:
        """What only gates that a team added ask for."""
        champion = self.order.measured.champion
        if self.candidate.baseline or champion is None:
            against = None
        else:
            self._tell(0.95, f"comparing with {champion.label}")
            against = against_champion(champion, self.order, self.bench, answers)
        asked = self.order.measured.latency and exported.passed
        latency = one_row_ms(OnnxModel(exported.onnx), self.bench.x_out) if asked else None
        return {"against_champion": against, "latency_ms": latency, "grouped": self._grouped(answers)}

    def _grouped(self, answers: Answers) -> tuple[GroupFigure, ...]:
        wanted = () if self.candidate.baseline else self.order.measured.grouped
        rows = self.bench.material.rows[self.bench.material.split.holdout]
        return group_figures(wanted, self.order.table_path, rows, answers, self.order.plan.seed)

    def _fit(self, x: Inputs, y: Raw) -> AnyModel:
        plan = self.order.plan
        return build(self.candidate.family, self.params, self.bench.specs_of(x), plan.task, plan.seed).fit(x, y)

    def _fit_and_answer(self, x: Inputs, y: Raw, x_out: Inputs, y_out: Raw) -> Answers:
        return self._answers(self._fit(x, y), x_out, y_out)

    def _answers(self, model: AnyModel, x: Inputs, y: Raw) -> Answers:
        plan = self.order.plan
        return answers_of(model, plan.task, x, y, self.bench.labels, plan.positive)

    def _exported(self, model: AnyModel) -> Exported:
        """The candidate as ONNX with its certificate over the whole hold-out and probe rows."""
        plan, bench = self.order.plan, self.bench
        self._tell(0.85, "exporting and proving parity")
        try:
            onnx = convert(model, bench.inputs, plan.task, bench.labels)
            probes = probe_rows(model, bench.inputs, bench.x, plan.seed)
            return Exported(onnx, prove(model, onnx, bench.inputs, plan.task, bench.labels, bench.x_out, probes))
        except ParityFailed as error:
            return Exported(problem=str(error))

    def _importance(self, exported: Exported, answers: Answers) -> list[Importance]:
        if not exported.passed or self.candidate.family == "dummy":
            return []
        self._tell(0.93, "finding out which columns matter")
        plan, share = self.order.plan, SEARCH_SHARE if self.candidate.folds else IMPORTANCE_SHARE
        return importance(
            partial(onnx_predicted, OnnxModel(exported.onnx)),
            self.bench.inputs,
            self.bench.x_out,
            answers,
            plan.metric,
            seed=plan.seed,
            seconds=min(IMPORTANCE_MOST_S, share * plan.seconds, self.pace.left),
        )

    def _write(self, answers: Answers, shown: Evaluation, exported: Exported) -> None:
        folder, material = self.ctx.folder, self.bench.material
        recipe = self.bench.recipe(self.order, self.candidate.family, json.dumps(self.params, sort_keys=True))
        _write_json(folder / files.EVALUATION, shown)
        _write_json(folder / files.RECIPE, recipe)
        write_predictions(folder / files.PREDICTIONS, answers, material.rows[material.split.holdout])
        if exported.onnx:
            (folder / files.ONNX).write_bytes(exported.onnx)
        if exported.certificate:
            _write_json(folder / files.PARITY, exported.certificate)

    def _tell_fold(self, fold: int, folds: int) -> None:
        self._tell(0.1 + 0.5 * (fold - 1) / folds, f"fold {fold} of {folds}")

    def _tell(self, fraction: float, text: str) -> None:
        self.ctx.progress(fraction, f"{self.candidate.name}: {text}")


def _write_json(path: Path, noun: object) -> None:
    path.write_bytes(msgspec.json.encode(noun, order="deterministic"))
