"""Which data set an arriving file belongs to: by its columns, and where those are of several, by its name.

Parent side: standard library only. The child that reads the file tells which columns it has.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from app.core.data import Choice, Dataset, Finding, Outcome, ParseRecipe
from app.core.decisions import Decision, FindingDecision
from app.data.findings import listed
from app.data.names import dataset_name
from app.data.reading import Known
from app.data.wishes import with_answer

if TYPE_CHECKING:
    from app.registry.project import Project

UNCLEAR = "SEVERAL_DATASETS"
"""The code of a refusal that holds only until somebody names one of its ``choices``."""


def known_to(project: Project, called: str, name: str | None, dataset_id: str | None) -> tuple[Known, ...]:
    """The data sets that a file may belong to, the likeliest last. ``called``: the file's name; ``name``: of the data
    set, now or once, if a person chose it; that and ``dataset_id`` decide."""
    from app.registry import contracts, datasets, decisions

    likely = _Likely(project, called)
    named = datasets.dataset_by_name(project, name) if name else None
    every = datasets.datasets(project)
    found = [d for d in every if (d == named or not name) and (d.id == dataset_id or not dataset_id)]
    known = []
    for dataset in sorted(found, key=lambda d: (likely.rank(d), d.created_at)):
        newest = datasets.newest_version(project, dataset.id).id
        reading = datasets.current_reading(project, newest)
        recipe = _with_kept(reading.recipe, decisions.decisions(project, newest).values())
        rules = contracts.rules_of(project, dataset.id)
        known.append(Known(dataset.id, dataset.name, reading.columns, reading.positive, recipe, rules))
    return tuple(known)


def likeliest(project: Project, called: str, fits: Collection[str]) -> list[Dataset]:
    """Of the data sets (their ids) whose columns a file has those that its name speaks for, oldest first: one where it
    is clear."""
    from app.registry import datasets

    likely = _Likely(project, called)
    fitting = [dataset for dataset in datasets.datasets(project) if dataset.id in fits]
    most = max(map(likely.rank, fitting), default=0)
    return [dataset for dataset in fitting if likely.rank(dataset) == most]


def unclear(project: Project, called: str, fits: Collection[str]) -> Finding | None:
    """The refusal of a file whose columns are those of several data sets (their ids) while its name speaks for none of
    them more than for the others; None if it is clear."""
    names = [dataset.name for dataset in likeliest(project, called, fits)]
    if len(names) < 2:
        return None
    message = f"{called} has the columns of {listed(names)}; nothing says whose next version it is."
    hint = f"Name the data set with --name: {', '.join(names)}, or another name for new data. Nothing was added."
    return Finding(UNCLEAR, Outcome.REJECT, message, hint=hint, choices=tuple(map(Choice, names)))


class _Likely:
    """How much a file's name speaks for a data set."""

    def __init__(self, project: Project, called: str) -> None:
        from app.registry import datasets

        self._named = datasets.dataset_by_name(project, dataset_name(called)[0])
        self._had = datasets.owners_of_file(project, called)

    def rank(self, dataset: Dataset) -> int:
        """It is or was called so (no two are or were), it had a file of that name before, or nothing of it."""
        if dataset == self._named:
            return 2
        return 1 if dataset.id in self._had else 0


def _with_kept(recipe: ParseRecipe, decided: Iterable[FindingDecision]) -> ParseRecipe:
    """The recipe with the questions that were answered with *Keep*: the next file does not ask them again."""
    for one in decided:
        if one.decision is Decision.KEEP:
            recipe = with_answer(recipe, f"{one.code}:{one.column}" if one.column else one.code)
    return recipe
