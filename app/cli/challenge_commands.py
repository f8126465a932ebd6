"""retrain, challenges, rehearse, decide: a model trained anew, set beside the one in use, and what becomes of it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from app.cli.answer import Answer, Exit
from app.cli.challenge_told import (
    challenge_body,
    comparison_lines,
    data_built,
    decision_body,
    rehearsal_body,
    rehearsal_lines,
)
from app.cli.command import Command, Request, project_argument
from app.cli.junit import Case, junit_argument, write_junit
from app.cli.junit_cases import gate_cases
from app.cli.numbers import count
from app.cli.plan_arguments import changed_plan, plan_arguments
from app.core.challenges import USUAL_REQUESTS
from app.errors import GateFailed, JobCancelled, ModelyardError, NotAllowed

if TYPE_CHECKING:
    from app.core.challenges import Challenge, Rehearsal
    from app.registry.project import Project


def _retrain(request: Request) -> Answer:
    from app.monitoring.retraining.decide import why_not
    from app.registry import runs

    with request.project() as project:
        runs.mark_interrupted(project)
        try:
            made = _made(request, project)
        except ModelyardError as error:
            write_junit(request, f"retrain {request.text('model')}", [Case("retrained", str(error))])
            raise
        problem = why_not(project, made)
        write_junit(request, f"retrain {request.text('model')}", _cases(project, made, problem))
        told = _rehearsed(request, project, made)
        return _told(challenge_body(project, made), _lines(project, made, told), problem, told)


def _rehearsed(request: Request, project: Project, made: Challenge) -> Rehearsal | NotAllowed | None:
    """None if the line does not ask for it; why it cannot be done takes nothing from the challenger."""
    from app.monitoring.retraining.rehearse import rehearse

    last = request.args.rehearse
    try:
        return rehearse(project, made.id, last=last, ctx=request.ctx) if last else None
    except NotAllowed as error:
        return error


def _made(request: Request, project: Project) -> Challenge:
    """The challenger: trained now, or the best of a run that is there."""
    from app.core.challenges import Fresh
    from app.monitoring.retraining.retrain import challenge_with, retrain

    args, model = request.args, request.text("model")
    if (run := request.optional("run")) is not None:
        return challenge_with(project, model, run, request.ctx)
    fresh = Fresh.REFRESHED if args.refresh else Fresh.LOGGED if args.logged else Fresh.AUTO
    data = request.optional("data")
    return retrain(
        project,
        model,
        data=data,
        fresh=fresh,
        changed=changed_plan(args),
        ctx=request.ctx,
    )


def _cases(project: Project, made: Challenge, problem: str) -> list[Case]:
    """The challenger's gates, and whether it may be promoted; how it compares is told, no failure."""
    from app.core.challenges import sentence
    from app.registry import challenges, runs

    found = challenges.comparison(project, made)
    gates = runs.gate_results(project, made.candidate_id) if made.candidate_id else ()
    told = sentence(found)
    compared = Case("compared with the champion", note="" if found.problem else told, skipped=found.problem)
    return [*gate_cases(runs.run(project, made.run_id), gates), compared, Case("may be promoted", problem)]


def _told(body: dict[str, object], lines: list[str], problem: str, told: Rehearsal | NotAllowed | None) -> Answer:
    if isinstance(told, NotAllowed):
        body = {**body, "rehearsal": {"problem": told.message}}
    elif told is not None:
        body = {**body, "rehearsal": rehearsal_body(told)}
    if body["candidate"] is None:
        return Answer(body, lines, Exit.FAILED, f"No challenger was finished: {body['problem']}")
    return Answer(body, lines, Exit.GATE, problem, "It cannot be promoted.") if problem else Answer(body, lines)


def _lines(project: Project, made: Challenge, told: Rehearsal | NotAllowed | None) -> list[str]:
    from app.data.lineage import label
    from app.registry import challenges

    found = challenges.comparison(project, made)
    name = found.challenger or "Nobody"
    lines = [f"{name}, trained on {label(project, made.data_version_id)}, challenges {found.champion}."]
    lines += [built] if (built := data_built(project, made.data_version_id)) else []
    lines += [found.problem] if found.problem else comparison_lines(found)
    if isinstance(told, NotAllowed):
        lines.append(f"Not rehearsed: {told}")
    elif told is not None:
        lines += rehearsal_lines(told)
    return [*lines, f"Decide: modelyard decide PROJECT {made.id[-8:]} --promote --reason WHY (or --keep)"]


def _retrain_arguments(parser: argparse.ArgumentParser) -> None:
    project_argument(parser)
    parser.add_argument("model", metavar="MODEL", help="a model for the version in use, or a version (churn@3)")
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--data", metavar="DATASET@V", help="the data version to train on (default: what is newer)")
    source.add_argument("--run", metavar="RUN", help="train nothing: compare with the best of this run")
    source.add_argument("--refresh", action="store_true", help="fetch the data again from their source first")
    source.add_argument(
        "--logged", action="store_true", help="make a version of the logged predictions whose outcomes came"
    )
    plan_arguments(parser)
    junit_argument(parser)
    parser.add_argument("--rehearse", metavar="N", type=count, help="replay the newest N requests afterwards")


def _challenges(request: Request) -> Answer:
    from app.registry import challenges, models

    with request.project() as project:
        name = request.optional("model")
        model_id = models.model_version_by_label(project, name).model_id if name else None
        told = [challenge_body(project, made) for made in challenges.challenges(project, model_id)]
    lines = [_line(body) for body in told]
    return Answer({"challenges": told}, lines or ["No challengers yet. Make one: modelyard retrain PROJECT MODEL"])


