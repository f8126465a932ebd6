"""What is done with a result on the data page: approve it, let it answer, take it along."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from app.ui.data import data_verbs as verbs
from app.ui.data.data_view import Result
from app.ui.models import deploying
from app.ui.models.result_card import ResultCard
from app.ui.page import Page


class ResultDesk(QObject):
    """The commands of the result card. ``result``: what the card shows now."""

    def __init__(self, page: Page, card: ResultCard, result: Callable[[], Result | None]) -> None:
        super().__init__(page)
        self._page, self._card, self._result = page, card, result

    def approve(self) -> None:
        """Make the best candidate a model version."""
        result = self._result()
        if result is None or result.best is None:
            return
        reason = self._card.approval.reason.toPlainText().strip()
        actor = self._card.approval.keep_person()
        run, best = result.run, result.best
        self._page.act(
            self.tr("Approving run {0}").format(run.number),
            lambda project, ctx: verbs.approve(project, actor, run.id, best.id, reason, ctx),
            changes={"model_version"},
            busy=self._card.approval.button,
        )

    def start_service(self) -> None:
        """Build the bundle if there is none, and let it answer on this computer."""
        if (model := self._approved()) is None:
            return
        self._page.act(
            self.tr("Starting the service"),
            lambda project, ctx: deploying.start_service(project, model, ctx),
            changes={"bundle", "service"},
            busy=self._card.running.start,
        )

    def export_bundle(self) -> None:
        """Write the approved model as a bundle into the project's folder."""
        if (model := self._approved()) is None:
            return
        self._page.act(
            self.tr("Exporting the bundle"),
            lambda project, ctx: deploying.export_bundle(project, model, ctx),
            changes={"bundle"},
            busy=self._card.running.export,
        )

    def stop_service(self) -> None:
        """Stop this model's service."""
        result = self._result()
        if result is None or result.service is None:
            return
        id_ = result.service.service.id
        title = self.tr("Stopping the service")
        self._page.act(title, lambda project, ctx: deploying.stop_service(project, id_, ctx), changes={"service"})

    def open_bundle(self) -> None:
        """Show the bundle in the file manager."""
        result = self._result()
        if self._page.session.project is not None and result is not None and result.bundle is not None:
            deploying.show_in_folder(self._page.session.project.path / result.bundle.path)

    def save_bundle(self) -> None:
        """Copy the bundle to a folder that the person chooses."""
        result = self._result()
        if result is None or (bundle := result.bundle) is None:
            return
        folder = QFileDialog.getExistingDirectory(self._page, self.tr("Save the bundle in"))
        if folder:
            self._page.act(
                self.tr("Saving the bundle"),
                lambda project, _ctx: deploying.save_bundle(project, bundle.id, Path(folder)),
                then=lambda path: self._page.session.tell(self.tr("Saved {0}").format(path)),
            )

    def _approved(self) -> str | None:
        result = self._result()
        return result.model.id if result is not None and result.model is not None else None
