"""Icons: own outlines of 20 x 20 px, drawn in a token's colour."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from app.ui.resources import resource
from app.ui.theme import tokens

_SIZES = (16, 32)


def icon(name: str, token: str = "text2") -> QIcon:
    """The icon in a token's colour as it is now; ask again after a theme switch. KeyError for an unknown token."""
    now = tokens()
    return _icon(name, now.values[token], now.values["disabled"])


def pixmap(name: str, color: QColor, size: int, ratio: float = 1.0) -> QPixmap:
    """The icon as a picture of ``size`` logical pixels."""
    return _pixmap(name, color.name(), size, ratio)


def paint(painter: QPainter, name: str, color: QColor, rect: QRectF) -> None:
    """Draw the icon into ``rect``."""
    _renderer(name, color.name()).render(painter, rect)


@lru_cache(maxsize=512)
def _icon(name: str, color: str, faded: str) -> QIcon:
    made = QIcon()
    for size in _SIZES:
        made.addPixmap(_pixmap(name, color, size, 1.0), QIcon.Mode.Normal)
        made.addPixmap(_pixmap(name, faded, size, 1.0), QIcon.Mode.Disabled)
    return made


@lru_cache(maxsize=1024)
def _pixmap(name: str, color: str, size: int, ratio: float) -> QPixmap:
    made = QPixmap(QSize(round(size * ratio), round(size * ratio)))
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    _renderer(name, color).render(painter, QRectF(made.rect()))
    painter.end()
    made.setDevicePixelRatio(ratio)
    return made


@lru_cache(maxsize=256)
def _renderer(name: str, color: str) -> QSvgRenderer:
    text = _source(name).replace("currentColor", color)
    return QSvgRenderer(QByteArray(text.encode()))


@lru_cache(maxsize=128)
def _source(name: str) -> str:
    return resource("icons", f"{name}.svg").read_text("utf-8")
