"""Every command of the window, once: menus, buttons, the palette, the shortcut sheet and tests read this table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence

from app.ui.icons import icon

Keys = str | QKeySequence.StandardKey

NO_PROJECT = "Open a project first."


@dataclass(frozen=True, slots=True)
class Command:
    """``page``: the page that does it ("" = the window). ``needs_project``: not possible without one.
    ``keys_where_seen``: its keys work only while a page is shown that does it."""

    id: str
    text: str
    icon: str = ""
    keys: Keys = ""
    help: str = ""
    page: str = ""
    needs_project: bool = False
    keys_where_seen: bool = False


COMMANDS: tuple[Command, ...] = (
    Command(
        "data.choose",
        "&Choose file…",
        "file",
        QKeySequence.StandardKey.Open,
        "Add a CSV, Excel, Parquet or JSON lines file.",
    ),
    Command("data.paste", "&Paste a table", "paste", "", "Add the table on the clipboard as data."),
    Command("data.from_database", "Data&base…", "data", "", "Add a table or a query of a database.", "data"),
    Command("data.from_web", "&Web address…", "link", "", "Add a file from a web address.", "data"),
    Command("data.from_s3", "&S3…", "bundle", "", "Add an object from an S3 store.", "data"),
    Command("data.from_folder", "&Folder…", "folder", "", "Add a folder of Parquet files as one table.", "data"),
    Command("data.query", "S&QL query", "terminal", "", "Make data of other data by SQL.", "data", True),
    Command("data.refresh", "Refresh", "refresh", "Ctrl+R", "Fetch the data again from their source.", "data", True),
    Command("data.rename", "Rename &data", "edit", "", "Give the shown data set another name.", "data", True),
    Command("project.new", "&New project", "add", QKeySequence.StandardKey.New, "Make an empty project."),
    Command("project.open", "Open pro&ject…", "folder", "Ctrl+Shift+O", "Open a project's folder."),
    Command("project.sample", "Open the &sample project", "sample", "", "A small table, ready to be trained on."),
    Command("project.rename", "&Rename project", "edit", "F2", "Give the project another name.", "", True),
    Command(
        "project.close",
        "C&lose project",
        "close",
        QKeySequence.StandardKey.Close,
        "Back to the list of projects.",
        "",
        True,
    ),
    Command(
        "run.train",
        "&Train and check",
        "start",
        "Ctrl+Return",
        "Fit, test and check the candidates.",
        "data",
        True,
        keys_where_seen=True,
    ),
    Command(
        "run.finish",
        "Stop and &keep the best",
        "approve",
        "",
        "End the search now and make candidates of the best.",
        "data",
        True,
    ),
    Command("run.cancel", "Cancel", "stop", "", "Stop; finished candidates are kept.", "data", True),
    Command("run.again", "Train again", "refresh", "", "Start the interrupted run again.", "data", True),
    Command(
        "run.resume", "Resume", "refresh", "", "Go on with the interrupted run: its best settings first.", "data", True
    ),
    Command("run.discard", "Discard", "delete", "", "Mark the interrupted run as discarded.", "data", True),
    Command(
        "run.retrain",
        "Retrain &with fresh data",
        "refresh",
        "",
        "Train a challenger on newer rows and compare it with this model.",
        "models",
        True,
    ),
    Command(
        "model.worth",
        "Is it wor&th it?",
        "help",
        "",
        "Find out what a retrain would bring: a learning curve and a look back.",
        "models",
        True,
    ),
    Command(
        "challenge.rehearse",
        "Re&hearse",
        "start",
        "",
        "Answer the newest logged requests with the challenger as well.",
        "models",
        True,
    ),
    Command(
        "challenge.keep",
        "&Keep",
        "",
        "",
        "Keep the model in use, with the reason.",
        "models",
        True,
    ),
    Command(
        "challenge.promote",
        "Pro&mote",
        "approve",
        "",
        "Approve the challenger as the model's next version, with the reason.",
        "models",
        True,
    ),
    Command("model.approve", "&Approve", "approve", "", "Make the best candidate a model version.", "data", True),
    Command("model.predict", "Pre&dict a file…", "table", "", "Add the model's answer to every row.", "models", True),
    Command("model.reproduce", "&Reproduce", "refresh", "", "Refit the recipe and compare the bytes.", "models", True),
    Command(
        "bundle.export",
        "&Export bundle",
        "bundle",
        "Ctrl+E",
        "Write the approved model as a bundle that runs anywhere.",
        "data",
        True,
    ),
    Command("bundle.open_folder", "Open folder", "folder", "", "Show the bundle in the file manager.", "data", True),
    Command("bundle.save", "Save elsewhere…", "download", "", "Copy the bundle to another folder.", "data", True),
    Command("service.start", "&Start service", "start", "", "Answer requests on this computer.", "data", True),
    Command("service.stop", "Stop service", "stop", "", "Stop answering requests.", "services", True),
    Command("model.rollout", "Roll &out…", "services", "", "Let a version answer in an environment.", "services", True),
    Command("model.rollback", "Roll &back…", "undo", "", "Bring back what was live before.", "services", True),
    Command(
        "model.settle",
        "Settle…",
        "check",
        "",
        "End the challenge: keep the version that is live, or let its challenger answer all.",
        "services",
        True,
    ),
    Command("model.retire", "Retire…", "close", "", "Take the model out of this environment.", "services", True),
    Command("monitor.refresh", "Refresh", "refresh", "", "Compare the newest predictions.", "monitor", True),
    Command("monitor.labels", "Labels…", "add", "", "Join a table of what really happened.", "monitor", True),
    Command("monitor.mute", "Mute alerts…", "pause", "", "Send no alerts of this model for a while.", "monitor", True),
    Command("automation.add", "Add an automation…", "add", "", "A rule that acts by itself.", "automations"),
    Command("automation.run_due", "Do what is due", "start", "", "Run every rule that is due.", "automations", True),
    Command("automation.schedule", "Schedule", "clock", "", "Have this computer do it.", "automations", True),
    Command("automation.unschedule", "Take it back", "close", "", "End the schedule.", "automations", True),
    Command(
        "data.undo",
        "Undo",
        "undo",
        QKeySequence.StandardKey.Undo,
        "Take back the last change of the columns.",
        "data",
        True,
    ),
    Command("data.find", "&Filter rows", "filter", QKeySequence.StandardKey.Find, "Show some rows only.", "data", True),
    Command("data.redo", "Redo", "redo", "Ctrl+Shift+Z", "Do the change again.", "data", True),
    Command("trace.find", "Trace a prediction", "trace", "", "See what stands behind a prediction.", "history", True),
    Command(
        "history.verify",
        "Verify the project",
        "shield",
        "",
        "Re-hash the history and every stored file.",
        "history",
        True,
    ),
    Command("palette.open", "Search or run a command", "search", "Ctrl+K", "Everything that can be done, by name."),
    Command("theme.light", "Light appearance", "", "", "Light colours."),
    Command("theme.dark", "Dark appearance", "", "", "Dark colours."),
    Command("theme.system", "Appearance of the system", "", "", "Light or dark, as the system is."),
    Command("help.shortcuts", "Keyboard shortcuts", "help", QKeySequence.StandardKey.HelpContents, "All shortcuts."),
    Command("app.quit", "&Quit", "", QKeySequence.StandardKey.Quit, "Close the window."),
)


def translated(text: str) -> str:
    """A text of the command table in the person's language."""
    return QCoreApplication.translate("commands", text)


