"""explain: where is a model weak, which columns matter, and why did it answer so?"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from app.cli.answer import Answer
from app.cli.candidates import candidate_named
from app.cli.command import Command, Request, candidate_arguments, project_argument
from app.cli.fairness_words import fairness_body, fairness_lines, shown_columns
from app.cli.numbers import count
from app.core.methods import IMPORTANCE, NEAREST, REASONS, WEAK_SPOTS, WORDS

if TYPE_CHECKING:
    from app.core.explanations import Reasons, Slice, WeakSpots
    from app.core.runs import Candidate, Evaluation, Run, Score
    from app.registry.project import Project
    from app.training.explaining.explain import AskedRow

MOST_LINES = 8


def _explain(request: Request) -> Answer:
    from app.registry import runs
    from app.training import results
    from app.training.explaining.explain import fairness_of, reasons_of, weak_spots_of

    with request.project() as project:
        run = runs.run(project, request.text("run"))
        asked, served = _asked(request, project, run)
        chosen = served or candidate_named(run, request.optional("candidate"))
        spots = weak_spots_of(project, chosen.id, request.ctx) if run.plan.target else None
        reasons = reasons_of(project, chosen.id, asked, request.ctx) if asked else None
        fair = fairness_of(project, chosen.id, request.ctx)
        measured = results.evaluation(project, chosen)
    shown = shown_columns(fair, request.args.by)
    body = _body(run, chosen, measured, spots, reasons) | {"fairness": fairness_body(fair, shown)}
    return Answer(body, _lines(run, chosen, measured, spots, reasons) + fairness_lines(shown))


def _asked(request: Request, project: Project, run: Run) -> tuple[AskedRow | None, Candidate | None]:
    """The row asked about and, for a prediction, the candidate that answered it."""
    from app.registry import models, runs
    from app.training.explaining.explain import AskedRow

    if request.args.row is not None:
        return AskedRow(number=request.args.row), None
    prediction = request.optional("prediction")
    if prediction is None:
        return None, None
    inputs, label = _predicted(project, run, prediction)
    version = models.model_version_by_label(project, label)
    return AskedRow(inputs=inputs), runs.candidate(project, version.candidate_id)


def _predicted(project: Project, run: Run, prediction: str) -> tuple[str, str]:
    """The inputs of a logged prediction and the model version that answered it."""
    from app.errors import NotAllowed, NotFound
    from app.serving.trace import trace

    found = trace(project, prediction)
    if found.inputs is None or found.model_version is None:
        why = next(link.problem for link in found.links if link.problem)
        raise NotFound(why, "List what was answered last: modelyard trace PROJECT ID")
    if found.run != run.id:
        raise NotAllowed(f"That prediction was not made by run {run.number}.", f"It was made by run {found.run}.")
    return found.inputs, found.model_version


def _body(
    run: Run, chosen: Candidate, measured: Evaluation, spots: WeakSpots | None, reasons: Reasons | None
) -> dict[str, object]:
    return {
        "run": run.id,
        "candidate": chosen.name,
        "importance": [
            {"column": i.column, "worsens_by": i.mean, "interval": [i.low, i.high]} for i in measured.importance
        ],
        "unreached": measured.unreached,
        "measure": spots.measure if spots else None,
        "slices": [_slice_body(s) for s in spots.slices] if spots else [],
        "contributions": [{"column": c.column, "value": c.value, "amount": c.amount} for c in reasons.contributions]
        if reasons
        else None,
        "words": [{"column": w.column, "word": w.word, "amount": w.amount} for w in reasons.words] if reasons else None,
        "of": reasons.of or None if reasons else None,
        "base": reasons.base if reasons else None,
        "output": reasons.output if reasons else None,
        "neighbours": [{"row": n.row, "distance": n.distance, "actual": n.actual} for n in reasons.neighbours]
        if reasons
        else None,
    }


def _slice_body(told: Slice) -> dict[str, object]:
    return {
        "title": told.title,
        "column": told.column,
        "rows": told.rows,
        "score": told.loss.value if told.loss else None,
        "interval": _ends(told.loss),
        "elsewhere": told.elsewhere,
        "worse_by": told.worse_by.value if told.worse_by else None,
        "worse_by_interval": _ends(told.worse_by),
        "found": told.found,
        "small": told.small,
        "stands": told.stands,
    }


def _ends(score: Score | None) -> list[float] | None:
    return [score.low, score.high] if score else None


def _lines(
    run: Run, chosen: Candidate, measured: Evaluation, spots: WeakSpots | None, reasons: Reasons | None
) -> list[str]:
    seen = f", on {spots.rows:,} rows that it has not seen" if spots else ""
    lines = [f"{chosen.name} of run {run.number}{seen}."]
    if found := measured.importance[:MOST_LINES]:
        lines += ["Which columns matter:", *(f"   {i.column:<28} {i.mean:.4g}" for i in found)]
    if measured.unreached:
        lines += [f"   Columns not reached in the time: {measured.unreached:,}."]
    lines += _weak_lines(spots) if spots else ["Without a target nothing says where its answers are wrong."]
    lines += _reason_lines(reasons) if reasons else []
    asked = [IMPORTANCE, *([WEAK_SPOTS] if spots else []), *([REASONS, NEAREST] if reasons else [])]
    return [*lines, *(f"Method: {told}" for told in [*asked, *([WORDS] if reasons and reasons.words else [])])]


def _weak_lines(spots: WeakSpots) -> list[str]:
    weak = [s for s in spots.slices if s.stands]
    title = "Where it is weak:" if weak else "No group of rows is worse than chance explains."
    return [title, *(f"   {_slice_words(s, spots.measure)}" for s in weak[:MOST_LINES])]


def _slice_words(told: Slice, measure: str) -> str:
    from app.core.runs import METRIC_WORDS

    assert told.loss is not None
    here = f"{METRIC_WORDS[measure]} {told.loss.value:.4g} [{told.loss.low:.4g}, {told.loss.high:.4g}]"
    return f"{told.title} ({told.rows:,} rows): {here}, elsewhere {told.elsewhere:.4g}"


def _reason_lines(reasons: Reasons) -> list[str]:
    what = f"the probability of {reasons.of}" if reasons.of else "the value"
    lines = [f"Why {what} is {reasons.output:.4g} (a typical row: {reasons.base:.4g}):"]
    shown = reasons.contributions[:MOST_LINES]
    lines += [f"   {c.amount:+.4g}  {c.column} = {c.value}" for c in shown]
    rest = sum(c.amount for c in reasons.contributions[MOST_LINES:])
    lines += [f"   {rest:+.4g}  all other columns"] if len(reasons.contributions) > MOST_LINES else []
    if reasons.words:
        lines.append("The words that moved it most, by what the answer loses without them:")
        lines += [f"   {w.amount:+.4g}  {w.word} ({w.column})" for w in reasons.words[:MOST_LINES]]
    near = ", ".join(f"row {n.row} ({n.actual})" if n.actual else f"row {n.row}" for n in reasons.neighbours)
    return [*lines, f"The most similar training rows: {near}."] if near else lines


def _arguments(parser: argparse.ArgumentParser) -> None:
    project_argument(parser)
    candidate_arguments(parser)
    parser.add_argument(
        "--by", metavar="COLUMN", action="append", default=[], help="compare this column's groups, personal or not"
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--row", metavar="N", type=count, help="say why this row of the data is answered so")
    which.add_argument("--prediction", metavar="ID", help="say why a logged prediction was answered so")


COMMANDS = (
    Command(
        "explain",
        "say where a model is weak, which columns matter, and why it answers so",
        "Asks the exported model: the columns that matter, the groups of untouched rows in which it is worse than\n"
        "chance explains, how groups of personal columns are treated and, for one row or one logged prediction, what\n"
        "each input added to the answer.\n\n"
        "Example:\n  modelyard explain churn-project 1\n  modelyard explain churn-project 1 --row 17 --json",
        _arguments,
        _explain,
    ),
)
