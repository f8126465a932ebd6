"""Approve, with the reason in sight before the click."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit, QWidget

from app.ui.actions import Actions
from app.ui.compare.candidate_view import CandidateView
from app.ui.widgets.buttons import ActionButton
from app.ui.widgets.card import label, row


class ApproveBar(QWidget):
    """The reason, prefilled with the gates' result, and the button; or why it cannot be pressed."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._for = ""
        self.reason = QLineEdit()
        self.reason.setObjectName("model.reason")
        self.reason.setAccessibleName(self.tr("Reason for the approval"))
        self.reason.setPlaceholderText(self.tr("Why may this model be used?"))
        self.button = ActionButton(actions["model.approve"], role="primary", icon="approve")
        self.reproduce = ActionButton(actions["model.reproduce"], role="flat", icon="refresh")
        self._why_not = label("", "quiet", wrap=True)
        self._reason_label = label(self.tr("Reason"), "quiet")
        line = row(self._why_not, self._reason_label, self.reason, self.reproduce, self.button)
        line.setStretch(0, 1)
        line.setStretch(2, 4)
        self.setLayout(line)

    def show_view(self, view: CandidateView | None) -> None:
        """Offer this candidate; what was typed for another one is replaced."""
        self.setVisible(view is not None)
        if view is None:
            return
        able = not view.why_not
        if self._for != view.candidate.id:
            self._for = view.candidate.id
            self.reason.setText(_summary(view))
            self.reason.setCursorPosition(0)
        for widget in (self.reason, self._reason_label):
            widget.setVisible(able)
        self._why_not.setVisible(not able)
        self._why_not.setText(view.why_not)


def _summary(view: CandidateView) -> str:
    from app.approval.gates import summary

    return summary(view.gates)
