"""What a change of the environments did, in words for the history: nobody looks for a missing gate in JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.core.gate_rules import described
from app.core.releases import Environment


def change_words(before: Sequence[Environment], after: Sequence[Environment]) -> str:
    """One sentence for each thing that is different; empty if nothing is."""
    was, now = {place.id: place for place in before}, {place.id: place for place in after}
    told = [f"Removed {place.name}." for place in before if place.id not in now]
    for place in after:
        told += _of_one(was[place.id], place) if place.id in was else [f"Added {place.name}."]
    kept = [id_ for id_ in was if id_ in now]
    if kept != [id_ for id_ in now if id_ in was]:
        told.append(f"The order is {', '.join(place.name for place in after)} now.")
    return " ".join(told)


def _of_one(was: Environment, now: Environment) -> Iterator[str]:
    if was.name != now.name:
        yield f"{was.name} is called {now.name} now."
    gone = [described(rule).title for rule in was.gates if rule not in now.gates]
    new = [described(rule).title for rule in now.gates if rule not in was.gates]
    if gone:
        yield f"{now.name} asks no longer: {'; '.join(gone)}."
    if new:
        yield f"{now.name} asks: {'; '.join(new)}."
    if was.automated != now.automated:
        yield f"Automations {'may' if now.automated else 'may no longer'} roll out in {now.name}."
