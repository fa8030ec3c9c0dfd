"""Which letters stand where: the system's font in the sizes of the tokens, also once the system's font has changed."""

from __future__ import annotations

from PySide6.QtGui import QFont, QFontDatabase, QFontMetricsF, QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

from convstudio.look.theme import tokens

STRONG = ("strong", "title")  # fonts that are semibold
STEP_PT = 0.25  # how exactly a smaller size is looked for
WORN = "letters"  # the property of a widget that says which font it has


def font(what: str) -> QFont:
    """The system's font as caption, body, strong, title, display, mono or figures; digits are equally wide."""
    general, sizes = QGuiApplication.font(), tokens()["type_pt"]
    fixed = what in ("mono", "figures")
    made = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont) if fixed else QFont(general)
    own = general.pointSizeF() if general.pointSizeF() > 0 else float(sizes["body"])
    made.setPointSizeF(own + sizes.get(what, sizes["body"]) - sizes["body"])
    if what in STRONG:
        made.setWeight(QFont.Weight.DemiBold)
    made.setFeature(QFont.Tag("tnum"), 1)
    return made


def smaller(face: QFont, words: str, room: float, least: float) -> QFont:
    """The font, so much smaller that the words fit into the room, but not below a share of its size."""
    made, lowest = QFont(face), least * face.pointSizeF()
    while QFontMetricsF(made).horizontalAdvance(words) > room and made.pointSizeF() > lowest:
        made.setPointSizeF(max(made.pointSizeF() - STEP_PT, lowest))  # widths go by whole pixels: one has to try
    return made


def wear(widget: QWidget, what: str) -> None:
    """Gives a widget one of these fonts, in the size that the system's has then."""
    widget.setProperty(WORN, what)
    widget.setFont(font(what))


def text_scale() -> float:
    """How large the system's text is beside the one that everything is drawn for."""
    return font("body").pointSizeF() / float(tokens()["type_pt"]["body"])


def roominess() -> float:
    """How much more room there is for words where the system's letters are large; never less than the usual."""
    return max(1.0, text_scale())


def roomy(pixels: int) -> int:
    """A width that is meant for words, with the room that they need."""
    return round(pixels * roominess())


def card_font(what: str) -> QFont:
    """The same on the canvas, whose cards keep their proportions: where text is large the whole canvas is."""
    made = font(what)
    made.setPointSizeF(made.pointSizeF() - max(0.0, (text_scale() - 1) * float(tokens()["type_pt"]["body"])))
    return made


def renew_letters() -> None:
    """Widgets that were given one of these fonts have it in the size of now."""
    for widget in QApplication.allWidgets():
        what = widget.property(WORN)
        if what:
            widget.setFont(font(what))
