"""The tab *Contract*: what every version and every prediction has to keep, suggested, edited, and how it is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, ClassVar, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from app.core.contracts import DataContract, Judgement
from app.core.data import Reading
from app.errors import BadInput
from app.runtime.rules import Rule
from app.ui.contract import contract_verbs as verbs
from app.ui.contract.contract_draft import KIND_WORDS, Draft, kinds_for, new_rule
from app.ui.contract.contract_state import RuleRow, rule_row, summary
from app.ui.contract.contract_table import LEAST, MOST, RulesTable
from app.ui.data.data_part import DataPart
from app.ui.data.data_view import DataView
from app.ui.jobs import Job
from app.ui.page import Page
from app.ui.problems import Problem
from app.ui.widgets.buttons import Button
from app.ui.widgets.card import label, row
from app.ui.widgets.combo import Combo
from app.ui.widgets.elided import Elided
from app.ui.words import plain_tip, when

if TYPE_CHECKING:
    from app.core.progress import JobContext
    from app.data.contracts.contract import Changed
    from app.registry.project import Project

T = TypeVar("T")


class ContractPart(DataPart):
    """Shows the newest contract of the data set, or the suggestion greyed as long as there is none.

    Edits gather in a draft; saving makes the next version of the contract and judges the newest data version by it.
    """

    id: ClassVar[str] = "contract"
    title: ClassVar[str] = "Contract"

    def __init__(self, page: Page, parent: QWidget | None = None) -> None:
        super().__init__(page, parent)
        self._contracts: list[DataContract] = []
        self._draft: Draft | None = None
        self._about = ("", "")
        self._judged: dict[tuple[str, str], Judgement] = {}
        self._suggested: dict[str, tuple[Rule, ...]] = {}
        self._busy = False
        self.table = RulesTable()
        self.layout_.addLayout(self._head())
        self.layout_.addWidget(self.table, 1)
        self._tools = QWidget()
        self._tools.setLayout(self._tool_row())
        self.layout_.addWidget(self._tools)
        self._saving = QWidget()
        self._saving.setLayout(self._save_row())
        self.layout_.addWidget(self._saving)
        self.table.model_.edited.connect(self._change)
        self.table.model_.refused.connect(self._refuse)
        self.table.removal_wanted.connect(self._remove)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._allow())
        self._show()

    def refresh(self, view: DataView) -> None:
        """Read the contract of the version's data set."""
        id_ = view.dataset.id
        self.page.query(lambda project: verbs.read_contracts(project, id_), self._read, key=self.id)

    def clear(self) -> None:
        """Show nothing."""
        self._contracts, self._draft, self._about = [], None, ("", "")
        self._judged.clear()
        self._suggested.clear()
        self._show()

    def _head(self) -> QHBoxLayout:
        self.said = Elided("")
        self.said.setProperty("role", "strong")
        self.versions = Combo(self.tr("Versions of the contract"), name="contract.versions")
        self.versions.activated.connect(self._take_older)
        made = row(self.said, self.versions)
        made.setStretch(0, 1)
        return made

    def _tool_row(self) -> QHBoxLayout:
        self.columns = Combo(self.tr("Column of the new rule"), name="contract.column")
        self.kinds = Combo(self.tr("Kind of the new rule"), name="contract.kind")
        self.columns.currentIndexChanged.connect(lambda _index: self._offer_kinds())
        self.add = Button(self.tr("Add rule"), self._add, name="contract.add", icon="add")
        self.rows = Button(self.tr("Show the rows"), self._show_rows, name="contract.rows", role="flat", icon="table")
        self.remove = Button(
            self.tr("Remove the selected rules"), self._remove, name="contract.remove", role="icon", icon="delete"
        )
        self.undo = Button(self.tr("Undo the last change"), self._undo, name="contract.undo", role="icon", icon="undo")
        return row(self.columns, self.kinds, self.add, 1, self.rows, self.remove, self.undo)

    def _save_row(self) -> QHBoxLayout:
        self.hint = label("", "quiet", wrap=True)
        self.reason = QLineEdit()
        self.reason.setAccessibleName(self.tr("Reason for the change"))
        self.reason.setPlaceholderText(self.tr("Why is it changed?"))
        self.reason.returnPressed.connect(self.save)
        self.discard = Button(self.tr("Discard"), self._discard, name="contract.discard", role="flat")
        self.use = Button("", self.save, name="contract.save", role="primary")
        made = row(self.hint, self.reason, self.discard, self.use)
        made.setStretch(0, 1)
        made.setStretch(1, 1)
        return made

    def save(self) -> None:
        """Make the draft the next version of the contract."""
        view, draft = self.view, self._draft
        if view is None or draft is None or self._busy or not self.use.isEnabled():
            return
        self.table.setFocus()
        rules, reason = draft.rules, self.reason.text() if self._contracts else self.tr("Suggested from version 1")
        self._work(
            self.tr("Saving the contract of {0}").format(view.dataset.name),
            lambda project, ctx: verbs.save(project, view.dataset.id, rules, reason, ctx),
            self._saved,
            changes={"reading"},
        )

    def _saved(self, changed: Changed) -> None:
        self._judged[changed.reading.id, changed.contract.id] = changed.judgement
        if (
            self.view is not None and self.view.version.id == changed.reading.version_id
        ):  # the same table until it comes
            self._judged[self.view.reading.id, changed.contract.id] = changed.judgement
        if changed.contract not in self._contracts:
            self._contracts.insert(0, changed.contract)
        self._draft = Draft(changed.contract.rules)
        self._about = (changed.contract.dataset_id, changed.contract.id)
        self._show()
        self._show_broken()

    def _read(self, contracts: list[DataContract]) -> None:
        if (view := self.view) is None:
            return
        self._contracts = contracts
        about = (view.dataset.id, contracts[0].id if contracts else "")
        if about != self._about:
            self._about, self._draft = about, Draft(contracts[0].rules) if contracts else None
        self._show()
        if contracts:
            self._judge(view.reading, contracts[0])
        elif self._draft is None:
            self._suggest(view)

    def _suggest(self, view: DataView) -> None:
        """Ask for a suggestion once a data set; it is shown greyed."""
        id_ = view.dataset.id
        if id_ in self._suggested:
            self._propose(id_, self._suggested[id_])
            return
        self._work(
            self.tr("Looking at what version 1 of {0} keeps").format(view.dataset.name),
            lambda project, ctx: verbs.suggest(project, id_, ctx),
            lambda rules: self._propose(id_, rules),
        )

    def _propose(self, dataset_id: str, rules: tuple[Rule, ...]) -> None:
        self._suggested[dataset_id] = rules
        if self._about == (dataset_id, ""):
            self._draft = Draft((), rules)
            self._show()

    def _judge(self, reading: Reading, contract: DataContract) -> None:
        key = (reading.id, contract.id)
        if key in self._judged or self._busy:
            return

        def judged(judgement: Judgement) -> None:
            self._judged[key] = judgement
            self._show()
            self._show_broken()

        self._work(
            self.tr("Judging by the contract"),
            lambda project, ctx: verbs.judge(project, reading, contract.rules, ctx),
            judged,
        )

    def _work(
        self,
        title: str,
        do: Callable[[Project, JobContext], T],
        then: Callable[[T], None],
        *,
        changes: Iterable[str] = (),
    ) -> None:
        self._busy = True
        self._show()
        self.page.act(title, do, then=then, changes=changes, failed=self._failed, finally_=self._rest)

    def _rest(self, _job: Job) -> None:
        self._busy = False
        self._show()

    def _failed(self, problem: Problem) -> None:
        self._complain(problem.message)

    def _change(self, place: int, rule: Rule) -> None:
        if self._draft is not None:
            self._draft.change(place, rule, self._types())
            self._show()

    def _refuse(self, problem: BadInput) -> None:
        self._complain(f"{problem.message} {problem.hint}")

    def _complain(self, words: str) -> None:
        self.page.session.tell(words, "warn")

    def _add(self) -> None:
        if self._draft is None:
            return
        try:
            rule = new_rule(self.kinds.currentData(), self.columns.currentData(), self._types())
        except BadInput as problem:
            self._refuse(problem)
            return
        place = self._draft.add(rule, self._types())
        self._show()
        cell = MOST if rule.kind in ("relation", "categories", "missing", "type") else LEAST
        self.table.setCurrentIndex(self.table.model_.index(place, cell))
        self.table.setFocus()
        if self.table.model_.flags(self.table.currentIndex()) & Qt.ItemFlag.ItemIsEditable:
            self.table.edit(self.table.currentIndex())

    def _remove(self) -> None:
        if self._draft is not None:
            self._draft.remove(self.table.places(), self._types())
            self._show()

    def _undo(self) -> None:
        if self._draft is not None:
            self._draft.undo()
            self._show()

    def _discard(self) -> None:
        if self._draft is not None:
            self._draft = Draft(self._draft.saved)
            self._show()

    def _take_older(self, index: int) -> None:
        """Put the rules of another version into the draft; saving makes them the newest."""
        if self._draft is not None and 0 <= index < len(self._contracts):
            older = self._contracts[index]
            self._draft = Draft(self._draft.saved, older.rules, self.tr("back to version {0}").format(older.number))
            self._show()

    def _show_rows(self) -> None:
        broken = [r.broken for r in self._selected() if r.broken is not None and r.broken.rows]
        if broken:
            column = next(r.rule.column for r in self._selected() if r.broken is broken[0])
            self.rows_wanted.emit(broken[0].rows, column or "")

    def _show_broken(self) -> None:
        """Turn to the first broken rule, unless a person is at another."""
        broken = [place for place, row in enumerate(self.table.model_.records) if row.broken is not None]
        if broken and not self.table.places():
            self.table.selectRow(broken[0])
            self.table.scrollTo(self.table.model_.index(broken[0], LEAST))

    def _selected(self) -> list[RuleRow]:
        return [self.table.model_.records[place] for place in self.table.places()]

    def _types(self) -> dict[str, str]:
        return {c.name: str(c.type) for c in self.view.reading.columns} if self.view is not None else {}

    def _judgement(self) -> Judgement | None:
        if self.view is None or not self._contracts:
            return None
        return self._judged.get((self.view.reading.id, self._contracts[0].id))

    def _show(self) -> None:
        """Show the draft: its rules, what is known of each, what can be done."""
        types, draft, model = self._types(), self._draft, self.table.model_
        before = self.table.currentIndex()
        place, cell = before.row(), before.column()
        model.types, model.faint = types, not self._contracts
        newest = self._contracts[0] if self._contracts else None
        judgement = self._judgement()
        model.show([rule_row(r, newest, judgement, types, self.tr) for r in draft.rules] if draft is not None else [])
        if 0 <= place < len(model.records) and not self.table.currentIndex().isValid():
            self.table.setCurrentIndex(model.index(place, cell))
        self.table.viewport().update()
        number = self.view.version.number if self.view is not None else 0
        waiting = self.tr("Looking at what version 1 keeps…") if self.view is not None else ""
        self.said.setText(summary(newest, judgement, number, self.tr) if draft is not None else waiting)
        self._show_versions()
        self._show_columns(types)
        self.reason.setText(draft.reason() if draft is not None else "")
        self._allow()

    def _show_versions(self) -> None:
        self.versions.clear()
        for contract in self._contracts:
            words = self.tr("Version {0} · {1} · {2}").format(
                contract.number, contract.reason, when(contract.created_at)
            )
            self.versions.addItem(words, contract.id)
        self.versions.setVisible(len(self._contracts) > 1)

    def _show_columns(self, types: dict[str, str]) -> None:
        names = [self.columns.itemData(i) for i in range(self.columns.count())]
        if names != list(types):
            self.columns.clear()
            for name in types:
                self.columns.addItem(name, name)
            self.columns.search_if_long()

    def _offer_kinds(self) -> None:
        name = self.columns.currentData()
        self.kinds.clear()
        for kind in (*kinds_for(self._types()[name]), "rows") if name in self._types() else ():
            self.kinds.addItem(self.tr(KIND_WORDS[kind]), kind)

    def _allow(self) -> None:
        """What can be done now, and why not."""
        draft, chosen = self._draft, self._selected()
        first = not self._contracts
        self._tools.setVisible(draft is not None)
        self._saving.setVisible(draft is not None and draft.is_changed)
        self.hint.setVisible(first)
        self.hint.setText(
            self.tr(
                "Nothing is enforced until you use it. Then every new version and every prediction is judged by it."
            )
        )
        self.reason.setVisible(not first)
        self.discard.setVisible(not first)
        number = self._contracts[0].number + 1 if self._contracts else 1
        self.use.setText(self.tr("Use this contract") if first else self.tr("Save as version {0}").format(number))
        self.use.setAccessibleName(self.use.text())
        self.use.forbid(self.tr("A job is under way.") if self._busy else "")
        some = any(r.broken is not None and r.broken.rows for r in chosen)
        self.rows.forbid("" if some else self.tr("Select a broken rule first."))
        self.remove.forbid("" if chosen else self.tr("Select a rule first."))
        if chosen:
            self.remove.setToolTip(self.remove.accessibleName())
        effect = draft.undo_effect if draft is not None else ""
        self.undo.forbid("" if effect else self.tr("There is nothing to take back."))
        if effect:
            self.undo.setToolTip(plain_tip(self.tr("Undo: {0}").format(effect)))
