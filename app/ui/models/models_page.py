"""What is approved, why, and what runs it."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from app.core.challenges import Challenge, ChallengeDecision, Decision
from app.core.deploy import Bundle, ServiceStatus
from app.core.progress import JobContext
from app.core.runs import METRIC_WORDS
from app.ui.actions import Actions
from app.ui.compare.reproducing import reproduce_on
from app.ui.models import deploying
from app.ui.models.challenge_lists import REPLAYED, WORTH
from app.ui.models.challenge_view import challenge_view
from app.ui.models.model_panel import STAGES, ModelPanel, stage_tip
from app.ui.models.model_view import ModelView, model_views
from app.ui.models.retraining import decide_on, rehearse_on, retrain_on, weigh_on
from app.ui.page import Page
from app.ui.services.rollout_view import RollOut
from app.ui.widgets.card import Card
from app.ui.widgets.choice_table import ChoiceTable
from app.ui.widgets.either import Either
from app.ui.widgets.empty import EmptyState
from app.ui.widgets.split import side_by_side
from app.ui.widgets.table import TableColumn
from app.ui.words import count, figure, when

if TYPE_CHECKING:
    from app.registry.project import Project
    from app.serving.predict import PredictedFile


PANEL_PX = 540
"""What the challenger's fields need; the border beside it stays where it is whichever tab is shown."""
SCORE, APPROVED = 2, 3
"""Columns that a narrow list does without: the panel beside it says both."""
OF_A_VERSION = ("bundle.export", "service.start", "model.rollout", "model.predict", "model.reproduce")
"""What can be done with any approved version."""


