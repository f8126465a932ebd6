"""Silence with an end: about one model, or about everything."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from app.core.alerts import Mute
from app.ui.page import Page
from app.ui.widgets.combo import Combo
from app.ui.words import when

if TYPE_CHECKING:
    from app.core.progress import JobContext
    from app.registry.project import Project

HOURS = (1, 8, 24, 7 * 24)
USUAL = 1


def hours_combo(name: str) -> Combo:
    """How long nothing is to be sent; its data are hours."""
    made = Combo(_tr("How long"), name=name)
    words = (_tr("1 hour"), _tr("8 hours"), _tr("1 day"), _tr("7 days"))
    for text, hours in zip(words, HOURS, strict=True):
        made.addItem(text, hours)
    made.setCurrentIndex(USUAL)
    return made


def mute(page: Page, model_id: str | None, hours: int, reason: str) -> None:
    """Send nothing for some hours; of any model if none is given."""
    _silence(page, _tr("Muting alerts"), model_id, timedelta(hours=hours), reason)


def unmute(page: Page, model_id: str | None) -> None:
    """Send again."""
    _silence(page, _tr("Sending alerts again"), model_id, timedelta(), _tr("Sent again"))


def muted_words(name: str, mute: Mute) -> str:
    """*Alerts of churn are muted until 14:05: a sale.* ``name`` empty: everybody's."""
    whose = _tr("Alerts of {0} are").format(name) if name else _tr("All alerts are")
    return _tr("{0} muted until {1}: {2}").format(whose, when(mute.until), mute.reason)


def _silence(page: Page, title: str, model_id: str | None, lasting: timedelta, reason: str) -> None:
    def silent(project: Project, _ctx: JobContext) -> None:
        from app.registry.alerts import record_mute

        until = datetime.fromisoformat(project.now()) + lasting
        record_mute(project, model_id, until.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), reason)

    page.act(title, silent, changes={"alert"})


def _tr(text: str) -> str:
    return QCoreApplication.translate("muting", text)
