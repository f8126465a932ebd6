"""Buttons: a command's, a primary, a plain, a flat one and one that is only an icon."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton, QWidget

from app.ui.icons import icon
from app.ui.theme import theme
from app.ui.words import plain_tip

ICON = QSize(16, 16)


class Button(QPushButton):
    """A push button. ``role``: "" | primary | flat | link | icon (see the style sheet).

    ``name`` becomes the object name: the id of the command that it does.
    """

    def __init__(
        self,
        text: str,
        on_click: Callable[[], object] | None = None,
        *,
        name: str = "",
        role: str = "",
        icon: str = "",
        says: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("" if role == "icon" else text, parent)
        self.setObjectName(name)
        self.setProperty("role", role)
        self.setAccessibleName(says or text.replace("&", ""))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setIconSize(ICON)
        self.setAutoDefault(False)
        self._icon = icon
        if role == "icon":
            self.setToolTip(plain_tip(text))
        if on_click is not None:
            self.clicked.connect(lambda _checked=False: on_click())
        theme().changed.connect(self._tint)
        self._tint()

    def set_icon(self, name: str) -> None:
        """Show another icon."""
        self._icon = name
        self._tint()

    def forbid(self, why_not: str) -> None:
        """Disable with a reason, or enable if there is none."""
        self.setEnabled(not why_not)
        self.setToolTip(plain_tip(why_not))
        self.setAccessibleDescription(why_not)

    def _tint(self) -> None:
        if self._icon:
            self.setIcon(icon(self._icon, "on_accent" if self.property("role") == "primary" else "text2"))


class ActionButton(Button):
    """A button that does a command and follows its text, its availability and its reason why not."""

    def __init__(self, action: QAction, *, role: str = "", icon: str = "", parent: QWidget | None = None) -> None:
        super().__init__(action.text(), action.trigger, name=action.objectName(), role=role, icon=icon, parent=parent)
        self._action = action
        action.changed.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        if self.property("role") != "icon":
            self.setText(self._action.text())
        self.setEnabled(self._action.isEnabled())
        self.setToolTip(plain_tip(self._action.toolTip()))
        self.setAccessibleName(self._action.text().replace("&", "").rstrip("…"))
        self.setAccessibleDescription(self._action.toolTip())
