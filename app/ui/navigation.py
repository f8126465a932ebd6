"""The left side: the project's name with its menu, and the pages with what each has to tell."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QMenu, QSizePolicy, QVBoxLayout, QWidget

from app.ui.icons import paint
from app.ui.pages import PAGES, PageEntry
from app.ui.theme import color
from app.ui.widgets.buttons import Button
from app.ui.widgets.chip import SHAPE, draw_shape
from app.ui.words import plain_tip

WIDE, NARROW = 208, 56
COLLAPSE_BELOW = 1100


class NavItem(QAbstractButton):
    """One page: icon, name, and a badge on the right edge."""

    def __init__(self, entry: PageEntry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entry = entry
        self.badge = ""
        self.warns = entry.id == "monitor"
        self.narrow = False
        self.setObjectName(f"nav.{entry.id}")
        self.setText(self.tr(entry.title))
        self.setCheckable(True)
        self.setFixedHeight(36)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(entry.title)

    def set_badge(self, text: str) -> None:
        """Show a short word on the right."""
        self.badge = text
        self.setAccessibleName(f"{self.text()}, {text}" if text else self.text())
        self.set_narrow(self.narrow)

    def set_narrow(self, narrow: bool) -> None:
        """Show only the icon; the name is in the tooltip."""
        self.narrow = narrow
        self.setToolTip(self.accessibleName() if narrow else "")
        self.update()

    def sizeHint(self) -> QSize:
        """A row of the navigation."""
        return QSize(NARROW - 16 if self.narrow else WIDE - 24, 36)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Ground, icon, name, badge, focus ring."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = self.isChecked()
        if chosen or self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color("accent_soft" if chosen else "border"))
            painter.drawRoundedRect(QRectF(self.rect()), 6, 6)
        left = (self.width() - 20) / 2 if self.narrow else 10
        paint(painter, self.entry.icon, color("accent" if chosen else "text2"), QRectF(left, 8, 20, 20))
        if self.narrow and self.warns and self.badge:
            draw_shape(painter, "fail", QRectF(self.width() - SHAPE - 2, 3, SHAPE, SHAPE))
        if not self.narrow:
            self._paint_words(painter, chosen)
        if self.hasFocus():
            painter.setPen(QPen(color("focus"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)
        painter.end()

    def _paint_words(self, painter: QPainter, chosen: bool) -> None:
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold if chosen else QFont.Weight.Normal)
        painter.setFont(font)
        painter.setPen(color("text" if chosen else "text2"))
        place = self.rect().adjusted(40, 0, -10, 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(place, middle | Qt.AlignmentFlag.AlignLeft, self.text())
        font.setPixelSize(12)
        font.setWeight(QFont.Weight.Normal)
        painter.setFont(font)
        painter.setPen(color("fail" if self.warns else "text2"))
        painter.drawText(place, middle | Qt.AlignmentFlag.AlignRight, self.badge)
        if self.warns and self.badge:
            left = place.right() - painter.fontMetrics().horizontalAdvance(self.badge) - SHAPE - 5
            draw_shape(painter, "fail", QRectF(left, (self.height() - SHAPE) / 2, SHAPE, SHAPE))


class Navigation(QWidget):
    """The column of pages. ``chosen`` is emitted with a page's id."""

    chosen = Signal(str)

    def __init__(self, menu: QMenu, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("shell.navigation")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(self.tr("Pages"))
        self.project = Button("Modelyard", name="project.menu", role="project", says=self.tr("Project menu"))
        self.project.clicked.connect(lambda: menu.popup(self.project.mapToGlobal(self.project.rect().bottomLeft())))
        self.items = {entry.id: NavItem(entry) for entry in PAGES}
        self._group = QButtonGroup(self, exclusive=True)
        self._build()
        self.set_narrow(False)

    def _build(self) -> None:
        column = self._column = QVBoxLayout(self)
        column.setSpacing(2)
        column.addWidget(self.project)
        column.addSpacing(8)
        for id_, item in self.items.items():
            if id_ == "settings":
                column.addStretch(1)
            column.addWidget(item)
            self._group.addButton(item)
            item.clicked.connect(lambda _checked=False, id_=id_: self.chosen.emit(id_))

    def show_page(self, id_: str) -> None:
        """Mark a page as the one that is shown."""
        self.items[id_].setChecked(True)

    def show_project(self, name: str) -> None:
        """Name the open project; empty when none is."""
        self._name = name or "Modelyard"
        self._write_name()

    def set_narrow(self, narrow: bool) -> None:
        """Collapse to icons, or show names again."""
        self.setFixedWidth(NARROW if narrow else WIDE)
        side = 8 if narrow else 12
        self._column.setContentsMargins(side, 10, side, 12)
        self._narrow = narrow
        for item in self.items.values():
            item.set_narrow(narrow)
        self._write_name()

    _name = "Modelyard"
    _narrow = False

    def _write_name(self) -> None:
        room = WIDE - 24 - 44
        short = self.project.fontMetrics().elidedText(self._name, Qt.TextElideMode.ElideMiddle, room)
        shown = short.replace("&", "&&")  # a button takes a lone one for a mnemonic
        self.project.setText("▾" if self._narrow else f"{shown}  ▾")
        self.project.setToolTip(plain_tip(self._name))
        self.project.setAccessibleName(self.tr("Project {0}").format(self._name))
