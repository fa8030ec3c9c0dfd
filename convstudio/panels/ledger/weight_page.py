"""What the next step makes of a weight: its gradient as terms, and the optimiser's arithmetic."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from convstudio.look.letters import wear
from convstudio.look.theme import space, theme
from convstudio.panels.ledger.crumbs import bracketed
from convstudio.panels.ledger.number_grid import NumberGrid, cell_for, largest_cell_px
from convstudio.panels.ledger.table import TermsTable
from convstudio.panels.ledger.terms import of_weight
from convstudio.training.asking import Index, WhyWeight
from convstudio.wording import thousands
from engine.explained import number
from engine.questions import ExplainedWeight
from engine.workings import Working

KERNEL_PX = 168  # about how wide a kernel is drawn
ICON_PX = 24
MOST_BESIDE = 48  # of a long row of weights, those around the one that is meant
MOST_ACROSS = 8  # weights in a line with their numbers


class WeightPage(QWidget):
    """One weight, its kernel, its gradient and its next value."""

    asked = Signal(object)  # WhyWeight

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._answer: ExplainedWeight | None = None
        self._icons: dict[int, QIcon] = {}
        self._first = 0  # of a row of weights
        self.says = QLabel()
        wear(self.says, "title")
        self.says.setWordWrap(True)
        self.sum = QLabel()
        wear(self.sum, "mono")
        self.sum.setProperty("role", "arithmetic")
        self.sum.setWordWrap(True)
        self.notes = QLabel()
        self.notes.setProperty("role", "quiet")
        self.notes.setWordWrap(True)
        for label in (self.sum, self.notes):
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.kernel = NumberGrid("Click to see what the next step makes of this weight")
        self.gradient = NumberGrid("The slope of the loss along this weight")
        self.kernel.setAccessibleName("Weights")
        self.gradient.setAccessibleName("Gradients")
        for grid in (self.kernel, self.gradient):
            grid.picked.connect(self._pick)
        self.workings = QWidget()
        self._grid = QGridLayout(self.workings)
        self.table = TermsTable("Terms of the gradient")
        self._terms = QLabel()
        self._titles = QLabel(), QLabel()
        self._lay_out()

    def _lay_out(self) -> None:
        grids = QHBoxLayout()
        grids.setSpacing(space(4))
        for title, grid in zip(self._titles, (self.kernel, self.gradient), strict=True):
            title.setProperty("role", "quiet")
            wear(title, "caption")
            column = QVBoxLayout()
            column.setSpacing(space(1))
            column.addWidget(title)
            column.addWidget(grid, 0, Qt.AlignmentFlag.AlignLeft)
            column.addStretch(1)
            grids.addLayout(column)
        grids.addStretch(1)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(space(3))
        self._grid.setVerticalSpacing(space(1))
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(space(2))
        page.addWidget(self.says)
        page.addLayout(grids)
        page.addWidget(self._heading("The optimiser's arithmetic"))
        page.addWidget(self.workings)
        page.addWidget(self._heading(self._terms))
        page.addWidget(self.sum)
        page.addWidget(self.notes)
        page.addWidget(self.table, 1)

    def _heading(self, text: str | QLabel) -> QLabel:
        label = QLabel(text) if isinstance(text, str) else text
        wear(label, "strong")
        return label

    # --- what is shown -----------------------------------------------------------------------------------------------

    def show_answer(self, answer: ExplainedWeight, optimizer: str) -> None:
        """Another weight."""
        self._answer, slopes = answer, answer.slopes
        name = f"{answer.node}.{answer.parameter}{bracketed(answer.index)}"
        self.says.setText(
            f"{name}: from {number(answer.weight)} to {number(answer.after)} in step {thousands(answer.step)}"
        )
        self._show_grids(answer)
        self._show_workings(answer, optimizer)
        each = "sample and position" if slopes.places.shape[1] > 1 else "sample"
        source = f"; x comes from {answer.source}" if "x" in slopes.what else ""
        self._terms.setText(f"Its gradient: {thousands(slopes.total)} terms, one for each {each}{source}")
        total, gradient = number(slopes.sum), number(answer.gradient)
        lines = [f"g = Σ dy × {slopes.what} = {total}"]
        if total != gradient:
            lines.append(f"the engine, which rounds every step to 32 bits, has {gradient}")
        left = slopes.total - len(slopes.parts)
        if left:
            lines.append(f"the table leaves out {thousands(left)} small ones, together {number(slopes.rest)}")
        self.sum.setText("\n".join(lines))
        self.notes.setText("\n".join(answer.notes))
        self._icons = self._pictures(answer)
        self.table.setIconSize(QSize(ICON_PX, ICON_PX))
        self.table.show_columns(of_weight(answer), slopes.parts, self._icon)

    def _show_grids(self, answer: ExplainedWeight) -> None:
        around, slopes = answer.around, answer.around_gradient
        self._first, at = answer.first, answer.index[-2:]
        if len(around) == 1:  # a row: the part around the weight
            place = answer.index[-1] - answer.first
            first = max(0, min(place - MOST_BESIDE // 2, around.shape[1] - MOST_BESIDE))
            across = min(MOST_ACROSS, around.shape[1])
            self._first += first
            around, slopes = (_folded(part[0, first : first + MOST_BESIDE], across) for part in (around, slopes))
            at = divmod(place - first, across)
        room = max(KERNEL_PX, largest_cell_px() * min(MOST_ACROSS, around.shape[1]))
        beside = (self.width() - space(4)) // 2 - 1  # the gradient takes as much, and the page must fit
        cell = cell_for(min(room, max(KERNEL_PX, beside)), around.shape[1])
        framed = (int(at[-2]), int(at[-1]))
        self.kernel.show_values(around.astype(np.float64), cell, framed)
        self.gradient.show_values(slopes.astype(np.float64), cell, framed)
        what = "kernel" if len(answer.around) > 1 else answer.parameter
        self._titles[0].setText(f"{what}  {self.kernel.unit}".strip())
        self._titles[1].setText(f"its gradient  {self.gradient.unit}".strip())

    def _show_workings(self, answer: ExplainedWeight, optimizer: str) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        start = Working("g", "", "", answer.gradient), Working("w", "", "", answer.weight)
        for row, line in enumerate((*start, *answer.workings)):
            what = "the gradient" if row == 0 else "the weight now" if row == 1 else line.rule
            last = row == len(answer.workings) + 1
            parts = (line.name, "quiet"), (what, "quiet"), (line.numbers, ""), (f"= {number(line.value)}", "")
            for column, (text, role) in enumerate(parts):
                label = QLabel(text)
                wear(label, "strong" if last and column == 3 else "mono")
                label.setProperty("role", role)
                label.setWordWrap(column == 2)
                label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                self._grid.addWidget(label, row, column, Qt.AlignmentFlag.AlignTop)
        self._grid.setColumnStretch(2, 1)
        self.workings.setAccessibleName(f"{optimizer}: {'; '.join(map(str, answer.workings))}")

    # --- pictures ----------------------------------------------------------------------------------------------------

    def _pictures(self, answer: ExplainedWeight) -> dict[int, QIcon]:
        """Of the samples of the batch; space of three channels is coloured."""
        found = {}
        for row, picture in zip(answer.lot.shown, answer.lot.pictures, strict=True):
            colours = np.ascontiguousarray(np.moveaxis(np.broadcast_to(picture, (3, *picture.shape[1:])), 0, -1))
            height, width = colours.shape[:2]
            image = QImage(colours.data, width, height, width * 3, QImage.Format.Format_RGB888).copy()
            found[int(row)] = QIcon(_framed(image))
        return found

    def _icon(self, term: int) -> QIcon | None:
        return self._icons.get(int(self._answer.slopes.rows[term])) if self._answer else None

    # --- what the user wants -----------------------------------------------------------------------------------------

    def _pick(self, row: int, column: int) -> None:
        answer = self._answer
        if answer is None:
            return
        if len(answer.around) == 1:
            inside: Index = (self._first + row * self.kernel.values.shape[1] + column,)
        else:
            inside = row, column
        index = *answer.index[: len(answer.index) - len(inside)], *inside
        self.asked.emit(WhyWeight(answer.node, answer.parameter, index))

    def as_text(self) -> str:
        """All that the page says."""
        if self._answer is None:
            return ""
        lines = [self.says.text(), "", *map(str, self._answer.workings), "", self.sum.text(), self.notes.text(), ""]
        return "\n".join((*lines, self.table.terms.as_text()))


def _folded(row: np.ndarray, across: int) -> np.ndarray:
    """A row in lines of so many, NaN behind its end."""
    lines = -(-len(row) // across)
    return np.concatenate([row, np.full(lines * across - len(row), np.nan)]).reshape(lines, across)


def _framed(image: QImage) -> QPixmap:
    """A small picture with a line around it, sharp at any scale."""
    made = QPixmap(2 * ICON_PX, 2 * ICON_PX)
    made.fill(theme().color("window"))
    painter = QPainter(made)
    painter.drawImage(QRect(0, 0, 2 * ICON_PX, 2 * ICON_PX), image)
    painter.setPen(theme().color("border"))
    painter.drawRect(0, 0, 2 * ICON_PX - 1, 2 * ICON_PX - 1)
    painter.end()
    return made
