"""What an approved result can become: a running service with its address, a bundle with its folder."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.core.deploy import ServiceState
from app.ui.actions import Actions
from app.ui.data.data_view import Result
from app.ui.widgets.buttons import ActionButton, Button
from app.ui.widgets.card import label, row
from app.ui.widgets.chip import Chip
from app.ui.words import plain_tip, size_words


class RunningRow(QWidget):
    """Shown once the result is approved."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = Chip("ok", "")
        self.start = ActionButton(actions["service.start"], role="primary", icon="start")
        self.export = ActionButton(actions["bundle.export"], icon="bundle")
        self.address = label("", "mono", name="service.address")
        self.folder = label("", "mono", name="bundle.path")
        for words in (self.address, self.folder):
            words.setTextInteractionFlags(words.textInteractionFlags().TextSelectableByMouse)
        self._service, self._bundle = QWidget(), QWidget()
        self._chip = Chip("running", "")
        self._copy = Button(self.tr("Copy address"), self._copy_address, role="flat", icon="copy")
        self._open = Button(
            self.tr("Try it"), self._open_page, role="flat", icon="open", says=self.tr("Open the try-it page")
        )
        self._service.setLayout(
            row(
                self._chip,
                self.address,
                self._copy,
                self._open,
                1,
                ActionButton(actions["service.stop"], role="flat", icon="stop"),
            )
        )
        self._size = label("", "quiet")
        self._bundle.setLayout(
            row(
                Chip("ok", self.tr("bundle")),
                self.folder,
                self._size,
                1,
                ActionButton(actions["bundle.open_folder"], role="flat", icon="folder"),
                ActionButton(actions["bundle.save"], role="flat", icon="download"),
            )
        )
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addLayout(row(self._model, 1, self.export, self.start))
        whole.addWidget(self._service)
        whole.addWidget(self._bundle)

    def show_result(self, result: Result, project: Path) -> None:
        """Show what the approved model has become so far."""
        self.setVisible(result.model is not None)
        if result.model is None:
            return
        self._model.say("ok", self.tr("{0} approved").format(result.model.label))
        service, bundle = result.service, result.bundle
        live = service is not None and service.actual not in (ServiceState.STOPPED, ServiceState.FAILED)
        self.start.setVisible(not live)
        self._service.setVisible(live)
        if service is not None and live:
            status = "ok" if service.actual is ServiceState.RUNNING else "running"
            self._chip.say(status, self.tr("service {0}").format(self.tr(service.actual.value)))
            self.address.setText(service.url or "")
        self.export.setVisible(bundle is None)
        self._bundle.setVisible(bundle is not None)
        if bundle is not None:
            self.folder.setText(bundle.path)
            self.folder.setToolTip(plain_tip(str(project / bundle.path)))
            self._size.setText(size_words(bundle.size_bytes))

    def _copy_address(self) -> None:
        QGuiApplication.clipboard().setText(self.address.text())

    def _open_page(self) -> None:
        QDesktopServices.openUrl(QUrl(self.address.text()))