class ModelsPage(Page):
    """Model versions at the left, everything about the chosen one at the right. A dropped file is predicted."""

    listens_to: ClassVar[frozenset[str]] = frozenset(
        {"model_version", "bundle", "service", "release", "project", "challenge", "run", "data_version"}
    )
    handles: ClassVar[dict[str, str]] = {
        "bundle.export": "export_bundle",
        "bundle.open_folder": "open_folder",
        "bundle.save": "save_bundle",
        "service.start": "start_service",
        "model.rollout": "roll_out",
        "model.predict": "choose_file_to_predict",
        "model.reproduce": "reproduce",
        "run.retrain": "retrain",
        "challenge.rehearse": "rehearse",
        "model.worth": "weigh",
        "challenge.keep": "keep",
        "challenge.promote": "promote",
    }

    def use_actions(self, actions: Actions) -> None:
        """Build the page; its buttons are the commands'."""
        super().use_actions(actions)
        self.empty = EmptyState(
            "models",
            self.tr("Approve a run to make model version 1."),
            self.tr("Runs that passed their gates wait on Compare."),
        )
        self.empty.offer(
            self.tr("Go to Compare"), lambda: self.session.go("compare"), name="go.compare", icon="compare"
        )
        says, id_of = self.tr("Model versions"), attrgetter("version.id")
        self.table = ChoiceTable(says, self._columns(), id_of, name="models.versions")
        self.model = self.table.records
        self.table.set_widths([100, 92, 64, 146])
        self.table.stretch_first(100)
        self.table.give_way(APPROVED, SCORE)
        self.table.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # the number of a version stands at the end
        self.table.chosen_changed.connect(self._show_chosen)
        self.panel = ModelPanel(actions, self)
        card = Card(self.tr("Model versions"))
        card.body.addWidget(self.table, 1)
        self.panel.setMinimumWidth(PANEL_PX)
        split = side_by_side(card, self.panel, shares=(2, 3), sizes=(450, 550))
        self.either = Either(self.empty, split)
        self.layout_.addWidget(self.either, 1)

    @property
    def chosen(self) -> ModelView | None:
        """The version that is selected."""
        return self.table.chosen

    def refresh(self) -> None:
        """Ask for all versions."""
        self.query(model_views, self._show)

    def open_at(self, what: object) -> None:
        """Select a version by its id; of a challenge its champion, with the challenger in sight, as with
        ``#challenger`` behind an id."""
        wanted = what.champion_version_id if isinstance(what, Challenge) else str(what)
        version_id, _, part = wanted.partition("#")
        self.table.want(version_id)
        if part or isinstance(what, Challenge):
            self.panel.tabs.setCurrentWidget(self.panel.challenger)
        self.refresh()

    def settle(self) -> None:
        """Allow what can be done with the chosen version."""
        view = self.chosen
        none = "" if view is not None else self.tr("Approve a run first.")
        self.panel.challenger.settle()
        for id_ in (*OF_A_VERSION, "run.retrain", "model.worth"):
            self.actions_.forbid(id_, none)
        unbuilt = none or ("" if view is not None and view.bundles else self.tr("Export the bundle first."))
        for id_ in ("bundle.open_folder", "bundle.save"):
            self.actions_.forbid(id_, unbuilt)

    def drop_offer(self, paths: Sequence[Path]) -> str:
        """A file dropped here is predicted by the chosen version."""
        view = self.chosen
        if view is None or self.either.currentWidget() != self.either.content:
            return ""
        return self.tr("Drop to predict {0} with {1}").format(_names(paths), view.version.label)

    def take_drop(self, paths: Sequence[Path]) -> None:
        """Predict the files."""
        view = self.chosen
        if view is not None:
            self._predict(view, paths)

    def export_bundle(self) -> None:
        """Write the chosen version's bundle."""
        if (view := self.chosen) is not None:
            id_ = view.version.id

            def export(project: Project, ctx: JobContext) -> Bundle:
                return deploying.export_bundle(project, id_, ctx)

            self.act(
                self.tr("Exporting {0}").format(view.version.label), export, then=self._exported, changes={"bundle"}
            )

    def start_service(self) -> None:
        """Start the chosen version."""
        if (view := self.chosen) is not None:
            id_ = view.version.id

            def start(project: Project, ctx: JobContext) -> ServiceStatus:
                return deploying.start_service(project, id_, ctx)

            title = self.tr("Starting {0}").format(view.version.label)
            self.act(title, start, then=self._started, changes={"service", "bundle"})

    def roll_out(self) -> None:
        """Choose an environment for the chosen version, on Services."""
        if (view := self.chosen) is not None:
            self.session.go("services", RollOut(view.version.id))

    def open_folder(self) -> None:
        """Show the newest bundle in the file manager."""
        if (path := self._bundle_path()) is not None:
            deploying.show_in_folder(path)

    def reproduce(self) -> None:
        """Refit the chosen version's recipe and compare."""
        if (view := self.chosen) is not None:
            id_ = view.version.id

            def still() -> bool:
                return self.chosen is not None and self.chosen.version.id == id_

            reproduce_on(self, view.run, view.candidate, self.panel.reproduced, still=still)

    def retrain(self) -> None:
        """Train a challenger of the chosen version on the rows that are chosen."""
        if (view := self.chosen) is not None:
            tab = self.panel.challenger
            retrain_on(self, view.version.label, self.open_at, choice=tab.choice, plan=tab.plan, busy=tab.button)

    def rehearse(self) -> None:
        """Replay requests through the challenger."""
        tab = self.panel.challenger
        if tab.view is not None and tab.view.made is not None:
            last, made = tab.lists.last.value(), tab.view.made.id
            rehearse_on(self, made, last, lambda _told: tab.lists.choose(REPLAYED), tab.lists.rehearse)

    def weigh(self) -> None:
        """Find out what a retrain of the chosen version would bring."""
        if (view := self.chosen) is not None:
            lists = self.panel.challenger.lists
            weigh_on(self, view.version.label, lambda _found: lists.choose(WORTH), lists.weigh)

    def keep(self) -> None:
        """Keep the champion, with the reason."""
        self._decide(Decision.KEPT)

    def promote(self) -> None:
        """Make the challenger the next version, with the reason."""
        self._decide(Decision.PROMOTED)

    def _decide(self, decision: Decision) -> None:
        tab = self.panel.challenger
        if tab.view is not None and tab.view.made is not None:
            rolls_out = bool(tab.view.live) and tab.rolls_out.isChecked()
            decide_on(self, tab.view.made.id, decision, tab.reason.text(), self._decided, rolls_out=rolls_out)

    def _decided(self, made: ChallengeDecision) -> None:
        if made.model_version_id is not None:
            self.session.tell(self.tr("The challenger is the model's next version."), "ok")
            self.open_at(made.model_version_id)

    def save_bundle(self) -> None:
        """Ask for a folder and copy the newest bundle there."""
        view = self.chosen
        if view is None or not view.bundles:
            return
        bundle_id = view.bundles[0].id
        name = QFileDialog.getExistingDirectory(self, self.tr("Copy the bundle to"))

        def save(project: Project, _ctx: JobContext) -> Path:
            return deploying.save_bundle(project, bundle_id, Path(name))

        if name:
            self.act(self.tr("Copying the bundle"), save, then=self._saved)

    def choose_file_to_predict(self) -> None:
        """Ask for files and predict them."""
        view = self.chosen
        names, _kind = QFileDialog.getOpenFileNames(self, self.tr("Predict a file"))
        if view is not None and names:
            self._predict(view, [Path(name) for name in names])

    def _predict(self, view: ModelView, paths: Sequence[Path]) -> None:
        id_ = view.version.id

        def predict(project: Project, ctx: JobContext) -> list[PredictedFile]:
            return deploying.predict_files(project, id_, paths, ctx)

        title = self.tr("Predicting {0} with {1}").format(_names(paths), view.version.label)
        self.act(title, predict, then=self.panel.show_predicted, changes={"prediction"})

    def _columns(self) -> list[TableColumn[ModelView]]:
        return [
            TableColumn(
                self.tr("Version"),
                lambda v: v.version.label,
                key=lambda v: f"{v.version.model_name}@{v.version.number:09d}",
            ),
            TableColumn(self.tr("Stage"), lambda v: self.tr(STAGES[v.stage][1]), tip=stage_tip),
            TableColumn(self.tr("Score"), _score_words, numeric=True, key=_score, tip=_score_tip),
            TableColumn(self.tr("Approved"), lambda v: when(v.version.created_at), key=lambda v: v.version.created_at),
        ]

    def _show(self, views: list[ModelView]) -> None:
        self.table.show_records(views)
        self.either.show_content(bool(views))
        self.set_subtitle(self.tr("{0} approved").format(count(len(views))) if views else "")
        self._show_chosen()

    def _show_chosen(self) -> None:
        view = self.chosen
        if view is not None:
            self.panel.show_view(view)
            id_ = view.version.id
            self.query(lambda project: challenge_view(project, id_), self.panel.challenger.show_view, key="challenge")
        if self.isVisible():
            self.settle()

    def _bundle_path(self) -> Path | None:
        view, project = self.chosen, self.session.project
        if view is None or project is None or not view.bundles:
            return None
        return Path(project.path) / view.bundles[0].path

    def _exported(self, bundle: Bundle) -> None:
        self.session.tell(
            self.tr("The bundle is in {0}").format(bundle.path), "ok", self.tr("Open folder"), self.open_folder
        )

    def _saved(self, path: Path) -> None:
        show = self.tr("Open folder")
        self.session.tell(self.tr("Copied to {0}").format(path), "ok", show, lambda: deploying.show_in_folder(path))

    def _started(self, status: ServiceStatus) -> None:
        self.session.go("services", status.service.id)


def _names(paths: Sequence[Path]) -> str:
    return paths[0].name if len(paths) == 1 else f"{len(paths)} files"


def _score(view: ModelView) -> float:
    return view.candidate.holdout.value if view.candidate.holdout else float("-inf")


def _score_words(view: ModelView) -> str:
    score = view.candidate.holdout
    return figure(score.value) if score else "–"


def _score_tip(view: ModelView) -> str:
    return f"{METRIC_WORDS[view.run.plan.metric]} {_score_words(view)}"
