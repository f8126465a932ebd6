"""The tokens: enough contrast, nothing hard-coded elsewhere, nothing of the other theme after a switch."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from PySide6.QtGui import QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton

from app.ui.data.sql_editor import SqlEditor
from app.ui.pages import PAGES
from app.ui.theme import Appearance, color, load_tokens, palette, theme
from app.ui.window import MainWindow
from tests.ui.helpers import ROOT, contrast

THEMES = ("light", "dark")
TEXTS = ("text", "text2", "text3", "accent")
GROUNDS = ("bg", "surface", "surface2")
STATUSES = ("ok", "warn", "fail", "running", "info")


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("text", TEXTS)
def test_text_has_enough_contrast_on_every_ground(name: str, text: str):
    tokens = load_tokens(name)
    for ground in GROUNDS:
        assert contrast(tokens.color(text), tokens.color(ground)) >= 4.5, ground


@pytest.mark.parametrize("name", THEMES)
def test_controls_and_focus_are_seen(name: str):
    tokens = load_tokens(name)
    for token in ("border_strong", "focus"):
        assert min(contrast(tokens.color(token), tokens.color(ground)) for ground in ("bg", "surface")) >= 3.0, token
    assert contrast(tokens.color("on_accent"), tokens.color("accent")) >= 4.5
    assert contrast(tokens.color("on_accent"), tokens.color("accent_hover")) >= 4.5
    assert contrast(tokens.color("text"), tokens.color("accent_soft")) >= 4.5


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("status", STATUSES)
def test_a_chip_can_be_read(name: str, status: str):
    tokens = load_tokens(name)
    assert contrast(tokens.color(status), tokens.color(f"{status}_soft")) >= 4.5
    assert contrast(tokens.color(status), tokens.color("surface")) >= 4.5


@pytest.mark.parametrize("name", THEMES)
def test_charts_are_seen_on_the_surface(name: str):
    tokens = load_tokens(name)
    for number in range(1, 6):
        assert contrast(tokens.color(f"chart{number}"), tokens.color("surface")) >= 3.0


def test_both_themes_have_the_same_tokens():
    assert load_tokens("light").values.keys() == load_tokens("dark").values.keys()


@pytest.mark.parametrize("name", THEMES)
def test_every_colour_of_the_palette_is_a_token(name: str):
    tokens = load_tokens(name)
    known = {tokens.color(token).name() for token in tokens.values}
    made = palette(tokens)
    for role in (
        QPalette.ColorRole.Window,
        QPalette.ColorRole.Text,
        QPalette.ColorRole.Highlight,
        QPalette.ColorRole.Mid,
    ):
        assert made.color(role).name() in known


def test_no_colour_is_written_outside_the_token_files():
    hexes = re.compile(r"#[0-9a-fA-F]{6}\b|#[0-9a-fA-F]{3}\b|QColor\(\s*\d")
    guilty = [
        f"{path.relative_to(ROOT)}: {found.group()}"
        for path in [*(ROOT / "app" / "ui").rglob("*.py"), *(ROOT / "resources" / "themes").glob("*.qss")]
        for found in hexes.finditer(path.read_text("utf-8"))
    ]
    assert guilty == []


def _colours(window: MainWindow) -> Counter[str]:
    image = window.grab().toImage()
    return Counter(
        image.pixelColor(x, y).name() for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)
    )


def colours_of(editor: SqlEditor, line: int) -> dict[str, str]:
    """Each coloured piece of a line."""
    block = editor.document().findBlockByNumber(line)
    text = block.text()
    return {text[f.start : f.start + f.length]: f.format.foreground().color().name() for f in block.layout().formats()}


@pytest.mark.parametrize("appearance", [Appearance.LIGHT, Appearance.DARK])
def test_sql_is_coloured_in_both_themes(qtbot, appearance: Appearance):
    theme().choose(appearance)
    editor = SqlEditor("SQL")
    qtbot.addWidget(editor)
    editor.setPlainText("SELECT 'it''s' AS a, count(*), 1.5 -- why\nFROM \"from\" /* a\nlong one */ WHERE x")
    first, second, third = (colours_of(editor, n) for n in range(3))
    keyword, text, number, comment = (color(t).name() for t in ("accent", "ok", "chart2", "text3"))
    assert first == {
        "SELECT": keyword, "'it''s'": text, "AS": keyword, "count": color("running").name(), "1.5": number,
        "-- why": comment,
    }  # fmt: skip
    assert second == {"FROM": keyword, "/* a": comment}
    assert third == {"long one */": comment, "WHERE": keyword}
    theme().choose(Appearance.LIGHT)


def test_a_live_switch_leaves_nothing_of_the_other_theme(window: MainWindow):
    """Pages made under one theme are shown under the other: one switch for all, as each restyles every widget."""
    pages = [entry.id for entry in PAGES]
    for page in pages:
        window.show_page(page)
    for mode, other in ((Appearance.DARK, "light"), (Appearance.LIGHT, "dark")):
        theme().choose(mode)
        assert window.findChild(QAbstractButton, f"appearance.{mode.value}").isChecked()
        foreign = load_tokens(other)
        own = set(load_tokens(mode.value).values.values())
        for page in pages:
            window.show_page(page)
            QTest.qWait(50)
            seen = _colours(window)
            for token in ("bg", "surface", "surface2", "text", "accent", "accent_soft"):
                value = foreign.values[token]
                if value not in own:
                    assert seen[value.lower()] == 0, f"{token} of {other} on {page}"
