"""What the panels that look into a network share: their tools, their words, and how they ask for maps."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLayout, QSizePolicy, QSpinBox, QVBoxLayout, QWidget

from convstudio.look.theme import space
from convstudio.training.session import Session
from engine.planes import index_in
from engine.questions.seeing import Maps
from engine.spec import Shape

NARROW_PX = 56  # of a list of choices: where there is little room its words are cut
NAME_LETTERS = 8  # of a layer, that can be read in its list while closed


def choice(name: str, options: tuple[tuple[str, Any], ...] = ()) -> QComboBox:
    """A list of words, each of which stands for something."""
    combo = QComboBox()
    combo.setAccessibleName(name)
    combo.setMinimumWidth(NARROW_PX)
    for words, data in options:
        combo.addItem(words, data)
    return combo


def layer_choice() -> QComboBox:
    """A list of layers."""
    combo = choice("Layer")
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(NAME_LETTERS)
    return combo


def scale_choice() -> QComboBox:
    """Whether all pictures have one scale."""
    return choice("Scale", (("One scale", True), ("Own scales", False)))


def counting(what: str, name: str, most: int) -> QSpinBox:
    """A field for the number of a sample or of a channel."""
    spin = QSpinBox()
    spin.setRange(0, most)
    spin.setPrefix(f"{what} ")
    spin.setAccessibleName(name)
    spin.setMinimumWidth(NARROW_PX)
    spin.lineEdit().setTextMargins(space(1) + 2, 0, 0, 0)
    return spin


class Words:
    """What a panel says: in the place of pictures, about them, and about what the mouse is over."""

    def __init__(self) -> None:
        self.says, self.facts, self.under_mouse = QLabel(), QLabel(), QLabel()
        self.says.setWordWrap(True)
        self.says.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.facts.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.under_mouse.setMinimumWidth(1)  # words that come and go move nothing
        self.under_mouse.setAccessibleDescription("Value under the mouse")
        for label in (self.says, self.facts, self.under_mouse):
            label.setProperty("role", "quiet")


def stack(panel: QWidget, tools: QHBoxLayout, body: QWidget | QLayout, words: Words, *before: QWidget) -> None:
    """Tools above, words below; some of these may stand `before` the facts."""
    foot, column = QHBoxLayout(), QVBoxLayout(panel)
    foot.setSpacing(space(3))
    for widget in before:
        foot.addWidget(widget)
    foot.addWidget(words.facts, 1)
    foot.addWidget(words.under_mouse)
    column.setContentsMargins(space(4), space(2), space(4), space(1))
    column.setSpacing(space(2))
    column.addLayout(tools)
    if isinstance(body, QWidget):
        column.addWidget(body, 1)
    else:
        column.addLayout(body, 1)
    column.addLayout(foot)


def asked_maps(session: Session, number: int, nodes: tuple[str, ...] = (), closer: str = "", channel: int = 0) -> Maps:
    """The question for maps of what is looked at: a sample, or another picture."""
    showing = session.showing
    if isinstance(showing, np.ndarray):
        return Maps(number, nodes, image=showing, closer=closer, channel=channel)
    return Maps(number, nodes, sample=showing, closer=closer, channel=channel)


def explain_pixel(session: Session, node: str, shape: Shape, plane: int, row: int, column: int) -> None:
    """Asks how a pixel of a map was made."""
    showing = session.showing
    session.explain_number(node, index_in(shape, plane, row, column), showing if isinstance(showing, int) else 0)
