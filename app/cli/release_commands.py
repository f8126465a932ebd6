"""promote, rollback, settle, retire, releases, environments: which version answers where."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING

from app.cli.answer import Answer, Exit, error_answer
from app.cli.command import Command, Request, project_argument
from app.errors import BadInput, GateFailed

if TYPE_CHECKING:
    from app.core.gate_rules import GateRule
    from app.core.releases import Environment, Live, Release
    from app.registry.project import Project

NO_REASON = "No reason was given."


def _promote(request: Request) -> Answer:
    from app.registry import models
    from app.serving.rollout import promote

    share, shadow = request.args.share, request.args.shadow
    mode = "shadow" if shadow else "all" if share is None else "share"
    with request.project() as project:
        version = models.model_version_by_label(project, request.text("model"))
        try:
            made = promote(
                project,
                version.id,
                request.text("to"),
                request.text("reason"),
                mode=mode,
                share=1.0 if share is None else share,
                ctx=request.ctx,
            )
        except GateFailed as error:
            return error_answer(error, Exit.GATE)
        body = _body(project, made)
    words = {"all": "answers", "share": f"answers {made.share:.0%} of the requests", "shadow": "is asked in the shadow"}
    return _told(body, f"{version.label} {words[mode]} in {body['environment']}: {body['url']}")


def _promote_arguments(parser: argparse.ArgumentParser) -> None:
    project_argument(parser)
    parser.add_argument("model", metavar="MODEL@V", help="an approved version, such as churn@3")
    parser.add_argument("--to", required=True, metavar="ENV", help="an environment, such as production")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--share", type=float, metavar="X", help="answer only this part of the requests, such as 0.1")
    how.add_argument("--shadow", action="store_true", help="answer nobody; log what it would have said")
    parser.add_argument("--reason", default=NO_REASON, help="why; it stands in the history")


def _rollback(request: Request) -> Answer:
    from app.serving.rollout import rollback
    from app.serving.timeline import live_named

    with request.project() as project:
        live = live_named(project, request.text("service"))
        made = rollback(project, live.environment.id, live.model_id, request.text("reason"), ctx=request.ctx)
        body = _body(project, made)
    what = f"{live.version} is no longer challenged by {live.challenger}" if live.challenger else "Rolled back"
    line = f"{what}: {body['model_version']} answers in {body['environment']}: {body['url']}"
    return _told(body | {"was": live.challenger or live.version}, line)


def _rollback_arguments(parser: argparse.ArgumentParser) -> None:
    _place_arguments(parser, "what is wrong; it stands in the history")


def _settle(request: Request) -> Answer:
    from app.serving.rollout import settle
    from app.serving.timeline import live_named

    wins = request.text("keep") == "challenger"
    with request.project() as project:
        live = live_named(project, request.text("service"))
        try:
            made = settle(
                project, live.environment.id, live.model_id, request.text("reason"), challenger=wins, ctx=request.ctx
            )
        except GateFailed as error:
            return error_answer(error, Exit.GATE)
        body = _body(project, made)
    loser = live.version if wins else live.challenger
    line = f"{body['model_version']} answers alone in {body['environment']}, {loser} no longer: {body['url']}"
    return _told(body | {"was": loser}, line)


def _settle_arguments(parser: argparse.ArgumentParser) -> None:
    _place_arguments(parser, "what was seen; it stands in the history")
    parser.add_argument(
        "--keep", required=True, choices=("champion", "challenger"), help="which of the two answers from now on"
    )


def _retire(request: Request) -> Answer:
    from app.serving.retiring import retire
    from app.serving.timeline import live_named

    with request.project() as project:
        live = live_named(project, request.text("service"))
        made = retire(project, live.environment.id, live.model_id, request.text("reason"), ctx=request.ctx)
        body = _body(project, made)
    line = f"{live.version} is retired from {body['environment']}; {body['service']} is stopped."
    return Answer(body | {"was": live.version}, [line])


def _retire_arguments(parser: argparse.ArgumentParser) -> None:
    _place_arguments(parser, "why nobody needs it any more; it stands in the history")


def _place_arguments(parser: argparse.ArgumentParser, why: str) -> None:
    project_argument(parser)
    parser.add_argument("service", metavar="SERVICE", help="a service's name, such as churn-production")
    parser.add_argument("--reason", default=NO_REASON, help=why)


def _releases(request: Request) -> Answer:
    from app.registry import releases
    from app.serving.timeline import moment_of

    day = request.optional("at")
    at = moment_of(day) if day is not None else None
    with request.project() as project:
        live = releases.live_on(project, at)
        history = [] if at is not None else [_body(project, made) for made in releases.releases(project)]
        uneasy = _uneasy(project) if at is None else {}
    body: dict[str, object] = {"at": at, "live": [_live_body(one, uneasy) for one in live]}
    lines = [_live_line(one, uneasy) for one in live] or ["Nothing was live then." if at else "Nothing is live yet."]
    if at is None:
        body["releases"] = history
        lines += [_history_line(told) for told in history]
    return Answer(body, lines)


def _uneasy(project: Project) -> dict[str | None, str]:
    """By service, what is wrong with one that answers: another version, say, than is recorded here."""
    from app.serving.local import statuses

    return {status.service.id: status.message for status in statuses(project) if status.uneasy}


def _history_line(told: dict[str, object]) -> str:
    beside = f" by {told['challenger']}" if told["challenger"] else ""
    return f"{told['at']}  {told['environment']}: {told['kind']} {told['model_version']}{beside} - {told['reason']}"


def _releases_arguments(parser: argparse.ArgumentParser) -> None:
    project_argument(parser)
    parser.add_argument("--at", metavar="DATE", help="what was live on that day (its end) or at that time")


def _environments(request: Request) -> Answer:
    from app.core.gate_rules import with_rule
    from app.core.gate_words import rule_of, without
    from app.registry import environments

    with request.project() as project:
        if (name := request.optional("add")) is not None:
            environments.add_environment(project, name)
        if request.args.rename:
            environments.change_environment(project, request.args.rename[0], new_name=request.args.rename[1])
        if (name := request.optional("remove")) is not None:
            environments.remove_environment(project, name)
        if request.args.move:
            environments.move_environment(project, request.args.move[0], _place_number(request.args.move[1]) - 1)
        if request.args.automations:
            name, word = request.args.automations
            environments.change_environment(project, name, automated=_on(word))
        if request.args.gate:
            name, words = request.args.gate
            rule = rule_of(words)
            _refuse_strange(project, rule)
            gates = with_rule(environments.environment(project, name).gates, rule)
            environments.change_environment(project, name, gates=gates)
        if request.args.drop_gate:
            name, gate = request.args.drop_gate
            gates = without(environments.environment(project, name).gates, gate, "none")
            environments.change_environment(project, name, gates=gates)
        known = environments.environments(project)
    body = {"environments": [_place_body(place) for place in known]}
    return Answer(body, [line for place in known for line in _place_lines(place)])


def _refuse_strange(project: Project, rule: GateRule) -> None:
    """BadInput for a column that no data set has: every model would fail at it."""
    from app.registry import datasets

    if not rule.column:
        return
    newest = [datasets.newest_version(project, one.id) for one in datasets.datasets(project)]
    names = dict.fromkeys(c.name for made in newest for c in datasets.current_reading(project, made.id).columns)
    if names and rule.column not in names:
        raise BadInput(f"No data set has a column {rule.column}.", f"The columns are {', '.join(list(names)[:20])}.")


def _place_number(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise BadInput(f"{text} is no place in the order.", "Places are counted from 1.")
    return int(text)


def _on(word: str) -> bool:
    if word not in ("on", "off"):
        raise BadInput(f"Automations are on or off, not {word}.")
    return word == "on"


def _environments_arguments(parser: argparse.ArgumentParser) -> None:
    project_argument(parser)
    from app.core.gate_words import EXAMPLES, LIVE_EXAMPLE

    parser.add_argument("--add", metavar="NAME", help="a new one, at the end")
    parser.add_argument("--remove", metavar="NAME", help="one that nothing was ever live in")
    parser.add_argument("--rename", nargs=2, metavar=("NAME", "NEW"), help="what was live there stays in the history")
    parser.add_argument("--move", nargs=2, metavar=("NAME", "PLACE"), help="put it at this place, counted from 1")
    parser.add_argument(
        "--automations", nargs=2, metavar=("NAME", "on|off"), help="whether a rule may roll out there by itself"
    )
    told = f"what a model has to keep to there, beside what it was approved by: {EXAMPLES}, {LIVE_EXAMPLE}"
    told = told.replace("%", "%%")
    parser.add_argument("--gate", nargs=2, metavar=("NAME", "RULE"), help=told)
    parser.add_argument(
        "--drop-gate", nargs=2, metavar=("NAME", "GATE"), help="as it is listed, or what it is about: roc_auc"
    )


def _body(project: Project, made: Release) -> dict[str, object]:
    """A release as JSON."""
    from app.registry import environments
    from app.serving.local import statuses

    status = next((s for s in statuses(project) if s.service.id == made.service_id), None)
    names = {place.id: place.name for place in environments.environments(project)}
    return {
        "id": made.id,
        "environment": names.get(made.environment, made.environment),
        "model_version": _label(project, made.bundle_id),
        "bundle": _digest(project, made.bundle_id),
        "challenger": _label(project, made.challenger_bundle_id) if made.challenger_bundle_id else None,
        "mode": made.mode.value,
        "share": made.share,
        "kind": made.kind.value,
        "service": status.service.name if status else None,
        "url": status.url if status else None,
        "reason": made.reason,
        "actor": made.actor,
        "at": made.at,
        "message": (status.message or None) if status else None,
    }


def _told(body: dict[str, object], line: str) -> Answer:
    """What was done, and what there is to say of the service."""
    return Answer(body, [line, *([str(body["message"])] if body["message"] else [])])


def _label(project: Project, bundle_id: str) -> str:
    from app.registry import deploy, models

    return models.model_version(project, deploy.bundle(project, bundle_id).model_version_id).label


def _digest(project: Project, bundle_id: str) -> str:
    from app.registry import deploy

    return f"sha256:{deploy.bundle(project, bundle_id).sha256}"


def _live_body(one: Live, uneasy: Mapping[str | None, str]) -> dict[str, object]:
    return {
        "environment": one.environment.name,
        "model": one.model,
        "model_version": one.version,
        "bundle": f"sha256:{one.bundle_sha256}",
        "since": one.since,
        "challenger": one.challenger,
        "mode": one.release.mode.value,
        "share": one.release.share,
        "actor": one.release.actor,
        "reason": one.release.reason,
        "message": uneasy.get(one.release.service_id),
    }


def _live_line(one: Live, uneasy: Mapping[str | None, str]) -> str:
    beside = f", {one.challenger} in the shadow" if one.challenger else ""
    if one.challenger and one.share:
        beside = f", {one.challenger} answers {one.share:.0%}"
    said = uneasy.get(one.release.service_id)
    return f"{one.environment.name}: {one.version} since {one.since}{beside}{f' - {said}' if said else ''}"


def _place_body(place: Environment) -> dict[str, object]:
    from app.core.gate_rules import described
    from app.core.gate_words import text_of

    gates = [gate.name for gate in place.gates]
    rules = [{"name": r.name, "rule": text_of(r), "title": described(r).title} for r in place.gates]
    return {"id": place.id, "name": place.name, "gates": gates, "rules": rules, "automations": place.automated}


def _place_lines(place: Environment) -> list[str]:
    from app.core.gate_rules import described
    from app.core.gate_words import text_of

    may = f"automations {'may' if place.automated else 'may not'} roll out here"
    own = [f"   {described(rule).title}  ({text_of(rule)})" for rule in place.gates]
    return [f"{place.name}: {'gates of its own' if own else 'no gates of its own'}; {may}", *own]


COMMANDS = (
    Command(
        "promote",
        "roll a model version out to an environment",
        "Builds the bundle if need be and moves the environment's service of this model to it while it answers: its\n"
        "address stays, and no request that it took is dropped. A bundle that does not prove itself changes nothing.\n"
        "Exit code 3 if a gate of the environment fails.\n\nExample:\n"
        "  modelyard promote churn-project churn@2 --to production --reason 'Beats version 1 by 0.03'\n"
        "  modelyard promote churn-project churn@2 --to production --share 0.1",
        _promote_arguments,
        _promote,
    ),
    Command(
        "rollback",
        "bring back what was live before",
        "Ends a challenge if there is one; else the version that was live before answers again, at its address.\n\n"
        "Example:\n  modelyard rollback churn-project churn-production --reason 'Refuses too many'",
        _rollback_arguments,
        _rollback,
    ),
    Command(
        "settle",
        "end a challenge: keep the champion, or let the challenger answer all",
        "The one that stays answers alone at the same address, by the bundle that was tried. Exit code 3 if a gate of\n"
        "the environment fails for the challenger.\n\n"
        "Example:\n  modelyard settle churn-project churn-production --keep challenger --reason 'As good, and faster'",
        _settle_arguments,
        _settle,
    ),
    Command(
        "retire",
        "take a model out of an environment",
        "Stops its service once it has answered what it took. Nothing of the model is live there from then on, until\n"
        "a version is rolled out again, which takes the same address.\n\n"
        "Example:\n  modelyard retire churn-project churn-production --reason 'The product has ended'",
        _retire_arguments,
        _retire,
    ),
    Command(
        "releases",
        "what is live where, and what was on a date",
        "Without a date also every release, newest first.\n\nExample:\n"
        "  modelyard releases churn-project --at 2026-03-31",
        _releases_arguments,
        _releases,
    ),
    Command(
        "environments",
        "the places that models are rolled out to",
        "Development, staging and production if nobody changed them. A gate is written as in 'modelyard gates'; it is\n"
        "decided on the hold-out at the threshold that would answer, and the champion is what is live there.\n\n"
        "Example:\n"
        "  modelyard environments churn-project --add canary\n"
        "  modelyard environments churn-project --gate production roc_auc:0.8\n"
        "  modelyard environments churn-project --gate production selection_rate@sex:0.1",
        _environments_arguments,
        _environments,
    ),
)
