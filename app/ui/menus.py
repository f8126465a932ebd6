"""The project menu: everything the command table has for projects, edits, looks and help."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QMenu, QWidget

from app.ui.actions import Actions

PROJECT = (
    ("data.choose", "data.paste"),
    ("project.new", "project.open", "project.sample"),
    ("project.rename", "project.close"),
)
FROM = ("data.from_database", "data.from_web", "data.from_s3", "data.from_folder", "data.query")
EDIT = ("data.undo", "data.redo")
APPEARANCE = ("theme.system", "theme.light", "theme.dark")


def project_menu(actions: Actions, parent: QWidget) -> QMenu:
    """The menu behind the project's name."""
    menu = QMenu(parent)
    menu.aboutToShow.connect(actions.tint)
    for group in PROJECT:
        menu.addActions([actions[id_] for id_ in group])
        if group is PROJECT[0]:
            menu.addMenu(add_from_menu(actions, menu))
            menu.addActions([actions["data.refresh"], actions["data.rename"]])
        menu.addSeparator()
    for title, group in ((parent.tr("&Edit"), EDIT), (parent.tr("&Appearance"), APPEARANCE)):
        menu.addMenu(title).addActions([actions[id_] for id_ in group])
    menu.addSeparator()
    menu.addActions([actions["help.shortcuts"], actions["app.quit"]])
    return menu


def add_from_menu(actions: Actions, parent: QWidget) -> QMenu:
    """Where data can come from besides files."""
    menu = QMenu(QCoreApplication.translate("menus", "Add &from…"), parent)
    menu.aboutToShow.connect(actions.tint)
    menu.addActions([actions[id_] for id_ in FROM])
    return menu
