"""What is laid over the window: the drop targets and the notes in the corner."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen, QTextOption
from PySide6.QtWidgets import QAbstractButton, QComboBox, QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.ui.icons import paint
from app.ui.session import Toast
from app.ui.theme import color
from app.ui.widgets.buttons import Button
from app.ui.widgets.card import label
from app.ui.widgets.chip import StatusMark

TOAST_MS = 8000
TOASTS = 3
EDGE, ABOVE_STRIP, BELOW_HEADER, STEP = 24, 64, 64, 16
"""Where notes may stand, in px: from the sides, from the bottom, from the top; how far they are shifted at a time."""
LOOK_MS = 400


class DropOverlay(QWidget):
    """Dims the window while files hang over it and says what a drop would do, in one target or two."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._over = window
        self.setObjectName("overlay.drop")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._offers: tuple[tuple[str, str], ...] = ()
        self._at = 0
        window.installEventFilter(self)
        self.hide()

    def offer(self, offers: tuple[tuple[str, str], ...]) -> None:
        """Show one or two targets: (what a drop does, a quieter second line)."""
        self._offers = offers
        self.setAccessibleName(" / ".join(text for text, _quiet in offers))
        self.setGeometry(self._over.rect())
        self.raise_()
        self.show()

    def hover(self, position: QPointF) -> int:
        """Mark the target below a position of the window; its number."""
        self._at = self.target_at(position)
        self.update()
        return self._at

    def target_at(self, position: QPointF) -> int:
        """The number of the target below a position of the window."""
        wide = max(1.0, self._over.width() / max(1, len(self._offers)))
        return min(int(position.x() // wide), max(0, len(self._offers) - 1))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay as large as the window."""
        if event.type() == QEvent.Type.Resize:
            self.setGeometry(self._over.rect())
        return super().eventFilter(watched, event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Dim, then a dashed frame with words for each target."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        veil = QColor(color("bg"))
        veil.setAlphaF(0.86)
        painter.fillRect(self.rect(), veil)
        wide = self.width() / max(1, len(self._offers))
        for number, offer in enumerate(self._offers):
            self._paint_target(painter, QRectF(number * wide, 0, wide, self.height()), offer, number == self._at)
        painter.end()

    def _paint_target(self, painter: QPainter, place: QRectF, offer: tuple[str, str], here: bool) -> None:
        frame = place.adjusted(24, 24, -24, -24)
        painter.setPen(QPen(color("accent" if here else "border_strong"), 2, Qt.PenStyle.DashLine))
        painter.setBrush(color("accent_soft" if here else "surface"))
        painter.drawRoundedRect(frame, 12, 12)
        middle = frame.center()
        paint(
            painter, "download", color("accent" if here else "text2"), QRectF(middle.x() - 20, middle.y() - 64, 40, 40)
        )
        font = QFont(self.font())
        font.setPixelSize(18)
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(color("text"))
        wide = QRectF(frame.x() + 24, middle.y() - 8, frame.width() - 48, frame.bottom() - middle.y())
        below = _written(painter, wide, offer[0])
        font.setPixelSize(13)
        font.setWeight(QFont.Weight.Normal)
        painter.setFont(font)
        painter.setPen(color("text2"))
        _written(painter, wide.adjusted(0, below + 12, 0, 0), offer[1])


def _written(painter: QPainter, place: QRectF, text: str) -> float:
    """Write centred lines from the top of a place; how high they are. A long name is broken where it has to be."""
    lines = QTextOption(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
    lines.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    painter.drawText(place, text, lines)
    return painter.boundingRect(place, text, lines).height()


class _Note(QFrame):
    def __init__(self, toast: Toast) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.setAccessibleName(toast.text)
        line = QHBoxLayout(self)
        line.setContentsMargins(12, 8, 8, 8)
        line.addWidget(StatusMark(toast.status))
        line.addWidget(label(toast.text), 1)
        if toast.do is not None:
            line.addWidget(Button(toast.action, toast.do, role="link"))
        line.addWidget(Button(self.tr("Dismiss"), self.deleteLater, role="icon", icon="close"))
        QTimer.singleShot(TOAST_MS, self, self.deleteLater)


class Toasts(QWidget):
    """At most three notes, bottom right, each gone after eight seconds. Never for errors that need work.

    They cover nothing that could be pressed: where a button is in the way they stand higher, or further to the left.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._over = window
        self.setObjectName("toasts")
        self._stack = QVBoxLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._looking = QTimer(self, interval=LOOK_MS)
        self._looking.timeout.connect(self._make_way)
        window.installEventFilter(self)
        self.hide()

    def tell(self, toast: Toast) -> None:
        """Show a note; the oldest goes when there are too many."""
        note = _Note(toast)
        note.destroyed.connect(self._place)
        self._stack.addWidget(note)
        while self._stack.count() > TOASTS:
            item = self._stack.takeAt(0)
            if item is not None and (old := item.widget()) is not None:
                old.deleteLater()
        self.show()
        self.raise_()
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the corner; grow with the notes."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._place()
        return super().eventFilter(watched, event)

    def event(self, event: QEvent) -> bool:
        """Follow the notes' size."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._place()
        return super().event(event)

    def _place(self) -> None:
        if self._stack.count() == 0:
            self._looking.stop()
            self.hide()
            return
        self._looking.start()
        self.setGeometry(self._free(self._stack.sizeHint()))

    def _make_way(self) -> None:
        """What came to stand below the notes meanwhile can be pressed."""
        if any(self.geometry().intersects(place) for place in self._pressable()):
            self._place()

    def _free(self, size: QSize) -> QRect:
        """The lowest place at the right that covers nothing, then such a place at the left; else the corner."""
        left, right = EDGE, max(EDGE, self._over.width() - size.width() - EDGE)
        lowest = self._over.height() - size.height() - ABOVE_STRIP
        taken = self._pressable()
        for x in (right, (left + right) // 2, left):
            for y in range(lowest, BELOW_HEADER, -STEP):
                place = QRect(QPoint(x, y), size)
                if not any(place.intersects(one) for one in taken):
                    return place
        return QRect(QPoint(right, lowest), size)

    def _pressable(self) -> list[QRect]:
        """Where the window's buttons and fields are."""
        found: list[QRect] = []
        for kind in (QAbstractButton, QComboBox, QLineEdit):
            for widget in self._over.findChildren(kind):
                if widget.isVisible() and not self.isAncestorOf(widget) and not widget.visibleRegion().isEmpty():
                    found.append(QRect(widget.mapTo(self._over, QPoint(0, 0)), widget.size()).adjusted(-4, -4, 4, 4))
        return found
