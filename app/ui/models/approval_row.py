"""The approval: a reason that stands there already, who answers for it, and the button."""

from __future__ import annotations

from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from app.ui.actions import Actions
from app.ui.data.data_view import Result
from app.ui.session import Session
from app.ui.widgets.buttons import ActionButton
from app.ui.widgets.card import column, label, row
from app.ui.widgets.field import field

REASON_HEIGHT = 66
"""Three lines of text."""


class ApprovalRow(QWidget):
    """Shown until the result is approved."""

    def __init__(self, session: Session, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._actions = session, actions
        self._candidate = ""
        self.reason = QPlainTextEdit()
        self.reason.setObjectName("approval.reason")
        self.reason.setTabChangesFocus(True)
        self.reason.setFixedHeight(REASON_HEIGHT)
        self.reason.setAcceptDrops(False)
        self.reason.setAccessibleName(self.tr("Reason for the approval"))
        self.reason.textChanged.connect(self._settle)
        title = label(self.tr("&Reason"))
        title.setBuddy(self.reason)
        settings = session.settings
        self.name = field("approval.name", self.tr("Your name"), settings.actor_name, most_px=180)
        self.email = field("approval.email", self.tr("Your e-mail"), settings.actor_email, most_px=220)
        self.email.setPlaceholderText(self.tr("e-mail (optional)"))
        self._person = QWidget()
        self._person.setLayout(row(label(self.tr("Approving as"), "quiet"), self.name, self.email, 1))
        self._why_not = ""
        self._why = label("", "problem", wrap=True, name="approval.why_not")
        self.button = ActionButton(actions["model.approve"], role="primary", icon="approve")
        fields = column(self.reason, self._person)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._why)
        line = row(title, spacing=12)
        line.addLayout(fields, 1)
        line.addWidget(self.button)
        whole.addLayout(line)

    def show_result(self, result: Result, why_not: str) -> None:
        """Offer the approval of a result, or say why it is not possible."""
        self.setVisible(result.model is None)
        self._why_not = why_not
        self._why.setText(why_not)
        self._why.setVisible(bool(why_not))
        candidate = result.best.id if result.best is not None else ""
        if candidate != self._candidate:
            self._candidate = candidate
            self.reason.setPlainText(result.reason)
        self._person.setVisible(not self._session.settings.actor_was_asked)
        self._settle()

    def keep_person(self) -> str:
        """Remember who approves; the name as the history writes it."""
        if not self._session.settings.actor_was_asked and self.name.text().strip():
            self._session.settings.set_actor(self.name.text(), self.email.text())
        return self._session.settings.actor

    def _settle(self) -> None:
        missing = "" if self.reason.toPlainText().strip() else self.tr("Give a reason first.")
        self._actions.forbid("model.approve", self._why_not or missing)
