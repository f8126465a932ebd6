"""How something was worked out, behind a small question mark."""

from __future__ import annotations

import html

from PySide6.QtCore import QCoreApplication, QPoint
from PySide6.QtWidgets import QWhatsThis, QWidget

from app.ui.widgets.buttons import Button


class HowButton(Button):
    """A click, or resting on it, tells the method and its source; of no use while there is nothing to tell."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        says = QCoreApplication.translate("how", "How is this worked out?")
        super().__init__(says, self._show, role="icon", icon="help", parent=parent)
        self.tell(text)

    def tell(self, text: str) -> None:
        """What to tell from now on."""
        self.setToolTip(f"<qt>{html.escape(text)}</qt>" if text else "")  # rich text is wrapped
        self.setAccessibleDescription(text)
        self.setEnabled(bool(text))

    def _show(self) -> None:
        QWhatsThis.showText(self.mapToGlobal(QPoint(0, self.height())), self.toolTip(), self)
