"""Tokens, themes and icons: readable in both, complete, and used as they stand in the file."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QFontInfo
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from convstudio.look.icons import LAYERS, SYMBOLS, icon_names, layer_icon, symbol
from convstudio.look.letters import font
from convstudio.look.sheet import style_sheet
from convstudio.look.theme import DARK, LIGHT, Theme, appearance, space, tokens
from engine.spec import CATEGORIES, layers

LOOKS = (LIGHT, DARK)
SIGNS = {"arrow": "arrow.svg", "tick": "tick.svg"}


def luminance(color: QColor) -> float:
    parts = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in color.getRgbF()[:3]]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(a: QColor, b: QColor) -> float:
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    ("look", "ink", "ground"),
    [
        *product(LOOKS, ("text", "text_quiet"), ("window", "panel", "canvas", "selection")),
        *product(LOOKS, ("error", "warning", "success"), ("window", "panel")),
        *((look, "accent_text", "accent") for look in LOOKS),
    ],
)
def test_text_can_be_read(look: str, ink: str, ground: str) -> None:
    theme = Theme(look)
    assert contrast(theme.color(ink), theme.color(ground)) >= 4.5


@pytest.mark.parametrize(("look", "category"), list(product(LOOKS, CATEGORIES)))
def test_every_category_has_a_hue_that_stands_out(look: str, category: str) -> None:
    assert contrast(Theme(look).category(category), Theme(look).color("panel")) >= 3


@pytest.mark.parametrize("look", LOOKS)
def test_the_style_sheet_takes_every_colour_from_the_tokens(look: str) -> None:
    sheet = style_sheet(look, tokens(), SIGNS)
    assert "$" not in sheet
    assert "QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }" in sheet  # desktops have pictures of their own
    used = set(re.findall(r"#[0-9A-Fa-f]{6}", sheet))
    assert used <= set(tokens()[look].values())
    for place in re.findall(r"background: ([^;]+);", sheet):
        assert place == "transparent" or QColor(place).isValid(), place


@pytest.mark.parametrize("look", LOOKS)
def test_panels_are_drawn_in_the_panel_colour(qtbot: QtBot, look: str) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    page.setProperty("role", "panel")
    page.setStyleSheet(style_sheet(look, tokens(), SIGNS))
    page.resize(20, 20)
    page.show()
    assert page.grab().toImage().pixelColor(5, 5) == Theme(look).color("panel")


def test_every_layer_has_its_icon() -> None:
    missing = set(layers()) - icon_names(LAYERS)
    where = "resources/icons/layers/KIND.svg, 20 pixels square"
    assert not missing, f"draw {where}, for {sorted(missing)}"
    assert icon_names(LAYERS) <= set(layers()), "an icon without a layer"


@pytest.mark.parametrize(("folder", "name"), [(f, n) for f in (LAYERS, SYMBOLS) for n in sorted(icon_names(f))])
def test_icons_are_drawn_in_the_theme_s_colour(qtbot: QtBot, folder: str, name: str) -> None:
    icon = layer_icon(name) if folder == LAYERS else symbol(name)
    for size in (20, 40):
        image = icon.pixmap(QSize(size, size)).toImage()
        inked = [c for x in range(size) for y in range(size) if (c := image.pixelColor(x, y)).alpha() > 90]
        assert len(inked) >= size / 2


def test_symbols_that_are_asked_for_are_there() -> None:
    sources = (Path(__file__).parents[3] / "convstudio").rglob("*.py")
    asked = {name for path in sources for name in re.findall(r'symbol\("(\w+)"', path.read_text(encoding="utf-8"))}
    assert asked <= icon_names(SYMBOLS)


def test_the_theme_changes_when_somebody_chooses(qtbot: QtBot) -> None:
    with qtbot.waitSignal(appearance().changed):
        appearance().choose(DARK if appearance().theme.name == LIGHT else LIGHT)
    appearance().choose(LIGHT)


def test_fonts_and_spaces_come_from_the_tokens(qtbot: QtBot) -> None:
    body, title = QFontInfo(font("body")).pointSizeF(), QFontInfo(font("title")).pointSizeF()
    assert title - body == pytest.approx(tokens()["type_pt"]["title"] - tokens()["type_pt"]["body"], abs=0.6)
    assert space(4) == 16


def test_no_colour_is_written_anywhere_else() -> None:
    """Colours have their place in the tokens."""
    for path in (Path(__file__).parents[3] / "convstudio").rglob("*.py"):
        assert not re.findall(r"#[0-9A-Fa-f]{6}\b", path.read_text(encoding="utf-8")), path.name
