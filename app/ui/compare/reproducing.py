"""Reproduce a candidate from the window: refit its recipe in a fresh process, and say in words how it compares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from app.core.progress import JobContext
from app.core.proofs import Reproduction, Verdict
from app.core.runs import Candidate, Run
from app.ui.charts.axes import number
from app.ui.page import Page
from app.ui.widgets.banner import Banner

if TYPE_CHECKING:
    from app.registry.project import Project
    from app.training.differing import Differing


@dataclass(frozen=True, slots=True)
class Reproduced:
    """What came out, for which candidate. ``elsewhere``: what is another one now than when the run was made."""

    run: Run
    candidate: Candidate
    proof: Reproduction
    elsewhere: tuple[Differing, ...]


def reproduce_on(page: Page, run: Run, candidate: Candidate, banner: Banner, *, still: Callable[[], bool]) -> None:
    """Refit as a job of ``page`` and say in ``banner`` how it went, if that candidate is ``still`` the one shown."""

    def work(project: Project, ctx: JobContext) -> Reproduced:
        from app.training.differing import since_then
        from app.training.reproduce import reproduce

        return Reproduced(run, candidate, reproduce(project, candidate.id, ctx), since_then(project, run))

    def done(found: Reproduced) -> None:
        if still():
            banner.ask(status_of(found.proof), message_of(found), details_of(found), [])

    banner.hide()
    page.act(_tr("Reproducing {0} of run {1}").format(candidate.name, run.number), work, then=done)


def status_of(proof: Reproduction) -> str:
    """The mark beside the words."""
    return {Verdict.IDENTICAL: "ok", Verdict.EQUAL: "info", Verdict.DIFFERENT: "fail"}[proof.verdict]


def message_of(found: Reproduced) -> str:
    """The verdict in a sentence."""
    name, verdict = found.candidate.name, found.proof.verdict
    if verdict is Verdict.IDENTICAL:
        told = _tr("Identical: {0}, refitted from its recipe, has the same split, predictions and bytes.")
    elif verdict is Verdict.EQUAL:
        told = _tr("Equal within tolerance: {0}, refitted from its recipe, answers every row as before.")
    else:
        told = _tr("Different: {0}, refitted from its recipe, is not the same.")
    return told.format(name)


def details_of(found: Reproduced) -> str:
    """The first stage that differs, and what is another one on this machine."""
    return " ".join(filter(None, (_stage_words(found.proof), _environment_words(found)))).strip()


def _stage_words(proof: Reproduction) -> str:
    first = proof.first_difference
    if not first:
        return ""
    if first == "split":
        return _tr("The split differs first: other rows were held out.")
    if first == "onnx":
        return _tr("The bytes of the exported model differ; split and predictions do not.")
    if proof.largest_difference is None:
        return _tr("The predictions differ first: they are of other classes or rows.")
    return _tr("The predictions differ first, by at most {0}.").format(number(proof.largest_difference))


def _environment_words(found: Reproduced) -> str:
    if not found.elsewhere:
        return _tr("Packages, Python, system and processor are those of the run.")
    from app.training.differing import changed_words

    return _tr("Since the run changed: {0}.").format(changed_words(found.elsewhere))


def _tr(text: str) -> str:
    return QCoreApplication.translate("reproducing", text)