class Actions(QObject):
    """One ``QAction`` for each command. ``run`` is emitted with the command's id when it is asked for."""

    run = Signal(str)

    def __init__(self, parent: QObject, commands: tuple[Command, ...] = COMMANDS) -> None:
        super().__init__(parent)
        self.commands = {command.id: command for command in commands}
        self._actions = {command.id: self._make(command) for command in commands}
        self._reasons: dict[str, str] = {}
        self._has_project = False
        self.set_project_open(False)

    def __getitem__(self, id_: str) -> QAction:
        """The action of a command."""
        return self._actions[id_]

    def __iter__(self) -> Iterator[QAction]:
        """All actions in the table's order."""
        return iter(self._actions.values())

    @property
    def with_keys_of_pages(self) -> list[QAction]:
        """The actions whose keys belong to the pages that do them, not to the window."""
        return [action for id_, action in self._actions.items() if self.commands[id_].keys_where_seen]

    def add(self, command: Command) -> QAction:
        """Add a command that is not in the table, as *Go to page* is."""
        self.commands[command.id] = command
        self._actions[command.id] = self._make(command)
        self._settle(command.id)
        return self._actions[command.id]

    def set_project_open(self, is_open: bool) -> None:
        """Allow or forbid what needs a project."""
        self._has_project = is_open
        self._reasons.clear()
        for id_ in self._actions:
            self._settle(id_)

    def allow(self, id_: str) -> None:
        """The command can be done now."""
        self.forbid(id_, "")

    def forbid(self, id_: str, why_not: str) -> None:
        """The command cannot be done now, for this reason; shown on its buttons."""
        self._reasons[id_] = why_not
        self._settle(id_)

    def why_not(self, id_: str) -> str:
        """Why the command cannot be done now; empty if it can."""
        if self.commands[id_].needs_project and not self._has_project:
            return translated(NO_PROJECT)
        return self._reasons.get(id_, "")

    def _settle(self, id_: str) -> None:
        why_not, action = self.why_not(id_), self._actions[id_]
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        help_ = translated(self.commands[id_].help)
        action.setToolTip(why_not or (f"{help_} ({keys})" if keys else help_))
        action.setEnabled(not why_not)

    def _make(self, command: Command) -> QAction:
        action = QAction(translated(command.text), self)
        action.setObjectName(command.id)
        if command.keys:
            action.setShortcut(QKeySequence(command.keys))
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.triggered.connect(lambda _checked=False: self.run.emit(command.id))
        return action

    def tint(self) -> None:
        """Give the actions their icons in the theme's colours; called when a menu opens, not at the start."""
        for id_, action in self._actions.items():
            name = self.commands[id_].icon
            if name:
                action.setIcon(icon(name))
