"""Parts of a page whose border a person can move."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QWidget

GAP_PX = 16


def side_by_side(*parts: QWidget, shares: Sequence[int], sizes: Sequence[int] = ()) -> QSplitter:
    """``shares``: how what is left over is divided; ``sizes``: px to begin with."""
    return _split(Qt.Orientation.Horizontal, parts, shares, sizes)


def one_above_the_other(*parts: QWidget, shares: Sequence[int], sizes: Sequence[int] = ()) -> QSplitter:
    """As ``side_by_side``, from top to bottom."""
    return _split(Qt.Orientation.Vertical, parts, shares, sizes)


def _split(
    orientation: Qt.Orientation, parts: Sequence[QWidget], shares: Sequence[int], sizes: Sequence[int]
) -> QSplitter:
    made = QSplitter(orientation, childrenCollapsible=False, handleWidth=GAP_PX)
    for at, (part, share) in enumerate(zip(parts, shares, strict=True)):
        made.addWidget(part)
        made.setStretchFactor(at, share)
    if sizes:
        made.setSizes(list(sizes))
    return made
