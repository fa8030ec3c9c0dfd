"""Augmentation at work: a sample drawn again and again, and the settings that make it so."""

from __future__ import annotations

from functools import partial
from typing import Any

import attrs
from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from convstudio.document import edits
from convstudio.document.document import Document
from convstudio.look.icons import symbol
from convstudio.look.theme import space
from convstudio.panels.data.strength import StrengthEditor, strength_editor
from convstudio.panels.data.versions_view import VERSIONS, VersionsView
from convstudio.panels.data.words import restyle
from convstudio.panels.inspector.fields import FieldEditor, fill_choices
from convstudio.panels.inspector.parts import Choices, label, quiet
from convstudio.training.browsing import Browsing
from engine.augmentation import PRESETS, Augmentation
from engine.browsing import TRAIN, NotShown, Versions

OWN = "own"  # settings that no preset has
COLUMN_PX = 244  # of the form
BESIDE_PX, TWO_COLUMNS_PX = 500, 1000  # from where on the form stands beside the pictures, and is in two columns
NOTHING = "Nothing is changed. Choose a preset, or pull at one of the strengths."
PREPARING = "Preparing the changes: this takes a few seconds the first time."
EPOCHS = "Training sees the sample like this in epochs {} to {}."
ELSEWHERE = "Only training samples are changed; this is how the sample would look among them."


