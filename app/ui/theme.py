"""The look: colour tokens of two themes, put on Qt's Fusion style as a palette and a small style sheet.

The tokens are in ``resources/themes``; nothing else in the code names a colour. A widget that paints
itself asks ``tokens()`` while painting, so a live switch needs nothing but a repaint.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from app.ui.resources import resource


class Appearance(StrEnum):
    """What a person chose."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Tokens:
    """The colours of one theme by token name (see the table in the design notes)."""

    name: str
    values: dict[str, str]

    def color(self, token: str) -> QColor:
        """The colour of a token. KeyError if there is no such token."""
        return QColor(self.values[token])


def load_tokens(name: str) -> Tokens:
    """The tokens of ``light`` or ``dark``."""
    return Tokens(name, json.loads(resource("themes", f"{name}.json").read_text("utf-8")))


class Theme(QObject):
    """Keeps the application's palette, style sheet and font in step with the chosen appearance."""

    changed = Signal()
    chosen = Signal(str)
    """An appearance was chosen; the colours may be the same as before."""

    def __init__(self, app: QApplication, appearance: Appearance = Appearance.SYSTEM) -> None:
        super().__init__(app)
        self.setObjectName("theme")
        self._app = app
        self._sheet = resource("themes", "modelyard.qss").read_text("utf-8")
        self.appearance = appearance
        self.tokens = load_tokens(self._wanted())
        app.setStyle("Fusion")
        app.setFont(_font())
        app.styleHints().colorSchemeChanged.connect(self._system_changed)
        self._put_on()

    def choose(self, appearance: Appearance) -> None:
        """Switch now, everywhere."""
        self.appearance = appearance
        hint = {Appearance.LIGHT: Qt.ColorScheme.Light, Appearance.DARK: Qt.ColorScheme.Dark}
        self._app.styleHints().setColorScheme(hint.get(appearance, Qt.ColorScheme.Unknown))
        self._follow()
        self.chosen.emit(appearance.value)

    def _wanted(self) -> str:
        if self.appearance is not Appearance.SYSTEM:
            return self.appearance.value
        return "dark" if self._app.styleHints().colorScheme() == Qt.ColorScheme.Dark else "light"

    def _system_changed(self) -> None:
        self._follow()

    def _follow(self) -> None:
        if self._wanted() == self.tokens.name:
            return
        self.tokens = load_tokens(self._wanted())
        self._put_on()
        self.changed.emit()

    def _put_on(self) -> None:
        self._app.setPalette(palette(self.tokens))
        self._app.setStyleSheet(style_sheet(self._sheet, self.tokens))


def theme() -> Theme:
    """The running application's theme; made light on first use where nobody made one."""
    app = QApplication.instance()
    assert isinstance(app, QApplication), "there is no application yet"
    found = app.findChild(Theme, "theme", Qt.FindChildOption.FindDirectChildrenOnly)
    return found if isinstance(found, Theme) else Theme(app)


def tokens() -> Tokens:
    """The tokens that hold now."""
    return theme().tokens


def color(token: str) -> QColor:
    """The colour that a token has now."""
    return theme().tokens.color(token)


def style_sheet(template: str, tokens: Tokens) -> str:
    """The template with every ``@token`` replaced by its colour."""
    return re.sub(r"@(\w+)", lambda match: tokens.values[match.group(1)], template)


_ROLES = {
    QPalette.ColorRole.Window: "bg",
    QPalette.ColorRole.WindowText: "text",
    QPalette.ColorRole.Base: "surface",
    QPalette.ColorRole.AlternateBase: "bg",
    QPalette.ColorRole.Text: "text",
    QPalette.ColorRole.Button: "surface",
    QPalette.ColorRole.ButtonText: "text",
    QPalette.ColorRole.BrightText: "fail",
    QPalette.ColorRole.ToolTipBase: "surface2",
    QPalette.ColorRole.ToolTipText: "text",
    QPalette.ColorRole.PlaceholderText: "text3",
    QPalette.ColorRole.Highlight: "accent_soft",
    QPalette.ColorRole.HighlightedText: "text",
    QPalette.ColorRole.Accent: "accent",
    QPalette.ColorRole.Link: "accent",
    QPalette.ColorRole.LinkVisited: "accent",
    QPalette.ColorRole.Light: "surface",
    QPalette.ColorRole.Midlight: "surface2",
    QPalette.ColorRole.Mid: "border",
    QPalette.ColorRole.Dark: "border_strong",
    QPalette.ColorRole.Shadow: "border_strong",
}
_FADED = (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText)


def palette(tokens: Tokens) -> QPalette:
    """A palette in which every role is one of our tokens."""
    made = QPalette()
    for role, token in _ROLES.items():
        made.setColor(role, tokens.color(token))
    for role in _FADED:
        made.setColor(QPalette.ColorGroup.Disabled, role, tokens.color("disabled"))
    return made


def _font() -> QFont:
    """Inter where the system's own face is unknown (Linux), else the system's; tabular figures throughout."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    if QApplication.platformName() not in {"windows", "cocoa"}:
        for name in ("Inter-Regular.otf", "Inter-SemiBold.otf"):
            QFontDatabase.addApplicationFont(str(resource("fonts", name)))
        font = QFont("Inter")
    font.setPixelSize(13)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font
