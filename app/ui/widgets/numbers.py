"""Fields and sliders for numbers that stay as they are when a person scrolls past them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QDoubleSpinBox, QSlider, QSpinBox, QWidget


class _WheelGuard(QObject):
    """Leaves the wheel to the page unless its widget has the keyboard: a person is at it then."""

    def __init__(self, guarded: QWidget) -> None:
        super().__init__(guarded)
        guarded.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # else the wheel would give it the keyboard
        guarded.installEventFilter(self)

    def eventFilter(self, guarded: QObject, event: QEvent) -> bool:
        """Keep the wheel from the widget; ignored, it goes to what is around it."""
        if event.type() is not QEvent.Type.Wheel or not isinstance(guarded, QWidget) or guarded.hasFocus():
            return False
        event.ignore()
        return True


class WholeNumber(QSpinBox):
    """A field for a whole number."""

    def __init__(self, *, minimum: int = 0, maximum: int = 99, value: int = 0, suffix: str = "") -> None:
        super().__init__(minimum=minimum, maximum=maximum, value=value, suffix=suffix)
        _WheelGuard(self)


class Number(QDoubleSpinBox):
    """A field for a number."""

    def __init__(self) -> None:
        super().__init__()
        _WheelGuard(self)


class Slider(QSlider):
    """A slider from left to right."""

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        _WheelGuard(self)
