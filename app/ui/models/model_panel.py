"""Everything about one model version: score, gates, parity, approval, bundle, card."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QGridLayout, QPlainTextEdit, QTabWidget, QVBoxLayout, QWidget

from app.core.gate_rules import result_title
from app.core.gates import GateResult
from app.core.releases import Stage
from app.core.runs import METRIC_WORDS, ParityCertificate
from app.ui.actions import Actions
from app.ui.charts.axes import number
from app.ui.models import deploying
from app.ui.models.challenge_tab import ChallengeTab
from app.ui.models.model_view import ModelView
from app.ui.page import Page, scrolling
from app.ui.train.run_words import predicts_words
from app.ui.widgets.banner import Banner
from app.ui.widgets.buttons import ActionButton
from app.ui.widgets.card import Card, label, row, within
from app.ui.widgets.chip import Chip, StatusMark
from app.ui.words import count, seconds_words, size_words, when, with_ends

if TYPE_CHECKING:
    from app.serving.predict import PredictedFile


STAGES = {
    Stage.APPROVED: ("info", "Approved"),
    Stage.CHALLENGER: ("running", "Challenger"),
    Stage.LIVE: ("ok", "Live"),
    Stage.RETIRED: ("info", "Retired"),
}


def stage_tip(view: ModelView) -> str:
    """Where it is live or tried."""
    return ", ".join(view.standing.environments)


class ModelPanel(Card):
    """The details of the version that is chosen on the Models page."""

    def __init__(self, actions: Actions, page: Page) -> None:
        super().__init__(" ", name="models.details")
        self._page = page
        self._shown = ""
        self._stage = Chip("ok", "")
        self.head.addWidget(self._stage)
        self.head.addStretch(1)
        self.start = ActionButton(actions["service.start"], role="primary", icon="start")
        self.buttons = {
            "model.rollout": ActionButton(actions["model.rollout"], icon="services"),
            "bundle.export": ActionButton(actions["bundle.export"], icon="bundle"),
            "model.predict": ActionButton(actions["model.predict"], role="flat", icon="table"),
            "model.reproduce": ActionButton(actions["model.reproduce"], role="flat", icon="refresh"),
            "bundle.open_folder": ActionButton(actions["bundle.open_folder"], role="flat", icon="folder"),
            "bundle.save": ActionButton(actions["bundle.save"], role="flat", icon="download"),
        }
        self.head.addWidget(self.buttons["model.predict"])
        first = [self.buttons[id_] for id_ in ("model.rollout", "bundle.export")]
        self.body.addLayout(row(self.start, *first, 1))
        self.reproduced = Banner(name="models.reproduced")
        self.body.addWidget(self.reproduced)
        self.predicted = Banner(name="models.predicted")
        self.body.addWidget(self.predicted)
        self.tabs = QTabWidget(documentMode=True)
        self.tabs.setAccessibleName(self.tr("About this model version"))
        self.tabs.tabBar().setDrawBase(False)
        self._facts = QWidget()
        self._fact_rows = QVBoxLayout(self._facts)
        self._fact_rows.setContentsMargins(0, 8, 0, 0)
        self.tabs.addTab(scrolling(self._facts), self.tr("Proof"))
        self._card = QPlainTextEdit(readOnly=True)
        self._card.setAccessibleName(self.tr("Model card"))
        self.tabs.addTab(self._card, self.tr("Model card"))
        self.challenger = ChallengeTab(actions, self)
        self.tabs.addTab(self.challenger, self.tr("Challenger"))
        self.body.addWidget(self.tabs, 1)
        last = [self.buttons[id_] for id_ in ("bundle.open_folder", "bundle.save")]
        self._foot = within(row(*last, 1, self.buttons["model.reproduce"]))
        self.body.addWidget(self._foot)
        self.tabs.currentChanged.connect(
            lambda _index: self._foot.setVisible(self.tabs.currentWidget() is not self.challenger)
        )

    def show_view(self, view: ModelView) -> None:
        """Show this version."""
        self.title.setText(view.version.label)
        self.setAccessibleName(view.version.label)
        if view.version.id != self._shown:
            self._shown = view.version.id
            self.reproduced.hide()
        kind, word = STAGES[view.stage]
        self._stage.say(kind, self.tr(word))
        self._stage.setToolTip(stage_tip(view))
        self._card.setPlainText(view.card)
        while (item := self._fact_rows.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        for title, rows in self._sections(view):
            self._fact_rows.addWidget(_section(title, rows))
        self._fact_rows.addStretch(1)

    def show_predicted(self, done: list[PredictedFile]) -> None:
        """Say where the predicted rows are, and what can be done with the file."""
        last = done[-1]
        out = Path(last.out)
        rows = sum(item.rows for item in done)
        violating = sum(item.violating for item in done)
        said = self.tr("{0} rows predicted with {1}.").format(count(rows), last.model_version)
        if violating:
            said += " " + self.tr("{0} break the contract of the data.").format(count(violating))
        self.predicted.ask(
            "warn" if violating else "ok",
            said,
            str(out),
            [
                (self.tr("Open folder"), "predicted.open", lambda: deploying.show_in_folder(out)),
                (self.tr("Save elsewhere…"), "predicted.save", lambda: self._save_elsewhere(out)),
            ],
        )

    def _save_elsewhere(self, out: Path) -> None:
        name = QFileDialog.getExistingDirectory(self, self.tr("Copy the predictions to"))
        if name:
            self._page.act(
                self.tr("Copying {0}").format(out.name), lambda _project, _ctx: deploying.copy_file(out, Path(name))
            )

    def _sections(self, view: ModelView) -> list[tuple[str, list[tuple[str, str, str]]]]:
        sections = [
            (self.tr("Score on the hold-out"), self._score_rows(view)),
            (self.tr("Gates"), [self._gate_row(result) for result in view.gates]),
            (self.tr("Parity of the exported model"), self._parity_rows(view.parity)),
            (self.tr("Approval"), self._approval_rows(view)),
            (self.tr("Threshold"), self._threshold_rows(view)),
            (self.tr("Where it comes from"), self._lineage_rows(view)),
            (self.tr("Bundle"), self._bundle_rows(view)),
            (self.tr("The query instead"), self._query_rows(view)),
        ]
        return [(title, rows) for title, rows in sections if rows]

    def _score_rows(self, view: ModelView) -> list[tuple[str, str, str]]:
        score, metric = view.candidate.holdout, METRIC_WORDS[view.run.plan.metric]
        if score is None:
            return []
        return [("info", view.candidate.name, f"{metric} {with_ends(score)}")]

    def _gate_row(self, result: GateResult) -> tuple[str, str, str]:
        return "ok" if result.passed else "fail", self.tr(result_title(result.name)), result.message

    def _parity_rows(self, parity: ParityCertificate | None) -> list[tuple[str, str, str]]:
        if parity is None:
            return []
        told = self.tr(
            "{0} hold-out rows and {1} probe rows answer alike; largest difference {2}, allowed {3}."
        ).format(count(parity.rows), count(parity.probe_rows), number(parity.max_difference), number(parity.tolerance))
        return [("ok" if parity.passed else "fail", self.tr("Passed") if parity.passed else self.tr("Failed"), told)]

    def _approval_rows(self, view: ModelView) -> list[tuple[str, str, str]]:
        approval = view.approval
        if approval is None:
            return [("fail", self.tr("Missing"), self.tr("No approval is recorded for this version."))]
        return [
            ("ok", self.tr("Approved by"), self.tr("{0}, {1}").format(approval.actor, when(approval.at))),
            ("info", self.tr("Reason"), approval.reason),
        ]

    def _lineage_rows(self, view: ModelView) -> list[tuple[str, str, str]]:
        plan = view.run.plan
        data = self.tr("{0}, version {1}, {2} rows").format(
            view.dataset.name, view.data_version.number, count(view.data_version.rows)
        )
        run = self.tr("Run {0}, seed {1}, {2} for this candidate").format(
            view.run.number, plan.seed, seconds_words(view.candidate.seconds)
        )
        return [
            ("info", self.tr("Data"), data),
            ("info", self.tr("Run"), run),
            ("info", self.tr("Predicts"), predicts_words(plan)),
            ("info", self.tr("Model file"), size_words(view.candidate.onnx_bytes)),
        ]

    def _threshold_rows(self, view: ModelView) -> list[tuple[str, str, str]]:
        chosen = view.threshold
        if chosen is None:
            return []
        who = self.tr("{0}, {1}").format(chosen.actor, when(chosen.chosen_at))
        served = self.tr("Answers from {0} on").format(f"{chosen.at:.3g}")
        return [("info", served, chosen.summary), ("info", self.tr("Chosen by"), who)]

    def _query_rows(self, view: ModelView) -> list[tuple[str, str, str]]:
        """What was made of the SQL rule of the same run."""
        made = view.query
        if made is None:
            return []
        who = self.tr("{0}, {1}").format(made.actor, when(made.at))
        return [("info", size_words(made.size_bytes), made.path), ("info", self.tr("Taken along by"), who)]

    def _bundle_rows(self, view: ModelView) -> list[tuple[str, str, str]]:
        if not view.bundles:
            return []
        newest = view.bundles[0]
        lines = [newest.sha256[at : at + 16] for at in range(0, 64, 16)]  # a digest has no place to break
        return [
            ("ok", size_words(newest.size_bytes), newest.path),
            ("info", self.tr("Bundle id"), "\n".join(lines)),
        ]


def _section(title: str, rows: list[tuple[str, str, str]]) -> QWidget:
    made = QWidget()
    grid = QGridLayout(made)
    grid.setContentsMargins(0, 0, 0, 12)
    grid.setHorizontalSpacing(8)
    grid.setVerticalSpacing(4)
    grid.setColumnStretch(2, 1)
    grid.setColumnMinimumWidth(1, 150)
    grid.addWidget(label(title, "strong"), 0, 0, 1, 3)
    for number_, (status, name, text) in enumerate(rows, start=1):
        value = label(text, wrap=True)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        grid.addWidget(StatusMark(status), number_, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(label(name, "quiet"), number_, 1, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(value, number_, 2, Qt.AlignmentFlag.AlignTop)
    return made