def _line(body: dict[str, object]) -> str:
    decided = body["decision"]
    state = decided["decision"] if isinstance(decided, dict) else "open"
    words = f"{body['challenger'] or 'nobody'} against {body['champion']}, on {body['data']}"
    when = str(body["created_at"])[:16].replace("T", " ")
    return f"{str(body['challenge'])[-8:]}  {when}  {words}: {body['better']}, {state}"


def _challenges_arguments(parser: argparse.ArgumentParser) -> None:
    project_argument(parser)
    parser.add_argument("model", metavar="MODEL", nargs="?", help="of this model only")


def _rehearse(request: Request) -> Answer:
    from app.monitoring.retraining.rehearse import rehearse
    from app.registry import challenges

    with request.project() as project:
        made = challenges.find_challenge(project, request.text("challenge"))
        told = rehearse(project, made.id, last=request.args.last, ctx=request.ctx)
    return Answer({"challenge": made.id, **rehearsal_body(told)}, rehearsal_lines(told))


def _challenge_argument(parser: argparse.ArgumentParser) -> None:
    project_argument(parser)
    parser.add_argument("challenge", metavar="CHALLENGE", help="its id or the end of it, or a model for its newest")


def _rehearse_arguments(parser: argparse.ArgumentParser) -> None:
    _challenge_argument(parser)
    parser.add_argument(
        "--last", metavar="N", type=count, default=USUAL_REQUESTS, help=f"the newest N requests ({USUAL_REQUESTS})"
    )


def _decide(request: Request) -> Answer:
    from app.cli.answer import error_answer
    from app.core.challenges import Decision
    from app.monitoring.automation.automations import carry_on
    from app.monitoring.retraining.decide import decide, live_places, roll_out, why_not
    from app.registry import challenges

    with request.project() as project:
        made = challenges.find_challenge(project, request.text("challenge"))
        wanted = Decision.PROMOTED if request.args.promote else Decision.KEPT
        gate = bool(why_not(project, made)) and not challenges.decision_of(project, made.id)
        try:
            decided = decide(project, made.id, wanted, request.text("reason"), request.ctx)
        except NotAllowed as error:
            return error_answer(error, Exit.GATE if gate else Exit.CONFLICT)
        body = decision_body(project, decided)
        try:
            out = roll_out(project, decided, request.ctx) if request.args.roll_out and decided.model_version_id else []
        except JobCancelled:
            raise
        except ModelyardError as error:
            return _not_rolled_out(made, body, error)
        carried = carry_on(project, request.ctx, made.id)
        places = live_places(project, made) if out or carried else []
    done = f"Promoted: it is {body['model_version']} now." if wanted is Decision.PROMOTED else "The champion is kept."
    lines = [done, *([f"It answers in {', '.join(places)}."] if places else [])]
    lines += [f"{ran.automation.name}: {ran.run.note}" for ran in carried]
    return Answer({"challenge": made.id, **body, "rolled_out": places}, lines)


def _not_rolled_out(made: Challenge, body: dict[str, object], error: ModelyardError) -> Answer:
    """What was decided stays decided."""
    whole = {"challenge": made.id, **body, "rolled_out": []}
    return Answer(whole, [], Exit.GATE if isinstance(error, GateFailed) else Exit.FAILED, error.message, error.hint)


def _decide_arguments(parser: argparse.ArgumentParser) -> None:
    _challenge_argument(parser)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--promote", action="store_true", help="approve the challenger as the model's next version")
    which.add_argument("--keep", action="store_true", help="keep the champion")
    parser.add_argument("--roll-out", action="store_true", help="put it where the model is live, once it is approved")
    parser.add_argument("--reason", metavar="TEXT", required=True, help="why; kept in the history")


COMMANDS = (
    Command(
        "retrain",
        "train a challenger on newer rows and compare it with the model in use",
        "Takes a newer data version, fetches one, or builds one of logged predictions whose outcomes came; fits the\n"
        "model's recipe on it (or searches again) and compares both models on the same rows that neither has seen.\n"
        "Nothing is put in use. Exit code 3 if a gate fails.\n\n"
        "Example:\n  modelyard retrain churn-project churn --data churn@3\n"
        "  modelyard retrain churn-project churn --logged --rehearse 500",
        _retrain_arguments,
        _retrain,
    ),
    Command(
        "challenges",
        "list the challengers, newest first",
        "Lists every challenger with how it compares and what was decided.\n\n"
        "Example:\n  modelyard challenges churn-project --json",
        _challenges_arguments,
        _challenges,
    ),
    Command(
        "rehearse",
        "replay logged requests through a challenger",
        "Answers the newest logged requests of the champion with the challenger as well: what would change, and how\n"
        "long both take for a row.\n\nExample:\n  modelyard rehearse churn-project churn --last 1000",
        _rehearse_arguments,
        _rehearse,
    ),
    Command(
        "decide",
        "promote a challenger, or keep the champion",
        "A promoted challenger is approved as the model's next version, if its gates passed. Either decision is kept\n"
        "in the history with its reason. Exit code 3 if a gate forbids it, 6 if it was decided already.\n\n"
        'Example:\n  modelyard decide churn-project churn --promote --reason "Better on this summer"',
        _decide_arguments,
        _decide,
    ),
)
