"""A service's use in one line: volume, time to answer, errors, contract, when last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from app.core.deploy import ServiceStatus
from app.ui.page import Page
from app.ui.widgets.card import column, label, row, within
from app.ui.words import count, figure, percent, plural, when

if TYPE_CHECKING:
    from app.registry.project import Project
    from app.serving.traffic import Traffic


class TrafficLine(QWidget):
    """Figures below their names; none before a service was asked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = {name: label("", name=f"service.{name}") for name in _NAMES}
        titles = dict(
            zip(
                _NAMES,
                (self.tr("Last 24 hours"), self.tr("Time p50 / p95"), self.tr("Errors"), self.tr("Break the contract"),
                 self.tr("Last asked"), self.tr("Challenger could not")),
                strict=True,
            )
        )  # fmt: skip
        told = {
            name: within(column(label(titles[name], "caption"), words, spacing=0))
            for name, words in self._words.items()
        }
        self._stood_in = told["stood_in"]
        self._stood_in.setToolTip(self.tr("Requests of its share that the champion answered in its stead."))
        self.setLayout(row(*told.values(), 1, spacing=24))
        self.hide()

    def ask(self, page: Page, status: ServiceStatus) -> None:
        """Read the figures beside the window."""

        def read(project: Project) -> Traffic:
            from app.serving.traffic import traffic

            return traffic(project, status)

        page.query(read, self._show, key="traffic")

    def _show(self, told: Traffic) -> None:
        self.setVisible(bool(told.looked_at))
        self._stood_in.setVisible(told.stood_in > 0)
        for name, text in words_of(told).items():
            self._words[name].setText(text)
        of = plural(told.looked_at, self.tr("prediction"), self.tr("predictions"))
        self.setToolTip(self.tr("Of the newest {0}; errors since the service was started.").format(of))


_NAMES = ("volume", "latency", "errors", "violating", "last", "stood_in")


def words_of(told: Traffic) -> dict[str, str]:
    """Each figure in words, by its name."""
    more = "+" if told.at_least else ""
    errors = "–"
    if told.requests is not None and told.refused is not None:
        share = percent(told.refused / told.requests) if told.requests else "0%"
        errors = f"{count(told.refused)} · {share}"
    broken = f"{count(told.violating)} · {percent(told.violating / told.looked_at)}" if told.looked_at else "–"
    return {
        "volume": f"{count(told.last_day)}{more}",
        "latency": f"{figure(told.p50_ms, 2)} / {figure(told.p95_ms, 2)} ms",
        "errors": errors,
        "violating": broken,
        "last": when(told.last_at) if told.last_at else "–",
        "stood_in": count(told.stood_in),
    }
