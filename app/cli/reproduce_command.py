"""reproduce: refit what a run recorded, and say where it differs and what is another one here."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from app.cli.answer import Answer, Exit
from app.cli.candidates import candidate_named
from app.cli.command import Command, Request, candidate_arguments, project_argument
from app.core.proofs import Reproduction, Verdict

if TYPE_CHECKING:
    from app.core.runs import Candidate, Run
    from app.training.differing import Differing

VERDICT_WORDS = {
    Verdict.IDENTICAL: "identical",
    Verdict.EQUAL: "equal within tolerance",
    Verdict.DIFFERENT: "different",
}
STAGE_WORDS = {
    "split": "The split differs first: other rows were held out.",
    "predictions": "The predictions differ first",
    "onnx": "The bytes of the exported model differ; split and predictions do not.",
}


def _reproduce(request: Request) -> Answer:
    from app.registry import runs
    from app.training.differing import changed_words, since_then
    from app.training.reproduce import reproduce

    with request.project() as project:
        run = runs.run(project, request.text("run"))
        chosen = candidate_named(run, request.optional("candidate"))
        proof = reproduce(project, chosen.id, request.ctx)
        changed = since_then(project, run)
    told = f"{chosen.name} of run {run.number}, refitted from its recipe: {VERDICT_WORDS[proof.verdict]}."
    here = (
        f"Since the run changed: {changed_words(changed)}." if changed else "Packages, Python and system are its own."
    )
    body = _body(run, chosen, proof, changed)
    if proof.verdict is Verdict.DIFFERENT:
        return Answer(body, [], Exit.FAILED, f"{told} {_first_words(proof)}", here)
    return Answer(body, list(filter(None, [told, _first_words(proof), here if changed else ""])))


def _first_words(proof: Reproduction) -> str:
    """The first stage that differs, in a sentence; empty where none does."""
    stage = proof.first_difference
    if stage != "predictions":
        return STAGE_WORDS.get(stage, "")
    if proof.largest_difference is None:
        return f"{STAGE_WORDS[stage]}: they are of other classes or rows."
    return f"{STAGE_WORDS[stage]}, by at most {proof.largest_difference:.3g}."


def _body(run: Run, chosen: Candidate, proof: Reproduction, changed: tuple[Differing, ...]) -> dict[str, object]:
    return {
        "run": run.id,
        "candidate": chosen.name,
        "verdict": str(proof.verdict),
        "split": proof.split,
        "predictions": proof.predictions,
        "onnx": proof.onnx,
        "first_difference": proof.first_difference or None,
        "largest_difference": proof.largest_difference,
        "environment": [{"name": d.name, "then": d.one, "now": d.other} for d in changed],
    }


def _arguments(parser: argparse.ArgumentParser) -> None:
    project_argument(parser)
    candidate_arguments(parser)


COMMANDS = (
    Command(
        "reproduce",
        "refit a run's recipe in a fresh process and compare the bytes",
        "Refits what the run recorded, without any search, and compares split, predictions and ONNX bytes: identical,\n"
        "equal within tolerance, or different, with the first stage that differs and what is another package, Python\n"
        "or system than then. Exit code 1 if they differ.\n\nExample:\n  modelyard reproduce churn-project 1",
        _arguments,
        _reproduce,
    ),
)
