"""The pages in the order of the navigation. A page's module is imported when it is shown first."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

from app.ui.page import Page
from app.ui.session import Session


@dataclass(frozen=True, slots=True)
class PageEntry:
    """``module`` and ``class_name`` say where the page is; ``object name`` is ``page.<id>``."""

    id: str
    title: str
    icon: str
    module: str
    class_name: str

    @property
    def exists(self) -> bool:
        """Whether the page's module is there."""
        return find_spec(self.module) is not None

    @property
    def is_imported(self) -> bool:
        """Whether the page's module is loaded, so that only its widgets are to be made."""
        return self.module in sys.modules

    def page_class(self) -> type[Page]:
        """Import the module."""
        page_class: type[Page] = getattr(import_module(self.module), self.class_name)
        return page_class

    def make(self, session: Session) -> Page:
        """Import the module and make the page."""
        page = self.page_class()(session)
        page.setObjectName(f"page.{self.id}")
        page.setAccessibleName(self.title)
        return page


PAGES: tuple[PageEntry, ...] = tuple(
    entry
    for entry in (
        PageEntry("home", "Home", "home", "app.ui.home.home_page", "HomePage"),
        PageEntry("data", "Data", "data", "app.ui.data.data_page", "DataPage"),
        PageEntry("train", "Train", "train", "app.ui.train.train_page", "TrainPage"),
        PageEntry("compare", "Compare", "compare", "app.ui.compare.compare_page", "ComparePage"),
        PageEntry("models", "Models", "models", "app.ui.models.models_page", "ModelsPage"),
        PageEntry("services", "Services", "services", "app.ui.services.services_page", "ServicesPage"),
        PageEntry("monitor", "Monitor", "monitor", "app.ui.monitor.monitor_page", "MonitorPage"),
        PageEntry("automations", "Automations", "clock", "app.ui.automations.automations_page", "AutomationsPage"),
        PageEntry("history", "History", "history", "app.ui.history.history_page", "HistoryPage"),
        PageEntry("settings", "Settings", "settings", "app.ui.settings_page", "SettingsPage"),
    )
    if entry.exists
)
