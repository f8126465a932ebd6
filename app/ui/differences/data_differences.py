"""The tab *Differences*: the shown version beside any other, the one before it where nobody chose."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QWidget

from app.core.data import Dataset, DataVersion
from app.core.differences import Differences
from app.ui.data.data_part import DataPart
from app.ui.data.data_view import DataView
from app.ui.differences.differences_view import DifferencesView
from app.ui.jobs import Job, JobState
from app.ui.problems import Problem
from app.ui.widgets.buttons import ActionButton
from app.ui.widgets.card import column, field_label, row
from app.ui.widgets.combo import Combo
from app.ui.widgets.either import Either
from app.ui.widgets.empty import EmptyState
from app.ui.widgets.field import field
from app.ui.words import count

if TYPE_CHECKING:
    from app.core.progress import JobContext
    from app.registry.project import Project
    from app.ui.page import Page

Key = tuple[str, ...] | None
AUTOMATIC: Key = None
WHOLE_ROWS: Key = ()
SEVERAL = "several"
"""The item of the list of keys that asks for columns which tell rows apart together."""


class DifferencesPart(DataPart):
    """Compares as a job with progress and cancel; what was compared is kept while the version is shown."""

    id: ClassVar[str] = "differences"
    title: ClassVar[str] = "Differences"

    def __init__(self, page: Page, parent: QWidget | None = None) -> None:
        super().__init__(page, parent)
        self._wanted: str | None = None
        self._job: Job | None = None
        self._known: dict[tuple[str, Key], Differences] = {}
        self.other = Combo(self.tr("Compared with"), name="differences.other")
        self.key = Combo(self.tr("Rows told apart by"), name="differences.key")
        self.shown = DifferencesView()
        self.other.activated.connect(lambda _index: self._choose())
        self.key.activated.connect(lambda _index: self._key_chosen())
        self.several = field("differences.columns", self.tr("Columns that tell rows apart together"), most_px=260)
        self.several.setPlaceholderText(self.tr("customer, month"))
        self.several.returnPressed.connect(self._compare)
        self.several.hide()
        self.shown.column_wanted.connect(self.column_wanted)
        self.shown.row_wanted.connect(self.row_wanted)
        empty = EmptyState(
            "compare",
            self.tr("Add a second version to compare."),
            self.tr("A file with the same columns becomes the next version of these data."),
        )
        empty.add(ActionButton(page.actions_["data.choose"], role="primary"))
        self._either = Either(empty, self._content())
        self.layout_.addWidget(self._either, 1)

    def _content(self) -> QWidget:
        content = QWidget()
        compared, apart = self.tr("Compared with"), self.tr("rows told apart by")
        choices = row(
            field_label(compared, self.other), self.other, field_label(apart, self.key), self.key, self.several, 1
        )
        whole = column(choices)
        whole.addWidget(self.shown, 1)
        content.setLayout(whole)
        return content

    def compare_with(self, version_id: str) -> None:
        """Compare what is shown with this version, now or when the tab is looked at."""
        self._wanted = version_id
        if self.view is not None and self.isVisible():
            self.refresh(self.view)

    def refresh(self, view: DataView) -> None:
        """Offer what can be compared, and compare."""
        others = other_versions(view)
        self._either.show_content(bool(others))
        self._known.clear()
        with QSignalBlocker(self.other):
            self.other.clear()
            for dataset, version in others:
                words = self.tr("{0} v{1} · {2} rows").format(dataset.name, version.number, count(version.rows))
                self.other.addItem(words, version.id)
            self.other.setCurrentIndex(max(0, self.other.findData(self._wanted or previous(view))))
        if others:
            self._choose()

    def clear(self) -> None:
        """Nothing to compare."""
        self._stop()
        self._wanted = None
        self._known.clear()
        self.shown.say("")

    def _choose(self) -> None:
        """Another version to compare with: which columns are keys of both has to be read first."""
        other_id: str = self.other.currentData()
        view = self.view
        if view is None:
            return
        if view.version.id != other_id:
            self._wanted = other_id
        self.page.query(lambda project: _keys(project, other_id, view), self._offer_keys, key=self.id)

    def _offer_keys(self, names: tuple[str, ...]) -> None:
        before = self.key.currentData() if self.key.count() else []
        with QSignalBlocker(self.key):
            self.key.clear()
            self.key.addItem(self.tr("the identifier"), [])
            for name in names:
                self.key.addItem(name, [name])
            self.key.addItem(self.tr("several columns…"), SEVERAL)
            self.key.addItem(self.tr("nothing: whole rows"), None)
            chosen = (i for i in range(self.key.count()) if self.key.itemData(i) == before)
            self.key.setCurrentIndex(next(chosen, 0))
        self._key_chosen()

    def _key_chosen(self) -> None:
        asked = self.key.currentData() == SEVERAL
        self.several.setVisible(asked)
        if asked and not self._together():
            self._stop()
            self.several.setFocus()
            self.shown.say(
                self.tr("Which columns tell the rows apart together?"),
                self.tr("Type their names, with commas between."),
            )
            return
        self._compare()

    def _together(self) -> tuple[str, ...]:
        """The columns that were typed."""
        return tuple(filter(None, (name.strip() for name in self.several.text().split(","))))

    def _chosen_key(self) -> Key:
        chosen = self.key.currentData()
        if chosen == SEVERAL:
            return self._together()
        return WHOLE_ROWS if chosen is None else tuple(chosen) or AUTOMATIC

    def _compare(self) -> None:
        view, other_id, key = self.view, self.other.currentData(), self._chosen_key()
        self._stop()
        if view is None or other_id is None:
            return
        unknown = next((name for name in key or () if name not in {c.name for c in view.reading.columns}), None)
        if unknown is not None:
            self.shown.say(self.tr("There is no column {0}.").format(unknown))
            return
        known = self._known.get((other_id, key))
        if known is not None:
            self._show(known)
            return
        self.shown.say(self.tr("Comparing with {0}…").format(self.other.currentText()))
        self._job = self.page.act(
            self.tr("Comparing with {0}").format(self.other.currentText()),
            lambda project, ctx: _differences(project, other_id, view, key, ctx),
            kind="compare",
            then=lambda found: self._came(view, other_id, key, found),
            failed=self._failed,
            finally_=self._ended,
        )

    def _came(self, view: DataView, other_id: str, key: Key, found: Differences) -> None:
        if self.view is view and other_id == self.other.currentData() and key == self._chosen_key():
            self._known[other_id, key] = found
            self._show(found)

    def _show(self, found: Differences) -> None:
        if self._chosen_key() is AUTOMATIC and not found.same_content:
            key = ", ".join(found.rows.key)
            words = self.tr("the identifier {0}").format(key) if key else self.tr("nothing: no identifier fits")
            self.key.setItemText(0, words)
        self.shown.show_differences(found)

    def _failed(self, problem: Problem) -> None:
        self.shown.say(problem.message, problem.hint)

    def _ended(self, job: Job) -> None:
        if job is self._job:
            self._job = None
            if job.state is JobState.CANCELLED:
                self.shown.say(self.tr("The comparison was cancelled."), self.tr("Choose a version to compare again."))

    def _stop(self) -> None:
        job, self._job = self._job, None
        if job is not None:
            job.cancel()


def other_versions(view: DataView) -> list[tuple[Dataset, DataVersion]]:
    """Every version but the shown one: those of the same data first, newest first."""
    pairs = [(d, v) for d, versions in view.all for v in versions if v.id != view.version.id]
    return sorted(pairs, key=lambda p: (p[0].id != view.dataset.id, p[0].name, -p[1].number))


def previous(view: DataView) -> str | None:
    """The version before the shown one, the next one for the first."""
    own = [v for _d, versions in view.all for v in versions if v.dataset_id == view.dataset.id]
    older = [v for v in own if v.number < view.version.number]
    newer = [v for v in own if v.number > view.version.number]
    return older[-1].id if older else newer[0].id if newer else None


def _keys(project: Project, other_id: str, view: DataView) -> tuple[str, ...]:
    from app.data.differences.compare import possible_keys
    from app.data.looking import profile as profiles
    from app.registry import datasets

    other = datasets.current_reading(project, other_id)
    return possible_keys(other, view.reading, [profiles.load(project, other), view.profile])


def _differences(project: Project, other_id: str, view: DataView, key: Key, ctx: JobContext) -> Differences:
    from app.data.differences.compare import compare
    from app.registry import datasets

    return compare(project, datasets.current_reading(project, other_id), view.reading, key=key, ctx=ctx)
