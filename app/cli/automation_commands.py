"""automations, run-due: rules that act by themselves, and doing what is due."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from app.cli.answer import Answer, Exit
from app.cli.command import Command, Request, project_argument
from app.cli.junit import Case, junit_argument, write_junit
from app.cli.plan_arguments import changed_plan, plan_arguments
from app.core.challenges import SAME_PLAN

if TYPE_CHECKING:
    from app.core.automations import Automation, Occasion, Rule
    from app.core.challenges import ChangedPlan
    from app.monitoring.automation.automations import Past, Ran, RanDue
    from app.registry.project import Project

OF_A_RULE = ("when", "do", "model", "data", "to", "name", "search", "families", "seconds", "same_recipe")
"""What a line says of a rule that it adds, changes or tries on the past."""
MOST_OCCASIONS = 5
MOST_RUNS = 10


def _automations(request: Request) -> Answer:
    from app.registry import automations as kept

    kind = "recipe" if request.args.recipe else ""
    if kind:
        from app.cli.schedule_answers import recipe_answer

        return recipe_answer(request)
    _refuse_ownerless(request)
    with request.project() as project:
        if request.args.schedule is not None or request.args.unschedule:
            from app.cli.schedule_answers import schedule_answer

            return schedule_answer(project, request)
        if request.args.dry_run:
            return _would(project, request)
        if (name := request.optional("run")) is not None:
            return _run_one(project, kept.find_automation(project, name), request)
        _change(project, request)
        kept.mark_interrupted(project)
        return _listed(project)


def _refuse_ownerless(request: Request) -> None:
    """A line that describes a rule and does nothing with it was meant otherwise."""
    from app.errors import BadInput

    args = request.args
    if not (args.add or args.change or args.dry_run) and any(getattr(args, word) for word in OF_A_RULE):
        raise BadInput("The line describes a rule and does nothing with it.", "Add --add NAME, --change or --dry-run.")


def _would(project: Project, request: Request) -> Answer:
    """When a rule would have run that is not made."""
    from app.core.automation_words import sentence
    from app.monitoring.automation.automations import would_have_run
    from app.monitoring.automation.making import checked_here

    rule = checked_here(project, _rule(request))
    found = would_have_run(project, rule)
    body = {"sentence": sentence(rule), "would_have_run": [{"at": o.at, "why": o.why} for o in found]}
    times = f"{len(found):,} time{'' if len(found) == 1 else 's'}"
    return Answer(body, [sentence(rule), f"It would have run {times} so far.", *_occasion_lines(found)])


def _change(project: Project, request: Request) -> None:
    """Add, change, pause, resume or remove, as the line says."""
    from app.core.automations import RuleState
    from app.monitoring.automation.making import change, make
    from app.registry import automations as kept

    if (name := request.optional("add")) is not None:
        make(project, name, _rule(request))
    if (name := request.optional("change")) is not None:
        before = kept.find_automation(project, name)
        change(project, before, request.optional("name") or before.name, _rule(request, before.rule))
    for asked, state in (
        ("pause", RuleState.PAUSED),
        ("resume", RuleState.ACTIVE),
        ("remove", RuleState.REMOVED),
    ):
        if (name := request.optional(asked)) is not None:
            kept.set_state(project, kept.find_automation(project, name).id, state)


def _rule(request: Request, before: Rule | None = None) -> Rule:
    """What the line asks for; where it says nothing, as the rule was ``before``."""
    from app.core.automation_words import WHEN_HINT, steps_of, trigger_of
    from app.core.automations import Rule
    from app.errors import BadInput

    when, steps = request.optional("when"), request.optional("do")
    if before is None and (when is None or steps is None):
        raise BadInput("An automation needs --when and --do.", WHEN_HINT)
    was = before or Rule(trigger_of(when or ""), ())
    model, data, environment = (request.optional(name) for name in ("model", "data", "to"))
    return Rule(
        was.trigger if when is None else trigger_of(when),
        was.steps if steps is None else steps_of(steps),
        was.model if model is None else model,
        was.dataset if data is None else data,
        was.environment if environment is None else environment,
        changed_plan(request.args, was.plan),
    )


def _listed(project: Project) -> Answer:
    from app.cli.schedule_answers import maturity_body, schedule_body
    from app.core.automation_words import sentence
    from app.monitoring.automation.making import problem_of
    from app.registry import automations as kept

    held = kept.automations(project)
    lines = []
    for automation in held:
        paused = "" if automation.state == "active" else f"  ({automation.state})"
        lines.append(f"{automation.number:>3}  {automation.name}{paused}\n     {sentence(automation.rule)}")
        problem = problem_of(project, automation.rule)
        lines += [f"     ! {problem}"] if problem else []
        lines += [f"     last: {run.created_at[:16]}Z {run.state}. {run.note}".rstrip() for run in kept.runs(project, automation.id, limit=1)]  # noqa: E501 # fmt: skip
    body, told = schedule_body(project)
    if not held:
        lines.append("No automation yet. Add one with --add NAME --when day:06:30 --do collect,monitor --model MODEL")
    level, level_line = maturity_body(project)
    rules = [_body(project, a) for a in held]
    return Answer({"automations": rules, "schedule": body, "maturity": level}, [*lines, told, level_line])


def _body(project: Project, automation: Automation) -> dict[str, object]:
    from app.core.automation_words import sentence, trigger_text
    from app.monitoring.automation.making import problem_of
    from app.registry import automations as kept

    rule = automation.rule
    return {
        "number": automation.number,
        "id": automation.id,
        "name": automation.name,
        "state": automation.state.value,
        "when": trigger_text(rule.trigger),
        "do": [step.value for step in rule.steps],
        "model": rule.model or None,
        "data": rule.dataset or None,
        "to": rule.environment or None,
        "plan": _plan_body(rule.plan),
        "sentence": sentence(rule),
        "problem": problem_of(project, rule) or None,
        "since": automation.since,
        "runs": [run_body(project, run.id) for run in kept.runs(project, automation.id, limit=MOST_RUNS)],
    }


def _plan_body(plan: ChangedPlan) -> dict[str, object] | None:
    """None: as the champion was trained."""
    if plan == SAME_PLAN:
        return None
    return {"search": plan.search, "families": list(plan.families) or None, "seconds": plan.seconds}


def run_body(project: Project, run_id: str) -> dict[str, object]:
    """A run of an automation as JSON."""
    from app.registry import automations as kept

    run = kept.run(project, run_id)
    return {
        "run": run.id,
        "trigger": run.trigger,
        "why": run.why,
        "at": run.created_at,
        "ended_at": None if run.state == "running" else run.last_at,
        "state": run.state.value,
        "note": run.note,
        "steps": [{"step": s.step.value, "state": s.state.value, "note": s.note} for s in run.steps],
        "challenge": run.challenge or None,
    }


def _run_one(project: Project, automation: Automation, request: Request) -> Answer:
    from app.errors import NotAllowed
    from app.monitoring.automation.automations import Ran, RanDue, run_now

    run = run_now(project, automation, request.ctx)
    if run is None:
        raise NotAllowed(f"{automation.name} runs already.", "Wait for its end.")
    return _told(project, RanDue((Ran(automation, run),), ()))


def _run_due(request: Request) -> Answer:
    from app.monitoring.automation.automations import dry_run, run_due

    with request.project() as project:
        if request.args.dry_run:
            return _past(dry_run(project, request.optional("since") or ""))
        done = run_due(project, request.ctx)
        write_junit(request, "run-due", cases_of(done) or [Case("what is due", note="Nothing is due.")])
        return _told(project, done)


def cases_of(done: RanDue) -> list[Case]:
    """Each automation that ran; one fails where the exit code tells of it. One that waits for a person, or had no
    reason to go on, says so."""
    return [_case(ran, done) for ran in done.ran]


def _case(ran: Ran, done: RanDue) -> Case:
    from app.core.automations import RunState

    run, name = ran.run, ran.automation.name
    code, problem = exit_of(replace(done, ran=(ran,)))
    if code is not Exit.OK and (code is not Exit.DRIFT or ran in done.unanswered):
        return Case(name, run.note or problem)
    return Case(name, note=run.note) if run.state is RunState.DONE else Case(name, skipped=run.note)


def _told(project: Project, done: RanDue) -> Answer:
    body = {
        "ran": [{"automation": ran.automation.name} | run_body(project, ran.run.id) for ran in done.ran],
        "interrupted": [run_body(project, run.id) for run in done.interrupted],
    }
    lines = [f"A run of {run.created_at[:16]}Z was cut off: {run.note}" for run in done.interrupted]
    for ran in done.ran:
        lines.append(f"{ran.automation.name}: {ran.run.state}. ({ran.run.why})")
        lines += [f"   {step.step.value:<8} {step.state.value:<8} {step.note}" for step in ran.run.steps]
    code, problem = exit_of(done)
    return Answer(body, lines or ["Nothing is due."], code, problem)


def exit_of(done: RanDue) -> tuple[Exit, str]:
    """4 for refused data, 3 for a gate that failed, 1 for what could not be done, 5 for *act* without an answer; with
    the automations that it was. What they found stands in the answer itself."""
    from app.core.automations import Code, RunState

    failed = [ran for ran in done.ran if ran.run.state in (RunState.FAILED, RunState.INTERRUPTED)]
    for code, found, words in (
        (Exit.REFUSED, done.found(Code.REFUSED), "Data were refused"),
        (Exit.GATE, done.found(Code.GATE), "A gate stopped the challenger"),
        (Exit.FAILED, failed, "Something could not be done"),
        (Exit.DRIFT, done.unanswered, "A look says act, and no automation answered to it"),
    ):
        if found:
            return code, f"{words}: {', '.join(ran.automation.name for ran in found)}."
    return Exit.OK, ""


def _past(told: list[Past]) -> Answer:
    from app.core.automation_words import sentence

    body = {
        "automations": [
            {
                "name": past.automation.name,
                "sentence": sentence(past.automation.rule),
                "state": past.automation.state.value,
                "would_have_run": [{"at": o.at, "why": o.why} for o in past.occasions],
                "due_now": past.now is not None,
            }
            for past in told
        ]
    }
    return Answer(body, [line for past in told for line in _past_lines(past)] or ["No automation yet."])


def _past_lines(past: Past) -> list[str]:
    from app.core.automation_words import sentence
    from app.core.automations import When

    if past.automation.rule.trigger.when is When.HAND:
        return [f"{past.automation.name}: runs by hand only."]
    times = len(past.occasions)
    due = "; due now" if past.now else ""
    first = f"{past.automation.name}: would have run {times:,} time{'' if times == 1 else 's'}{due}."
    return [first, f"   {sentence(past.automation.rule)}", *_occasion_lines(past.occasions)]


def _occasion_lines(found: Sequence[Occasion]) -> list[str]:
    """The newest ones, and how many more there are."""
    earlier = len(found) - MOST_OCCASIONS
    lines = [f"   … {earlier:,} earlier"] if earlier > 0 else []
    return lines + [f"   {o.at[:16]}Z  {o.why}" for o in found[-MOST_OCCASIONS:]]


def _arguments(parser: argparse.ArgumentParser) -> None:
    project_argument(parser)
    one = parser.add_mutually_exclusive_group()
    one.add_argument("--add", metavar="NAME", help="make an automation; needs --when and --do")
    one.add_argument("--change", metavar="NAME", help="change what the line says of it; the rest stays as it is")
    one.add_argument("--pause", metavar="NAME", help="look at it no more until it is resumed; NAME or its number")
    one.add_argument("--resume", metavar="NAME", help="look at it again; what was missed meanwhile does not count")
    one.add_argument("--remove", metavar="NAME", help="put it away; its history stays")
    one.add_argument("--run", metavar="NAME", help="run it now")
    one.add_argument(
        "--schedule", metavar="MINUTES", nargs="?", type=int, const=15,
        help="have this computer do what is due every so many minutes (default 15), whether anybody is there or not",
    )  # fmt: skip
    one.add_argument("--unschedule", action="store_true", help="take that back")
    one.add_argument(
        "--recipe", metavar="CI", choices=("github", "gitlab", "shell"), help="print a file for a CI service"
    )
    one.add_argument(
        "--dry-run", action="store_true", help="tell when a rule of --when and --do would have run so far; make nothing"
    )
    parser.add_argument("--name", metavar="NAME", help="with --change: what it is called from now on")
    parser.add_argument("--when", metavar="WHEN", help="day:06:30, monday:06:30, labels:200, act, below or hand")
    parser.add_argument(
        "--do", metavar="STEPS", help="with commas: collect, refresh, check, monitor, retrain, gate, wait, promote"
    )
    parser.add_argument("--model", metavar="MODEL", help="the model that it is about")
    parser.add_argument("--data", metavar="DATASET", help="the data set (default: the model's)")
    parser.add_argument("--to", metavar="ENVIRONMENT", help="where promote goes")
    plan_arguments(parser)
    parser.add_argument(
        "--same-recipe", action="store_true", help="with --change: retrain by the recipe of the model in use again"
    )


def _due_arguments(parser: argparse.ArgumentParser) -> None:
    from app.cli.monitor_commands import since_when

    project_argument(parser)
    parser.add_argument("--dry-run", action="store_true", help="tell when rules would have run so far; do nothing")
    junit_argument(parser)
    parser.add_argument("--since", metavar="DATE", type=since_when, help="of a dry run: only from that day (UTC) on")


COMMANDS = (
    Command(
        "automations",
        "rules that act by themselves: list, add, pause, run, schedule",
        "An automation says when (a time, new labels, a look that says act, a figure below its limit, by hand) and\n"
        "what (collect, refresh, check, monitor, retrain, gate, wait for a person, promote where the environment\n"
        "allows it). run-due does what is due; --schedule has this computer call it.\n\n"
        "Example:\n  modelyard automations P --add Watch --when day:06:30 --do collect,monitor --model churn\n"
        "  modelyard automations P --add Renew --when act --do retrain,gate,wait --model churn\n"
        "  modelyard automations P --add Wider --when monday:02:00 --do retrain,gate,wait --model churn --search\n"
        "  modelyard automations P --change Wider --when sunday:02:00 --same-recipe\n"
        "  modelyard automations P --schedule 15",
        _arguments,
        _automations,
    ),
    Command(
        "run-due",
        "do what is due by the automations, then exit",
        "Runs each automation that is due, once, and says what came of it. Two at the same moment do not run one\n"
        "twice. Exit code 4 if data were refused, 3 if a gate failed, 1 if something could not be done, 5 if a look\n"
        "says act and no automation answered to it.\n\n"
        "Example:\n  modelyard run-due churn-project --json\n  modelyard run-due churn-project --dry-run",
        _due_arguments,
        _run_due,
    ),
)
