"""Retrain, rehearse and decide from the window: the verbs as jobs of a page."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from app.core.challenges import SAME_PLAN, Challenge, ChallengeDecision, ChangedPlan, Decision, Rehearsal
from app.core.progress import Part
from app.core.worth import Worth
from app.ui.models.challenge_view import Choice
from app.ui.page import Page

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.core.progress import JobContext
    from app.registry.project import Project

NEWER = Choice("")


def retrain_on(
    page: Page,
    model: str,
    then: Callable[[Challenge], None],
    *,
    choice: Choice = NEWER,
    plan: ChangedPlan = SAME_PLAN,
    busy: QWidget | None = None,
) -> None:
    """Train a challenger of ``model`` (``churn@3``) and compare, as a job of ``page``. ``plan``: as the champion was
    trained, or what is changed."""

    def work(project: Project, ctx: JobContext) -> Challenge:
        from app.monitoring.retraining.retrain import challenge_with, retrain

        if choice.run_id is not None:
            return challenge_with(project, model, choice.run_id, ctx)
        return retrain(
            project,
            model,
            data=choice.data,
            fresh=choice.fresh,
            changed=plan,
            ctx=ctx,
        )

    title = _tr("Retraining {0}").format(model)
    page.act(title, work, kind="retrain", then=then, changes={"run", "data_version", "challenge"}, busy=busy)


def rehearse_on(page: Page, challenge_id: str, last: int, then: Callable[[Rehearsal], None], busy: QWidget) -> None:
    """Replay the champion's newest requests through the challenger, ``last`` of them."""

    def work(project: Project, ctx: JobContext) -> Rehearsal:
        from app.monitoring.retraining.rehearse import rehearse

        return rehearse(project, challenge_id, last=last, ctx=ctx)

    page.act(_tr("Rehearsing the challenger"), work, then=then, changes={"challenge", "prediction"}, busy=busy)


def weigh_on(page: Page, model: str, then: Callable[[Worth], None], busy: QWidget) -> None:
    """Find out what a retrain of ``model`` (``churn@3``) would bring."""

    def work(project: Project, ctx: JobContext) -> Worth:
        from app.monitoring.retraining.worth import worth

        return worth(project, model, ctx=ctx)

    page.act(_tr("Weighing a retrain of {0}").format(model), work, then=then, changes={"challenge"}, busy=busy)


def decide_on(
    page: Page,
    challenge_id: str,
    decision: Decision,
    reason: str,
    then: Callable[[ChallengeDecision], None],
    *,
    rolls_out: bool = False,
) -> None:
    """Promote the challenger, and roll it out where its model is live, or keep the champion; rules that waited for it
    go on."""

    def work(project: Project, ctx: JobContext) -> ChallengeDecision:
        from app.monitoring.automation.automations import carry_on
        from app.monitoring.retraining.decide import decide, roll_out

        made = decide(project, challenge_id, decision, reason, Part(ctx, 0.0, 0.2))
        if rolls_out and made.model_version_id is not None:
            roll_out(project, made, Part(ctx, 0.2, 0.7))
        carry_on(project, Part(ctx, 0.7, 1.0), challenge_id)
        return made

    promoted = decision is Decision.PROMOTED
    title = _tr("Promoting the challenger") if promoted else _tr("Keeping the champion")
    told = {"challenge", "automation"}
    changes = told | {"model_version", "bundle", "service", "release"} if promoted else told
    page.act(title, work, then=then, changes=changes)


def _tr(text: str) -> str:
    return QCoreApplication.translate("retraining", text)
