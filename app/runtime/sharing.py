"""Who answers a request beside a challenger that has a share, and what becomes of it if the challenger cannot.

Rows that come with ids of their own (``ids``) are shared out by these, so that the same customer hears the same model,
alone or among others. Rows without are answered together, by one of the two: whoever asked compares their scores, and
two models' scores do not compare. The answer names the champion's bundle, or the challenger's if it answered all; in a
request of both, each row of the challenger names its own.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Sequence
from dataclasses import dataclass

from .answers import NO_FINITE_ANSWER, Answered, Answerer
from .challenger import Challenger, Side
from .dialects import Dialect
from .http import Headers
from .problems import Refusal
from .rows import Rows


@dataclass(frozen=True, slots=True)
class Told:
    """One request with its answer. ``dialect``: that it is written in."""

    dialect: Dialect
    rows: Rows
    answered: Answered


@dataclass(frozen=True, slots=True)
class Question:
    """A request as it came."""

    path: str
    headers: Headers
    body: bytes

    def read_by(self, side: Side) -> Rows:
        """Raises Refusal."""
        return side.dialects[self.path].read(self.headers, self.body)


Steps = Generator[tuple[Side, Rows], Answered, Told]
"""Yields rows with the side that is to answer them; hears the answer, or the refusal is thrown."""


async def answer(steps: Steps, ask: Callable[[Answerer, Rows], Awaitable[Answered]]) -> Told:
    """Carry the steps out in the event loop. Raises Refusal."""
    try:
        side, rows = next(steps)
        while True:
            try:
                answered = await ask(side.answerer, rows)
            except Refusal as refusal:
                side, rows = steps.throw(refusal)
            else:
                side, rows = steps.send(answered)
    except StopIteration as done:
        told: Told = done.value
        return told


def answer_now(steps: Steps, ask: Callable[[Answerer, Rows], Answered]) -> Told:
    """The same in the caller's thread."""
    try:
        side, rows = next(steps)
        while True:
            try:
                answered = ask(side.answerer, rows)
            except Refusal as refusal:
                side, rows = steps.throw(refusal)
            else:
                side, rows = steps.send(answered)
    except StopIteration as done:
        told: Told = done.value
        return told


def steps(champion: Side, challenger: Challenger | None, question: Question) -> Steps:
    """How a request is answered. Raises Refusal of what nobody takes."""
    taken = challenger.takes(question.path, question.headers, question.body) if challenger is not None else [False]
    if challenger is None or not any(taken):
        return (yield from _all(champion, question))
    try:
        rows = question.read_by(challenger.side)
    except Refusal as refusal:
        challenger.could_not(refusal)
        return (yield from _all(champion, question))
    if all(taken) or rows.caller_ids is None or len(rows) != len(taken):
        return (yield from _challenged(champion, challenger, question, rows, taken[0]))
    return (yield from _shared(champion, challenger, question, rows, taken))


def _all(side: Side, question: Question, instead_of: str | None = None) -> Steps:
    rows = question.read_by(side)
    rows.instead_of = instead_of
    answered = yield side, rows
    return Told(side.dialects[question.path], rows, answered)


def _challenged(champion: Side, challenger: Challenger, question: Question, rows: Rows, taken: bool) -> Steps:
    if not taken:
        return (yield from _all(champion, question))
    try:
        answered = yield challenger.side, rows
    except Refusal as refusal:
        _only_without_answer(refusal)
        challenger.could_not(refusal)
        return (yield from _all(champion, question, instead_of=challenger.side.bundle))
    return Told(challenger.side.dialects[question.path], rows, answered)


def _shared(champion: Side, challenger: Challenger, question: Question, theirs: Rows, taken: Sequence[bool]) -> Steps:
    """What one of the two refuses is refused as a whole: nothing is logged before every row has its answer."""
    rows = question.read_by(champion)
    places = {side: [i for i, mine in enumerate(taken) if mine is side] for side in (False, True)}
    ours = yield champion, rows.some(places[False])
    try:
        others = yield challenger.side, theirs.some(places[True])
        _name(others, challenger.side)
    except Refusal as refusal:
        _only_without_answer(refusal)
        challenger.could_not(refusal)
        left = rows.some(places[True])
        left.instead_of = challenger.side.bundle
        others = yield champion, left
    champion.answerer.log([*ours.unlogged, *others.unlogged])  # the challenger's go into the same log
    return Told(champion.dialects[question.path], rows, _merged(ours, others, places, rows.dropped))


def _merged(ours: Answered, others: Answered, places: dict[bool, list[int]], dropped: dict[str, int]) -> Answered:
    found = dict(zip(places[False], ours.predictions, strict=True))
    found |= dict(zip(places[True], others.predictions, strict=True))
    return Answered([found[i] for i in sorted(found)], dropped, ours.violations + others.violations)


def _name(answered: Answered, side: Side) -> None:
    for prediction in answered.predictions:
        prediction.model, prediction.bundle = side.contract.model, side.bundle


def _only_without_answer(refusal: Refusal) -> None:
    """What is wrong with the request or the log is told; only that a model has no answer is the other's to mend."""
    if refusal.code != NO_FINITE_ANSWER:
        raise refusal
