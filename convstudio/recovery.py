"""Work that a crash left unsaved, beside what is in the file: with pictures, differences and times."""

from __future__ import annotations

from datetime import datetime

import attrs
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from convstudio.canvas.canvas import Canvas
from convstudio.canvas.export import picture, size_of
from convstudio.document import files
from convstudio.document.autosave import Recovery
from convstudio.document.comparison import compare
from convstudio.document.document import Document
from convstudio.document.project import Project
from convstudio.look.letters import wear
from convstudio.look.theme import appearance, space
from convstudio.panels.comparison_view import ComparisonView
from convstudio.wording import moment, totals
from engine.errors import EngineError

RECOVERED, SAVED, BOTH, LATER = "recovered", "saved", "both", "later"
WIDTH_PX, HEIGHT_PX, PICTURE_PX, SCALE = 920, 720, 250, 0.5


@attrs.frozen(eq=False)
class Side:
    """One of the two: what it shows, and since when it is so."""

    title: str
    since: str
    project: Project | None


def sides(recovery: Recovery, now: datetime) -> tuple[Side, Side]:
    """What is in the file, if there is one, and what was recovered."""
    found = Side("Recovered", moment(recovery.saved_at, now).capitalize(), recovery.project())
    if recovery.path is None:
        return Side("Saved", "Never", None), found
    try:
        saved = files.read_project(recovery.path)
    except EngineError as problem:
        return Side("Saved", str(problem), None), found
    since = moment(recovery.path.stat().st_mtime, now).capitalize()
    return Side("Saved", f"{since} as {recovery.path.name}", saved), found


class RecoveryDialog(QDialog):
    """Asks which of the two to go on with; closing it decides nothing and loses nothing."""

    chosen = Signal(str)  # recovered, saved, both or later

    def __init__(self, recovery: Recovery, parent: QWidget | None = None, now: datetime | None = None) -> None:
        super().__init__(parent)
        self.recovery = recovery
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Unsaved work")
        self.saved, self.found = sides(recovery, now or datetime.now())
        title = QLabel(f"ConvStudio ended unexpectedly with unsaved changes to {recovery.title}")
        wear(title, "title")
        title.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(space(5), space(5), space(5), space(4))
        column.setSpacing(space(3))
        column.addWidget(title)
        row = QHBoxLayout()
        row.setSpacing(space(4))
        for side in (self.saved, self.found):
            row.addWidget(_shown(side), 1)
        column.addLayout(row)
        self.view = ComparisonView()
        if self.saved.project and self.found.project:
            column.addWidget(self._differences(self.saved.project, self.found.project))
            column.addWidget(self.view, 1)
        column.addLayout(self._make_buttons())
        self.resize(WIDTH_PX, HEIGHT_PX if self.saved.project else self.sizeHint().height())
        self.rejected.connect(lambda: self.chosen.emit(LATER))

    def _differences(self, saved: Project, found: Project) -> QLabel:
        comparison = compare(saved.unfolded, found.unfolded)
        count = len(comparison.differences)
        several = (
            "One layer differs" if count == 1 else f"{count} layers differ" if count else "The layers are the same"
        )
        rest = "settings of the training, places or notes differ" if not count and saved != found else ""
        self.view.show_comparison(comparison, ("Saved", "Recovered"), only_differences=True)
        return QLabel(f"{several}{'; ' if rest else ''}{rest}.")

    def _make_buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(space(2))
        texts = {RECOVERED: "Use recovered", SAVED: "Use saved" if self.saved.project else "Throw it away"}
        tips = {
            RECOVERED: "The file stays as it is until you save",
            SAVED: "The unsaved changes are gone then",
            BOTH: "Each in a window of its own",
            LATER: "Asks again at the next start",
        }
        if self.saved.project:
            texts[BOTH] = "Keep both"
        texts[LATER] = "Decide later"
        self.buttons: dict[str, QPushButton] = {}
        row.addStretch(1)
        for choice in (LATER, SAVED, BOTH, RECOVERED):
            if choice in texts:
                self.buttons[choice] = QPushButton(texts[choice])
                self.buttons[choice].setToolTip(tips[choice])
                self.buttons[choice].setAutoDefault(False)
                row.addWidget(self.buttons[choice])
        for choice in (SAVED, BOTH, RECOVERED):
            if choice in self.buttons:
                self.buttons[choice].clicked.connect(lambda checked=False, choice=choice: self._choose(choice))
        self.buttons[LATER].clicked.connect(self.reject)
        self.buttons[RECOVERED].setDefault(True)
        self.buttons[RECOVERED].setFocus()
        return row

    def _choose(self, choice: str) -> None:
        self.accept()
        self.chosen.emit(choice)


def _shown(side: Side) -> QWidget:
    """A network's picture with its title above, its time and totals below."""
    card = QFrame()
    card.setProperty("role", "framed")
    title, since, numbers = QLabel(side.title), QLabel(side.since), QLabel()
    wear(title, "strong")
    for label in (since, numbers):
        label.setProperty("role", "quiet")
        label.setWordWrap(True)
    column = QVBoxLayout(card)
    column.setContentsMargins(space(3), space(3), space(3), space(3))
    column.setSpacing(space(1))
    column.addWidget(title)
    column.addWidget(since)
    if side.project is not None:
        document = Document(side.project)
        column.addWidget(_Picture(document))
        numbers.setText(totals(document.inference))
        column.addWidget(numbers)
    column.addStretch(1)  # so that both sides begin at the same height
    return card


class _Picture(QScrollArea):
    """A network as it stands on the canvas, in the colours and letters of the moment."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document, self._label = document, QLabel()
        document.setParent(self)
        self._label.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.setProperty("role", "canvas")
        self.setWidget(self._label)
        self.setWidgetResizable(True)
        self.setFixedHeight(PICTURE_PX)
        self.setAccessibleName("Picture of the network")
        appearance().changed.connect(self._draw)
        self._draw()

    def _draw(self) -> None:
        if not self._document.graph.nodes:
            self._label.setText("No layers.")
            return
        canvas, ratio = Canvas(self._document), self._label.devicePixelRatioF()
        scale = min(SCALE, 2 * WIDTH_PX / max(1.0, size_of(canvas).width()))
        shot = QPixmap.fromImage(picture(canvas, scale * ratio))
        shot.setDevicePixelRatio(ratio)
        self._label.setPixmap(shot)
        self._label.setAccessibleName("Picture of the network")
        canvas.deleteLater()