class AugmentationPage(QWidget):
    """Pictures on the left, the form on the right, or below where it is narrow."""

    def __init__(self, document: Document, browsing: Browsing) -> None:
        super().__init__()
        self._document, self._browsing = document, browsing
        self._sample = TRAIN, 0
        self._epoch, self._number, self._columns = 0, 0, 0
        self.editors: dict[str, FieldEditor] = {}
        self.view, self.says = VersionsView(), quiet("")
        self.again, self.another = QPushButton(symbol("redo"), "Draw again"), QPushButton("Next sample")
        self.again.setToolTip("The next twelve epochs")
        self.again.clicked.connect(self._draw_again)
        self.another.clicked.connect(self._next_sample)
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(space(4))
        self._box.addWidget(self._make_pictures(), 1)
        self._box.addWidget(self._make_form(), 1)
        self._arrange(1)
        browsing.redrawn.connect(self._show)
        browsing.not_shown.connect(self._refuse)
        self.show_settings()

    # --- building ----------------------------------------------------------------------------------------------------

    def _make_pictures(self) -> QWidget:
        self.buttons = QWidget()  # whoever has the page puts them beside its title
        row = QHBoxLayout(self.buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(space(2))
        row.addWidget(self.again)
        row.addWidget(self.another)
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space(2))
        column.addWidget(self.view, 1)
        column.addWidget(self.says)
        return box

    def _make_form(self) -> QWidget:
        self._area, inside, self._grid = QScrollArea(), QWidget(), QGridLayout()
        inside.setProperty("role", "panel")
        self._grid.setHorizontalSpacing(space(2))
        self._grid.setVerticalSpacing(space(1))
        self.preset = Choices()
        self.preset.setAccessibleName("Preset")
        fill_choices(self.preset, [*PRESETS, OWN])
        self.preset.activated.connect(lambda place: self._take_preset(self.preset.itemData(place)))
        self._rows: list[tuple[QWidget, QWidget]] = [(label("Preset", "Settings that go together."), self.preset)]
        for name, field in Augmentation.fields().items():
            editor = self.editors[name] = strength_editor(field)
            editor.edited.connect(partial(self._set, name))
            self._rows.append((label(field.label, field.help), editor))
        outer = QVBoxLayout(inside)
        outer.setContentsMargins(0, 0, space(2), 0)
        outer.addLayout(self._grid)
        outer.addStretch()
        self._area.setWidget(inside)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        return self._area

    def _arrange(self, columns: int) -> None:
        """The form in one or two columns."""
        if columns == self._columns:
            return
        self._columns = columns
        length = -(-len(self._rows) // columns)
        for number, (text, editor) in enumerate(self._rows):
            column, row = divmod(number, length)
            self._grid.addWidget(text, row, 3 * column)
            self._grid.addWidget(editor, row, 3 * column + 1)
        self._grid.setColumnStretch(1, 1)
        self._grid.setColumnStretch(4, columns - 1)
        self._grid.setColumnMinimumWidth(2, space(4) * (columns - 1))
        self._grid.invalidate()

    # --- settings ----------------------------------------------------------------------------------------------------

    @property
    def _augmentation(self) -> Augmentation:
        return self._document.project.settings.augmentation

    def show_settings(self) -> None:
        """Shows what the document says, and how the sample looks with it."""
        augmentation = self._augmentation
        for name, editor in self.editors.items():
            editor.show_value(getattr(augmentation, name))
        preset = next((name for name, known in PRESETS.items() if known == augmentation), OWN)
        self.preset.setCurrentIndex(self.preset.findData(preset))
        self.draw()

    def _set(self, name: str, value: Any) -> None:
        editor = self.editors[name]
        stroke = editor.stroke if isinstance(editor, StrengthEditor) else None
        gesture = None if stroke is None else ("augmentation", name, stroke)
        self._change(attrs.evolve(self._augmentation, **{name: value}), f"Set {editor.field.spoken}", gesture)

    def _take_preset(self, name: str) -> None:
        if name in PRESETS:
            self._change(PRESETS[name], "Set augmentation", None)
        self.show_settings()

    def _change(self, augmentation: Augmentation, text: str, gesture: object) -> None:
        project = self._document.project
        settings = attrs.evolve(project.settings, augmentation=augmentation)
        if settings != project.settings:
            self._document.perform(edits.set_settings(project, settings, text), gesture=gesture)

    # --- pictures ----------------------------------------------------------------------------------------------------

    def look_at(self, part: str, place: int) -> None:
        """Another sample is drawn."""
        self._sample, self._epoch = (part, place), 0
        self.draw()

    def draw(self) -> None:
        """Asks for pictures, if anybody sees them."""
        if self.isVisible() and self._browsing.ready:
            seed = self._document.project.settings.seed
            part, place = self._sample
            self._number = self._browsing.redraw(part, place, self._augmentation, seed, self._epoch, self.view.side)

    def clear(self) -> None:
        """Other data: there is nothing to show yet."""
        self._sample, self._epoch, self._number = (TRAIN, 0), 0, 0
        self.view.show_versions(None, ())
        self.says.setText("")

    def _draw_again(self) -> None:
        self._epoch += VERSIONS
        self.draw()

    def _next_sample(self) -> None:
        part, place = self._sample
        self.look_at(part, place + 1)

    def _show(self, versions: Versions) -> None:
        facts = self._browsing.facts
        if versions.number != self._number or facts is None:
            return
        self._sample = versions.part, versions.place
        self.view.show_versions(versions, facts.shape)
        shown = EPOCHS.format(versions.epoch + 1, versions.epoch + len(versions.pictures))
        changes = self._augmentation.changes
        if not len(versions.pictures):
            shown = PREPARING
        self._say(NOTHING if not changes else shown if versions.part == TRAIN else ELSEWHERE, "quiet")

    def _refuse(self, problem: NotShown) -> None:
        if problem.number == self._number:
            self._say(problem.text, "error")

    def _say(self, text: str, role: str) -> None:
        self.says.setText(text)
        restyle(self.says, role)

    # --- events ------------------------------------------------------------------------------------------------------

    def showEvent(self, event: object) -> None:  # noqa: N802  (Qt's name)
        self.show_settings()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        beside = self.width() >= BESIDE_PX
        columns = 2 if self.width() >= TWO_COLUMNS_PX else 1
        self._box.setDirection(QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom)
        self._arrange(columns)
        self._area.setFixedWidth(columns * COLUMN_PX) if beside else self._area.setMinimumWidth(0)
        self._area.setMaximumWidth(columns * COLUMN_PX if beside else self.width())
