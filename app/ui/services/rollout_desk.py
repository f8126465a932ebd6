"""Rolling out and back on the Services page: the questions above its tabs, and what is done with the answers."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from app.core.gates import GateResult
from app.core.progress import JobContext, Silent
from app.core.releases import Live, Mode, Release
from app.ui.page import Page
from app.ui.services.place_bars import PlaceBar, Reply
from app.ui.services.rollout_form import RolloutForm, Wanted
from app.ui.services.rollout_view import PlacesView, PlaceView
from app.ui.widgets.card import column
from app.ui.words import percent, when

if TYPE_CHECKING:
    from app.registry.project import Project

CHANGES = ("release", "service", "bundle")
CHAMPION, CHALLENGER = "champion", "challenger"


class RolloutDesk(QWidget):
    """Nothing to see until it is asked. ``place``: what it is about if nobody says."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self._page = page
        self.places: tuple[PlaceView, ...] = ()
        self.place: PlaceView | None = None
        self.form = RolloutForm()
        self.form.wanted.connect(self._roll_out)
        self.form.weighed.connect(self._weigh)
        why = self.tr("What is wrong, for the history")
        self.bar = PlaceBar("rollback", why, [Reply("do", self.tr("Roll back"), "undo")])
        self.bar.wanted.connect(lambda place, _reply, reason: self._roll_back(place, reason))
        seen = self.tr("What was seen, for the history")
        self.settling = PlaceBar("settle", seen, [Reply(CHAMPION, ""), Reply(CHALLENGER, "")])
        self.settling.wanted.connect(self._settle)
        why = self.tr("Why, for the history")
        self.retiring = PlaceBar("retire", why, [Reply("do", self.tr("Retire"))])
        self.retiring.wanted.connect(lambda place, _reply, reason: self._retire(place, reason))
        self._asked = (self.form, self.bar, self.settling, self.retiring)
        self.setLayout(column(*self._asked, spacing=12))

    def know(self, view: PlacesView) -> None:
        """What is live where now."""
        self.places = view.places

    def turn_to(self, service_id: str) -> None:
        """Be about the place that this service answers for, if it does for any."""
        for place in self.places:
            if place.live is not None and place.live.release.service_id == service_id:
                self.place = place

    def offer_roll_out(self, version_id: str = "") -> None:
        """Ask which version to roll out where."""
        self._ask_alone(self.form)
        self.form.offer(self.places, version_id, self.place)

    def offer_roll_back(self) -> None:
        """Ask whether to bring back what was live before: the first of two clicks."""
        place = self.place
        if place is not None and place.back:
            self._ask_alone(self.bar)
            text = self.tr("Bring back {0} in {1}?")
            if place.live is not None and place.live.challenger:
                text = self.tr("Let {0} answer alone in {1}?")
            self.bar.offer(place, text.format(place.back, place.environment.name))

    def offer_settle(self) -> None:
        """Ask which of the two is to answer from now on."""
        place = self.place
        if place is not None and place.live is not None and place.live.challenger is not None:
            self._ask_alone(self.settling)
            question = self.tr("Which one answers in {0} from now on?").format(place.environment.name)
            keep = self.tr("Keep {0}").format(place.live.version)
            self.settling.offer(place, question, keep, self.tr("Let {0} answer all").format(place.live.challenger))
            if place.environment.gates:
                self.settling.ask_gates()
                self._weigh_challenger(place)

    def offer_retire(self) -> None:
        """Ask whether nothing of the model is to be live there any more."""
        place = self.place
        if place is not None and place.live is not None:
            self._ask_alone(self.retiring)
            text = self.tr("Stop {0} in {1}? Nothing of it is live there then.")
            self.retiring.offer(place, text.format(place.live.version, place.environment.name))

    def _ask_alone(self, asked: QWidget) -> None:
        for part in self._asked:
            if part is not asked:
                part.hide()

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

    def why_no_settle(self) -> str:
        """Empty if there is a challenge to end."""
        if self.place is None or self.place.live is None or self.place.live.challenger is None:
            return self.tr("Nothing challenges what is live.")
        return ""

    def why_no_retire(self) -> str:
        """Empty if something is live that can be retired."""
        return "" if self.place is not None and self.place.live is not None else self.tr("Nothing is live there.")

    def challenge(self, place: PlaceView, share: float) -> None:
        """Give the challenger this part of the requests."""
        if place.live is not None and (version_id := self._challenger(place)):
            reason = self.tr("{0} was given {1:.0%} of the requests.").format(place.live.challenger, share)
            label = str(place.live.challenger)
            self._roll_out(Wanted(version_id, label, place.environment.id, Mode.SHARE, share, reason))

    def _challenger(self, place: PlaceView) -> str:
        wanted = place.live.challenger if place.live is not None else None
        return next((id_ for id_, version in place.versions if version == wanted), "")

    def _weigh(self, version_id: str, environment_id: str) -> None:
        """Ask the environment's gates about a version, beside the window."""

        def ask(project: Project) -> tuple[GateResult, ...]:
            from app.registry import environments, models
            from app.serving.release_gates import results

            place = environments.environment_by_id(project, environment_id)
            return results(project, models.model_version(project, version_id), place, Silent())

        show = partial(self.form.show_gates, version_id, environment_id)
        self._page.query(ask, show, key="gates")

    def _weigh_challenger(self, place: PlaceView) -> None:
        """The same about the challenger, by the very bundle that is tried."""

        def ask(project: Project) -> tuple[GateResult, ...]:
            from app.registry import deploy, models
            from app.serving.release_gates import results

            tried = place.live.release.challenger_bundle_id if place.live is not None else None
            if tried is None:
                return ()
            bundle = deploy.bundle(project, tried)
            version = models.model_version(project, bundle.model_version_id)
            return results(project, version, place.environment, Silent(), built_at=bundle.created_at)

        self._page.query(ask, partial(self.settling.show_gates, place), key="gates")

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

            return rollback(project, place.environment.id, place.model_id, reason, seen=_seen(place), ctx=ctx)

        title = self.tr("Rolling back to {0}").format(place.back)
        self._page.act(title, rollback, then=lambda made: self._done(made, place.back), changes=CHANGES)

    def _settle(self, place: PlaceView, reply: str, reason: str) -> None:
        wins = reply == CHALLENGER

        def settle(project: Project, ctx: JobContext) -> Release:
            from app.serving.rollout import settle

            where = (place.environment.id, place.model_id)
            return settle(project, *where, reason, challenger=wins, seen=_seen(place), ctx=ctx)

        live = place.live
        stays = "" if live is None else str(live.challenger) if wins else live.version
        title = self.tr("Letting {0} answer alone").format(stays)
        self._page.act(title, settle, then=lambda made: self._done(made, stays), changes=CHANGES)

    def _retire(self, place: PlaceView, reason: str) -> None:
        def retire(project: Project, ctx: JobContext) -> Release:
            from app.serving.retiring import retire

            return retire(project, place.environment.id, place.model_id, reason, seen=_seen(place), ctx=ctx)

        def told(_made: Release) -> None:
            text = self.tr("{0} is retired from {1}; its service is stopped.")
            self._page.session.tell(text.format(place.model, place.environment.name))

        title = self.tr("Retiring {0} from {1}").format(place.model, place.environment.name)
        self._page.act(title, retire, then=told, changes=CHANGES)

    def _done(self, made: Release, version: str) -> None:
        self.form.hide()
        names = {place.environment.id: place.environment.name for place in self.places}
        words = {
            Mode.ALL: self.tr("{0} answers in {1}."),
            Mode.SHARE: self.tr("{0} answers a share of the requests in {1}."),
            Mode.SHADOW: self.tr("{0} is asked in the shadow in {1}."),
        }
        self._page.session.tell(words[made.mode].format(version, names.get(made.environment, made.environment)))


def _seen(place: PlaceView) -> str | None:
    """The release that whoever asks has before their eyes."""
    return place.live.release.id if place.live is not None else None
