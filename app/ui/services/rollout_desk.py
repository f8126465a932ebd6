"""Rolling out and back on the Services page: the questions above its tabs, and what is done with the answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from app.core.progress import JobContext
from app.core.releases import Live, Mode, Release
from app.ui.page import Page
from app.ui.services.rollout_form import RollbackBar, RolloutForm, Wanted
from app.ui.services.rollout_view import PlacesView, PlaceView
from app.ui.widgets.card import column
from app.ui.words import percent, when

if TYPE_CHECKING:
    from app.registry.project import Project

CHANGES = ("release", "service", "bundle")


class RolloutDesk(QWidget):
    """Nothing to see until it is asked. ``place``: what it is about if nobody says."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self._page = page
        self.places: tuple[PlaceView, ...] = ()
        self.place: PlaceView | None = None
        self.form = RolloutForm()
        self.form.wanted.connect(self._roll_out)
        self.bar = RollbackBar()
        self.bar.wanted.connect(self._roll_back)
        self.setLayout(column(self.form, self.bar, spacing=12))

    def know(self, view: PlacesView) -> None:
        """What is live where now."""
        self.places = view.places

    def offer_roll_out(self, version_id: str = "") -> None:
        """Ask which version to roll out where."""
        self.bar.hide()
        self.form.offer(self.places, version_id, self.place)

    def offer_roll_back(self) -> None:
        """Ask whether to bring back what was live before: the first of two clicks."""
        if self.place is not None and self.place.back:
            self.form.hide()
            self.bar.offer(self.place)

    def live_words(self, service_id: str) -> str:
        """Where a service is live, since when, beside whom; empty if it belongs to no environment."""
        for place in self.places:
            live = place.live
            if live is not None and live.release.service_id == service_id:
                text = self.tr("{0} is live in {1} since {2}.")
                return text.format(live.version, place.environment.name, when(live.since)) + self._beside(live)
        return ""

    def _beside(self, live: Live) -> str:
        if live.challenger is None:
            return ""
        if live.share:
            return " " + self.tr("{0} answers {1} of the requests.").format(live.challenger, percent(live.share))
        return " " + self.tr("{0} is asked in the shadow.").format(live.challenger)

    def why_no_roll_out(self) -> str:
        """Empty if there is something to roll out."""
        return "" if self.places else self.tr("Approve a run first.")

    def why_no_roll_back(self) -> str:
        """Empty if there is something to bring back."""
        return self.place.why_not if self.place is not None else self.tr("Nothing is live yet.")

    def challenge(self, place: PlaceView, share: float) -> None:
        """Give the challenger this part of the requests."""
        if place.live is not None and (version_id := self._challenger(place)):
            reason = self.tr("{0} was given {1:.0%} of the requests.").format(place.live.challenger, share)
            label = str(place.live.challenger)
            self._roll_out(Wanted(version_id, label, place.environment.id, Mode.SHARE, share, reason))

    def promote_challenger(self, place: PlaceView) -> None:
        """Ask to let it answer all."""
        self.place = place
        if version_id := self._challenger(place):
            self.offer_roll_out(version_id)

    def _challenger(self, place: PlaceView) -> str:
        wanted = place.live.challenger if place.live is not None else None
        return next((id_ for id_, version in place.versions if version == wanted), "")

    def _roll_out(self, wanted: Wanted) -> None:
        def promote(project: Project, ctx: JobContext) -> Release:
            from app.serving.rollout import promote

            place, how = wanted.environment_id, wanted.mode.value
            share = wanted.share if wanted.mode is Mode.SHARE else 1.0
            return promote(project, wanted.model_version_id, place, wanted.reason, mode=how, share=share, ctx=ctx)

        title = self.tr("Rolling out {0}").format(wanted.version)
        self._page.act(
            title, promote, then=lambda made: self._done(made, wanted.version), changes=CHANGES, busy=self.form.button
        )

    def _roll_back(self, place: PlaceView, reason: str) -> None:
        def rollback(project: Project, ctx: JobContext) -> Release:
            from app.serving.rollout import rollback

            seen = place.live.release.id if place.live is not None else None
            return rollback(project, place.environment.id, place.model_id, reason, seen=seen, ctx=ctx)

        title = self.tr("Rolling back to {0}").format(place.back)
        self._page.act(title, rollback, then=lambda made: self._done(made, place.back), changes=CHANGES)

    def _done(self, made: Release, version: str) -> None:
        self.form.hide()
        names = {place.environment.id: place.environment.name for place in self.places}
        words = {
            Mode.ALL: self.tr("{0} answers in {1}."),
            Mode.SHARE: self.tr("{0} answers a share of the requests in {1}."),
            Mode.SHADOW: self.tr("{0} is asked in the shadow in {1}."),
        }
        self._page.session.tell(words[made.mode].format(version, names.get(made.environment, made.environment)))
