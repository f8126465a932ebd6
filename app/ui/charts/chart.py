"""What every chart can do: be copied, be saved as PNG, SVG or CSV, and be read aloud in one sentence."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QPoint, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QImage, QPainter, QPaintEvent
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from app.ui.theme import color
from app.ui.widgets.buttons import Button
from app.ui.widgets.card import column, row, within
from app.ui.widgets.saving import ask_where

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class PlottedTable:
    """The numbers behind a picture: one header a column, rows of equal length."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str | int | float, ...], ...]

    def csv(self) -> str:
        """As CSV; texts that a spreadsheet would run as a formula are quoted with an apostrophe."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([_harmless(h) for h in self.headers])
        writer.writerows([_harmless(cell) for cell in row] for row in self.rows)
        return out.getvalue()


class Chart(QWidget):
    """A picture with its numbers. Subclasses give ``table``, ``summary`` and ``draw``."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = title
        self.setAccessibleName(title)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(180, 120)

    def table(self) -> PlottedTable:
        """The plotted numbers."""
        raise NotImplementedError

    def summary(self) -> str:
        """What the picture shows, in one sentence."""
        raise NotImplementedError

    def draw(self, painter: QPainter, area: QRectF) -> None:
        """Paint into ``area`` (logical pixels) on the surface colour."""
        raise NotImplementedError

    def refresh(self) -> None:
        """Call after the numbers changed."""
        self.setAccessibleDescription(self.summary())
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """A comfortable size for a chart in a card."""
        return QSize(320, 240)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the picture on the widget."""
        painter = QPainter(self)
        self._paint(painter, QRectF(self.rect()))
        painter.end()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done with the picture."""
        self.menu().popup(event.globalPos())

    def menu(self) -> QMenu:
        """Copy and save; also behind the card's *More* button."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.tr("&Copy picture"), self.copy_picture)
        menu.addAction(self.tr("Copy &numbers"), self.copy_numbers)
        menu.addSeparator()
        menu.addAction(self.tr("Save as &PNG…"), lambda: self._ask_where("png"))
        menu.addAction(self.tr("Save as &SVG…"), lambda: self._ask_where("svg"))
        menu.addAction(self.tr("Save numbers as CS&V…"), lambda: self._ask_where("csv"))
        return menu

    def show_menu_at(self, widget: QWidget) -> None:
        """Open the menu below ``widget``."""
        self.menu().popup(widget.mapToGlobal(QPoint(0, widget.height())))

    def more_button(self) -> Button:
        """The small button that opens the menu, for the chart's heading."""
        says = self.tr("Copy or save: {0}").format(self.title)
        button = Button(self.tr("Copy or save the picture"), role="icon", icon="more", says=says)
        button.clicked.connect(lambda _checked=False: self.show_menu_at(button))
        return button

    def with_menu(self) -> QWidget:
        """The chart with its menu's button beside it, where there is no heading to put it in."""
        line = row(self, column(self.more_button(), 1), spacing=0)
        line.setStretch(0, 1)
        return within(line)

    def picture(self, scale: float = 2.0) -> QImage:
        """The chart as an image, ``scale`` device pixels a logical one."""
        size = QSizeF(self.size()) * scale
        image = QImage(size.toSize(), QImage.Format.Format_ARGB32_Premultiplied)
        image.setDevicePixelRatio(scale)
        painter = QPainter(image)
        self._paint(painter, QRectF(self.rect()))
        painter.end()
        return image

    def copy_picture(self) -> None:
        """Put the picture on the clipboard."""
        QGuiApplication.clipboard().setImage(self.picture())

    def copy_numbers(self) -> None:
        """Put the numbers on the clipboard as tab-separated text."""
        table = self.table()
        lines = [table.headers, *table.rows]
        QGuiApplication.clipboard().setText("\n".join("\t".join(map(str, line)) for line in lines))

    def save(self, path: Path) -> None:
        """Write the picture (.png, .svg) or its numbers (.csv), by the suffix."""
        writers = {".png": self._save_png, ".svg": self._save_svg, ".csv": self._save_csv}
        writers[path.suffix.lower()](path)

    def _save_png(self, path: Path) -> None:
        if not self.picture().save(str(path), "PNG"):  # type: ignore[call-overload]
            raise OSError(f"{path} could not be written")

    def _save_svg(self, path: Path) -> None:
        generator = QSvgGenerator()
        generator.setFileName(str(path))
        generator.setSize(self.size())
        generator.setViewBox(QRectF(self.rect()))
        generator.setTitle(self.title)
        generator.setDescription(self.summary())
        painter = QPainter(generator)
        self._paint(painter, QRectF(self.rect()))
        painter.end()

    def _save_csv(self, path: Path) -> None:
        path.write_text(self.table().csv(), "utf-8")

    def _paint(self, painter: QPainter, area: QRectF) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(area, color("surface"))
        painter.setFont(self.font())
        self.draw(painter, area.adjusted(0, 8, 0, 0))

    def _ask_where(self, kind: str) -> None:
        ask_where(self, self.title, kind, self.save)


def _harmless(cell: str | int | float) -> str | int | float:
    if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS):
        return "'" + cell
    return cell
